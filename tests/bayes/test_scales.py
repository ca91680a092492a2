"""A target and a metric of which one was differenced: the delay joins them in levels."""

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.bayes.layout import design
from leadlag.data.panel import build_panel
from leadlag.data.prepare import prepare, terms_of
from leadlag.refine import Comparison, Found, comparison

# Shares the compile of the lag model's own tests.
pytestmark = [pytest.mark.xdist_group("lag_model"), pytest.mark.timeout(900)]
N, MAX_LAG = 400, 12
ONE = Found(2, 1, 3, 0.5, 0.3, 0.7)


def _level_on_a_walk(*, summed: bool) -> pd.DataFrame:
    """A walk whose level, or whose change, follows a stationary metric three periods later."""
    rng = np.random.default_rng(4)
    x, walk = np.zeros(N), np.cumsum(rng.standard_normal(N))
    for t in range(1, N):
        x[t] = 0.8 * x[t - 1] + rng.standard_normal()
    response = np.concatenate([np.zeros(3), x[:-3]])
    return pd.DataFrame({"sales": walk + (np.cumsum(response) if summed else response), "x": x})


@pytest.mark.parametrize("summed", [False, True], ids=["level", "change"])
def test_a_metric_in_levels_meets_a_walk_in_the_form_it_responds_to(summed):
    panel = build_panel(_level_on_a_walk(summed=summed), "sales", max_lag=MAX_LAG)
    target = prepare(panel.y, panel, terms_of(panel))
    metric = prepare(panel.X[:, 0], panel, target.terms)
    assert target.differenced
    assert not metric.differenced
    made = design(target, metric, "x", order=3, max_lag=MAX_LAG)
    assert (made.same is not None) == summed
    assert made.lags(0).shape == (len(made.at), MAX_LAG + 1)
    fit = leadlag.fit_lag_model(
        _level_on_a_walk(summed=summed), "sales", max_lag=MAX_LAG, draws=800
    )
    row = fit.summary.loc["x"]
    assert row["lag_low"] <= 3 <= row["lag_high"]
    assert row["effect"] == pytest.approx(row["typical_move"], rel=0.3)


def test_loud_periods_count_less():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(N)
    loud = np.where(np.arange(N) < N // 4, 8.0, 1.0)
    y = np.concatenate([np.zeros(2), x[:-2]]) + loud * rng.standard_normal(N)
    fit = leadlag.fit_lag_model(
        pd.DataFrame({"sales": y, "x": x}), "sales", max_lag=MAX_LAG, draws=800
    )
    row = fit.summary.loc["x"]
    assert (row["lag_low"], row["lag"], row["lag_high"]) == (2, 2, 2)
    # 300 quiet rows tell it to about .06; all alike, to .2.
    assert row["effect_high"] - row["effect_low"] < 0.4


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        (ONE, Comparison.AGREES),
        (ONE._replace(effect=1.1, effect_low=0.9, effect_high=1.3), Comparison.SIZE),
        (ONE._replace(lag=9, lag_low=8, lag_high=10), Comparison.LAG),
        (ONE._replace(effect_low=-0.1), Comparison.OPEN),
        (ONE._replace(effect=-0.5, effect_low=-0.7, effect_high=-0.3), Comparison.CONTRADICTS),
    ],
)
def test_what_is_said_of_screen_and_full_model(full, expected):
    assert comparison(full, ONE) is expected
    # The word for it begins the note, and notes are joined by semicolons.
    assert ";" not in expected.value


@pytest.mark.requires_shared
def test_permits_precede_production_upwards_in_the_full_model_too(shared_data):
    frame = pd.read_csv(shared_data / "us_leading_a.csv")[["date", "INDPRO", "PERMIT"]]
    row = leadlag.rank(frame, "INDPRO", model="full").table.loc["PERMIT"]
    assert row["lag_low"] <= 2 <= row["lag_high"] <= 6
    assert 0 < row["effect_low"] < 0.58 < row["effect_high"]
    assert row["notes"].startswith("full model agrees with the screen")
