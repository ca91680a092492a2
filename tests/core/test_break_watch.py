"""The sum that follows a relation: a slow twin, what moves it, and its level."""

import numpy as np
import pytest

from leadlag.core.break_watch import watch_break

LINE = 4.0


def series(seed: int, n: int = 300, *, ends: int | None = None, size: float = 0.7) -> tuple:
    rng = np.random.default_rng(seed)
    x, e = rng.standard_normal((2, n + 1))
    held = np.arange(n) < (n if ends is None else ends)
    y = held * size * x[:-1] + e[1:]
    own = np.column_stack([np.ones(n), np.r_[0.0, y[:-1]]])
    return x[:-1, None], own, y


def by_hand(leader, own, y, watched):
    """The same sum, one row at a time, by its definition."""
    design = np.hstack([own, leader])
    fit, new = design[~watched], design[watched]
    slopes = np.linalg.solve(fit.T @ fit, fit.T @ y[~watched])
    errors = y[~watched] - fit @ slopes
    before = (errors**2).sum() / (len(errors) - design.shape[1])
    part = new[:, own.shape[1] :] @ slopes[own.shape[1] :]
    error = y[watched] - new @ slopes
    free = np.polynomial.polynomial.polyfit(part, error, 1)
    left = error - free[0] - free[1] * part
    s = np.sqrt(max(before, (left**2).sum() / (len(left) - 2)))
    path = []
    for row, one in enumerate(error):
        ratio = (min(abs(one) / s, 3) ** 2 - min(abs(one + 0.75 * part[row]) / s, 3) ** 2) / 2
        path.append(max(0.0, (path[-1] if path else 0.0) + ratio))
    return path


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_sum_by_its_definition(seed: int):
    leader, own, y = series(seed, ends=280)
    watched = np.arange(300) >= 250
    made = watch_break(leader, own, y, watched)
    np.testing.assert_allclose(made.path, by_hand(leader, own, y, watched), atol=1e-9)
    assert (made.path[made.began :] > 0).all()
    assert made.began == 0 or made.path[made.began - 1] == 0


def test_units_and_outliers_do_not_move_it():
    leader, own, y = series(1, ends=270)
    watched = np.arange(300) >= 250
    made = watch_break(leader, own, y, watched)
    other = watch_break(1e6 * leader, own * [1.0, 1e-3], 1e-3 * y, watched)
    np.testing.assert_allclose(other.path, made.path, atol=1e-8)
    assert made.strength == pytest.approx(0.49, abs=0.2)
    spoilt = series(1)[2].copy()
    spoilt[260] += 1e4
    assert watch_break(leader, own, spoilt, watched).evidence < LINE


def test_a_relation_that_holds_seldom_passes_the_line_and_one_that_ended_does():
    watched = np.arange(300) >= 250
    steady = [watch_break(*series(seed), watched).evidence for seed in range(400)]
    ended = [watch_break(*series(seed, ends=255), watched).evidence for seed in range(400)]
    assert np.mean(np.array(steady) >= LINE) < 0.02
    assert np.mean(np.array(ended) >= LINE) > 0.9


def test_a_leader_that_says_nothing_gives_no_evidence():
    leader, own, y = series(3)
    made = watch_break(np.zeros_like(leader), own, y, np.arange(300) >= 250)
    assert made.evidence == 0.0
    assert made.began == 50
