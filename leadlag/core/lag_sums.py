"""Sums over lags for many metrics, compiled: whitening and lag products.

Sums of products at neighbouring lags differ by the two ends of the window alone, so that a Gram
matrix of lags costs one row of dot products. Metrics are done one after the other: no number of a
metric depends on another. Importing this module loads numba; :mod:`leadlag.core.posterior` does so
when it is called. The slow twins are :func:`leadlag.core.autoregression.autoregress` and plain
matrices in the tests.
"""

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.jit import compiled

__all__ = ["factor", "lag_moments", "whitened"]

# A pivot below this share of its column's square is rounding: the lag says nothing new.
_NEGLIGIBLE = 1e-11


@compiled
def _dot(x: FloatArray, y: FloatArray) -> float:
    total = 0.0
    for t in range(x.size):
        total += x[t] * y[t]
    return total


@compiled
def _four_dots(x: FloatArray, y: FloatArray, m: int, out: FloatArray) -> None:
    """Products of x[:m] with y[0:], y[1:], y[2:] and y[3:]: one load of x for four lags."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    for t in range(m):
        v = x[t]
        a += v * y[t]
        b += v * y[t + 1]
        c += v * y[t + 2]
        d += v * y[t + 3]
    out[0], out[1], out[2], out[3] = a, b, c, d


@compiled
def _back_products(ahead: FloatArray, behind: FloatArray, start: int, last: int) -> FloatArray:
    """``Σ ahead[t] behind[t - k]`` for k = 0..last over t = start..size-1."""
    sums = np.empty(last + 4)
    window = ahead[start:]
    m = window.size
    k = 0
    while k + 3 <= last:
        _four_dots(window, behind[start - k - 3 :], m, sums[k : k + 4])
        sums[k], sums[k + 1], sums[k + 2], sums[k + 3] = (
            sums[k + 3],
            sums[k + 2],
            sums[k + 1],
            sums[k],
        )
        k += 4
    while k <= last:
        sums[k] = _dot(window, behind[start - k : start - k + m])
        k += 1
    return sums[: last + 1]


@compiled
def _own_gram(x: FloatArray, order: int) -> FloatArray:
    """Gram matrix of [1, time, x[t-1], …, x[t-order], x[t]] over t = order..n-1."""
    n = x.size
    gram = np.empty((order + 3, order + 3))
    products = _back_products(x, x, order, order)
    lags = np.empty((order + 1, order + 1))
    lags[0] = products
    for i in range(order):
        for j in range(i, order):
            lags[i + 1, j + 1] = (
                lags[i, j] + x[order - 1 - i] * x[order - 1 - j] - x[n - 1 - i] * x[n - 1 - j]
            )
    total, moment = 0.0, 0.0
    for t in range(order, n):
        total += x[t]
        moment += x[t] * (t - order)
    sums, moments = np.empty(order + 1), np.empty(order + 1)
    sums[0], moments[0] = total, moment
    rows = n - order
    for i in range(order):
        # Time counts from 0 within the window; moving back one period adds one to each.
        moments[i + 1] = moments[i] + sums[i] - rows * x[n - 1 - i]
        sums[i + 1] = sums[i] + x[order - 1 - i] - x[n - 1 - i]
    gram[0, 0] = rows
    gram[0, 1] = rows * (rows - 1) / 2
    gram[1, 1] = (rows - 1) * rows * (2 * rows - 1) / 6
    for i in range(order + 1):
        at = order + 2 if i == 0 else i + 1
        gram[0, at], gram[1, at] = sums[i], moments[i]
        for j in range(i, order + 1):
            to = order + 2 if j == 0 else j + 1
            gram[min(at, to), max(at, to)] = lags[i, j]
    return gram


@compiled
def factor(gram: FloatArray, size: int) -> int:
    """Upper triangle into U with ``U'U = gram`` for the first ``size`` columns; how many hold."""
    width = gram.shape[0]
    for i in range(size):
        diagonal = gram[i, i]
        pivot = diagonal
        for h in range(i):
            pivot -= gram[h, i] * gram[h, i]
        if not pivot > _NEGLIGIBLE * diagonal:
            return i
        root = np.sqrt(pivot)
        gram[i, i] = root
        for j in range(i + 1, width):
            value = gram[i, j]
            for h in range(i):
                value -= gram[h, i] * gram[h, j]
            gram[i, j] = value / root
    return size


@compiled
def _best_order(gram: FloatArray, order: int) -> int:
    """Order by Hannan–Quinn with the small-sample factor of AICc, on common rows."""
    m = gram[0, 0]
    left = gram[order + 2, order + 2]
    floor = 1e-14 * left
    kept = factor(gram, order + 2)
    best, at = np.inf, 0
    for column in range(min(kept, order + 2)):
        left = max(left - gram[column, order + 2] ** 2, floor)
        size = column + 1
        if size >= 2:
            penalty = 2 * np.log(np.log(m)) * size * m / max(m - size - 2, 1.0)
            value = m * np.log(left / m) + penalty
            if value < best:
                best, at = value, size - 2
    return at


