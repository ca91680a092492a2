"""Forecasts past a target's end: closed forms, leaders that help, and what an interval holds."""

import numpy as np

from leadlag.core.outlook import Outlook, direct_outlook


def look(y: np.ndarray, X: np.ndarray, *, horizons: int, **options: object) -> Outlook:
    n = len(y)
    rows = n + horizons
    time = np.arange(rows) / n
    level = np.column_stack([np.ones(rows), time])
    settings = {"max_lag": 12, "season": 0, **options}
    return direct_outlook(y, X, level, np.ones((rows, 1)), horizons=horizons, **settings)


def test_a_target_that_copies_its_leader_is_forecast_by_it():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(240)
    y = 20 + 3 * np.r_[np.zeros(5), x[:-5]] + 1e-3 * rng.standard_normal(240)
    made = look(y, x[:, None], horizons=5)
    np.testing.assert_allclose(made.expected, 20 + 3 * x[-5:], atol=0.01)
    assert (made.low < made.expected).all()
    assert (made.expected < made.high).all()


def test_what_is_not_known_yet_has_no_part():
    rng = np.random.default_rng(2)
    x = rng.standard_normal(240)
    y = np.r_[np.zeros(2), x[:-2]] + 0.1 * rng.standard_normal(240)
    made = look(y, x[:, None], horizons=4)
    assert (made.added[:2, 0] != 0).all()
    assert (made.added[2:, 0] == 0).all()


def test_newer_values_of_the_leader_reach_further():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(240)
    y = np.r_[np.zeros(2), x[:-2]] + 0.1 * rng.standard_normal(240)
    y[-3:] = np.nan
    made = look(y, x[:, None], horizons=5)
    np.testing.assert_allclose(made.expected, x[-5:], atol=0.3)


def test_one_horizon_alone_is_that_of_all():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((200, 2))
    y = np.r_[np.zeros(4), x[:-4, 0]] + 0.3 * rng.standard_normal(200)
    every, one = look(y, x, horizons=4), look(y, x, horizons=4, first=4)
    assert one.horizon.tolist() == [4]
    for name in ("expected", "low", "high", "alone", "added"):
        np.testing.assert_array_equal(getattr(one, name)[0], getattr(every, name)[3])
    np.testing.assert_array_equal(one.past_with, every.past_with)


def test_rows_after_the_origin_change_nothing_before_it():
    """Forecasts of the past know only what was known before them."""
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((2, 200))
    y[3:] += x[:-3]
    first = look(y[:180], x[:180, None], horizons=3)
    later = y.copy()
    later[180:] += 100
    assert first.past_date.max() < 180
    assert first.past_with.size == first.past_alone.size == first.past_date.size


def test_intervals_hold_what_comes():
    """Pseudo-real time over many origins: 90 % intervals hold 85 to 95 %."""
    inside = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, e = rng.standard_normal((2, 330))
        y = np.zeros(330)
        for t in range(4, 330):
            y[t] = 0.7 * y[t - 1] + 0.8 * x[t - 4] + e[t]
        if seed % 2:
            y = np.exp(5 + np.cumsum(0.02 * y))
        for origin in (220, 320):
            made = look(y[:origin], x[:origin, None], horizons=4)
            inside.append(
                (made.low <= y[origin : origin + 4]) & (y[origin : origin + 4] <= made.high)
            )
    assert 0.85 <= np.mean(inside) <= 0.95
