"""Moments of every kernel for many metrics, compiled, from products of lags.

Fades are sums over all later lags: each follows from the next in one step, so that all kernels cost
no more than the lags themselves. Importing this module loads numba;
:mod:`leadlag.core.lag_sample` does so when it is called.
"""

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.jit import compiled
from leadlag.core.lag_sums import factor, lag_moments

__all__ = ["kernel_products", "kernel_squares", "lead_sums", "noise_filter"]


@compiled
def noise_filter(
    along_y: FloatArray,
    gram: FloatArray,
    basis: FloatArray,
    root: FloatArray,
    along: FloatArray,
    last: int,
) -> FloatArray:
    """The target's own lags beside lags 0..last of a metric, by least squares.

    Parameters
    ----------
    along_y, gram, basis : ndarray
        From :func:`lag_moments`.
    root, along : ndarray
        As :func:`lag_moments` takes them.
    last : int, periods

    Returns
    -------
    ndarray, shape (own,)

    Examples
    --------
    >>> one = np.ones(1)
    >>> noise_filter(one, np.eye(1), np.array([[0.0, 0.0, 0.5]]), np.eye(3), np.zeros(3), 0)
    array([-0.5])
    """
    size = last + 1
    side = np.empty((size + 1, size + 1))
    side[:size, :size] = gram[:size, :size]
    side[:size, size] = along_y[:size]
    kept = factor(side, size)
    slope = np.zeros(size)
    for i in range(kept - 1, -1, -1):
        value = side[i, size]
        for h in range(i + 1, kept):
            value -= side[i, h] * slope[h]
        slope[i] = value / side[i, i]
    left = along.copy()
    for k in range(size):
        for i in range(left.size):
            left[i] -= slope[k] * basis[k, i]
    own = np.zeros(left.size - 2)
    for i in range(own.size):
        for h in range(i + 2, left.size):
            own[i] += root[i + 2, h] * left[h]
    return own


@compiled
def _filtered(x: FloatArray, phi: FloatArray, L: int) -> FloatArray:
    """Products of lags 0..L of the filtered metric, from those of the metric; first axis."""
    out = x[: L + 1].copy()
    for h in range(phi.size):
        out -= phi[h] * x[h + 1 : h + L + 2]
    return out


@compiled
def _filtered_gram(gram: FloatArray, phi: FloatArray, L: int) -> FloatArray:
    rows = _filtered(gram, phi, L)
    return _filtered(np.ascontiguousarray(rows.T), phi, L)


@compiled
def kernel_products(products: FloatArray, decays: FloatArray) -> FloatArray:
    """Product of each kernel with what lags 0..L have these products with.

    Parameters
    ----------
    products : ndarray, shape (L + 1,)
    decays : ndarray, shape (n_decays,)
        Of the geometric fades.

    Returns
    -------
    ndarray, shape ((2 + n_decays) * L,)
        For each lag from 1 on: a spike, a bell, and each fade. A fade that begins one lag earlier
        is a spike and the fade itself.

    Examples
    --------
    >>> kernel_products(np.array([9.0, 1.0, 2.0]), np.array([0.5]))
    array([1. , 2. , 2. , 2. , 2.5, 2. ])
    """
    L, per_lag = products.size - 1, 2 + decays.size
    out = np.empty(per_lag * L)
    for k in range(L, 0, -1):
        at = per_lag * (k - 1)
        before = products[k - 1] if k > 1 else 0.0
        behind = products[k + 1] if k < L else 0.0
        out[at] = products[k]
        out[at + 1] = products[k] + 0.5 * (before + behind)
        for d in range(decays.size):
            rest = out[at + per_lag + 2 + d] if k < L else 0.0
            out[at + 2 + d] = products[k] + decays[d] * rest
    return out


