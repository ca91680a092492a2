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
# A response may go on for as long again behind the largest lag of its peak, where the rows allow
# it: cut at that lag, slow effects looked early.
_REACH = 2


@dataclass(frozen=True, eq=False)
class LagPosterior:
    """Posterior of the lag, given that the metric leads.

    Attributes
    ----------
    probability : ndarray, shape (max_lag,)
        Of lags 1..max_lag being the lag of the largest response; adds up to 1.
    response : ndarray, shape (reach,)
        Posterior mean of the response at lags 1..reach: it may go on behind `max_lag`.
    lag, low, high : int, periods
        Most probable lag and its central 90 % interval, widened where needed to hold it.
    onset : int, periods
        First lag at which the cumulated absolute response reaches 10 %.
    total, total_sd, weight : ndarray, shape (n_kernels,)
        Mean and standard deviation of the response summed over lags 1..max_lag under each kernel,
        and the kernel's posterior probability. A mixture: intervals average over the lag.
    form : int
        The more probable form of the metric: 0 as given, 1 the first alternative.
    log_odds : float
        Log Bayes factor of "some kernel at lags 1..max_lag" against "the same period alone".
    noise_now, metric_now : ndarray, shape (n_obs,)
        The two sides of the filtered regression along the mean response, in noise units; NaN
        outside it. The response as it was where it acted, throughout: not times the pattern.
    """

    probability: FloatArray
    response: FloatArray
    lag: int
    low: int
    high: int
    onset: int
    total: FloatArray
    total_sd: FloatArray
    weight: FloatArray
    form: int
    log_odds: float
    noise_now: FloatArray
    metric_now: FloatArray


def transfer_posterior(
    target: Autoregression,
    metric: Autoregression,
    alternatives: tuple[tuple[FloatArray, FloatArray | None], ...] = (),
    *,
    max_order: int,
    max_lag: int,
    pattern: FloatArray | None = None,
) -> LagPosterior:
    """Posterior over lags 1..max_lag from a dictionary of kernels and AR noise.

    Parameters
    ----------
    target, metric : Autoregression
        Both sides, prepared on the same calendar.
    alternatives : tuple of pairs of ndarray, each of shape (n_obs,)
        Further forms of the metric, where the two sides were not differenced alike; the marginal
        likelihood weighs them. Each with its partner of the same period; None: the form itself.
    max_order : int, periods
        Largest order of the noise model.
    max_lag : int, periods
    pattern : ndarray, shape (n_obs,), optional
        What the response does over time, by which it is multiplied; steady by default.

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
    # Rows before the metric's first value have no past to show a long response.
    reach = max(max_lag, min(_REACH * max_lag, target.series.size // 4))
    kernels = delay_kernels(max_lag, reach)
    rows = _rows(target, metric, max_lag)
    terms = target.terms
    y = np.nan_to_num(_without(terms, target.series, np.isfinite(target.series)))
    forms = [_form(x, terms, reach) for x in (metric.series, *(x for x, _ in alternatives))]
    partners = [form[:, :1] for form in forms]
    for i, (_, partner) in enumerate(alternatives, start=1):
        if partner is not None:
            partners[i] = np.nan_to_num(partner)[:, None]
    steady = forms
    if pattern is not None:
        forms = [np.column_stack([form[:, :1], form[:, 1:] * pattern[:, None]]) for form in forms]
    noise = np.where(rows, y, np.nan)
    for _ in range(_ROUNDS):
        fit = autoregress(noise, np.ones((y.size, 1)), max_order=max_order, difference=False)
        used = rows.copy()
        used[: int(np.argmax(rows)) + fit.order] = False
        scale = local_scale(np.where(used, fit.innovations, np.nan))[used]
        response = _filter(y, fit.coefficients)
        sides = []
        for form, same in zip(forms, partners, strict=True):
            nuisance = np.hstack([terms, _filter(same, fit.coefficients)])[used] / scale[:, None]
            lags = _filter(form[:, 1:], fit.coefficients)[used] / scale[:, None]
            sides.append(_Side.of(response[used] / scale, lags, nuisance, lost=fit.order))
        scored = [side.score(kernels.shapes) for side in sides]
        log_weight = np.array([s.log_evidence + kernels.log_prior for s in scored])
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        means = [(w * s.slope) @ kernels.shapes for w, s in zip(weight, scored, strict=True)]
        fitted = np.zeros(y.size)
        for form, mean in zip(forms, means, strict=True):
            fitted += form[:, 1:] @ mean
        same = partners[int(weight.sum(axis=1).argmax())]
        left = (response - _filter(fitted, fit.coefficients))[used]
        partner = _filter(same, fit.coefficients)[used, 0]
        size = float(partner @ partner)
        slope_now = float(partner @ left) / size if size > 0 else 0.0
        noise = np.where(rows, y - fitted - slope_now * same[:, 0], np.nan)
    best = int(weight.sum(axis=1).argmax())
    by_peak = np.bincount(kernels.peak, weights=weight.sum(axis=0), minlength=max_lag + 1)
    probability = np.asarray(by_peak[1:], dtype=np.float64)
    share = weight[best] / weight[best].sum()
    mean = means[best] / weight[best].sum()
    lag, low, high = _interval(probability)
    size_of_response = np.cumsum(np.abs(mean))
    in_window = kernels.shapes[:, :max_lag].sum(axis=1)
    noise_now, metric_now = np.full((2, y.size), np.nan)
    noise_now[used] = sides[best].response
    along = _filter(steady[best][:, 1:] @ mean, fit.coefficients)[used] / scale
    metric_now[used] = along - sides[best].basis @ (sides[best].basis.T @ along)
    return LagPosterior(
        probability=probability,
        response=mean,
        lag=lag,
        low=low,
        high=high,
        onset=min(lag, 1 + int(np.argmax(size_of_response >= 0.1 * size_of_response[-1]))),
        total=scored[best].slope * in_window,
        total_sd=scored[best].slope_sd * in_window,
        weight=share,
        form=best,
        log_odds=_log_sum(log_weight - np.log(len(sides))) - sides[0].log_nothing(),
        noise_now=noise_now,
        metric_now=metric_now,
    )


def _log_sum(values: FloatArray) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))


def _interval(probability: FloatArray) -> tuple[int, int, int]:
    """Most probable lag and its central interval, widened where needed to hold it."""
    lag = 1 + int(probability.argmax())
    cumulated = np.cumsum(probability)
    tail = (1 - _LEVEL) / 2
    low = 1 + int(np.searchsorted(cumulated, tail))
    high = 1 + int(np.searchsorted(cumulated, 1 - tail - 1e-12))
    return lag, min(low, lag), max(min(high, probability.size), lag)


def _rows(target: Autoregression, metric: Autoregression, max_lag: int) -> BoolArray:
    known = np.flatnonzero(metric.observed)
    calendar = np.arange(target.series.size)
    # The first lags of a metric are unknown; a fifth of the rows is the most they may cost.
    start = known[0] + min(max_lag, target.series.size // 5)
    return np.asarray(target.observed & (calendar >= start) & (calendar <= known[-1] + max_lag))


def _without(terms: FloatArray, x: FloatArray, rows: BoolArray) -> FloatArray:
    solution = np.linalg.lstsq(terms[rows], x[rows], rcond=None)[0]
    return np.asarray(x - terms @ solution)


def _form(x: FloatArray, terms: FloatArray, reach: int) -> FloatArray:
    """Lags 0..reach of the metric without its fixed terms; zero before its first value."""
    present = np.isfinite(x)
    x = np.where(present, _without(terms, x, present), 0.0)
    return np.nan_to_num(lagged_matrix(x, np.arange(reach + 1)))


def _filter(x: FloatArray, coefficients: FloatArray) -> FloatArray:
    """The noise model's filter phi(B) along the first axis."""
    out = x.copy()
    for i, coefficient in enumerate(coefficients, start=1):
        out[i:] -= coefficient * x[:-i]
    return out


