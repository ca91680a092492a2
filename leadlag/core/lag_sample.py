"""What a lag posterior rests on: the metrics' news, and their second moments with the target."""

from dataclasses import dataclass, fields

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray, as_index
from leadlag.core.autoregression import autoregress, orthonormal
from leadlag.core.lag_response import (
    SPARE_ROWS,
    ResponseSide,
    WholeRows,
    line,
    most_own_lags,
)
from leadlag.core.lag_states import StateKernels, StateMoments
from leadlag.core.lags import lagged_matrix
from leadlag.core.least_squares import noise_floor

__all__ = ["lead_moments"]


def lead_moments(
    X: FloatArray, side: ResponseSide, kernels: StateKernels
) -> tuple[IntArray, tuple[StateMoments, ...]]:
    """Second moments of metrics with the target, under every kernel and in each form.

    Parameters
    ----------
    X : ndarray, shape (n_metrics, n_obs)
        Of size 1, NaN where missing.
    side : ResponseSide
        The target.
    kernels : StateKernels
        Over lags 0..max_lag.

    Returns
    -------
    used : ndarray of int, shape (n_used,)
        Metrics that could be used.
    moments : tuple of StateMoments
        One row for each of these: of the metric as it is, and where the target has own lags of the
        metric behind their filter.

    Notes
    -----
    Beside the target's own lags an effect goes on with them. Behind the filter of the noise it does
    not: ``y = γ x + u``, ``u[t] = φ u[t-1] + e[t]`` is ``y[t] = φ y[t-1] + γ (x[t] - φ x[t-1]) +
    e[t]``. Without that form, the same period beside noise with a memory was a lead at lag 1. The
    filter is the target's own lags in a regression beside the metric's lags, which estimates it
    whichever of them have an effect.

    Examples
    --------
    >>> from leadlag.core.lag_response import response_side
    >>> from leadlag.core.lag_states import state_kernels
    >>> rng = np.random.default_rng(0)
    >>> used, moments = lead_moments(
    ...     np.vstack([rng.standard_normal(60), np.ones(60)]),
    ...     response_side(rng.standard_normal(60), 4), state_kernels(4),
    ... )
    >>> used, moments[0].along.shape
    (array([0]), (1, 16))
    """
    from leadlag.core.lag_sums import whitened

    usable = _changing(X)
    complete = usable if np.isfinite(X).all() else usable & ~np.isnan(X).any(axis=1)
    news = np.zeros(X.shape)
    if complete.any():
        # A slice where they lie side by side: copies cost as much as the sums themselves.
        at = as_index(complete)
        news[at] = whitened(X[at], most_own_lags(X.shape[1]))
    for j in np.flatnonzero(usable & ~complete):
        news[j], usable[j] = _news_with_gaps(X[j], side.max_lag)
    # A counter has no news beyond rounding, and rounding must not be weighed.
    usable = usable & (np.sqrt(np.einsum("ij,ij->i", news, news)) > noise_floor(X.shape[1]))
    whole = side.whole
    quick = usable & complete
    if whole is None:
        quick = np.zeros_like(quick)
    # A target that its own past tells to the last digit leaves nothing to weigh.
    elif not _enough(whole.df, whole.total, whole.n_rows):
        usable &= ~complete
        quick = np.zeros_like(quick)
    parts: list[tuple[StateMoments, ...]] = []
    if whole is not None and quick.any():
        parts.append(_side_by_side(news[as_index(quick)], side, whole, kernels))
    alone = []
    for j in np.flatnonzero(usable & ~quick):
        known = np.flatnonzero(np.isfinite(X[j]))
        sums = _Sums.of(news[j], side, side.rows(int(known[0]), int(known[-1])))
        if _enough(sums.df, sums.total, sums.n_rows):
            alone.append(j)
            parts.append(sums.moments(kernels))
    used = np.concatenate([np.flatnonzero(quick), np.array(alone, dtype=np.int64)])
    forms = 2 if side.own else 1
    count = len(kernels.shapes)
    return used, tuple(_stacked([part[f] for part in parts], count) for f in range(forms))