@compiled
def whitened(x: FloatArray, max_order: int) -> FloatArray:
    """Innovations of complete series: own past by an autoregression beside a straight line.

    Parameters
    ----------
    x : ndarray, shape (n_series, n_obs)
        Of size 1, without NaN, not constant.
    max_order : int, periods
        Largest order tried; the order is chosen by the Hannan–Quinn criterion.

    Returns
    -------
    ndarray, shape (n_series, n_obs)
        Zero in the first periods, which have no past.

    Examples
    --------
    >>> walk = np.cumsum(np.random.default_rng(0).standard_normal((1, 400)), axis=1)
    >>> news = whitened(walk, 6)[0]
    >>> bool(abs(np.corrcoef(news[1:], news[:-1])[0, 1]) < 0.1)
    True
    """
    out = np.zeros(x.shape)
    n = x.shape[1]
    for j in range(x.shape[0]):
        series = x[j] - x[j].mean()
        order = _best_order(_own_gram(series, max_order), max_order)
        gram = _own_gram(series, order)
        size = factor(gram, order + 2)
        solution = np.zeros(order + 2)
        for i in range(size - 1, -1, -1):
            value = gram[i, order + 2]
            for h in range(i + 1, size):
                value -= gram[i, h] * solution[h]
            solution[i] = value / gram[i, i]
        for t in range(order, n):
            value = series[t] - solution[0] - solution[1] * (t - order)
            for i in range(1, order + 1):
                value -= solution[i + 1] * series[t - i]
            out[j, t] = value
    return out


@compiled
def lag_moments(
    news: FloatArray,
    y: FloatArray,
    start: int,
    own: int,
    root: FloatArray,
    along: FloatArray,
    L: int,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Products of a metric's lags 0..L with the response, the nuisance and among themselves.

    Parameters
    ----------
    news : ndarray, shape (n_obs,)
        Zero where unknown.
    y : ndarray, shape (n_obs,)
        Target, complete.
    start : int
        First row; the sample is ``start..n_obs-1``.
    own : int, periods
        Number of own lags among the nuisance [1, time, y[t-1], …, y[t-own]].
    root : ndarray, shape (own + 2, own + 2)
        Inverse of the upper triangular factor of the nuisance.
    along : ndarray, shape (own + 2,)
        The response in the orthonormal basis of the nuisance.
    L : int, periods

    Returns
    -------
    along_y : ndarray, shape (L + 1,)
        Product of each lag with the response, nuisance taken out.
    gram : ndarray, shape (L + 1, L + 1)
        Among lags, nuisance taken out.
    plain : ndarray, shape (L + 1, L + 1)
        Among lags as they are.
    basis : ndarray, shape (L + 1, own + 2)
        Of each lag with the orthonormal basis of the nuisance.

    Examples
    --------
    >>> news = np.random.default_rng(0).standard_normal(50)
    >>> root = np.linalg.inv(np.linalg.qr(np.column_stack([np.ones(47), np.arange(47.0)]))[1])
    >>> lag_moments(news, news, 3, 0, root, np.zeros(2), 2)[2].shape
    (3, 3)
    """
    n, width = y.size, own + 2
    pad = L + 1
    e = np.zeros(n + pad)
    e[pad:] = news
    first, last = pad + start - 1, pad + n - 1
    plain = np.empty((L + 1, L + 1))
    plain[0] = _back_products(e, e, pad + start, L)
    for i in range(L):
        for j in range(i, L):
            plain[i + 1, j + 1] = (
                plain[i, j] + e[first - i] * e[first - j] - e[last - i] * e[last - j]
            )
    # with_y[k, i] is the product of lag k of the metric with lag i of the target.
    shifted = np.zeros(n + pad)
    shifted[pad:] = y
    with_y = np.empty((L + 1, own + 1))
    with_y[:, 0] = _back_products(shifted, e, pad + start, L)
    if own:
        with_y[0] = _back_products(e, shifted, pad + start, own)
    for k in range(L):
        for i in range(own):
            with_y[k + 1, i + 1] = (
                with_y[k, i] + e[first - k] * shifted[first - i] - e[last - k] * shifted[last - i]
            )
    rows = n - start
    total, moment = 0.0, 0.0
    for t in range(rows):
        total += news[start + t]
        moment += t * news[start + t]
    lags = np.empty((L + 1, width))
    for k in range(L + 1):
        lags[k, 0], lags[k, 1] = total, moment
        lags[k, 2:] = with_y[k, 1:]
        moment += total - rows * e[last - k]
        total += e[first - k] - e[last - k]
    basis = np.empty((L + 1, width))
    along_y = np.empty(L + 1)
    for k in range(L + 1):
        value = with_y[k, 0]
        for i in range(width):
            part = 0.0
            for h in range(i + 1):
                part += root[h, i] * lags[k, h]
            basis[k, i] = part
            value -= part * along[i]
        along_y[k] = value
    gram = np.empty((L + 1, L + 1))
    for i in range(L + 1):
        for j in range(i, L + 1):
            value = plain[i, j]
            for h in range(width):
                value -= basis[i, h] * basis[j, h]
            gram[i, j] = value
            gram[j, i] = value
            plain[j, i] = plain[i, j]
    return along_y, gram, plain, basis