@compiled
def kernel_squares(gram: FloatArray, decays: FloatArray) -> FloatArray:
    """Quadratic form ``h' gram h`` of each kernel.

    Parameters
    ----------
    gram : ndarray, shape (L + 1, L + 1)
        Symmetric.
    decays : ndarray, shape (n_decays,)
        As :func:`kernel_products` takes them.

    Returns
    -------
    ndarray, shape ((2 + n_decays) * L,)

    Examples
    --------
    >>> kernel_squares(np.eye(3), np.array([0.5]))
    array([1.  , 1.25, 1.25, 1.  , 1.25, 1.  ])
    """
    L, per_lag = gram.shape[0] - 1, 2 + decays.size
    out = np.empty(per_lag * L)
    for k in range(L, 0, -1):
        at = per_lag * (k - 1)
        out[at] = gram[k, k]
        bell = gram[k, k]
        if k > 1:
            bell += gram[k - 1, k] + 0.25 * gram[k - 1, k - 1]
        if k < L:
            bell += gram[k, k + 1] + 0.25 * gram[k + 1, k + 1]
        if 1 < k < L:
            bell += 0.5 * gram[k - 1, k + 1]
        out[at + 1] = bell
    # What a fade that begins behind lag k has to do with lag k, for all k side by side.
    rest = np.empty(L + 1)
    for d in range(decays.size):
        fade = decays[d]
        rest[:] = 0.0
        for j in range(L, 0, -1):
            for k in range(j):
                rest[k] = gram[j, k] + fade * rest[k]
        square = 0.0
        for k in range(L, 0, -1):
            square = gram[k, k] + 2 * fade * rest[k] + fade * fade * square
            out[per_lag * (k - 1) + 2 + d] = square
    return out


@compiled
def lead_sums(
    news: FloatArray,
    y: FloatArray,
    start: int,
    own: int,
    root: FloatArray,
    along: FloatArray,
    L: int,
    last: int,
    decays: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Moments of many metrics under every kernel, metric by metric.

    Parameters
    ----------
    news : ndarray, shape (n_metrics, n_obs)
    y, start, own, root, along, L
        As :func:`lag_moments` takes them.
    last : int, periods
        As :func:`noise_filter` takes it.
    decays : ndarray, shape (n_decays,)
        As :func:`kernel_products` takes them.

    Returns
    -------
    by_kernel : ndarray, shape (n_metrics, n_forms, 4, n_kernels)
        Product with the response, square, square with the nuisance left in, product with lag 0; for
        the metric as it is and, where the target has own lags, behind the filter of the noise.
    same : ndarray, shape (n_metrics, n_forms, 3)
        The first three of lag 0.

    Examples
    --------
    >>> news = np.random.default_rng(0).standard_normal((2, 50))
    >>> root = np.linalg.inv(np.linalg.qr(np.column_stack([np.ones(47), np.arange(47.0)]))[1])
    >>> lead_sums(news, news[0], 3, 0, root, np.zeros(2), 2, 2, np.array([0.5]))[0].shape
    (2, 1, 4, 6)
    """
    count, forms = (2 + decays.size) * L, 2 if own else 1
    by_kernel = np.empty((news.shape[0], forms, 4, count))
    same = np.empty((news.shape[0], forms, 3))
    for j in range(news.shape[0]):
        along_y, gram, plain, basis = lag_moments(news[j], y, start, own, root, along, L + own)
        for form in range(forms):
            if form == 0:
                # Copies: both branches must give arrays of one kind.
                product, square = along_y[: L + 1].copy(), gram[: L + 1, : L + 1].copy()
                bare = plain[: L + 1, : L + 1].copy()
            else:
                phi = noise_filter(along_y, gram, basis, root, along, last)
                product = _filtered(along_y, phi, L)
                square, bare = _filtered_gram(gram, phi, L), _filtered_gram(plain, phi, L)
            by_kernel[j, form, 0] = kernel_products(product, decays)
            by_kernel[j, form, 1] = kernel_squares(square, decays)
            by_kernel[j, form, 2] = kernel_squares(bare, decays)
            by_kernel[j, form, 3] = kernel_products(square[0], decays)
            same[j, form, 0], same[j, form, 1], same[j, form, 2] = (
                product[0],
                square[0, 0],
                bare[0, 0],
            )
    return by_kernel, same
