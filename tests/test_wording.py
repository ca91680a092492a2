"""Every sentence a person reads: short, true to the table, and careful with what it claims."""

import dataclasses
import re

import numpy as np
import pytest

from leadlag.data.catalog import Catalog, Metric
from leadlag.data.cohort import window_of
from leadlag.data.notice import Notice
from leadlag.ranking import Ranking
from leadlag.wording.numbers import probability
from leadlag.wording.verdicts import catalog_line
from leadlag.wording.words import listed, periods, terms_text
from tests.builders import (
    COINCIDENT,
    EVERY_ROLE,
    FEEDBACK,
    LAGGING,
    LEADING,
    NEGATIVE,
    QUIET,
    UNRELATED,
    WINDOWED,
    Truth,
    make_evidence,
    make_panel,
    make_ranking,
)

NAMES = [truth.name for truth in EVERY_ROLE]
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?![\w]|[.,]\d)"
)
FORBIDDEN = re.compile(r"\b(driv(e|es|ing|en|er|ers)|caus\w*|prov(e|es|en)|proof)\b", re.IGNORECASE)
LONG = "weekly number of paying customers who opened the new billing page twice"


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return make_ranking()


def everything(ranking: Ranking) -> str:
    """All that a person can read of a ranking."""
    texts = [repr(ranking), ranking.summary(), ranking._repr_html_()]
    texts += [ranking.explain(metric) for metric in ranking.table.index]
    drawn = [m for m, role in ranking.table["role"].items() if role != "excluded"]
    for chart in [ranking.plot(m) for m in drawn]:
        spec = chart.to_dict(validate=False)
        texts += [*spec["title"]["text"], *spec["title"]["subtitle"], spec["description"]]
    return "\n".join(texts)


# --- explain -----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", [*NAMES, "plan_name"])
def test_an_explanation_is_short_and_ends_with_a_next_step(ranking: Ranking, metric: str):
    text = ranking.explain(metric)
    assert len(text.split()) <= 120
    assert metric in text.split(".")[0]
    # The last sentence: nothing after it but its own full stop.
    assert re.search(r"(^|\. )Next step: [^\n]+\.$", text)
    assert text.count("Next step:") == 1


@pytest.mark.parametrize("truth", EVERY_ROLE, ids=NAMES)
def test_long_names_and_notes_still_fit(truth: Truth):
    notes = tuple(f"note {i} says something of ten words about one day" for i in range(12))
    long = dataclasses.replace(truth, name=LONG, notes=notes, delay=1.0)
    ranking = make_ranking((long,), target="monthly recurring revenue of all the new customers")
    assert len(ranking.explain(LONG).split()) <= 120


def test_a_long_reason_still_fits():
    ranking = make_ranking((), excluded={"x": "a very long reason " * 60})
    text = ranking.explain("x")
    assert len(text.split()) <= 120
    assert "Next step:" in text


# Every sentence that a row can have is in one of these texts.
SHAKY = dataclasses.replace(
    FEEDBACK, prob_leads=0.38, stability=0.42, effect_low=-55.0, tier=1, skill=-0.031,
    skill_low=-0.07, skill_high=0.011,
)  # fmt: skip
BEHIND = dataclasses.replace(LEADING, redundant_with="signups", tier=3, skill_low=-0.013)
LARGE = dataclasses.replace(LEADING, effect=1_234_567.0, effect_low=987_654.0, effect_high=1.5e6)
SMALL = dataclasses.replace(LEADING, effect=3.4e-6, effect_low=1.1e-6, effect_high=5.9e-6)
HOPEFUL = dataclasses.replace(UNRELATED, prob_leads=0.94, detectable=12345.6)
PART = dataclasses.replace(COINCIDENT, correlation=0.99946, prob_leads=0.998)
MORE = (SHAKY, BEHIND, LARGE, SMALL, HOPEFUL, PART)


@pytest.mark.parametrize("truth", [*EVERY_ROLE, *MORE], ids=lambda truth: truth.name)
def test_every_number_is_in_the_table(truth: Truth):
    truth = dataclasses.replace(truth, delay=0.0 if truth is not NEGATIVE else 2.0)
    ranking = make_ranking((truth,))
    row = ranking.to_dict()["table"][0]
    values = [float(v) for v in row.values() if isinstance(v, int | float)]
    notes = [float(n) for n in NUMBER.findall(row["notes"])]
    text = ranking.explain(truth.name)
    text = text.replace(catalog_line(truth.name), "").replace(truth.name, "")
    # "q < 0.001" is no number of the table, but a bound for one.
    if " < 0.001" in text:
        assert min(v for v in values if v >= 0) < 0.001
        text = text.replace(" < 0.001", "")
    found = [float(n.replace(",", "").replace("−", "-")) for n in NUMBER.findall(text)]
    assert found or truth.role == "excluded"
    for number in found:
        # Lagging metrics are said to follow by so many periods: the sign is in the word.
        assert any(
            abs(abs(number) - abs(value)) <= 0.0501 * abs(value) for value in [*values, *notes]
        ), f"{number} is not in the table: {text}"


