"""Granger tests: one side's past as a help to predict the other, beyond the other's own past.

Both directions and every order come out of one table of sums of products for each metric, where
that keeps the digits, else out of orthogonal factors of its design. Three steps keep those that raw
lags of a level lose: series are centred and the lags enter as a level and differences (``y[t-1],
Δy[t-1], …``), which span the same space; what is nearly collinear goes to Householder QR, never to
normal equations; and the gain of the larger model is a sum of squares of its own, not a difference
of two residual sums.

Orders are chosen by BIC. Taking the order with the smallest p-value would be a search over orders
that the p-value does not pay for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from leadlag.core.arrays import BoolArray, FloatArray, IntArray, freeze
from leadlag.core.checks import (
    as_count,
    as_matrix,
    as_series,
    as_table,
    need_finite,
    need_same_rows,
)
from leadlag.core.lags import lagged_matrix, overlap
from leadlag.core.least_squares import (
    centred,
    independent_basis,
    noise_floor,
    residualised,
)
from leadlag.core.threads import on_threads, one_blas_thread, thread_count
from leadlag.errors import ConfigurationError, InsufficientDataError

__all__ = ["Granger", "granger"]


# Numbers in the stacked designs that are held at a time: 64 MB.
_DESIGN_SIZE = 8_000_000
# Multiplications from which a second thread pays for itself.
_LARGE = 3e7


@dataclass(frozen=True, eq=False)
class Granger:
    """F tests in both directions, by metric and order.

    Attributes
    ----------
    orders : ndarray of int, shape (K,), periods
        ``1 … K``: how many lags of each side enter.
    f_statistic, p_value : ndarray, shape (n_metrics, K)
        Forward: lags of the metric in the equation of the target. NaN where the test does not
        exist: too few rows, lags that are constant or collinear, a smaller model that fits
        perfectly. Infinite, with a p-value of 0, where only the larger one does.
    reverse_f_statistic, reverse_p_value : ndarray, shape (n_metrics, K)
        Reverse: lags of the target in the equation of the metric.
    df_num : ndarray of int, shape (K,)
        Restrictions tested; equals the order.
    df_denom : ndarray of int, shape (n_metrics, K)
        Rows minus coefficients of the larger model; 0 where there are too few rows. The same in
        both directions.
    n_obs : ndarray of int, shape (n_metrics, K)
        Rows in the regressions.
    best_order, reverse_best_order : ndarray of int, shape (n_metrics,)
        The order with the smallest BIC of that direction's larger model, on the rows that all
        orders share; 0 where no order can be tested.
    rows : str
        Which rows the tests use, "common" or "per order".
    null, alternative : str
        In words, of the forward test; exchange metric and target for the reverse one.
    labels : tuple of str, or None
        Column names in the order of the metrics, where a frame was given.
    """

    orders: IntArray
    f_statistic: FloatArray
    p_value: FloatArray
    reverse_f_statistic: FloatArray
    reverse_p_value: FloatArray
    df_num: IntArray
    df_denom: IntArray
    n_obs: IntArray
    best_order: IntArray
    reverse_best_order: IntArray
    rows: str
    null: str = "the metric's past adds nothing to the target's own past and the controls"
    alternative: str = "the metric's past helps to predict the target"
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class _Fits:
    """What one pass over the metrics leaves, arrays (n_metrics, n_orders)."""

    f: FloatArray
    bic: FloatArray
    reverse_f: FloatArray
    reverse_bic: FloatArray
    df_denom: IntArray
    n_obs: IntArray

    @classmethod
    def empty(cls, n_metrics: int, n_orders: int) -> "_Fits":
        statistics = (np.full((n_metrics, n_orders), np.nan) for _ in range(4))
        counts = (np.zeros((n_metrics, n_orders), dtype=np.int64) for _ in range(2))
        return cls(*statistics, *counts)

    def put(self, metrics: BoolArray, made: "_Fits") -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[metrics] = getattr(made, name)


def granger(
    X: ArrayLike,
    y: ArrayLike,
    *,
    max_order: int,
    rows: Literal["common", "per order"] = "common",
    controls: ArrayLike | None = None,
) -> Granger:
    """Test whether each metric's past helps to predict the target, and the reverse.

    Parameters
    ----------
    X : array_like or frame, shape (n_obs, n_metrics) or (n_obs,)
        Metrics, one row for each period; NaN where missing.
    y : array_like or series, shape (n_obs,)
        Target on the same rows; NaN where missing.
    max_order : int, periods
        The largest order K; all of 1 … K are tested.
    rows : {"common", "per order"}
        "common": every order uses the rows that the largest can use, ``t >= K``, so that orders can
        be compared. "per order": order k uses ``t >= k``, as statsmodels and R do.
    controls : array_like or frame, shape (n_obs, n_controls) or (n_obs,), optional
        Enter both models, as they are at time t: calendar terms, trend, prices. Redundant columns
        drop out. An intercept is always in.

    Returns
    -------
    Granger
        Statistics, p-values, degrees of freedom and the order by BIC, both directions.

    Raises
    ------
    LeadLagError
        If the input is not numeric, holds infinities, has different numbers of rows, or if the
        target and the controls leave too few rows for ``max_order``; the message says how many are
        needed. A metric that is too short by itself gets NaN and costs the others nothing.

    Notes
    -----
    With c_t the intercept and controls, the larger model of order k is

    ``y_t = c_t'γ + Σ_{j=1..k} a_j y_{t-j} + Σ_{j=1..k} b_j x_{t-j} + e_t``

    and the smaller one has all b_j = 0. ``F = ((SSR_0 - SSR_1) / k) / (SSR_1 / df_denom)`` has an
    F(k, df_denom) distribution under the null, asymptotically. BIC is that of the larger model,
    ``m log(SSR_1 / m) + (coefficients) log m``. It is no guide where the larger model nearly
    saturates the rows: keep ``3 * max_order`` well below their number.

    A row t is used for a metric if the metric and the target at ``t, t-1, …`` down to the last lag
    and the controls at t are all present. Lags stay calendar lags: a gap takes out the rows that
    would need it, and never closes up. With "per order" and no missing values the results equal
    statsmodels' ``ssr_ftest`` and R's ``lmtest::grangertest``.

    The log-variance ratio of Geweke, ``log(SSR_0 / SSR_1)``, is ``log(1 + k F / df_denom)``.

    References
    ----------
    Geweke, J. (1982). Measurement of linear dependence and feedback between multiple time series.
    *Journal of the American Statistical Association* 77, 304–313.

    Granger, C. W. J. (1969). Investigating causal relations by econometric
    models and cross-spectral methods. *Econometrica* 37, 424–438.

    Schwarz, G. (1978). Estimating the dimension of a model. *Annals of Statistics* 6, 461–464.

    Examples
    --------
    A target that follows the metric after two periods:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(200)
    >>> y = np.concatenate([[0.0, 0.0], x[:-2]]) + rng.standard_normal(200)
    >>> result = granger(x, y, max_order=4)
    >>> int(result.best_order[0])
    2
    >>> bool(result.p_value[0, 1] < 1e-20), bool(result.reverse_p_value[0, 1] < 0.05)
    (True, False)
    """
    values, labels = as_table(X, "X")
    target = as_series(y, "y")
    need_same_rows(X, values, y, target)
    fixed = np.empty((target.size, 0))
    if controls is not None:
        fixed = as_matrix(controls, "controls")[0]
        need_same_rows(controls, fixed, y, target)
    top = as_count(max_order, "max_order", at_least=1)
    if rows not in ("common", "per order"):
        raise ConfigurationError("rows is unknown", got=repr(rows), need="'common' or 'per order'")

    x = _centred_columns(values)
    target = centred(target)
    fixed = np.ascontiguousarray(centred(fixed.T).T)
    _need_rows(target, fixed, top)

    orders = np.arange(1, top + 1, dtype=np.int64)
    common = _fit(x, target, fixed, depth=top, orders=orders)
    tests = common
    if rows == "per order":
        tests = _stacked(
            [_fit(x, target, fixed, depth=int(k), orders=np.array([k])) for k in orders]
        )
    return Granger(
        orders=freeze(orders),
        f_statistic=freeze(tests.f),
        p_value=freeze(_tail(orders, tests.df_denom, tests.f)),
        reverse_f_statistic=freeze(tests.reverse_f),
        reverse_p_value=freeze(_tail(orders, tests.df_denom, tests.reverse_f)),
        df_num=freeze(orders.copy()),
        df_denom=freeze(tests.df_denom),
        n_obs=freeze(tests.n_obs),
        best_order=freeze(_smallest(common.bic, among=~np.isnan(tests.f))),
        reverse_best_order=freeze(_smallest(common.reverse_bic, among=~np.isnan(tests.reverse_f))),
        rows=rows,
        labels=labels,
    )


def _centred_columns(values: FloatArray) -> FloatArray:
    """Metrics as :func:`leadlag.core.least_squares.centred` has them, (n_metrics, n_obs)."""
    from leadlag.core.granger_sums import centred_rows

    values = np.asarray(values, dtype=np.float64)
    if not (values.flags.c_contiguous or values.flags.f_contiguous):
        values = np.ascontiguousarray(values)
    n, p = values.shape
    flat, steps = values.reshape(-1), (p, 1)
    if not values.flags.c_contiguous:
        flat, steps = values.T.reshape(-1), (1, n)
    x = np.empty((p, n))
    if not centred_rows(flat, *steps, x):
        need_finite(values, "X")
    return x


def _need_rows(y: FloatArray, controls: FloatArray, top: int) -> None:
    """Raise unless the target and the controls by themselves leave a degree of freedom."""
    for order in range(top, -1, -1):
        usable = _usable(y[None, :], y, controls, order)[0]
        rank = independent_basis(controls, usable).shape[1]
        enough = rank + 2 * order + 1
        if order == top:
            got, need = int(usable.sum()), enough
        if usable.sum() >= enough:
            break
    if order == top:
        return
    lower = f"Lower max_order to {order} or supply" if order >= 1 else "Supply"
    raise InsufficientDataError(
        f"max_order={top} needs more rows",
        got=f"{got} rows with the target, its {top} previous periods and the controls known",
        need=f"{need} of them, so at least {need + top} rows in all",
        do=f"{lower} more history",
    )


def _usable(x: FloatArray, y: FloatArray, controls: FloatArray, depth: int) -> BoolArray:
    """Rows t with x and y at t … t - depth and the controls at t present, (n_metrics, n)."""
    there = ~(np.isnan(x) | np.isnan(y))
    usable = there & ~np.isnan(controls).any(axis=1)
    for lag in range(1, depth + 1):
        past, now = overlap(there.shape[1], lag)
        usable[:, now] &= there[:, past]
    usable[:, :depth] = False
    return usable


def _fit(
    x: FloatArray, y: FloatArray, controls: FloatArray, *, depth: int, orders: IntArray
) -> _Fits:
    """F and BIC of some orders for all metrics (c, n), on the rows that ``depth`` lags can use."""
    fits = _Fits.empty(x.shape[0], orders.size)
    complete = np.asarray(~np.isnan(x).any(axis=1))
    if np.isnan(y).any() or np.isnan(controls).any():
        complete[:] = False
    rest = ~complete
    if complete.any():
        made, sound = _by_sums(x[complete], y, controls, depth, orders)
        fits.put(complete, made)
        rest[np.flatnonzero(complete)[~sound]] = True
    if rest.any():
        fits.put(rest, _by_factors(x[rest], y, controls, depth, orders))
    return fits


def _by_sums(
    x: FloatArray, y: FloatArray, controls: FloatArray, depth: int, orders: IntArray
) -> tuple[_Fits, BoolArray]:
    """Complete metrics, on one sample, from sums of products; and which of them kept their digits.

    One after the other, whatever else there is: no digit depends on other columns.
    """
    from leadlag.core.granger_sums import run_tests

    c, n = x.shape
    rows = np.arange(n) >= depth
    basis = np.ascontiguousarray(independent_basis(controls, rows).T)
    m, rank = n - depth, basis.shape[0]
    df = np.maximum(m - rank - 2 * orders, 0)
    gain, rest = np.full((2, 2, c, orders.size), np.nan)
    size, sound = np.empty((2, c)), np.zeros(c, dtype=np.bool_)
    if df.min() > 0:
        large = c * n * (3.0 * depth + 2 + depth * rank) > _LARGE
        threads = thread_count() if large else 1
        parts = [slice(k * c // threads, (k + 1) * c // threads) for k in range(threads)]

        def run(part: slice) -> None:
            run_tests(
                x[part], y, basis, depth, orders,
                gain[:, part], rest[:, part], size[:, part], sound[part],
            )  # fmt: skip

        on_threads(run, parts, threads=threads)
    with np.errstate(invalid="ignore", divide="ignore"):
        f = gain / rest * (df / orders)
        bic = m * np.log(rest * size[:, :, None] / m) + (m - df) * np.log(m)
    shape = (c, orders.size)
    counts = np.broadcast_to(df, shape), np.broadcast_to(np.int64(m), shape)
    return _Fits(f[0], bic[0], f[1], bic[1], *counts), sound


def _by_factors(
    x: FloatArray, y: FloatArray, controls: FloatArray, depth: int, orders: IntArray
) -> _Fits:
    """Metrics with gaps, or hard on digits: orthogonal factors of each design."""
    c, n = x.shape
    fits = _Fits.empty(c, orders.size)
    step = max(1, _DESIGN_SIZE // (n * (2 * depth + 2)))
    for start in range(0, c, step):
        part = slice(start, min(start + step, c))
        usable = _usable(x[part], y, controls, depth)
        with one_blas_thread():
            factors, ranks = _factors(x[part], y, controls, usable, depth)
        m = usable.sum(axis=1)
        for column, k in enumerate(orders):
            df = np.maximum(m - ranks - 2 * int(k), 0)
            fits.df_denom[part, column], fits.n_obs[part, column] = df, m
            own, other = np.arange(k), depth + np.arange(k)
            y_now, x_now = [2 * depth], [2 * depth + 1]
            forward = factors[:, :, np.concatenate([own, other, y_now])]
            reverse = factors[:, :, np.concatenate([other, own, x_now])]
            fits.f[part, column], fits.bic[part, column] = _test(forward, df, m)
            fits.reverse_f[part, column], fits.reverse_bic[part, column] = _test(reverse, df, m)
    return fits


def _factors(
    x: FloatArray, y: FloatArray, controls: FloatArray, usable: BoolArray, depth: int
) -> tuple[FloatArray, IntArray]:
    """Triangular factor of each metric's design given the controls, and the controls' rank.

    Columns: ``depth`` of the target's past, ``depth`` of the metric's, the target now, the metric
    now.
    """
    y_past, y_now = _level_and_differences(y, depth)
    x_past, x_now = _level_and_differences(x, depth)
    shape = (*x.shape, depth)
    design = np.concatenate(
        [
            np.broadcast_to(y_past, shape),
            x_past,
            np.broadcast_to(y_now, (*x.shape, 1)),
            x_now,
        ],
        axis=-1,
    )
    design[~usable] = 0.0
    ranks = np.empty(x.shape[0], dtype=np.int64)
    for sample, metrics in _same_rows(usable):
        basis = independent_basis(controls, sample)
        ranks[metrics] = basis.shape[1]
        design[metrics] = residualised(design[metrics], basis)
    return np.asarray(np.linalg.qr(design, mode="r")), ranks


def _level_and_differences(v: FloatArray, depth: int) -> tuple[FloatArray, FloatArray]:
    """The past as ``v[t-1], Δv[t-1], …, Δv[t-depth+1]`` and the present as ``Δv[t]``.

    The first k columns span the first k lags, and given ``v[t-1]`` the residual of ``Δv[t]`` is
    that of ``v[t]``. Raw lags of a smooth series are nearly collinear; these are not.
    """
    levels = lagged_matrix(v, np.arange(depth + 1, dtype=np.int64))
    differences = levels[..., :-1] - levels[..., 1:]
    past = np.concatenate([levels[..., 1:2], differences[..., 1:]], axis=-1)
    return past, differences[..., :1]


def _same_rows(usable: BoolArray) -> Iterator[tuple[BoolArray, IntArray]]:
    """Each distinct set of rows, with the metrics that have it."""
    groups: dict[bytes, list[int]] = {}
    for metric, sample in enumerate(usable):
        groups.setdefault(sample.tobytes(), []).append(metric)
    for metrics in groups.values():
        yield usable[metrics[0]], np.array(metrics, dtype=np.int64)


def _test(columns: FloatArray, df: IntArray, m: IntArray) -> tuple[FloatArray, FloatArray]:
    """F of the second half of the regressors given the first, and BIC; the response is last.

    In the last column of R, an entry is the response's component along its regressor given those
    before it, and the last entry is the residual.
    """
    r: FloatArray = np.asarray(np.linalg.qr(columns, mode="r"))
    k = (r.shape[-1] - 1) // 2
    pivots = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    # What the columns before it explain to the last stored digit leaves rounding as its pivot: a
    # lag that adds nothing, or a perfect fit. Rounding is its own, and that of either side passed
    # on in proportion: an affine copy of a series far from zero differs by the digits lost there.
    floor = noise_floor(np.maximum(m, 1))[:, None]
    length = np.linalg.norm(columns, axis=-2)
    levels = np.maximum(length[:, [0, k]], floor)
    rounding = floor * (1.0 + (length[:, :, None] / levels[:, None, :]).sum(axis=-1))
    exists = (pivots[:, :-1] > rounding[:, :-1]).all(axis=1) & (df > 0)
    added = np.linalg.norm(r[:, k : 2 * k, -1], axis=1)
    # Nothing left but rounding: a perfect fit, infinitely better than a smaller model that has a
    # residual, and no better than one that is as perfect.
    perfect = pivots[:, -1] <= rounding[:, -1]
    exists &= ~perfect | (added > rounding[:, -1])
    residual = np.where(exists, np.where(perfect, 0.0, pivots[:, -1]), np.nan)
    with np.errstate(divide="ignore"):
        f = (added / residual) ** 2 * df / k
    # m log(SSR / m) + (coefficients) log m, where m - df coefficients were fitted.
    log_m = np.log(np.maximum(m, 1))
    with np.errstate(divide="ignore"):
        return f, 2.0 * m * np.log(residual) - m * log_m + (m - df) * log_m


def _tail(df_num: IntArray, df_denom: IntArray, f: FloatArray) -> FloatArray:
    # An incomplete beta function, never 1 minus a probability: exact to 1e-300 and beyond.
    return np.asarray(fdtrc(df_num, df_denom, f), dtype=np.float64)


def _smallest(criterion: FloatArray, *, among: BoolArray) -> IntArray:
    candidates = np.where(among & ~np.isnan(criterion), criterion, np.inf)
    best = np.argmin(candidates, axis=1) + 1
    return np.where((candidates < np.inf).any(axis=1), best, 0).astype(np.int64)


def _stacked(fits: list[_Fits]) -> _Fits:
    return _Fits(
        *(
            np.concatenate([getattr(fit, name) for fit in fits], axis=1)
            for name in _Fits.__dataclass_fields__
        )
    )
