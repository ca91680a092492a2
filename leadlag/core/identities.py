"""Arithmetic identities between a series and others: sums, products, ratios, parts, flow and stock.

An identity is no evidence that one thing precedes another. It holds to the last digit that was
written down, in the same period, and this is how it is told from a relation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray
from leadlag.core.parts import find_flow, find_parts, may_flow
from leadlag.core.robust import (
    HELD,
    LEAST_ROWS,
    Fit,
    may_hold,
    robust_fit,
    spread,
    standard_columns,
    step_of,
)

__all__ = ["Identity", "find_identities"]

# Residual of an identity, in scales of the target's changes; rounding may leave more.
_EXACT = 0.02
_ROUNDED = 0.35
_MOST_TERMS = 8
# A term more has to leave so many times less; below this there is nothing left to explain.
_BETTER = 5.0
_NOTHING = 1e-6
# Exponents of a product are +1 or -1.
_NEAR = 0.1
# Powers of two between a series and the target beyond which no unit is: so far apart, or so large,
# squares of products leave the range of numbers.
_FAR = 100


@dataclass(frozen=True)
class Identity:
    """One identity.

    Parameters
    ----------
    kind : str
        "copy", "sum", "product", "ratio", "part of" or "flow → stock".
    columns : tuple of int
        The columns that take part.
    coefficients : tuple of float
        Of each: factors of a sum, exponents of a product, the slope of a part or a flow.
    residual : float
        What it leaves of the target's changes, as a share of their scale.
    n_obs : int
        Rows in which it could be checked.
    window : int
        Periods over which a flow is added up; 0 where it has no end.
    """

    kind: str
    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    residual: float
    n_obs: int
    window: int = 0


def find_identities(y: FloatArray, X: FloatArray, *, season: int = 0) -> tuple[Identity, ...]:
    """Find identities between a target and metrics.

    Parameters
    ----------
    y : ndarray, shape (n,)
        The target; NaN where missing.
    X : ndarray, shape (n, n_metrics)
        The metrics; NaN where missing.
    season : int
        Length of the main season in rows, taken out where a part is measured; 0: none.

    Returns
    -------
    tuple of Identity
        Exact ones first; a metric is in at most one.

    Notes
    -----
    Everything is checked on changes from one period to the next, so that shifts of level and
    constants make no difference, by least squares that leaves out rows that break the identity (at
    most a fifth). A sum is found by orthogonal matching pursuit over the metrics [1]_ and pruned
    backwards, a product or ratio likewise on logarithms, a stock likewise with the flows as they
    are. What is left must be below 2 % of the scale of the target's changes, or explained by the
    rounding of the series.

    A part is a metric that stays between zero and the target and whose changes are found again one
    for one in the target's. A flow makes up a stock's changes: with what left the stock listed, or
    left in proportion to it, or after a fixed number of periods, or not listed and smaller.

    References
    ----------
    .. [1] Pati, Rezaiifar and Krishnaprasad (1993). Orthogonal matching pursuit. Asilomar
       Conference on Signals, Systems and Computers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = 100 + 10 * rng.normal(size=(60, 3))
    >>> [(found.kind, found.columns) for found in find_identities(X[:, 0] + X[:, 2], X)]
    [('sum', (0, 2))]
    >>> [(found.kind, found.columns) for found in find_identities(X[:, 0] * X[:, 1] / 100, X)]
    [('product', (0, 1))]
    """
    y, X, near = _within_range(y, X)
    return tuple(
        replace(one, columns=tuple(int(near[j]) for j in one.columns))
        for one in _found(y, X, season)
    )


def _within_range(y: FloatArray, X: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Series of about the target's size, all times one power of two where that is extreme."""
    exponent = np.frexp(np.fmax.reduce(np.abs(y), initial=0.0))[1]
    others = np.frexp(np.fmax.reduce(np.abs(X), axis=0, initial=0.0))[1]
    near = np.flatnonzero(np.abs(others - exponent) <= _FAR)
    if abs(exponent) > _FAR:
        y, X = np.ldexp(y, -exponent), np.ldexp(X[:, near], -exponent)
        return y, X, near
    return y, X[:, near], near


