"""`experiments`: would moving a proxy have moved the target? What past experiments say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from leadlag.core.proxies import corrected_correlation, proxy_posterior, sign_agreement
from leadlag.errors import ConfigurationError, shown
from leadlag.planning.effects import Effects, check_metric, noise_of, read_effects
from leadlag.storage import plain
from leadlag.wording import proxies

__all__ = ["Experiments", "Proxy", "experiments"]

Floats = npt.NDArray[np.float64]

INSUFFICIENT, SUPPORTED, OPPOSED, WEAK = (
    "insufficient experiments", "supported", "opposed", "not a proxy",
)  # fmt: skip
# A correlation of true effects below this decides right in two of three experiments at best.
_USEFUL = 0.5
_FEWEST = 4
# Experiments for each weight of the index: below, the weights fit the noise.
_FEWEST_A_WEIGHT = 10
_ALPHA, _POWER = 0.05, 0.8


@dataclass(frozen=True)
class Proxy:
    """One metric as a proxy for the target; the columns of `Experiments.table`."""

    metric: str
    n: int
    naive_correlation: float
    noise_correlation: float
    corrected_correlation: float
    correlation: float
    low: float
    high: float
    signal_to_noise: float
    quality: float
    quality_low: float
    quality_high: float
    sign_agreement: float
    verdict: str
    supported: bool
    experiments_needed: float
    size_factor: float
    next_units: float


@dataclass(frozen=True, eq=False, repr=False)
class Experiments:
    """Proxies over past experiments; `leadlag.experiments` makes it.

    Attributes
    ----------
    target : str
    n_experiments : int
        With an effect on the target.
    proxies : tuple of Proxy
        Best first.
    weights : dict of str to float
        The surrogate index: the sum of weight times measured effect that goes best with the true
        effect on the target. Empty where there are too few experiments for it.
    index_quality : float
        Correlation of the index with the true effect on the target; NaN where there is none.
    index_verdict : str
        "estimated", or why there is no index.
    noise_given : bool
        Whether the correlation of the noise was given; else it had to be learnt.
    """

    target: str
    n_experiments: int
    proxies: tuple[Proxy, ...]
    weights: dict[str, float]
    index_quality: float
    index_verdict: str
    noise_given: bool
    _spread: dict[str, tuple[float, float, float]] = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One row a metric, best first, indexed by metric."""
        return pd.DataFrame([vars(proxy) for proxy in self.proxies]).set_index("metric")

    @property
    def index(self) -> pd.Series[float]:
        """Weights of the surrogate index, by metric."""
        return pd.Series(self.weights, name="weight", dtype="float64").rename_axis("metric")

    @property
    def t4(self) -> list[str]:
        """Metrics whose effects went with the target's: the flag beside the tier."""
        return [proxy.metric for proxy in self.proxies if proxy.supported]

    def sample_size(
        self, metric: str, *, effect: float | None = None, power: float = _POWER,
        alpha: float = _ALPHA,
    ) -> float:  # fmt: skip
        """Size of the next experiment, to find an effect on a metric.

        Parameters
        ----------
        metric : str
            A proxy or the target.
        effect : float, optional
            To be found; by default one standard deviation of the true effects so far.
        power, alpha : float
            Chance to find it, and two-sided level of the test.

        Returns
        -------
        float
            In units, where the experiments' sizes are known; else as a multiple of the average
            past experiment. NaN where the true effects are too small to be told from noise.

        Raises
        ------
        ConfigurationError
            If the metric is not known, or a number is out of range.
        """
        if metric not in self._spread:
            raise ConfigurationError(
                f"metric {shown(metric)} is no metric of the experiments",
                need=", ".join(self._spread),
            )
        for name, share in (("power", power), ("alpha", alpha)):
            if not 0 < share < 1:
                raise ConfigurationError(
                    f"{name} is not a probability", got=shown(share), need="between 0 and 1"
                )
        if effect is not None and not (np.isfinite(effect) and effect != 0):
            raise ConfigurationError("effect is no effect", got=shown(effect), need="not 0")
        spread, error, units = self._spread[metric]
        return _size(spread if effect is None else abs(effect), error, units, power, alpha)

    def to_dict(self) -> dict[str, Any]:
        """Write everything as plain values; a missing number is None.

        Returns
        -------
        dict
        """
        return {
            "target": self.target,
            "n_experiments": self.n_experiments,
            "noise_given": self.noise_given,
            "proxies": plain([vars(proxy) for proxy in self.proxies]),
            "index": plain(self.weights),
            "index_quality": plain(self.index_quality),
            "index_verdict": self.index_verdict,
        }

    def __repr__(self) -> str:
        """Write which metrics stood in for the target, and how surely."""
        return proxies.experiments_text(self.to_dict())


