"""Rolling skill: a slow twin, no leakage, known skill, error rates."""

import numpy as np
import pytest
from numpy.typing import NDArray

from leadlag.core import forecasts as forecasts_module
from leadlag.core import past as past_module
from leadlag.core.forecasts import Forecasts, rolling_forecasts
from leadlag.core.skill import Skill, rolling_skill
from tests.core.simulated import ar1

FloatArray = NDArray[np.float64]

LEADS_BEFOREHAND = 0.9


def fixed_terms(n: int, season: int = 0) -> tuple[FloatArray, FloatArray]:
    """Constant, trend and dummies; constant, two slow cosines and changes of the dummies."""
    time = (np.arange(n) - (n - 1) / 2) / n
    dummies = np.eye(season or 1)[np.arange(n) % (season or 1)][:, 1:]
    slow = [np.cos(np.pi * j * (np.arange(n) + 0.5) / n) for j in (1, 2)]
    change = np.diff(dummies, axis=0, prepend=dummies[:1])
    return np.column_stack([np.ones(n), time, dummies]), np.column_stack(
        [np.ones(n), *slow, change]
    )


def forecasts(y: FloatArray, x: FloatArray, **options: int) -> Forecasts:
    settings = {"horizon": 3, "delay": 1, "max_lag": 12, "season": 0} | options
    return rolling_forecasts(y, x, *fixed_terms(y.size, settings["season"]), **settings)


def skill(y: FloatArray, x: FloatArray, **options: int) -> Skill:
    settings = {"horizon": 3, "delay": 0, "max_lag": 12, "season": 0} | options
    return rolling_skill(y, x, *fixed_terms(y.size, settings["season"]), **settings)