def _found(y: FloatArray, X: FloatArray, season: int) -> list[Identity]:
    if X.shape[1] == 0 or not spread(np.diff(y)) > 0:
        return []
    found: list[Identity] = []
    free = _free(X, found)
    made = [one for one in (_sums(y, X, free), _products(y, X, free)) if one is not None]
    if len(made) == 2 and set(made[0].columns) & set(made[1].columns):
        # Over a narrow range a product is nearly a sum: the one that leaves less is meant.
        made = [min(made, key=lambda one: one.residual)]
    found.extend(made)
    stock = _stocks(y, X, _free(X, found))
    if stock is not None:
        found.append(stock)
    free = _free(X, found)
    for j in (free[i] for i in may_flow(y, X[:, free])):
        flow = find_flow(y, X[:, j])
        if flow is not None:
            slope, residual, n_obs, window = flow
            found.append(Identity("flow → stock", (j,), (slope,), residual, n_obs, window))
    free = _free(X, found)
    found.extend(
        Identity("part of", (free[i],), (slope,), residual, n_obs)
        for i, slope, residual, n_obs in find_parts(y, X[:, free], season=season)
    )
    return found


def _free(X: FloatArray, found: Sequence[Identity]) -> list[int]:
    taken = {j for identity in found for j in identity.columns}
    return [j for j in range(X.shape[1]) if j not in taken]


def _sums(y: FloatArray, X: FloatArray, free: list[int]) -> Identity | None:
    """Find y = c (a + b), a - b, or any exact combination of metrics."""
    steps = np.array([step_of(X[:, j]) for j in free])
    fit = _Pursuit(np.diff(y), np.diff(X[:, free], axis=0), step_of(y), steps).best()
    if fit is None:
        return None
    kind = "copy" if len(fit.columns) == 1 else "sum"
    return fit.identity(kind, free)


def _products(y: FloatArray, X: FloatArray, free: list[int]) -> Identity | None:
    """Find y = c a b, or c a / b: the logarithms add up with coefficients of one."""
    positive = [j for j in free if _mostly_positive(X[:, j])]
    if not positive or not _mostly_positive(y):
        return None
    log_X = np.column_stack([_log(X[:, j]) for j in positive])
    # A rounding step is a relative one here; the typical level stands for all.
    steps = np.array([_relative_step(X[:, j]) for j in positive])
    pursuit = _Pursuit(
        np.diff(_log(y)), np.diff(log_X, axis=0), _relative_step(y), steps, unit=True
    )
    fit = pursuit.best()
    if fit is None or len(fit.columns) < 2:
        return _shifted_product(y, X, positive, log_X)
    return fit.identity("ratio" if min(fit.coefficients) < 0 else "product", positive)


def _shifted_product(
    y: FloatArray, X: FloatArray, positive: list[int], log_X: FloatArray
) -> Identity | None:
    """Find a product or ratio to which something was added, which logarithms do not show."""
    strength = np.abs(
        standard_columns(np.diff(y)[:, None])[:, 0] @ standard_columns(np.diff(log_X, axis=0))
    )
    likely = [positive[i] for i in np.argsort(-strength)[:_MOST_TERMS]]
    change, scale = np.diff(y), spread(np.diff(y))
    forms = []
    for a in likely:
        for b in likely:
            if a == b:
                continue
            forms.append((a, b, "ratio", X[:, a] / np.where(X[:, b] > 0, X[:, b], np.nan), -1.0))
            if a < b:
                forms.append((a, b, "product", X[:, a] * X[:, b], 1.0))
    if not forms:
        return None
    moved = np.diff(np.column_stack([made for _, _, _, made, _ in forms]), axis=0)
    for i in np.flatnonzero(may_hold(change, moved)):
        a, b, kind, _, power = forms[i]
        fit = robust_fit(change, moved[:, i : i + 1])
        if fit is not None and fit.kept.sum() >= HELD * fit.kept.size:
            share = fit.left / scale
            if share <= _EXACT:
                return Identity(kind, (a, b), (1.0, power), share, int(fit.kept.size))
    return None


