"""Rules that are broken on purpose: each break must fail the check that guards it.

A check is a small, seeded calibration. It passes on the package as it is, and fails where one rule
is changed: the null distribution, the payment for the search over lags, the false discovery rate,
the interval of the lag. A check that no break fails would guard nothing.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadlag
from leadlag import decide
from leadlag.core import direction, kernels, transfer, window_test
from leadlag.core.direction import examine_direction
from leadlag.core.transfer import transfer_posterior
from tests.core.simulated import ar1, fitted, followed

N = 150
MAX_LAG = 14


def at_most(p: np.ndarray, level: float) -> None:
    """No more p-values at a level than 99.9 % of such samples have."""
    most = stats.binom.ppf(0.999, p.size, level)
    assert (p <= level).sum() <= most, f"{(p <= level).mean():.3f} at {level}"


def strangers_are_rejected_at_the_level() -> None:
    rng = np.random.default_rng(0)
    p = np.empty(500)
    for i in range(p.size):
        y, x = (fitted(ar1(N, 0.8, rng)) for _ in range(2))
        p[i] = examine_direction(y, x, max_lag=MAX_LAG, stationary=True).p_value
    at_most(p, 0.10)
    at_most(p, 0.05)
    at_most(p, 0.01)
    assert np.median(p) > 0.3


def panels_of_strangers_have_no_leader() -> None:
    rng = np.random.default_rng(1)
    led = 0
    for _ in range(40):
        frame = pd.DataFrame(rng.standard_normal((80, 13))).rename(columns=str)
        table = leadlag.rank(frame, "0", max_lag=4, progress=False).table
        led += table["role"].isin(["leading", "feedback"]).any()
        # Said at once: what a broken rule lets in takes long to measure.
        assert led <= stats.binom.ppf(0.999, 40, 0.10), "too many"


def q_values_hold_their_rate() -> None:
    """Under the complete null the rate is the chance that anything is named: .10 exactly."""
    rng = np.random.default_rng(2)
    named = sum((decide.benjamini_hochberg(rng.random(15)) <= 0.10).any() for _ in range(3000))
    assert named <= stats.binom.ppf(0.999, 3000, 0.10), f"{named / 3000:.3f}"


def intervals_hold_the_lag() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for i in range(200):
        lag = 1 + i % 6
        x, y = followed(N, np.r_[np.zeros(lag), 0.14], rng)
        fit = transfer_posterior(fitted(y), fitted(x), max_order=10, max_lag=8)
        held += fit.low <= lag <= fit.high
    assert held >= stats.binom.ppf(0.001, 200, 0.90), f"{held} of 200"


CHECKS = (
    strangers_are_rejected_at_the_level,
    panels_of_strangers_have_no_leader,
    q_values_hold_their_rate,
    intervals_hold_the_lag,
)

_paid = window_test.best_window_p_value
_combined = direction.cauchy_combination
_fdr = decide.benjamini_hochberg
_kernels = kernels.delay_kernels


def search_not_paid_for(score: float, *, max_lag: int, df: float, changing: bool = False) -> float:
    return _paid(score, max_lag=1, df=df)


def noise_taken_too_small(
    score: float, *, max_lag: int, df: float, changing: bool = False
) -> float:
    return _paid(1.25 * score, max_lag=max_lag, df=df, changing=changing)


def smallest_of_the_tests(p_values: np.ndarray, weights: np.ndarray) -> float:
    return float(np.nanmin(p_values))


def half_of_the_combination(p_values: np.ndarray, weights: np.ndarray) -> float:
    return _combined(p_values, weights) / 2


def no_correction(p_values: np.ndarray) -> np.ndarray:
    return np.asarray(p_values, dtype=float)


def one_place_too_far(p_values: np.ndarray) -> np.ndarray:
    """BH with ``m / (i + 1)`` in the place of ``m / i``."""
    p = np.sort(p_values)
    raw = p * p.size / np.arange(2, p.size + 2)
    q = np.minimum.accumulate(raw[::-1])[::-1]
    return q[np.argsort(np.argsort(p_values))]


def one_period_late(max_lag: int, reach: int) -> kernels.Kernels:
    made = _kernels(max_lag, reach)
    return replace(made, peak=np.minimum(made.peak + 1, max_lag))


# What is broken: where, by what, and the check that must see it.
BREAKS: tuple[tuple[object, str, object, Callable[[], None]], ...] = (
    (window_test, "best_window_p_value", search_not_paid_for, CHECKS[0]),
    (window_test, "best_window_p_value", noise_taken_too_small, CHECKS[0]),
    (direction, "cauchy_combination", smallest_of_the_tests, CHECKS[0]),
    (direction, "cauchy_combination", half_of_the_combination, CHECKS[0]),
    (decide, "benjamini_hochberg", no_correction, CHECKS[1]),
    (decide, "benjamini_hochberg", one_place_too_far, CHECKS[2]),
    (transfer, "delay_kernels", one_period_late, CHECKS[3]),
    (transfer, "_LEVEL", 0.5, CHECKS[3]),
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_package_as_it_is_passes(check: Callable[[], None]):
    check()


@pytest.mark.parametrize(
    ("module", "name", "broken", "check"),
    BREAKS,
    ids=[getattr(broken, "__name__", f"{name}={broken}") for _, name, broken, _ in BREAKS],
)
def test_a_broken_rule_is_seen(
    module: object,
    name: str,
    broken: object,
    check: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, name, broken)
    with pytest.raises(AssertionError):
        check()