def sharp(n: int, lag: int, effect: float, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """White x; y = effect * x[t - lag] + an AR(1) of variance 1."""
    x = rng.standard_normal(n)
    noise = ar1(n, 0.5, rng) * np.sqrt(0.75)
    return np.r_[np.zeros(lag), effect * x[:-lag]] + noise, x


# --- a slow twin ---------------------------------------------------------------------------------


def naive_shapes(horizon: int, max_lag: int) -> list[dict[int, float]]:
    """Weights by lag: single lags, means, decays."""
    lags = list(range(horizon, max_lag + 1))
    shapes = [{k: 1.0} for k in lags]
    for width in (3, 7, 14, 28):
        for first in range(0, len(lags) - width + 1, max(1, width // 3)):
            shapes.append({horizon + i: 1.0 for i in range(first, first + width)})
    for decay, step in ((0.5, 1), (0.7, 1), (0.88, 4)):
        for first in range(0, len(lags) - 1, step):
            shapes.append({horizon + i: decay ** (i - first) for i in range(first, len(lags))})
    return shapes


def naive_repetition(a: FloatArray, b: FloatArray, horizon: int) -> float:
    """Product of two autocorrelations, tapered, summed over overlapping horizons."""
    total = 1.0
    for i in range(1, horizon):
        total += 2 * (1 - i / horizon) * (a[i:] @ a[:-i]) * (b[i:] @ b[:-i]) / (a @ a) / (b @ b)
    return max(total, 1.0)


def naive_pair(
    y: FloatArray, x: FloatArray, origin: int, decided: int, horizon: int, max_lag: int
) -> tuple[float, float]:
    """Both forecasts from one origin: all windows refitted, beside a constant alone."""
    shapes = naive_shapes(horizon, max_lag)
    rows = np.arange(max_lag, origin + 1)
    before = rows < decided
    prior = np.array([1 / (min(shape) - horizon + 1) for shape in shapes])
    prior *= LEADS_BEFOREHAND / prior.sum()
    own = y[rows].mean()
    none = 1 - LEADS_BEFOREHAND
    odds, moves = [], []
    for shape, p in zip(shapes, prior, strict=True):
        past = np.array([sum(v * x[t - k] for k, v in shape.items()) for t in rows])
        now = sum(v * x[origin + horizon - k] for k, v in shape.items())
        centred = past - past.mean()
        slope = centred @ y[rows] / (centred @ centred)
        r2 = 1 - ((y[rows] - own - slope * centred) ** 2).sum() / ((y[rows] - own) ** 2).sum()
        repetition = naive_repetition(
            past[before] - past[before].mean(), y[rows][before] - y[rows][before].mean(), horizon
        )
        g = (len(rows) - 2) / repetition
        shrink = g / (1 + g)
        odds.append(p * (1 - r2 * shrink) ** (-g / 2) / np.sqrt(1 + g))
        moves.append(shrink * slope * (now - past.mean()))
    return float(own), float(own + np.dot(odds, moves) / (none + sum(odds)))


@pytest.mark.parametrize("horizon", [1, 4])
def test_forecasts_equal_those_of_refitting_everything_at_every_origin(
    horizon: int, monkeypatch: pytest.MonkeyPatch
):
    """With a constant as the only term and a scale that is given."""
    monkeypatch.setattr(past_module, "best_size", lambda *_: (0, 0.0))
    monkeypatch.setattr(past_module, "is_stationary", lambda _: True)
    y, x = sharp(120, horizon + 1, 0.8, np.random.default_rng(4))
    result = forecasts(y, x, horizon=horizon, delay=0, max_lag=9)
    origins = result.date - horizon
    np.testing.assert_array_equal(origins, np.arange(60, 120 - horizon))
    naive = np.array([naive_pair(y, x, o, o - o % 2, horizon, 9) for o in origins])
    np.testing.assert_allclose(result.own, naive[:, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(result.with_metric, naive[:, 1], rtol=1e-7, atol=1e-9)


def test_own_lags_and_terms_equal_least_squares_at_every_origin():
    """A strong AR(2) with a season: whatever number of lags and terms was kept, it is a fit."""
    rng = np.random.default_rng(12)
    design = rng.standard_normal((150, 4))
    response = design @ np.array([1.0, -2.0, 0.5, 0.0]) + rng.standard_normal(150)
    complete = np.ones(150, dtype=bool)
    nothing = np.zeros((150, 1))
    plan = forecasts_module._Design(response, np.zeros(150), design, nothing, np.zeros(1), complete)
    own = forecasts_module._roll(plan, 60, 140, 5)[0]
    for i, origin in enumerate(range(60, 140)):
        past = slice(0, origin + 1)
        slopes = np.linalg.lstsq(design[past], response[past], rcond=None)[0]
        assert own[i] == pytest.approx(float(design[origin + 5] @ slopes), rel=1e-9)


def test_far_ahead_a_weekly_pattern_doesn_t_bring_a_trend_with_it():
    """No trend, strong weekdays, 118 days ahead: no worse than the mean and the weekdays."""
    missed = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        y = np.tile([0, 1, 2, 3, 2, -4, -4.0], 72)[:500] + ar1(500, 0.5, rng)
        terms = fixed_terms(500, 7)
        x = rng.standard_normal(500)
        made = rolling_forecasts(y, x, *terms, horizon=118, delay=2, max_lag=150, season=7)
        missed.append(float(((made.actual - made.own) ** 2).mean()))
    # The AR(1) has variance 4/3; with the trend in front these were 3 to 30.
    assert max(missed) < 2.0


def test_a_real_trend_is_followed():
    rng = np.random.default_rng(0)
    y = np.tile([0, 1, 2, 3, 2, -4, -4.0], 72)[:500] + ar1(500, 0.5, rng) + 0.1 * np.arange(500)
    made = rolling_forecasts(
        y, rng.standard_normal(500), *fixed_terms(500, 7),
        horizon=28, delay=0, max_lag=40, season=7,
    )  # fmt: skip
    assert float(((made.actual - made.own) ** 2).mean()) < 2.0


# --- nothing from the future ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["level", "difference", "log", "gaps", "season"])
@pytest.mark.parametrize(("horizon", "delay"), [(1, 0), (4, 2)])
def test_data_after_an_origin_never_change_its_forecast(kind: str, horizon: int, delay: int):
    rng = np.random.default_rng(7)
    n, season = 240, 7 if kind == "season" else 0
    y, x = sharp(n, horizon + delay, 0.8, rng)
    if kind == "difference":
        y, x = np.cumsum(y), np.cumsum(x)
    if kind == "log":
        y, x = np.exp(3 + np.cumsum(0.1 * y)), np.exp(0.3 * x)
    if kind == "season":
        y = y + np.tile([0, 1, 2, 3, 2, -4, -4.0], 40)[:n]
    if kind == "gaps":
        y[rng.choice(n, 20, replace=False)] = np.nan
        x[rng.choice(n, 20, replace=False)] = np.nan
    options = {"horizon": horizon, "delay": delay, "season": season}
    first = forecasts(y, x, **options)
    checked = 0
    for origin in (130, 131, 166, 200, 233):
        later_y, later_x = y.copy(), x.copy()
        later_y[origin + 1 :] = np.where(
            np.isfinite(y[origin + 1 :]), 5 + 9 * rng.random(n - origin - 1), np.nan
        )
        # The value stamped `origin - delay` is the newest that is known at the origin.
        new = slice(origin - delay + 1, n)
        later_x[new] = np.where(np.isfinite(x[new]), 9 * rng.random(later_x[new].size), np.nan)
        second = forecasts(later_y, later_x, **options)
        before, after = (f.date <= origin + horizon for f in (first, second))
        np.testing.assert_array_equal(first.date[before], second.date[after])
        np.testing.assert_array_equal(first.own[before], second.own[after])
        np.testing.assert_array_equal(first.with_metric[before], second.with_metric[after])
        checked += int(before.sum())
        assert not np.array_equal(first.with_metric[~before], second.with_metric[~after])
    assert checked > 100


def test_the_newest_known_value_does_change_the_forecast():
    rng = np.random.default_rng(8)
    y, x = sharp(240, 6, 1.0, rng)
    first = forecasts(y, x, horizon=4, delay=2)
    x[200 - 2] += 3.0
    second = forecasts(y, x, horizon=4, delay=2)
    changed = first.with_metric != second.with_metric
    assert first.date[changed].min() == 204


# --- what is known -------------------------------------------------------------------------------


def test_skill_is_near_its_population_value():
    """Seven ahead the AR is all but forgotten: 1 - 1 / (1 + effect²)."""
    effect = np.sqrt(0.11)
    results = []
    for seed in range(8):
        y, x = sharp(730, 7, float(effect), np.random.default_rng([1, seed]))
        results.append(skill(y, x, horizon=7, max_lag=30))
    found = np.array([r.skill for r in results])
    population = 1 - 1 / (1 + effect**2)
    assert abs(found.mean() - population) < 0.025
    assert all(r.p_value < 0.05 for r in results)
    covered = [r.low <= population <= r.high for r in results]
    assert np.mean(covered) >= 0.75


def test_an_unrelated_metric_has_no_skill():
    results = []
    for seed in range(24):
        rng = np.random.default_rng([2, seed])
        results.append(skill(ar1(200, 0.6, rng), ar1(200, 0.6, rng), horizon=2))
    assert np.mean([r.skill for r in results]) <= 0.0
    assert np.mean([r.p_value <= 0.05 for r in results]) <= 0.1


def test_a_delay_takes_away_what_is_not_known_in_time():
    rng = np.random.default_rng(3)
    y, x = sharp(400, 5, 1.0, rng)
    known = skill(y, x, horizon=3, delay=2)
    late = skill(y, x, horizon=3, delay=3)
    assert known.skill > 0.4
    assert late.skill < 0.02


def test_a_shared_weekday_is_not_skill():
    rng = np.random.default_rng(5)
    week = np.tile([1.0, 1.2, 1.1, 1.0, 0.8, -2.5, -2.6], 60)
    y = 3 * week + ar1(420, 0.5, rng)
    x = 2 * week + rng.standard_normal(420)
    assert skill(y, x, season=7).skill < 0.01


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_change_nothing(unit: float):
    rng = np.random.default_rng(6)
    y, x = sharp(200, 3, 0.8, rng)
    one, other = skill(y, x), skill(unit * (y + 100), x / unit)
    assert one.skill == pytest.approx(skill(y + 100, x).skill, abs=1e-6)
    assert one.skill == pytest.approx(other.skill, abs=1e-6)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-4)


def test_gaps_are_neither_learnt_from_nor_scored():
    rng = np.random.default_rng(9)
    y, x = sharp(400, 3, 1.0, rng)
    absent = rng.choice(400, 40, replace=False)
    y[absent] = np.nan
    result = forecasts(y, x, horizon=3, delay=0)
    assert not np.isin(result.date, absent).any()
    assert np.isfinite(result.own).all()
    assert skill(y, x).skill > 0.3


def test_a_sudden_outlier_of_the_metric_does_not_run_away():
    rng = np.random.default_rng(10)
    y, x = sharp(300, 3, 1.0, rng)
    x[250] = 1e9
    result = forecasts(y, x, horizon=3, delay=0)
    assert np.abs(result.with_metric).max() < 10


# --- what can't be done --------------------------------------------------------------------------


def test_a_missing_skill_says_why():
    rng = np.random.default_rng(11)
    short = skill(rng.standard_normal(45), rng.standard_normal(45))
    assert np.isnan(short.skill)
    assert short.reason.startswith("only ")
    late = skill(rng.standard_normal(200), rng.standard_normal(200), horizon=9, delay=5)
    assert np.isnan(late.p_value)
    assert "longest lag" in late.reason