def test_the_number_check_would_find_a_stranger():
    text = "by 3 weeks (likely 2 to 4), q = 1.2e-09; +0.41, −0.2, 10,600 and 0.5, 7. Not 90d or T3."
    assert NUMBER.findall(text) == [
        "3", "2", "4", "1.2e-09", "+0.41", "−0.2", "10,600", "0.5", "7",
    ]  # fmt: skip


def test_leading_says_when_how_surely_and_in_which_direction(ranking: Ranking):
    text = ranking.explain("trial_starts")
    assert text.startswith("trial_starts precedes revenue by 3 weeks (likely 2 to 4).")
    assert "A typical move up (12) is followed by 340 more revenue" in text
    assert "predicts the target: q < 0.001, gain" in text
    assert "gain 0.18, against 0.011 in reverse" in text
    assert text.endswith("as an experiment, and read revenue 3 weeks later.")


@pytest.mark.parametrize(
    ("target", "metric", "when"),
    [
        ("log difference", "difference", " from then on"),
        ("level", "log", " in all"),
        # It stays as long as the metric does, which nobody knows: nothing is said.
        ("difference", "level", ""),
        ("level", "difference", ""),
    ],
)
def test_how_long_an_effect_lasts_is_said_where_it_is_known(target: str, metric: str, when: str):
    panel = make_panel((LEADING,))
    evidence = dataclasses.replace(
        make_evidence(panel, (LEADING,)), target_transform=target, transform=(metric,)
    )
    text = Ranking.from_evidence(panel, evidence, {}).explain("trial_starts")
    assert f"is followed by 340 more revenue{when} (210 to 470)." in text


def test_a_negative_direction_is_said(ranking: Ranking):
    text = ranking.explain("complaints")
    assert "is followed by 340 less revenue" in text
    # A sentiment is read, not pushed.
    assert text.endswith("Next step: watch it every week, and read revenue 5 weeks later.")
    assert "2 missing values bridged from the past." in text


def test_an_undeclared_kind_shows_the_line_that_declares_it(ranking: Ranking):
    assert 'catalog={"active_users": "product outcome"}' in ranking.explain("active_users")
    assert "each precedes the other" in ranking.explain("active_users")


def test_a_lead_that_only_the_second_look_shows_says_so():
    panel = make_panel((LEADING,))
    evidence = make_evidence(panel, (LEADING,))
    given = "and what stronger leaders predict, its past still predicts the target"
    for p, conditional, said in ((0.11, 0.004, True), (0.004, 0.0001, False), (0.11, 0.11, False)):
        looks = dataclasses.replace(
            evidence, p_value=np.array([p]), p_conditional=np.array([conditional])
        )
        text = Ranking.from_evidence(panel, looks, {}).explain("trial_starts")
        assert (given in text) is said


def test_a_window_in_the_name_is_a_caveat_until_it_is_declared(ranking: Ranking):
    text = ranking.explain("retention_90d")
    assert 'Metric(kind="product outcome", window="90D", stamped="cohort")' in text
    assert "usable lead may be overstated" in text
    declared = dataclasses.replace(WINDOWED, info=Metric("product outcome", window="90D"))
    assert "overstated" not in make_ranking((declared,)).explain("retention_90d")


@pytest.mark.parametrize("name", ["activation_rate", "retention_90d", "active 4 weeks"])
def test_the_line_is_code_that_a_catalogue_takes(name: str):
    scope: dict[str, object] = {"Metric": Metric}
    exec(catalog_line(name), scope)
    assert Catalog(scope["catalog"])[name].kind == "product outcome"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("retention_90d", "90D"), ("retention_30_day", "30D"), ("active 4 weeks", "4W"),
        ("90d_retention", "90D"), ("churn_3mo", "3M"), ("d7_retention", "7D"), ("ltv_12m", "12M"),
        ("day_30_repeat", "30D"), ("d0_activation", ""), ("T10YFFM", ""), ("CUSR0000SAS", ""),
        ("top10", ""), ("signups", ""), ("co2", ""),
    ],
)  # fmt: skip
def test_windows_are_read_from_names(name: str, window: str):
    assert window_of(name) == window