def _stocks(y: FloatArray, X: FloatArray, free: list[int]) -> Identity | None:
    """Find a stock whose change is a sum of flows of the same period or the one before."""
    steps = np.array([step_of(X[:, j]) for j in free])
    for flows in (X[1:, free], X[:-1, free]):
        fit = _Pursuit(np.diff(y), flows, step_of(y), steps).best()
        if fit is not None:
            return fit.identity("flow → stock", free)
    return None


@dataclass(frozen=True)
class _Exact:
    """A combination that leaves nothing but rounding."""

    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    residual: float
    n_obs: int

    def identity(self, kind: str, names: Sequence[int]) -> Identity:
        columns = tuple(names[j] for j in self.columns)
        return Identity(kind, columns, self.coefficients, self.residual, self.n_obs)


class _Pursuit:
    """Orthogonal matching pursuit for a combination that leaves nothing but rounding."""

    def __init__(
        self, y: FloatArray, X: FloatArray, step: float, steps: FloatArray, *, unit: bool = False
    ) -> None:
        self.y, self.X, self.step, self.steps, self.unit = y, X, step, steps, unit
        self.scale = spread(y)

    def best(self) -> _Exact | None:
        if not self.scale > 0 or self.X.shape[1] == 0:
            return None
        standard = standard_columns(self.X)
        chosen: list[int] = []
        made: _Exact | None = None
        most = min(_MOST_TERMS, self.X.shape[1], max(int(np.isfinite(self.y).sum()) // 10, 1))
        left = self.y
        while len(chosen) < most:
            strength = np.abs(standard_columns(left[:, None])[:, 0] @ standard)
            strength[chosen] = -1.0
            best = int(strength.argmax())
            if not strength[best] > 0:
                return None
            chosen.append(best)
            fit = robust_fit(self.y, self.X[:, chosen])
            tried = self.exact(chosen, fit)
            if made is not None and (tried is None or tried.residual > made.residual / _BETTER):
                return self.pruned(made)
            made = tried or made
            if made is not None and (made.residual <= _NOTHING or len(chosen) == most):
                return self.pruned(made)
            if fit is None:
                return self.pruned(made) if made is not None else None
            left = np.full(len(self.y), np.nan)
            left[fit.rows] = fit.residual
        return None

    def pruned(self, made: _Exact) -> _Exact:
        """Leave out, one at a time, what the identity holds without."""
        smaller = True
        while smaller and len(made.columns) > 1:
            smaller = False
            for j in made.columns:
                fewer = [i for i in made.columns if i != j]
                tried = self.exact(fewer, robust_fit(self.y, self.X[:, fewer]))
                if tried and tried.residual <= max(2 * made.residual, _NOTHING):
                    made, smaller = tried, True
                    break
        return made

    def exact(self, chosen: Sequence[int], fit: Fit | None) -> _Exact | None:
        """What the fit of these columns leaves, if it is nothing but rounding."""
        if fit is None or fit.kept.sum() < HELD * fit.kept.size:
            return None
        order = np.argsort(chosen)
        coefficients = tuple(float(fit.beta[i]) for i in order)
        if self.unit and any(abs(abs(b) - 1) > _NEAR for b in coefficients):
            return None
        share = fit.left / self.scale
        # A change has two roundings, of variance step² / 12 each.
        rounded = np.linalg.norm(fit.beta * self.steps[list(chosen)])
        explained = 2 * float(np.hypot(self.step, rounded)) / np.sqrt(6) / self.scale
        if share <= _EXACT or (share <= _ROUNDED and share <= explained):
            columns = tuple(int(chosen[i]) for i in order)
            return _Exact(columns, coefficients, float(share), int(fit.kept.size))
        return None


def _mostly_positive(values: FloatArray) -> bool:
    known = values[np.isfinite(values)]
    return known.size >= LEAST_ROWS and float(np.mean(known > 0)) >= HELD


def _relative_step(values: FloatArray) -> float:
    known = values[np.isfinite(values) & (values > 0)]
    return step_of(values) / float(np.median(known)) if known.size else 0.0


def _log(values: FloatArray) -> FloatArray:
    out = np.full(len(values), np.nan)
    positive = np.isfinite(values) & (values > 0)
    out[positive] = np.log(values[positive])
    return out