def _enough(df: int, total: float, n_rows: int) -> bool:
    return bool(df >= SPARE_ROWS and total > noise_floor(n_rows) ** 2)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of squares and products of lags 0..max_lag + own of one metric, from any rows."""

    total: float
    df: int
    n_rows: int
    along: FloatArray
    gram: FloatArray
    plain: FloatArray
    own: FloatArray

    @classmethod
    def of(cls, news: FloatArray, side: ResponseSide, rows: BoolArray) -> "_Sums":
        reach = side.max_lag + side.own
        lags = np.nan_to_num(lagged_matrix(news, np.arange(reach + 1)))[rows]
        basis = orthonormal(side.nuisance[rows])
        response = side.y[rows] - basis @ (basis.T @ side.y[rows])
        left = lags - basis @ (basis.T @ lags)
        return cls(
            total=float(response @ response),
            df=int(rows.sum()) - basis.shape[1],
            n_rows=int(rows.sum()),
            along=left.T @ response,
            gram=left.T @ left,
            plain=lags.T @ lags,
            own=_own_lags(side, rows, lags) if side.own else np.zeros(0),
        )

    def moments(self, kernels: StateKernels) -> tuple[StateMoments, ...]:
        width = kernels.shapes.shape[1]
        unfiltered = np.eye(self.gram.shape[0])[:width]
        filtered = unfiltered.copy()
        for i, share in enumerate(self.own, start=1):
            filtered -= share * np.eye(self.gram.shape[0])[i : i + width]
        return tuple(
            self._form(kernels.shapes @ form, form[0])
            for form in ([unfiltered, filtered] if self.own.size else [unfiltered])
        )

    def _form(self, shapes: FloatArray, same: FloatArray) -> StateMoments:
        by_kernel = np.array(
            [
                shapes @ self.along,
                ((shapes @ self.gram) * shapes).sum(axis=1),
                ((shapes @ self.plain) * shapes).sum(axis=1),
                shapes @ (self.gram @ same),
            ]
        )
        alone = np.array([[same @ self.along, same @ self.gram @ same, same @ self.plain @ same]])
        return _moments(self.total, self.df, self.n_rows, by_kernel[None], alone)


def _last_beside(max_lag: int, n_rows: int) -> int:
    """Lags of a metric beside which the noise is filtered: all, or an eighth of the rows."""
    return min(max_lag, n_rows // 8)


def _own_lags(side: ResponseSide, rows: BoolArray, lags: FloatArray) -> FloatArray:
    """The target's own lags in a regression beside the metric's."""
    beside = lags[:, : _last_beside(side.max_lag, int(rows.sum())) + 1]
    design = np.hstack([side.nuisance[rows], beside])
    solution = np.linalg.lstsq(design, side.y[rows], rcond=None)[0]
    return np.asarray(solution[2 : 2 + side.own])


def _side_by_side(
    news: FloatArray, side: ResponseSide, whole: WholeRows, kernels: StateKernels
) -> tuple[StateMoments, ...]:
    """Moments of metrics without a gap, which share the target's rows."""
    from leadlag.core.lag_kernels import lead_sums

    by_kernel, same = lead_sums(
        news, side.y, whole.start, side.own, whole.root, whole.along,
        side.max_lag, _last_beside(side.max_lag, whole.n_rows), kernels.decays,
    )  # fmt: skip
    return tuple(
        _moments(whole.total, whole.df, whole.n_rows, by_kernel[:, form], same[:, form])
        for form in range(same.shape[1])
    )


def _moments(
    total: float, df: int, n_rows: int, by_kernel: FloatArray, same: FloatArray
) -> StateMoments:
    one = np.ones((len(same), 1))
    return StateMoments(
        total=total * one,
        df=df * one,
        n_rows=n_rows * one,
        same_along=same[:, :1],
        same_size=same[:, 1:2],
        same_plain=same[:, 2:],
        along=by_kernel[:, 0],
        size=by_kernel[:, 1],
        plain=by_kernel[:, 2],
        across=by_kernel[:, 3],
    )


def _stacked(parts: list[StateMoments], count: int) -> StateMoments:
    if len(parts) == 1:
        return parts[0]
    empty = _moments(1.0, 1, 1, np.zeros((0, 4, count)), np.zeros((0, 3)))
    return StateMoments(
        **{
            field.name: np.vstack([getattr(part, field.name) for part in (empty, *parts)])
            for field in fields(StateMoments)
        }
    )


def _news_with_gaps(x: FloatArray, max_lag: int) -> tuple[FloatArray, bool]:
    """Innovations with zeros where unknown, and whether there are enough of them."""
    count = int(np.isfinite(x).sum())
    if count < max_lag + 2 * SPARE_ROWS:
        return np.zeros(x.size), False
    fit = autoregress(x, line(x.size), max_order=most_own_lags(count), difference=False)
    return np.nan_to_num(fit.innovations), True


def _changing(X: FloatArray) -> BoolArray:
    """Which series change by more than the rounding of their values."""
    if np.isfinite(X).all():
        x = X - X.mean(axis=1, keepdims=True)
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", x, x)) > noise_floor(X.shape[1]))
    present = np.isfinite(X)
    count = np.maximum(present.sum(axis=1), 1)
    x = X - (np.where(present, X, 0.0).sum(axis=1) / count)[:, None]
    length = np.sqrt(np.where(present, x * x, 0.0).sum(axis=1))
    return np.asarray((present.sum(axis=1) > 1) & (length > noise_floor(count)))
