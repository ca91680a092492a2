"""The verdict: one table, and what it may never say."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadlag
from leadlag.assign.movability import movability
from leadlag.assign.verdict import TABLE, VERDICTS, verdict_on
from leadlag.data.metric import KINDS, Metric
from leadlag.ranking import Ranking
from leadlag.wording.amounts import amount
from tests.builders import (
    COINCIDENT,
    FEEDBACK,
    LAGGING,
    LEADING,
    NEGATIVE,
    QUIET,
    Truth,
    make_evidence,
    make_panel,
    make_ranking,
)  # fmt: skip

CODES = [code for code, _, _ in TABLE]
# The builders' units are made up: so small an effect would be seen that any move is far enough.
SEEN = dataclasses.replace(LEADING, detectable=9.0)
OUTCOME = dataclasses.replace(SEEN, info=Metric("product outcome"))


def verdict(*truths: Truth, **panel: Any) -> str:
    return str(make_ranking(truths, **panel).table["verdict"].iloc[0])


def with_info(truth: Truth = SEEN, **fields: Any) -> Truth:
    return dataclasses.replace(truth, info=Metric(**fields))


@given(st.sets(st.sampled_from(CODES)))
def test_the_table_gives_one_verdict_with_reasons(codes: set[str]):
    found, because = verdict_on(codes)
    assert found in VERDICTS
    assert because
    if codes & {"business_outcome", "output", "unclassified", "component"}:
        assert found != "assign"


def test_the_page_prints_the_table():
    page = (Path(__file__).parents[2] / "docs" / "verdict.md").read_text(encoding="utf-8")
    for code, found, words in TABLE:
        assert f"| `{code}` | {found} | {words} |" in page
    assert set(VERDICTS) == {found for _, found, _ in TABLE}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("product outcome", "assign"), ("business outcome", "watch"), ("output", "watch"),
        ("traction", "learn first"), ("sentiment", "counterweight"),
        ("unclassified", "learn first"),
    ],
)  # fmt: skip
def test_the_kind_decides_what_a_leader_is_for(kind: str, expected: str):
    assert verdict(with_info(kind=kind)) == expected
    assert set(KINDS) >= {kind}


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (OUTCOME, "assign"),
        (dataclasses.replace(OUTCOME, tier=1), "learn first"),
        (dataclasses.replace(OUTCOME, effect_low=-10.0), "learn first"),
        (dataclasses.replace(OUTCOME, stability=0.4), "learn first"),
        (dataclasses.replace(OUTCOME, prob_leads=0.3), "learn first"),
        (dataclasses.replace(OUTCOME, delay=3.0), "watch"),
        (dataclasses.replace(FEEDBACK, info=Metric("product outcome")), "learn first"),
        (with_info(kind="product outcome", aim="down"), "learn first"),
        (with_info(kind="product outcome", aim="up", owner="Checkout"), "assign"),
        (with_info(kind="product outcome", value_moment=False), "learn first"),
        (with_info(kind="product outcome", controllable_by="nobody"), "watch"),
        (with_info(kind="product outcome", controllable_by=()), "watch"),
        (with_info(kind="product outcome", controllable_by="Growth"), "assign"),
        (with_info(kind="traction", aim="hold"), "counterweight"),
        (COINCIDENT, "watch"),
        (LAGGING, "watch"),
        (with_info(LAGGING, kind="sentiment"), "counterweight"),
        (QUIET, "not shown"),
        (with_info(QUIET, kind="sentiment"), "not shown"),
    ],
)
def test_what_else_decides(truth: Truth, expected: str):
    assert verdict(truth, n=400) == expected


def test_a_metric_that_seldom_moved_so_far_is_learned_about():
    still = dataclasses.replace(OUTCOME, detectable=9000.0)
    ranking = make_ranking((still,))
    assert ranking.table["verdict"].iloc[0] == "learn first"
    text = ranking.explain("trial_starts", steps=True)
    assert "it seldom moved as far as it would have to" in text
    assert "once one change has moved it by" in text


def test_too_few_rows_are_not_not_shown():
    ranking = make_ranking((QUIET,), n=60, max_lag=8)
    assert ranking.table["verdict"].iloc[0] == "insufficient data"
    note = ranking.table["notes"].iloc[0]
    assert note.startswith("60 usable rows, ")
    needed = int(note.split("rows, ")[1].split()[0])
    assert f"once {needed} usable weeks are in" in ranking.explain("office_plants")
    enough = make_ranking((QUIET,), n=needed + 2, max_lag=8)
    assert enough.table["verdict"].iloc[0] == "not shown"


def test_the_verdict_moves_no_rank():
    plain = make_ranking((LEADING, NEGATIVE, FEEDBACK), excluded={})
    declared = make_ranking(
        (with_info(kind="output"), with_info(NEGATIVE, kind="product outcome"), FEEDBACK),
        excluded={},
    )
    assert list(plain.table.index) == list(declared.table.index)
    assert list(plain.table["rank"]) == list(declared.table["rank"])


def test_a_declared_counterweight_is_kept_whatever_its_role():
    guarded = with_info(kind="product outcome", counterweights=("office_plants",))
    ranking = make_ranking((guarded, QUIET), excluded={})
    assert ranking.table.at["office_plants", "verdict"] == "counterweight"
    assert "when trial_starts gets better" in ranking.explain("office_plants", steps=True)


def test_a_declared_component_is_no_evidence():
    truths = (OUTCOME,)
    panel = make_panel(truths)
    panel.metrics_info["revenue"] = Metric("business outcome", components=("trial_starts",))
    ranking = Ranking.from_evidence(panel, make_evidence(panel, truths), {})
    assert ranking.table.at["trial_starts", "verdict"] == "component"
    assert "by arithmetic" in repr(ranking)
    assert "declared as a component of revenue" in ranking.explain("trial_starts")


def test_a_component_that_is_found_is_marked_by_rank():
    frame = leadlag.datasets.box_jenkins()
    rng = np.random.default_rng(0)
    frame["orders"] = 30 + rng.normal(size=len(frame)).cumsum() / 10
    frame["basket"] = frame["sales"] / frame["orders"]
    ranking = leadlag.rank(frame, target="sales", max_lag=6)
    table = ranking.table
    assert table.loc[["orders", "basket"], "verdict"].tolist() == ["component"] * 2
    assert table.at["lead", "verdict"] == "learn first"
    assert 'catalog={"lead": "product outcome"}' in table.at["lead", "notes"]
    assert ranking.shortlist() == ["lead"]
    assert "sales is its product with basket" in ranking.explain("orders", steps=True)
    summary = " ".join(ranking.summary().split())
    assert "Made of it by arithmetic, no evidence: " in summary
    assert "no listed metric predicts" in summary


def test_a_learning_goal_says_what_would_make_it_more():
    shaky = dataclasses.replace(OUTCOME, tier=1, effect_low=-10.0)
    text = make_ranking((shaky,)).explain("trial_starts", steps=True)
    assert "Learning goal: learn what moves trial_starts." in text
    assert "once it improves forecasts out of sample (tier T2) and the interval of its" in text
    assert "a learning goal" in make_ranking((shaky,)).explain("trial_starts")


def test_steps_are_numbered_and_survive_a_file(tmp_path: Path):
    ranking = make_ranking()
    ranking.save(tmp_path / "r.json")
    loaded = leadlag.load(tmp_path / "r.json")
    for metric in ranking.table.index:
        text = ranking.explain(metric, steps=True)
        assert text.splitlines()[1].startswith("1. ")
        assert "Verdict: " in text
        assert loaded.explain(metric, steps=True) == text


def test_the_steps_name_the_amounts_that_the_explanation_names():
    """Typical move and detectable effect, and what else they are compared with, by its name."""
    ranking = make_ranking((LEADING, QUIET), n=60, max_lag=8)
    row = ranking.table.loc["office_plants"]
    found = f"an effect of {amount(row['detectable_effect'])} revenue or more"
    assert found in ranking.explain("office_plants")
    quiet = ranking.explain("office_plants", steps=True)
    assert found in quiet
    assert re.search(r"; the smallest that counts is [\d,.]+, which takes \d+ rows\.", quiet)
    leads = ranking.explain("trial_starts", steps=True)
    move = f"typical move ({amount(ranking.table.at['trial_starts', 'typical_move'])})"
    assert f"A {move} is followed by" in leads
    assert move.replace("move", "move up") in ranking.explain("trial_starts")


def test_movability_counts_moves_in_the_wanted_direction():
    made = movability(np.array([0.0, 1.0] * 30), 1.0, over=1)
    assert made is not None
    assert made.share == pytest.approx(30 / 59)
    assert movability(np.arange(10.0), 1.0, over=1) is None


def test_a_goal_is_named_with_what_must_not_get_worse():
    guarded = with_info(kind="product outcome", aim="up", counterweights=("office_plants",))
    ranking = make_ranking((guarded, QUIET), excluded={})
    pair = "increase trial_starts without office_plants getting worse"
    assert f"give it to a team ({pair})" in ranking.explain("trial_starts")
    assert f"What must not get worse? {pair.capitalize()}." in ranking.explain(
        "trial_starts", steps=True
    )
    step = "ask leadlag.counterweights whether trial_starts precedes that"
    assert ranking.explain("office_plants").endswith(f"{step}.")
    felt = make_ranking((OUTCOME, with_info(QUIET, kind="sentiment")), excluded={})
    assert "without office_plants getting worse" in felt.explain("trial_starts")
    assert "getting worse" not in make_ranking((OUTCOME,)).explain("trial_starts")
