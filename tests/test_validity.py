"""The laboratory's book-keeping: records, scores, goals, and the page that is made of them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.validity import page, records, reliability, scores, tables
from benchmarks.validity.run import one
from benchmarks.validity.scores import Tally, ratio, summary, tally

METRICS = ["a", "b", "c", "d"]
TRUTH = pd.DataFrame(
    {"role": ["leading", "feedback", "unrelated", "unrelated"], "lag": [3.0, 1.0, np.nan, np.nan],
     "scored": [True, True, True, False]},
    index=METRICS,
)  # fmt: skip


def found(role: list[str], order: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"role": role, "lag": [4.0, 1.0, 2.0, 2.0], "low": [2.0, 2.0, 1.0, 1.0],
         "high": [5.0, 2.0, 3.0, 3.0], "order": order},
        index=METRICS,
    )  # fmt: skip


def test_a_panel_is_scored_by_hand():
    made = tally(TRUTH, found(["leading", "unrelated", "leading", "leading"], [3, 1, 2, 9]))
    score = {name: made.sums[name] / made.counts[name] for name in ("fdr", "recall")}
    # The last metric is not scored.
    assert score == {"fdr": 0.5, "recall": 0.5}
    assert made.sums["role_accuracy"] / made.counts["role_accuracy"] == pytest.approx(1 / 3)
    assert (made.sums["lag_error"], made.sums["coverage"], made.sums["width"]) == (1, 1, 4)
    ideal = 1 + 1 / np.log2(3)
    assert made.sums["ndcg"] == pytest.approx((1 + 0.5) / ideal)


def test_a_panel_without_findings_has_no_false_one():
    made = tally(TRUTH, found(["unrelated"] * 4, [1, 2, 3, 4]))
    assert (made.sums["fdr"], made.counts["fdr"], made.counts["lag_error"]) == (0, 1, 0)


def test_standard_errors_are_clustered_by_panel():
    """Ten equal answers within each of 50 panels are 50 observations, not 500."""
    hit = np.random.default_rng(0).random(50) < 0.5
    made = ratio({k: 10.0 * h for k, h in enumerate(hit)}, dict.fromkeys(range(50), 10.0))
    assert made.error == pytest.approx(np.sqrt(hit.mean() * (1 - hit.mean()) / 50))


def test_a_difference_on_the_same_panels_has_the_error_of_a_paired_one():
    panels = range(40)
    values = np.random.default_rng(1).random(40)
    one = ratio(dict(zip(panels, values, strict=True)), dict.fromkeys(panels, 1.0))
    other = ratio(dict(zip(panels, values - 0.1, strict=True)), dict.fromkeys(panels, 1.0))
    apart, error = one.less(other)
    assert apart == pytest.approx(0.1)
    assert error == pytest.approx(0.0, abs=1e-12)
    assert one.error > 0.01


def test_a_score_that_nobody_could_earn_is_missing():
    tallies = {0: Tally(dict.fromkeys(scores.COLUMNS, 0.0), dict.fromkeys(scores.COLUMNS, 0.0))}
    assert np.isnan(summary(tallies)["recall"].value)


def test_a_goal_holds_within_two_standard_errors():
    said = [
        tables.Goal("FDR", 0.10, "x", value, 0.02, value, 0.1, panels).verdict
        for value, panels in ((0.12, 50), (0.15, 50), (0.15, 3))
    ]
    assert said == ["holds", "missed", "open"]


def test_records_are_read_back_and_a_half_line_is_not(tmp_path, monkeypatch):
    lines = one(("annual", 3, False, ("truth", "correlation")))
    for method, text in lines:
        path = records.path_of("tuning", method, tmp_path)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n" + text[:40], encoding="utf-8")
    assert records.done("tuning", "correlation", tmp_path) == {("annual", 3)}
    truth = records.load("tuning", "truth", tmp_path)["annual", 3]
    assert set(truth["role"]) >= {"leading", "unrelated"}
    assert truth["lag"].isna().any()
    # Findings of other code are not today's.
    monkeypatch.setattr(records, "fingerprint", lambda method: "other")
    assert records.done("tuning", "correlation", tmp_path) == set()


def test_the_page_is_what_the_results_say():
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), (
        "python -m benchmarks.validity.page"
    )


def test_a_share_at_one_half_is_that_of_leaders_weighed_like_all_others():
    """One leader in eight metrics: each counts as seven others."""
    deciles = pd.DataFrame({"share": [0.0, 0.5], "share_se": [0.0, 0.1], "metrics": [6.0, 2.0]})
    (low, none), (high, error) = reliability.at_one_half(deciles)
    assert (low, none) == (0, 0)
    assert high == pytest.approx(7 / (7 + 1))
    # The slope of p -> 7 p / (7 p + 1 - p) at one half.
    assert error == pytest.approx(0.1 * 7 / 4**2)
