"""Every pair of versions on a common sample: by how much one is better, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.core.paired import (
    PairedBootstrap,
    block_length,
    diebold_mariano,
    paired_bootstrap,
)
from leadlag.iterations.measure import Measured

__all__ = ["COLUMNS", "common_errors", "differences", "no_differences", "preceding"]

Floats = npt.NDArray[np.float64]

COLUMNS = (
    "a", "b", "difference", "low", "high", "statistic", "df", "p_value", "p_bootstrap", "q_value",
    "n", "fidelity_difference", "fidelity_low", "fidelity_high", "fidelity_p",
)  # fmt: skip
# Fewer common dates than this and a test of two forecasts says nothing.
_FEWEST = 20
_DRAWS = 1999
_LEVEL = 0.90


def preceding(measured: Sequence[Measured], alpha: float) -> list[bool]:
    """Which versions were shown to precede the target while there is time to act.

    Parameters
    ----------
    measured : sequence of Measured
        Versions.
    alpha : float
        Level of the false discovery rate.

    Returns
    -------
    list of bool
    """
    q = benjamini_hochberg(np.array([one.p_value for one in measured]))
    return [bool(q[i] <= alpha) and one.usable_lead > 0 for i, one in enumerate(measured)]


def common_errors(measured: Sequence[Measured], n: int) -> tuple[dict[str, Floats], Floats]:
    """Squared errors that versions leave, on the dates that all of them forecast.

    Parameters
    ----------
    measured : sequence of Measured
        Versions.
    n : int
        Periods of the panel.

    Returns
    -------
    errors : dict of str to ndarray, shape (n_dates,)
        By version, those that made any: what is left of `own` once what the version takes away at
        its horizon is taken away.
    own : ndarray, shape (n_dates,)
        Of the target's own past at the horizon at which it errs most, as a rule the longest.

    Notes
    -----
    A later version stands nearer to the outcome, where the target's own past says more as well,
    above all in a target that grows. That is no merit of the version: each is credited with what it
    takes away beyond the target's own past at its own horizon, in one unit for all.
    """
    made = [
        (one, one.forecasts)
        for one in measured
        if one.forecasts is not None and one.forecasts.date.size
    ]
    if not made:
        return {}, np.empty(0)
    # A version with far fewer forecasts than the others would take their dates from them.
    most = max(told.date.size for _, told in made)
    made = [(one, told) for one, told in made if 6 * told.date.size >= most]
    everywhere = np.ones(n, dtype=bool)
    for _, told in made:
        there = np.zeros(n, dtype=bool)
        there[told.date] = True
        everywhere &= there
    taken, own = {}, np.empty(0)
    for one, told in made:
        kept = everywhere[told.date]
        alone = ((told.actual - told.own)[kept]) ** 2
        left = ((told.actual - told.with_metric)[kept]) ** 2
        taken[one.version.name] = alone - left
        # In the largest unit no version takes away more than there is.
        if not own.size or alone.sum() > own.sum():
            own = alone
    return {name: own - gain for name, gain in taken.items()}, own


def differences(
    measured: Sequence[Measured], n: int, *, seed: int, alpha: float = 0.10
) -> pd.DataFrame:
    """Test every pair, on forecasts of the target and on fidelity.

    The versions that precede share their dates and unit. One that was not shown to shares them with
    its partner alone: what it forecasts, and when, must not decide how the others are measured.

    Parameters
    ----------
    measured : sequence of Measured
        Versions.
    n : int
        Periods of the panel.
    seed : int
        Of the bootstrap.
    alpha : float
        Level at which a version counts as preceding.

    Returns
    -------
    DataFrame, one row a pair
        `COLUMNS`; a positive difference means that `a` is the better one.
    """
    led = preceding(measured, alpha)
    shared = common_errors([one for one, is_led in zip(measured, led, strict=True) if is_led], n)
    rows = []
    for (first, one_led), (second, other_led) in combinations(zip(measured, led, strict=True), 2):
        a, b = first.version.name, second.version.name
        row: dict[str, Any] = {"a": a, "b": b}
        errors, own = shared if one_led and other_led else common_errors([first, second], n)
        if a in errors and b in errors and own.size >= _FEWEST:
            longest = int(max(first.usable_lead, second.usable_lead))
            row |= _forecasts(errors[a], errors[b], own, longest, seed)
        row |= _faithful(first, second, seed)
        rows.append(row)
    return _framed(rows)


def no_differences(names: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Pairs of which nothing can be said.

    Parameters
    ----------
    names : sequence of (str, str)

    Returns
    -------
    DataFrame, one row a pair
    """
    return _framed([{"a": a, "b": b} for a, b in names])


def _framed(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in COLUMNS[2:]:
        table[column] = table[column].astype("float64")
    if len(table):
        table["q_value"] = benjamini_hochberg(table["p_value"].to_numpy(dtype=np.float64))
    table["n"] = table["n"].fillna(0).astype("int64")
    return table


def _forecasts(a: Floats, b: Floats, own: Floats, longest: int, seed: int) -> dict[str, Any]:
    unit = float(own.mean())
    if not unit > 0:
        return {}
    a, b = a / unit, b / unit
    block = block_length(b - a, longest=longest)
    test = diebold_mariano(a, b, horizon=block)
    drawn = _resampled(b - a, block, seed)
    return {
        "difference": drawn.difference,
        "low": drawn.low,
        "high": drawn.high,
        # Positive where `a` is better, as the difference is.
        "statistic": -test.statistic,
        "df": test.df,
        "p_value": test.p_value,
        "p_bootstrap": drawn.p_value,
        "n": test.n,
    }


def _resampled(gain: Floats, block: int, seed: int) -> PairedBootstrap:
    """The interval: of all that was tried it comes nearest to its level (docs/versions.md)."""
    rng = np.random.default_rng(seed)
    made = paired_bootstrap(gain, block=block, level=_LEVEL, draws=_DRAWS, rng=rng)
    # Two versions that never differ leave nothing to test, but their difference is known.
    return made if np.isfinite(made.difference) else replace(made, difference=float(gain.mean()))


def _faithful(first: Measured, second: Measured, seed: int) -> dict[str, Any]:
    one, other = first.fidelity, second.fidelity
    if one is None or other is None:
        return {}
    # The mature metric predicts itself without an error; its own mean is no yardstick.
    yard = one.mean_loss if np.nansum(one.mean_loss) > 0 else other.mean_loss
    both = np.isfinite(one.loss) & np.isfinite(other.loss) & np.isfinite(yard)
    if both.sum() < _FEWEST or not float(yard[both].sum()) > 0:
        return {}
    unit = float(yard[both].mean())
    a, b = one.loss[both] / unit, other.loss[both] / unit
    block = block_length(b - a, longest=max(a.size // 4, 1))
    test = diebold_mariano(a, b, horizon=block)
    drawn = _resampled(b - a, block, seed)
    return {
        "fidelity_difference": drawn.difference,
        "fidelity_low": drawn.low,
        "fidelity_high": drawn.high,
        "fidelity_p": test.p_value,
    }
