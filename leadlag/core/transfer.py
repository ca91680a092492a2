"""How long is the lead? A posterior over the lag of the largest response, in closed form.

The target is a delay kernel applied to the metric plus autoregressive noise of its own (a transfer
function). Own lags of the target would answer another question: they already tell the rest of a
spread-out effect once its beginning was seen, and pull the lag forward.
"""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.autoregression import Autoregression, autoregress, orthonormal
from leadlag.core.kernels import delay_kernels
from leadlag.core.lags import lagged_matrix
from leadlag.core.scale import local_scale

__all__ = ["LagPosterior", "transfer_posterior"]

# Prior variance of an effect in units of its sampling variance: a mixture from barely visible to
# overwhelming, so that no single guess of the effect's size decides.
_SIGNAL_TO_NOISE = (4.0, 16.0, 64.0, 256.0, 1024.0)
# Noise model and kernel in turn; from the third round on the posterior stays put.
_ROUNDS = 3
_LEVEL = 0.90


@dataclass(frozen=True, eq=False)
class LagPosterior:
    """Posterior of the lag, given that the metric leads.

    Attributes
    ----------
    probability : ndarray, shape (max_lag,)
        Of lags 1..max_lag being the lag of the largest response; adds up to 1.
    response : ndarray, shape (max_lag,)
        Posterior mean of the response at lags 1..max_lag.
    lag, low, high : int, periods
        Most probable lag and its central 90 % interval, widened where needed to hold it.
    onset : int, periods
        First lag at which the cumulated absolute response reaches 10 %.
    """

    probability: FloatArray
    response: FloatArray
    lag: int
    low: int
    high: int
    onset: int


def transfer_posterior(
    target: Autoregression,
    metric: Autoregression,
    alternatives: tuple[FloatArray, ...] = (),
    *,
    max_order: int,
    max_lag: int,
) -> LagPosterior:
    """Posterior over lags 1..max_lag from a dictionary of kernels and AR noise.

    Parameters
    ----------
    target, metric : Autoregression
        Both sides, prepared on the same calendar.
    alternatives : tuple of ndarray, each of shape (n_obs,)
        Further forms of the metric (its level beside its difference, or the reverse), where the
        two sides were not differenced alike; the marginal likelihood weighs them.
    max_order : int, periods
        Largest order of the noise model.
    max_lag : int, periods

    Returns
    -------
    LagPosterior

    Notes
    -----
    For kernel h with filtered regressor f = phi(B) sum_k h_k x[t - k] the marginal likelihood
    under Zellner's g prior is ``(1 + g)^(-1/2) (1 - R^2 g / (1 + g))^(-df / 2)``, averaged over a
    grid of g. The same-period response is a free nuisance.

    References
    ----------
    Box, G. E. P., Jenkins, G. M. and Reinsel, G. C. (2008). *Time Series Analysis*, 4th ed.,
    chapter 12. Liang, F. et al. (2008). Mixtures of g priors for Bayesian variable selection.
    *JASA* 103, 410–423.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(300)
    >>> y = np.convolve(x, [0, 0, 0, 1.0, 0.6, 0.36])[:300] + rng.standard_normal(300)
    >>> one = np.ones((300, 1))
    >>> target = autoregress(y, one, max_order=8, difference=False)
    >>> metric = autoregress(x, one, max_order=8, difference=False)
    >>> fit = transfer_posterior(target, metric, max_order=8, max_lag=10)
    >>> fit.low, fit.lag, fit.high, fit.onset
    (3, 3, 3, 3)
    """
    kernels = delay_kernels(max_lag)
    rows = _rows(target, metric, max_lag)
    terms = target.terms
    y = np.nan_to_num(_without(terms, target.series, np.isfinite(target.series)))
    mixed = len(alternatives) > 0
    forms = [_form(x, terms, max_lag) for x in (metric.series, *alternatives)]
    shock = np.nan_to_num(metric.innovations)[:, None]
    noise = np.where(rows, y, np.nan)
    weight = effect = np.zeros((len(forms), 0))
    for _ in range(_ROUNDS):
        fit = autoregress(noise, np.ones((y.size, 1)), max_order=max_order, difference=False)
        used = rows.copy()
        used[: int(np.argmax(rows)) + fit.order] = False
        scale = local_scale(np.where(used, fit.innovations, np.nan))[used]
        filtered = [_filter(form, fit.coefficients) for form in forms]
        response = _filter(y, fit.coefficients)
        scores, slopes = [], []
        for form in filtered:
            # Where the metric's level meets the target's change, the same-period partner of a
            # level would turn every kernel into a contrast; its surprise does not.
            now = shock if mixed else form[:, :1]
            nuisance = np.hstack([terms, now])[used] / scale[:, None]
            score, slope = _scores(
                response[used] / scale,
                form[used, 1:] / scale[:, None],
                nuisance,
                kernels.shapes,
                lost=fit.order,
            )
            scores.append(score + kernels.log_prior)
            slopes.append(slope)
        log_weight = np.array(scores)
        effect = np.array(slopes)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        fitted = np.zeros(y.size)
        for form, w, b in zip(forms, weight, effect, strict=True):
            mean = (w * b) @ kernels.shapes
            fitted += form[:, 1:] @ mean
        same = shock if mixed else forms[0][:, :1]
        left = (response - _filter(fitted, fit.coefficients))[used]
        same_filtered = (same if mixed else filtered[0][:, :1])[used, 0]
        size = float(same_filtered @ same_filtered)
        slope_now = float(same_filtered @ left) / size if size > 0 else 0.0
        noise = np.where(rows, y - fitted - slope_now * same[:, 0], np.nan)
    best = int(weight.sum(axis=1).argmax())
    by_peak = np.bincount(kernels.peak, weights=weight.sum(axis=0), minlength=max_lag + 1)
    probability = np.asarray(by_peak[1:], dtype=np.float64)
    mean = (weight[best] * effect[best]) @ kernels.shapes / weight[best].sum()
    return _summary(probability, mean)


