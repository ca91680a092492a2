"""Gains of Granger regressions, for all metrics, orders and both directions, by two routes.

Sums of products serve most metrics; those with gaps, or hard on digits, get orthogonal factors of
their designs. :mod:`leadlag.core.granger` says why the columns are a level and differences.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray
from leadlag.core.lags import lagged_matrix, overlap
from leadlag.core.least_squares import independent_basis, noise_floor, residualised
from leadlag.core.threads import on_threads, one_blas_thread, thread_count

__all__ = ["Fits", "by_factors", "by_sums", "fit", "usable_rows"]

# Numbers in the stacked designs that are held at a time: 64 MB.
_DESIGN_SIZE = 8_000_000
# Multiplications from which a second thread pays for itself.
_LARGE = 3e7


@dataclass(frozen=True, eq=False)
class Fits:
    """What one pass over the metrics leaves, arrays (n_metrics, n_orders)."""

    f: FloatArray
    bic: FloatArray
    reverse_f: FloatArray
    reverse_bic: FloatArray
    df_denom: IntArray
    n_obs: IntArray

    @classmethod
    def empty(cls, n_metrics: int, n_orders: int) -> "Fits":
        """No test of any metric yet."""
        statistics = (np.full((n_metrics, n_orders), np.nan) for _ in range(4))
        counts = (np.zeros((n_metrics, n_orders), dtype=np.int64) for _ in range(2))
        return cls(*statistics, *counts)

    def put(self, metrics: BoolArray, orders: slice, made: "Fits") -> None:
        """Write what was found for some of the metrics and orders."""
        for name in self.__dataclass_fields__:
            getattr(self, name)[metrics, orders] = getattr(made, name)


def usable_rows(x: FloatArray, y: FloatArray, controls: FloatArray, depth: int) -> BoolArray:
    """Rows t with x and y at t … t - depth and the controls at t present, (n_metrics, n)."""
    there = ~(np.isnan(x) | np.isnan(y))
    usable = there & ~np.isnan(controls).any(axis=1)
    for lag in range(1, depth + 1):
        past, now = overlap(there.shape[1], lag)
        usable[:, now] &= there[:, past]
    usable[:, :depth] = False
    return usable


def fit(x: FloatArray, y: FloatArray, controls: FloatArray, orders: IntArray, rows: str) -> Fits:
    """F and BIC of every order for all metrics (c, n).

    On the rows that the largest order can use ("common"), or each on its own ("per order").
    """
    # The values are finite or NaN, and of size 1: a sum is NaN where any of them is.
    complete = np.asarray(~np.isnan(x.sum(axis=1)))
    if np.isnan(y).any() or np.isnan(controls).any():
        complete[:] = False
    depths = orders if rows == "per order" else orders[-1:]
    fits = Fits.empty(x.shape[0], orders.size)
    rest = np.repeat(~complete[:, None], orders.size, axis=1)
    if complete.any():
        some = x if complete.all() else x[complete]
        made, sound = by_sums(some, y, controls, depths, orders)
        if complete.all() and sound.all():
            return made
        fits.put(complete, slice(None), made)
        rest[complete] = ~sound
    for d, depth in enumerate(depths):
        columns = slice(d, d + 1) if depths.size > 1 else slice(None)
        again = np.asarray(rest[:, columns].any(axis=1))
        if again.any():
            by = by_factors(x[again], y, controls, int(depth), orders[columns])
            fits.put(again, columns, by)
    return fits


def by_sums(
    x: FloatArray, y: FloatArray, controls: FloatArray, depths: IntArray, orders: IntArray
) -> tuple[Fits, BoolArray]:
    """Complete metrics from sums of products; and which of their tests kept their digits.

    On one sample for all orders, or on as many as there are: rows from each of `depths` on. No
    digit depends on other columns.
    """
    from leadlag.core.granger_sums import run_tests

    c, n = x.shape
    each = [independent_basis(controls, np.arange(n) >= depth).T for depth in depths]
    ranks = np.array([basis.shape[0] for basis in each])
    bases = np.zeros((depths.size, ranks.max(), n))
    for whole, basis in zip(bases, each, strict=True):
        whole[: basis.shape[0]] = basis
    m = n - depths
    df = np.broadcast_to(np.maximum(m - ranks - 2 * orders, 0), orders.shape)
    gain, rest, size = np.full((3, 2, c, orders.size), np.nan)
    sound = np.zeros((c, orders.size), dtype=np.bool_)
    # The tests that have rows: of one sample all or none, else those of the smaller orders.
    top = int((df > 0).sum()) if depths.size > 1 else orders.size * bool(df.min() > 0)
    if top:
        deep = min(top, depths.size)
        large = c * n * (3.0 * depths[deep - 1] + 2 + orders[top - 1] * ranks.max()) > _LARGE
        threads = thread_count() if large else 1
        parts = [slice(k * c // threads, (k + 1) * c // threads) for k in range(threads)]

        def run(part: slice) -> None:
            run_tests(
                x[part], y, bases[:deep], controls.shape[1] == 0, depths[:deep], orders[:top],
                gain[:, part], rest[:, part], size[:, part], sound[part],
            )  # fmt: skip

        on_threads(run, parts, threads=threads)
    with np.errstate(invalid="ignore", divide="ignore"):
        f = gain / rest * (df / orders)
        bic = m * np.log(rest * size / m) + (m - df) * np.log(m)
    shape = (c, orders.size)
    counts = np.broadcast_to(df, shape).copy(), np.broadcast_to(m, shape).copy()
    return Fits(f[0], bic[0], f[1], bic[1], *counts), sound


def by_factors(
    x: FloatArray, y: FloatArray, controls: FloatArray, depth: int, orders: IntArray
) -> Fits:
    """Metrics with gaps, or hard on digits: orthogonal factors of each design."""
    c, n = x.shape
    fits = Fits.empty(c, orders.size)
    step = max(1, _DESIGN_SIZE // (n * (2 * depth + 2)))
    for start in range(0, c, step):
        part = slice(start, min(start + step, c))
        usable = usable_rows(x[part], y, controls, depth)
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