def experiments(
    effects: object,
    target: str,
    *,
    metrics: str | Iterable[str] | None = None,
    noise_correlation: object = None,
) -> Experiments:
    """Ask past experiments which metrics' effects went with the target's.

    Parameters
    ----------
    effects : dataframe
        Tidy: one row an experiment and metric, with the columns "experiment", "metric",
        "estimate", "standard_error" and, if known, "units" (users in the experiment). Or wide: one
        row an experiment, for each metric a column and one with "_se" behind its name.
    target : str
        The metric that counts, such as revenue after a year.
    metrics : str or list of str, optional
        Proxies to be judged; by default all others.
    noise_correlation : float, dict or dataframe, optional
        Correlation of a metric's noise with the target's: the correlation of the two over users.
        Without it, it is learnt from the data, which works only where standard errors differ
        between experiments, and intervals are wide.

    Returns
    -------
    Experiments
        `.table`: for each metric the correlation of true effects with its interval, the proxy's
        quality, the probability that signs agree, the verdict; `.index`, `.sample_size(metric)`.

    Raises
    ------
    LeadLagError
        If the frame, the target or an argument can't be used.

    Notes
    -----
    Estimates of two metrics share their users, and so their noise: their covariance over
    experiments is not that of the true effects. With the average sampling covariance taken out,
    ``corrected_correlation`` is the moment estimate, missing or beyond 1 where it is inadmissible;
    ``correlation`` is that, or the posterior median under normal effects where it is inadmissible;
    its 90 % interval is the posterior's.
    ``quality = correlation / sqrt(1 + 1 / signal_to_noise)`` is the correlation of what one
    experiment measures on the proxy with the true effect on the target, ``sign_agreement = 1/2 +
    arcsin(correlation) / pi`` for effects around zero. Verdicts: "supported" (the interval is
    above 0), "opposed" (below), "not a proxy" (within ±0.5), else, and where the moment estimate is
    inadmissible, "insufficient experiments".

    References
    ----------
    Prentice, R. L. (1989). Surrogate endpoints in clinical trials. *Statistics in Medicine* 8,
    431–440. Athey, S., Chetty, R., Imbens, G. and Kang, H. (2019). The surrogate index. *NBER
    26463*. Tripuraneni, N. et al. (2024). Choosing a proxy metric from past experiments. *KDD
    2024*.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.standard_normal(120)
    >>> frame = pd.DataFrame({
    ...     "clicks": true + 0.5 * rng.standard_normal(120), "clicks_se": 0.5,
    ...     "revenue": true + 0.5 * rng.standard_normal(120), "revenue_se": 0.5})
    >>> made = experiments(frame, "revenue", noise_correlation=0.0)
    >>> made.table.loc["clicks", "verdict"], made.t4
    ('supported', ['clicks'])
    """
    found = read_effects(effects)
    check_metric(found, target, "target")
    named = [metrics] if isinstance(metrics, str) else metrics
    if named is not None and not isinstance(named, Iterable):
        raise ConfigurationError(
            "metrics are no names", got=shown(named), need="a name, or a list of names"
        )
    names = [name for name in found.metrics if name != target] if named is None else list(named)
    for name in names:
        check_metric(found, name, "metric")
    if target in names or not names:
        raise ConfigurationError(
            "there is no proxy to judge" if not names else "the target is no proxy of itself",
            got=shown(names),
            need="at least one metric beside the target",
            do="Pass the effects on other metrics too",
        )
    made = [
        _proxy(found, name, target, noise_of(noise_correlation, name, target)) for name in names
    ]
    # Known proxies first, then by how much a measurement is worth.
    order = (SUPPORTED, OPPOSED, INSUFFICIENT, WEAK)
    made.sort(key=lambda one: (order.index(one.verdict), -abs(_or_zero(one.quality)), one.metric))
    weights, quality, verdict = _index(found, target, made)
    return Experiments(
        target=target,
        n_experiments=int(np.isfinite(_column(found, target)[0]).sum()),
        proxies=tuple(made),
        weights=weights,
        index_quality=quality,
        index_verdict=verdict,
        noise_given=noise_correlation is not None,
        _spread={name: _spread(found, name) for name in (*names, target)},
    )


def _column(found: Effects, name: str) -> tuple[Floats, Floats]:
    j = found.metrics.index(name)
    return found.estimate[:, j], found.error[:, j]