def test_a_lead_that_is_known_too_late_says_so():
    late = dataclasses.replace(LEADING, delay=3.0)
    text = make_ranking((late,)).explain("trial_starts")
    assert "known too late to be used" in text
    assert text.endswith("look for a version that is known sooner, and compare the two.")
    later = dataclasses.replace(LEADING, delay=1.0)
    assert "a usable lead of 2 weeks" in make_ranking((later,)).explain("trial_starts")


def test_a_lead_without_a_delay_says_what_that_rests_on(ranking: Ranking):
    rests = "It is usable if known when its period ends."
    assert rests in ranking.explain("trial_starts")
    for delay in (1.0, 3.0):
        later = make_ranking((dataclasses.replace(LEADING, delay=delay),))
        assert rests not in later.explain("trial_starts")
    # The window in its name says more.
    assert rests not in make_ranking((WINDOWED,)).explain("retention_90d")


def test_where_a_granger_test_disagrees_it_is_said():
    quiet = dataclasses.replace(LEADING, granger_p=0.3)
    assert "A single F test (granger_p) would not have shown it (p = 0.3)" in make_ranking(
        (quiet,)
    ).explain("trial_starts")
    assert "A single F test (granger_p)" in make_ranking((UNRELATED,)).explain("page_likes")
    assert "granger" not in make_ranking((QUIET,)).explain("office_plants")


def test_an_interval_at_the_end_of_the_search_is_a_caveat():
    far = dataclasses.replace(LEADING, high=16.0)
    assert "longest lag searched" in make_ranking((far,)).explain("trial_starts")
    near = dataclasses.replace(LEADING, high=15.0)
    assert "longest lag searched" not in make_ranking((near,)).explain("trial_starts")


def test_lagging_follows_and_coincident_moves_with(ranking: Ranking):
    assert ranking.explain("refunds").startswith(
        "refunds follows revenue by 2 weeks (likely 1 to 4)."
    )
    assert "in the same week as revenue" in ranking.explain("orders")


def test_not_shown_is_not_useless(ranking: Ranking):
    text = ranking.explain("office_plants")
    assert text.startswith("No lead of office_plants over revenue was shown (q = 0.6).")
    assert "Not shown is not useless" in text
    assert not re.search(r"\bpower\b|no effect|no relation(?! )", text)


def test_what_would_have_been_found_is_said_where_it_is_known():
    text = make_ranking((HOPEFUL,)).explain("page_likes")
    assert (
        "tested alone, an effect of 12,300 revenue or more at one lag, after a typical move (12), "
        "would have been found four times out of five in 180 weeks" in text
    )
    unknown = dataclasses.replace(HOPEFUL, detectable=float("nan"))
    text = make_ranking((unknown,)).explain("page_likes")
    assert "Not shown is not useless" in text
    assert "would have been found" not in text
    for shown in (LEADING, LAGGING, COINCIDENT):
        assert "would have been found" not in make_ranking((shown,)).explain(shown.name)


def test_odds_are_told_where_they_disagree_with_q():
    assert "they put a lead at 0.94" in make_ranking((HOPEFUL,)).explain("page_likes")
    # .998 is no certainty.
    assert "they put a lead at 0.99," in make_ranking((PART,)).explain("orders")
    assert "they put a lead at only 0.38" in make_ranking((SHAKY,)).explain("active_users")
    for truth in EVERY_ROLE:
        assert "odds" not in make_ranking((truth,)).explain(truth.name)


def test_a_shaky_lead_is_not_acted_upon():
    text = make_ranking((SHAKY,)).explain("active_users")
    assert "is uncertain: 55 less to 470 more revenue" in text
    assert "was not steady over time (stability 0.42)" in text
    assert text.endswith("rank again once more weeks are in, before anyone acts on it.")


def test_a_leader_behind_another_points_to_it():
    ranking = make_ranking((BEHIND, NEGATIVE))
    text = ranking.explain("trial_starts")
    assert "Beside leaders with a larger gain, signups most like it, it was not shown" in text
    assert "to add anything (p < 0.001)" in text
    assert (
        "It passed the forecast test 3 weeks ahead and held over time, though its skill, 0.12, "
        "may be zero (−0.013 to 0.2): tier T3." in text
    )
    assert text.endswith("follow signups first, and keep this one as a check.")
    assert "Nothing of its own was shown for trial_starts (beside signups)." in " ".join(
        ranking.summary().split()
    )
    assert "Nothing of its own" not in make_ranking((LEADING,)).summary()


