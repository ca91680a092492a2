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
from leadlag.core.granger_fits import fit, usable_rows
from leadlag.core.least_squares import centred, independent_basis
from leadlag.core.threads import on_threads, thread_count
from leadlag.errors import ConfigurationError, InsufficientDataError

__all__ = ["Granger", "granger"]

# Values of a table, and p-values, from which a second thread pays for itself.
_LARGE, _MANY = 500_000, 5_000


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
    common = fit(x, target, fixed, orders, "common")
    tests = common if rows == "common" else fit(x, target, fixed, orders, "per order")
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
    parts = _parts(p) if p * n > _LARGE else _parts(p, 1)
    fine = on_threads(
        lambda part: centred_rows(flat[part.start * steps[1] :], *steps, x[part]),
        parts,
        threads=len(parts),
    )
    if not all(fine):
        need_finite(values, "X")
    return x


def _need_rows(y: FloatArray, controls: FloatArray, top: int) -> None:
    """Raise unless the target and the controls by themselves leave a degree of freedom."""
    for order in range(top, -1, -1):
        usable = usable_rows(y[None, :], y, controls, order)[0]
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


def _tail(df_num: IntArray, df_denom: IntArray, f: FloatArray) -> FloatArray:
    # An incomplete beta function, never 1 minus a probability: exact to 1e-300 and beyond.
    parts = _parts(f.shape[0]) if f.size > _MANY else _parts(f.shape[0], 1)
    made = on_threads(
        lambda part: fdtrc(df_num, df_denom[part], f[part]), parts, threads=len(parts)
    )
    return np.concatenate(made).astype(np.float64, copy=False)


def _parts(count: int, threads: int | None = None) -> list[slice]:
    """Metrics in as many parts as there are threads."""
    threads = threads or min(thread_count(), count) or 1
    return [slice(k * count // threads, (k + 1) * count // threads) for k in range(threads)]


def _smallest(criterion: FloatArray, *, among: BoolArray) -> IntArray:
    candidates = np.where(among & ~np.isnan(criterion), criterion, np.inf)
    best = np.argmin(candidates, axis=1) + 1
    return np.where((candidates < np.inf).any(axis=1), best, 0).astype(np.int64)
