"""How large a correlation two unrelated series show, given their own memories."""

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, unit_size

__all__ = ["autocorrelation", "bartlett_band"]

_Z95 = 1.959963984540054


def autocorrelation(x: FloatArray, *, max_lag: int) -> FloatArray:
    """Autocorrelations of a series with gaps, at lags 0..max_lag.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        NaN where missing.
    max_lag : int, periods

    Returns
    -------
    ndarray, shape (max_lag + 1,)
        Products over the pairs that exist, scaled so that the sequence shrinks as it does without
        gaps.

    Examples
    --------
    >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), max_lag=1)
    array([ 1.  , -0.75])
    """
    present = np.isfinite(x)
    # A scale changes no autocorrelation, and squares of a large one overflow.
    x = unit_size(x)
    centred = np.where(present, x - x[present].mean(), 0.0)
    size = 1 << int(2 * x.size - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    pairs = np.abs(np.fft.rfft(present.astype(float), size)) ** 2
    product = np.fft.irfft(power, size)[: max_lag + 1]
    count = np.maximum(np.fft.irfft(pairs, size)[: max_lag + 1].round(), 1.0)
    shrink = (x.size - np.arange(max_lag + 1)) / x.size
    variance = product[0] / count[0]
    if variance <= 0:
        return np.concatenate([[1.0], np.zeros(max_lag)])
    return np.asarray(product / count * shrink / variance)


def bartlett_band(x: FloatArray, y: FloatArray, n_obs: IntArray) -> FloatArray:
    """Half width of the pointwise 95 % band of the correlation of two unrelated series.

    Parameters
    ----------
    x, y : ndarray, shape (n_obs,)
        Stationary series; NaN where missing.
    n_obs : ndarray of int, shape (n_lags,)
        Pairs at each lag.

    Returns
    -------
    ndarray, shape (n_lags,)
        At most 1.

    Notes
    -----
    ``Var r(k) = sum_j rho_x(j) rho_y(j) / n_obs(k)`` (Bartlett 1935), the sum over
    ``|j| <= min(n / 4, 10 log10 n * 4)``: farther autocorrelations are mostly noise. The band of
    white noise, 1.96 / sqrt(n), is right for white noise alone.

    References
    ----------
    Bartlett, M. S. (1935). Some aspects of the time-correlation problem in regard to tests of
    significance. *JRSS* 98, 536–543.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.standard_normal((2, 400))
    >>> band = bartlett_band(x, y, np.array([400]))
    >>> 0.08 < float(band[0]) < 0.12
    True
    """
    reach = int(max(1, min(x.size / 4, 40 * np.log10(x.size))))
    product = autocorrelation(x, max_lag=reach) * autocorrelation(y, max_lag=reach)
    # Independent series can't beat white noise by their memories: the sum is kept at 1 or above.
    inflation = max(1.0, float(1 + 2 * product[1:].sum()))
    return np.minimum(1.0, _Z95 * np.sqrt(inflation / np.maximum(n_obs, 1)))