@dataclass(frozen=True, eq=False)
class _Scored:
    """Every kernel's evidence and effect."""

    log_evidence: FloatArray
    slope: FloatArray
    slope_sd: FloatArray


@dataclass(frozen=True, eq=False)
class _Side:
    """The filtered regression on one form of the metric, nuisance taken out."""

    response: FloatArray
    lags: FloatArray
    basis: FloatArray
    df: int

    @classmethod
    def of(
        cls, response: FloatArray, lags: FloatArray, nuisance: FloatArray, *, lost: int
    ) -> "_Side":
        basis = orthonormal(nuisance)
        return cls(
            response=response - basis @ (basis.T @ response),
            lags=lags - basis @ (basis.T @ lags),
            basis=basis,
            df=max(response.size - basis.shape[1] - lost, 2),
        )

    def log_nothing(self) -> float:
        """Log marginal likelihood without any kernel, on the scale of `score`."""
        return -0.5 * self.df * float(np.log(max(float(self.response @ self.response), 1e-300)))

    def score(self, shapes: FloatArray) -> _Scored:
        """Log marginal likelihood, effect and its standard deviation under every kernel."""
        y, df = self.response, self.df
        total = max(float(y @ y), 1e-300)
        along = shapes @ (self.lags.T @ y)
        size = np.einsum("kl,kl->k", shapes @ (self.lags.T @ self.lags), shapes)
        usable = size > 1e-10 * max(float(size.max()), 1e-300)
        size = np.where(usable, size, 1.0)
        r2 = np.where(usable, along**2 / (size * total), 0.0).clip(0.0, 1 - 1e-12)
        score = np.full(len(shapes), -np.inf)
        for g in _SIGNAL_TO_NOISE:
            shrunk = np.log1p(-r2 * g / (1 + g))
            score = np.logaddexp(score, -0.5 * np.log1p(g) - 0.5 * df * shrunk)
        score -= np.log(len(_SIGNAL_TO_NOISE))
        return _Scored(
            log_evidence=score - 0.5 * df * np.log(total),
            slope=np.where(usable, along / size, 0.0),
            slope_sd=np.where(usable, np.sqrt(total * (1 - r2) / (df - 1) / size), 0.0),
        )
