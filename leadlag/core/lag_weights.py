"""The weights of all states of many metrics, in compiled passes around NumPy's logarithms.

NumPy's log and exp work on whole vectors; a compiled loop would call one at a time, and plain array
expressions pass over dozens of temporaries. Importing this module loads numba;
:mod:`leadlag.core.lag_states` does so when it is called. The slow twin is one dense density a state
in the tests.
"""

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.jit import compiled

__all__ = ["state_weights"]

# A share of the response's square: rounding must not make it one, nor less than nothing.
_MOST = 1.0 - 1e-15


def state_weights(
    total: FloatArray,
    df: FloatArray,
    n_rows: FloatArray,
    same: FloatArray,
    by_kernel: FloatArray,
    lead_sizes: FloatArray,
    same_sizes: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights of the states, up to one factor for each metric.

    Parameters
    ----------
    total, df, n_rows : ndarray, shape (n_metrics,)
        See :class:`leadlag.core.lag_states.StateMoments`.
    same : ndarray, shape (n_metrics, n_forms, 3)
        Of the same period: product with the response, square, square with the nuisance left in.
    by_kernel : ndarray, shape (n_metrics, n_forms, 4, n_kernels)
        The same three of each kernel, and its product with the same period.
    lead_sizes, same_sizes : ndarray
        Prior variances of the effects.

    Returns
    -------
    leads : ndarray, shape (n_metrics, n_kernels)
        Of each kernel, the mean over forms and sizes; with and without the same period, added up.
    alone, nothing : ndarray, shape (n_metrics,)
        Of the same period alone, and of no effect.

    Examples
    --------
    >>> one = np.ones(1)
    >>> by_kernel = np.array([50.0, 100.0, 100.0, 0.0]).reshape(1, 1, 4, 1)
    >>> leads, alone, nothing = state_weights(
    ...     100 * one, 100 * one, 100 * one, np.array([[[0.0, 100.0, 100.0]]]), by_kernel,
    ...     np.array([0.6]), np.array([1.0]),
    ... )
    >>> bool(leads[0, 0] > 100 * nothing[0]), bool(alone[0] < nothing[0])
    (True, True)
    """
    p, forms, _, count = by_kernel.shape
    states = 1 + same_sizes.size
    grow = np.empty((p, forms, states, lead_sizes.size, count))
    left = np.empty_like(grow)
    log_same = np.empty((p, forms, same_sizes.size))
    _fill(
        total, df, n_rows, same, by_kernel, lead_sizes, same_sizes, grow, left, log_same
    )  # fmt: skip
    np.log(grow, out=grow)
    np.log(left, out=left)
    top = _combine(df, log_same, grow, left)
    np.exp(grow, out=grow)
    return _added(grow, np.exp(log_same - top[:, None, None]), np.exp(-top))


@compiled
def _fill(
    total: FloatArray,
    df: FloatArray,
    n_rows: FloatArray,
    same: FloatArray,
    by_kernel: FloatArray,
    lead_sizes: FloatArray,
    same_sizes: FloatArray,
    grow: FloatArray,
    left: FloatArray,
    log_same: FloatArray,
) -> None:
    """What is to be logged: growth of the response's covariance, share that is left of it."""
    for j in range(by_kernel.shape[0]):
        for f in range(by_kernel.shape[1]):
            along, size, plain, across = by_kernel[j, f]
            same_scale = n_rows[j] / same[j, f, 2] if same[j, f, 2] > 0 else 0.0
            for state in range(1 + same_sizes.size):
                shrink, taken = 0.0, 0.0
                if state > 0:
                    grow0 = 1.0 + same_sizes[state - 1] * same_scale * same[j, f, 1]
                    shrink = same_sizes[state - 1] * same_scale / grow0
                    taken = min(max(shrink * same[j, f, 0] ** 2 / total[j], 0.0), _MOST)
                    log_same[j, f, state - 1] = -0.5 * (np.log(grow0) + df[j] * np.log1p(-taken))
                rest = total[j] * (1.0 - taken)
                pull = shrink * same[j, f, 0]
                for s in range(lead_sizes.size):
                    wide = lead_sizes[s] * n_rows[j]
                    for k in range(along.size):
                        scale = wide / plain[k] if plain[k] > 0 else 0.0
                        # Given lag 0, the kernel's moments are those without what it takes of them.
                        product = along[k] - pull * across[k]
                        square = size[k] - shrink * across[k] * across[k]
                        spread = 1.0 + scale * square
                        share = scale * product * product / (spread * rest)
                        grow[j, f, state, s, k] = spread
                        left[j, f, state, s, k] = 1.0 - min(max(share, 0.0), _MOST)


@compiled
def _combine(
    df: FloatArray, log_same: FloatArray, grow: FloatArray, left: FloatArray
) -> FloatArray:
    """Log weights into `grow`, less the largest of each metric, which is returned."""
    tops = np.zeros(grow.shape[0])
    for j in range(grow.shape[0]):
        top = 0.0
        for f in range(grow.shape[1]):
            for state in range(grow.shape[2]):
                base = 0.0
                if state > 0:
                    base = log_same[j, f, state - 1]
                    top = max(top, base)
                for s in range(grow.shape[3]):
                    for k in range(grow.shape[4]):
                        value = base - 0.5 * (
                            grow[j, f, state, s, k] + df[j] * left[j, f, state, s, k]
                        )
                        grow[j, f, state, s, k] = value
                        top = max(top, value)
        for f in range(grow.shape[1]):
            for state in range(grow.shape[2]):
                for s in range(grow.shape[3]):
                    for k in range(grow.shape[4]):
                        grow[j, f, state, s, k] -= top
        tops[j] = top
    return tops


@compiled
def _added(
    weight: FloatArray, same: FloatArray, nothing: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    p, forms, states, sizes, count = weight.shape
    leads, alone = np.zeros((p, count)), np.zeros(p)
    for j in range(p):
        for f in range(forms):
            for state in range(states):
                share = 1.0 / (forms * sizes * (1 if state == 0 else states - 1))
                for s in range(sizes):
                    for k in range(count):
                        leads[j, k] += share * weight[j, f, state, s, k]
            for state in range(states - 1):
                alone[j] += same[j, f, state] / (forms * (states - 1))
    return leads, alone, nothing