def _summary(probability: FloatArray, response: FloatArray) -> LagPosterior:
    lag = 1 + int(probability.argmax())
    cumulated = np.cumsum(probability)
    tail = (1 - _LEVEL) / 2
    low = 1 + int(np.searchsorted(cumulated, tail))
    high = 1 + int(np.searchsorted(cumulated, 1 - tail - 1e-12))
    size = np.cumsum(np.abs(response))
    return LagPosterior(
        probability=probability,
        response=response,
        lag=lag,
        low=min(low, lag),
        high=max(min(high, probability.size), lag),
        onset=1 + int(np.argmax(size >= 0.1 * size[-1])),
    )


def _rows(target: Autoregression, metric: Autoregression, max_lag: int) -> BoolArray:
    known = np.flatnonzero(metric.observed)
    calendar = np.arange(target.series.size)
    # The first lags of a metric are unknown; a fifth of the rows is the most they may cost.
    start = known[0] + min(max_lag, target.series.size // 5)
    return np.asarray(target.observed & (calendar >= start) & (calendar <= known[-1] + max_lag))


def _without(terms: FloatArray, x: FloatArray, rows: BoolArray) -> FloatArray:
    solution = np.linalg.lstsq(terms[rows], x[rows], rcond=None)[0]
    return np.asarray(x - terms @ solution)


def _form(x: FloatArray, terms: FloatArray, max_lag: int) -> FloatArray:
    """Lags 0..max_lag of the metric without its fixed terms; zero before its first value."""
    present = np.isfinite(x)
    x = np.where(present, _without(terms, x, present), 0.0)
    return np.nan_to_num(lagged_matrix(x, np.arange(max_lag + 1)))


def _filter(x: FloatArray, coefficients: FloatArray) -> FloatArray:
    """The noise model's filter phi(B) along the first axis."""
    out = x.copy()
    for i, coefficient in enumerate(coefficients, start=1):
        out[i:] -= coefficient * x[:-i]
    return out


def _scores(
    y: FloatArray, lags: FloatArray, nuisance: FloatArray, shapes: FloatArray, *, lost: int
) -> tuple[FloatArray, FloatArray]:
    """Log marginal likelihood and effect of every kernel."""
    basis = orthonormal(nuisance)
    y = y - basis @ (basis.T @ y)
    lags = lags - basis @ (basis.T @ lags)
    total = float(y @ y)
    df = max(y.size - basis.shape[1] - lost, 1)
    along = shapes @ (lags.T @ y)
    size = np.einsum("kl,kl->k", shapes @ (lags.T @ lags), shapes)
    usable = size > 1e-10 * max(float(size.max()), 1e-300)
    size = np.where(usable, size, 1.0)
    r2 = np.where(usable, along**2 / (size * max(total, 1e-300)), 0.0).clip(0.0, 1 - 1e-12)
    score = np.full(len(shapes), -np.inf)
    for g in _SIGNAL_TO_NOISE:
        score = np.logaddexp(score, -0.5 * np.log1p(g) - 0.5 * df * np.log1p(-r2 * g / (1 + g)))
    return score - 0.5 * df * np.log(max(total, 1e-300)), np.where(usable, along / size, 0.0)