def _proxy(found: Effects, name: str, target: str, given: float | None) -> Proxy:
    (s, error_s), (y, error_y) = _column(found, name), _column(found, target)
    rows = np.isfinite(s) & np.isfinite(y)
    s, error_s, y, error_y = s[rows], error_s[rows], y[rows], error_y[rows]
    n = int(rows.sum())
    nan = float("nan")
    if n < _FEWEST or np.ptp(s) == 0 or np.ptp(y) == 0:
        return Proxy(
            name, n, nan, nan if given is None else given, nan, nan, nan, nan, nan, nan, nan, nan,
            nan, INSUFFICIENT, False, nan, nan, nan,
        )  # fmt: skip
    noise = None if given is None else np.full(n, given)
    fit = proxy_posterior(s, y, error_s, error_y, noise)
    known = np.full(n, fit.noise) if noise is None else noise
    corrected, _, variance, _ = corrected_correlation(s, y, error_s, error_y, known)
    # The moment estimate is nearly median-unbiased; the posterior median is pulled away from the
    # noise's correlation (to -.14 where the truth is 0), but always admissible.
    admissible = abs(corrected) <= 1
    correlation = corrected if admissible else fit.median
    ratio = variance / float(np.mean(error_s**2)) if admissible else fit.signal_to_noise
    quality = correlation / float(np.sqrt(1 + 1 / ratio))
    verdict = _verdict(fit.low, fit.high) if admissible else INSUFFICIENT
    # The width of an interval falls with the root of the number of experiments.
    needed = n * ((fit.high - fit.low) / 2 / (_USEFUL / 2)) ** 2
    size = _size(*_spread(found, name), _POWER, _ALPHA)
    told = bool(np.isfinite(found.units).any())
    factor = size / _mean_units(found.units) if told else size
    return Proxy(
        metric=name,
        n=n,
        naive_correlation=float(np.corrcoef(s, y)[0, 1]),
        noise_correlation=fit.noise,
        corrected_correlation=corrected,
        correlation=correlation,
        low=min(fit.low, correlation),
        high=max(fit.high, correlation),
        signal_to_noise=ratio,
        quality=quality,
        quality_low=min(fit.quality_low, quality),
        quality_high=max(fit.quality_high, quality),
        sign_agreement=sign_agreement(correlation),
        verdict=verdict,
        supported=verdict == SUPPORTED,
        experiments_needed=float(np.ceil(needed)) if verdict == INSUFFICIENT else float(n),
        size_factor=factor,
        next_units=size if told else nan,
    )


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return SUPPORTED
    if high < 0:
        return OPPOSED
    return WEAK if low >= -_USEFUL and high <= _USEFUL else INSUFFICIENT


def _spread(found: Effects, name: str) -> tuple[float, float, float]:
    """Standard deviation of true effects, average standard error, average units (1 if unknown)."""
    values, error = _column(found, name)
    rows = np.isfinite(values)
    average = float(np.sqrt(np.mean(error[rows] ** 2))) if rows.any() else float("nan")
    variance = float(np.var(values[rows], ddof=1)) - average**2 if rows.sum() > 1 else 0.0
    return float(np.sqrt(max(variance, 0.0))), average, _mean_units(found.units[rows])


def _mean_units(units: Floats) -> float:
    return float(np.nanmean(units)) if np.isfinite(units).any() else 1.0


def _size(effect: float, error: float, units: float, power: float, alpha: float) -> float:
    """Standard errors fall with the root of the size: (z_alpha + z_power) errors must be seen."""
    if not effect > 0:
        return float("nan")
    wanted = effect / float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return units * (error / wanted) ** 2


def _index(found: Effects, target: str, made: list[Proxy]) -> tuple[dict[str, float], float, str]:
    """Weights of measured effects that predict the true effect on the target best, linearly.

    They solve ``S w = lambda``: S the covariance of the proxies' estimates, which a new
    experiment's estimates share, lambda the noise-corrected covariance with the target.
    """
    names = [one.metric for one in made if np.isfinite(one.correlation)]
    y, error_y = _column(found, target)
    columns = [_column(found, name) for name in names]
    rows = np.isfinite(y) & np.all([np.isfinite(s) for s, _ in columns], axis=0)
    n, needed = int(rows.sum()), _FEWEST_A_WEIGHT * (len(names) + 1)
    if not names or n < needed:
        return {}, float("nan"), f"insufficient experiments: {n} of {needed}"
    S = np.atleast_2d(np.cov(np.array([s[rows] for s, _ in columns])))
    noise = {one.metric: one.noise_correlation for one in made}
    parts = [
        corrected_correlation(s[rows], y[rows], error[rows], error_y[rows], np.full(n, noise[name]))
        for name, (s, error) in zip(names, columns, strict=True)
    ]
    along = np.array([part[1] for part in parts])
    variance = parts[0][3]
    if variance <= 0 or np.linalg.cond(S) > 1e10:
        return {}, float("nan"), "insufficient experiments: the target's effects are all noise"
    weights = np.linalg.solve(S, along)
    share = float(along @ weights) / variance
    if not 0 < share <= 1:
        return {}, float("nan"), "insufficient experiments: inadmissible covariance"
    return dict(zip(names, map(float, weights), strict=True)), float(np.sqrt(share)), "estimated"


def _or_zero(value: float) -> float:
    return value if np.isfinite(value) else 0.0