def test_no_help_to_forecasts_is_said():
    alone = dataclasses.replace(LEADING, tier=1, skill=-0.031, skill_low=-0.07, skill_high=0.011)
    text = make_ranking((alone,)).explain("trial_starts")
    assert "was not shown to improve forecasts 3 weeks ahead (skill −0.031, −0.07 to 0.0" in text
    assert "tier T1." in text


def test_skill_that_could_not_be_measured_is_not_made_up():
    short = dataclasses.replace(LEADING, skill=float("nan"), tier=1)
    text = make_ranking((short,)).explain("trial_starts")
    assert "could not be measured: tier T1." in text
    late = dataclasses.replace(short, delay=3.0)
    assert "tier" not in make_ranking((late,)).explain("trial_starts")


def test_an_effect_against_the_correlation_is_said():
    against = dataclasses.replace(NEGATIVE, effect=340.0, effect_low=210.0, effect_high=470.0)
    assert "has the other sign (−0.29)" in make_ranking((against,)).explain("complaints")
    assert "other sign" not in make_ranking((NEGATIVE,)).explain("complaints")


def test_a_metric_that_is_the_target_again_is_suspected():
    text = make_ranking((PART,)).explain("orders")
    assert "(correlation +0.999)" in text
    assert "may be a part of the target" in text
    assert "part of the target" not in make_ranking((COINCIDENT,)).explain("orders")


# --- everything --------------------------------------------------------------------------------


def test_no_word_claims_more_than_a_test_can_show(ranking: Ranking):
    found = FORBIDDEN.search(everything(ranking))
    assert found is None, found


def test_people_never_read_unrelated_nan_or_none(ranking: Ranking):
    texts = re.sub(r'class="[^"]*"|\.leadlag-ranking[^{]*\{', "", everything(ranking))
    assert not re.search(r"\bunrelated\b|\bnan\b|\bNone\b|<NA>", texts)
    assert "not shown" in repr(make_ranking((QUIET,)))


# --- summary -----------------------------------------------------------------------------------


def test_the_summary_says_what_was_found(ranking: Ranking):
    text = " ".join(ranking.summary().split())
    assert "revenue: 180 weeks, week of 2022-01-03 to 2025-06-09. 8 metrics were ranked" in text
    assert "2 could not be used (beta_flag and plan_name)" in text
    assert "Leading: trial_starts (3 weeks), complaints (5 weeks) and retention_90d" in text
    assert "feedback from the target: active_users (1 week)." in text
    assert "In the same week: orders. Following: refunds (2 weeks)." in text
    assert "at most 10 % are expected to be false" in text
    assert "no leading indicator" not in text


def test_the_summary_says_so_when_nothing_leads():
    for truths in ((QUIET, UNRELATED), (LAGGING,), (COINCIDENT,)):
        text = " ".join(make_ranking(truths).summary().split())
        assert "no leading indicator was shown" in text
        assert "Not shown is not useless" in text


def test_warnings_come_first():
    ranking = make_ranking(notices=[Notice("gaps", "revenue has 3 gaps.")])
    for text in (ranking.summary(), repr(ranking)):
        assert text.startswith("Note: revenue has 3 gaps.\n")
    html = ranking._repr_html_()
    assert html.index("3 gaps") < html.index("<table")


def test_terms_are_told_in_a_few_words():
    weekdays = ["Tuesday", "Wednesday", "day after New Year's Day"]
    settings = {"terms": ["trend", *weekdays, "spend and its last 3 values", "own past"]}
    assert terms_text({**settings, "controls": ["spend"]}) == (
        "the target's own past, a trend, the calendar and spend"
    )
    many = [f"control {i}" for i in range(9)]
    assert terms_text({"terms": [*many, "own past"], "controls": many}) == (
        "the target's own past and 9 controls"
    )


# --- words -------------------------------------------------------------------------------------


def test_periods_are_in_the_unit_of_the_data():
    words = [periods(n, freq) for n, freq in [(1, "h"), (2, "D"), (1, "B"), (3, "Q"), (-1, "Y")]]
    assert words == ["1 hour", "2 days", "1 business day", "3 quarters", "−1 year"]
    assert periods(5, "period") == "5 periods"


def test_probabilities_are_short_and_never_rounded_to_certainty():
    assert [probability(p) for p in (0.0004, 0.001, 0.05, 0.9996, 1.0, float("nan"))] == [
        "<.001", ".001", ".050", ".999", "1", "",
    ]  # fmt: skip


def test_names_are_listed_as_in_a_sentence():
    assert [listed(list(names)) for names in ("", "a", "ab", "abc")] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
