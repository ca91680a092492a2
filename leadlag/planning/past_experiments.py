"""`experiments`: would moving a proxy have moved the target? What past experiments say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.proxies import corrected_correlation, proxy_posterior, sign_agreement
from leadlag.errors import ConfigurationError, InsufficientDataError, shown, unknown_name
from leadlag.planning.effects import Effects, check_known, check_metric, noise_of, read_effects
from leadlag.planning.next_size import mean_units, next_size, spread_of
from leadlag.planning.quantities import is_number
from leadlag.planning.surrogate_index import surrogate_index
from leadlag.storage import plain
from leadlag.wording import proxies

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Experiments", "Proxy", "experiments"]

Floats = npt.NDArray[np.float64]

INSUFFICIENT, SUPPORTED, OPPOSED, WEAK = (
    "insufficient experiments", "supported", "opposed", "not a proxy",
)  # fmt: skip
# A correlation of true effects below this decides right in two of three experiments at best.
_USEFUL = 0.5
_FEWEST = 4
# Below, a moment estimate beyond ±1 says that the noise outweighs what the experiments tell. With
# more, a good proxy lands there often by chance: of 100 experiments on a true .95, 29 in 100 did.
_ENOUGH = 50
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
    _effects: Effects = field(repr=False)

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
        names = list(self._spread)
        if metric not in names:
            raise unknown_name(
                f"metric {shown(metric)} is no metric of the experiments", metric, names
            )
        for name, share in (("power", power), ("alpha", alpha)):
            if not (is_number(share) and 0 < share < 1):
                raise ConfigurationError(
                    f"{name} is not a probability", got=shown(share), need="between 0 and 1"
                )
        if effect is not None and not (is_number(effect) and effect != 0):
            raise ConfigurationError(
                "effect is no effect", got=shown(effect), need="a number, not 0"
            )
        spread, error, units = self._spread[metric]
        return next_size(spread if effect is None else abs(effect), error, units, power, alpha)

    def plot(self, metric: str | None = None) -> alt.LayerChart:
        """Draw the effects on a metric against those on the target, with the line of true effects.

        Parameters
        ----------
        metric : str, optional
            A proxy; by default the best one.

        Returns
        -------
        altair.LayerChart

        Raises
        ------
        LeadLagError
            If the metric is no proxy, or no experiment has effects on both.
        """
        names = [proxy.metric for proxy in self.proxies]
        if metric is not None and metric not in names:
            raise unknown_name(
                f"metric {shown(metric)} is no proxy", metric, names, plural="Proxies"
            )
        proxy = self.proxies[names.index(metric) if metric is not None else 0]
        points = self._points(proxy.metric)
        if not points:
            raise InsufficientDataError(
                f"no experiment has effects on both '{proxy.metric}' and '{self.target}'",
                need="at least one",
            )
        from leadlag.figures.proxies import scatter

        return scatter(points, vars(proxy), self._slopes(proxy), self.target)

    def _points(self, name: str) -> list[dict[str, float]]:
        (s, error_s), (y, error_y) = (self._effects.column(one) for one in (name, self.target))
        rows = np.flatnonzero(np.isfinite(s) & np.isfinite(y))
        return [
            {
                "x": float(s[i]),
                "x_se": float(error_s[i]),
                "y": float(y[i]),
                "y_se": float(error_y[i]),
            }
            for i in rows
        ]

    def _slopes(self, proxy: Proxy) -> tuple[float, float]:
        """Change of the target with one of the proxy: of true effects, and of the estimates."""
        points = pd.DataFrame(self._points(proxy.metric))
        wide = float(points["x"].std())  # missing for one experiment
        naive = proxy.naive_correlation * float(points["y"].std()) / (wide or float("nan"))
        spread, spread_y = (self._spread[name][0] for name in (proxy.metric, self.target))
        true = proxy.correlation * spread_y / spread if spread > 0 < spread_y else float("nan")
        return true, naive

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
    missing, or beyond 1 in fewer than 50 experiments, "insufficient experiments".

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
    names = list(dict.fromkeys(names))
    check_known(found, target, names)
    made = [
        _proxy(found, name, target, noise_of(noise_correlation, name, target)) for name in names
    ]
    # Known proxies first, then by how much a measurement is worth.
    order = (SUPPORTED, OPPOSED, INSUFFICIENT, WEAK)
    made.sort(key=lambda one: (order.index(one.verdict), -abs(_or_zero(one.quality)), one.metric))
    known = {one.metric: one.noise_correlation for one in made if np.isfinite(one.correlation)}
    weights, quality, verdict = surrogate_index(found, target, known)
    return Experiments(
        target=target,
        n_experiments=int(np.isfinite(found.column(target)[0]).sum()),
        proxies=tuple(made),
        weights=weights,
        index_quality=quality,
        index_verdict=verdict,
        noise_given=noise_correlation is not None,
        _spread={name: spread_of(found, name) for name in (*names, target)},
        _effects=found,
    )


def _proxy(found: Effects, name: str, target: str, given: float | None) -> Proxy:
    (s, error_s), (y, error_y) = found.column(name), found.column(target)
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
    told = admissible or (n >= _ENOUGH and np.isfinite(corrected))
    verdict = _verdict(fit.low, fit.high) if told else INSUFFICIENT
    # The width of an interval falls with the root of the number of experiments.
    needed = max(n * ((fit.high - fit.low) / 2 / (_USEFUL / 2)) ** 2, n + 1, _ENOUGH)
    size = next_size(*spread_of(found, name), _POWER, _ALPHA)
    units_known = bool(np.isfinite(found.units).any())
    factor = size / mean_units(found.units) if units_known else size
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
        next_units=size if units_known else nan,
    )


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return SUPPORTED
    if high < 0:
        return OPPOSED
    return WEAK if low >= -_USEFUL and high <= _USEFUL else INSUFFICIENT


def _or_zero(value: float) -> float:
    return value if np.isfinite(value) else 0.0
