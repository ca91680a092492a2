"""What each version is worth: its lag, what it predicts, how faithful and how loud it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.cohort_noise import Noise, binomial_noise, chance_left, passing_noise
from leadlag.core.fidelity import Fidelity, fidelity_of
from leadlag.core.forecasts import Forecasts, rolling_forecasts
from leadlag.core.remainder import Remainder, remainder_of
from leadlag.core.skill import Skill, skill_of
from leadlag.data.panel import Panel
from leadlag.data.prepare import Prepared, prepare, terms_of
from leadlag.data.screen import DEFAULT_MAX_LAG, OTHER_MAX_LAG
from leadlag.examine import Pair, examine
from leadlag.iterations.nesting import is_part
from leadlag.iterations.reading import Version

__all__ = ["Measured", "measure_versions"]

Floats = npt.NDArray[np.float64]

_NAN = float("nan")
# Lags beyond the longest one that is reported, a twentieth of it and at least so many: a response
# that peaks among them was not reached, and would else seem to peak at the edge.
_EDGE = 3
_EDGE_SHARE = 20
# A quarter of a year in days, on the mean.
_QUARTER = 365.2425 / 4


@dataclass(frozen=True, eq=False)
class Measured:
    """The evidence on one version.

    Parameters
    ----------
    version : Version
        What was measured.
    lag, low, high : float, periods
        From the row of a cohort to the outcome, and its 90 % interval; NaN where it can't be said.
    beyond : bool
        Whether the response still rises at the longest lag searched: the lag can't be said then.
    p_value : float
        That it precedes the target, dated by when it is known, at lags up to the reach from the
        cohort's row; NaN where it is known only beyond the reach.
    p_cohort : float
        The same dated by cohort: what a table of cohorts would suggest.
    p_beyond : float
        The same at lags a little beyond the reach as well, where the response peaks there.
    skill : Skill
        Of forecasts of the target at the usable lead.
    forecasts : Forecasts or None
        Those forecasts.
    fidelity : Fidelity or None
        For the mature metric or the target.
    remainder : Remainder or None
        Of a part of the mature metric: for the share of those who came after it among those who
        were not in it.
    noise : Noise
        Signal and chance.
    signal : float
        Share of its variance that is not chance; NaN without the sizes of cohorts.
    ceiling : float
        The largest fidelity that chance leaves; 1 without the sizes of cohorts.
    profile, band : ndarray, shape (n_lags,)
        Correlation of the surprises of both sides at lags 1 to the reach from the cohort's row.
    cycles : float
        Times a quarter that one can change something, wait and read.
    """

    version: Version
    lag: float = _NAN
    low: float = _NAN
    high: float = _NAN
    beyond: bool = False
    p_value: float = _NAN
    p_cohort: float = _NAN
    p_beyond: float = _NAN
    skill: Skill = field(default_factory=lambda: Skill(*(_NAN,) * 4, n_origins=0, horizon=0))
    forecasts: Forecasts | None = None
    fidelity: Fidelity | None = None
    remainder: Remainder | None = None
    noise: Noise = field(default_factory=lambda: Noise(_NAN, _NAN))
    signal: float = _NAN
    ceiling: float = _NAN
    profile: Floats = field(default_factory=lambda: np.empty(0))
    cycles: float = _NAN

    @property
    def usable_lead(self) -> float:
        """Periods by which its value is known before the outcome."""
        return self.lag - self.version.delay


def measure_versions(
    panel: Panel,
    versions: Sequence[Version],
    *,
    reach: int,
    mature: Version | None,
    sizes: Floats | None,
    seed: int,
) -> list[Measured]:
    """Measure every version.

    Parameters
    ----------
    panel : Panel
        The target and its calendar.
    versions : sequence of Version
        Dated by cohort.
    reach : int, periods
        Longest lag from a cohort's row.
    mature : Version or None
        What fidelity is measured against; None for the target itself.
    sizes : ndarray, shape (n,), or None
        Users in each cohort.
    seed : int
        Of the bootstrap.

    Returns
    -------
    list of Measured
        In the order of `versions`.
    """
    wide = replace(panel, max_lag=reach)
    terms = terms_of(wide)
    target = prepare(panel.y, wide, terms)
    out = [_lag_of(version, wide, target) for version in versions]
    out = [_skill_of(one, wide, reach) for one in out]
    out = [_noise_of(one, panel, sizes) for one in out]
    return [_fidelity_of(one, target, mature, sizes, seed) for one in out]


def _lag_of(version: Version, panel: Panel, target: Prepared) -> Measured:
    days = panel.grid.days if panel.grid is not None else None
    cycle = (version.delay + 1) * (days or _NAN)
    if version.reason:
        return Measured(version, cycles=_QUARTER / cycle)
    reach = panel.max_lag
    pair = examine(version.values, target, panel)
    lag, low, high = _timed(pair, reach)
    # The same outcomes as by cohort: what is tested is what the lag can be found among. A version
    # that is known early would else reach past the search, and be seen where others are not.
    ahead = reach - version.delay
    known = examine(version.known, target, replace(panel, max_lag=ahead)) if ahead >= 1 else None
    past = None
    if lag > reach:
        past = examine(version.values, target, replace(panel, max_lag=reach + _edge(reach)))
    return Measured(
        version,
        lag=lag if lag <= reach else _NAN,
        low=low if lag <= reach else _NAN,
        high=min(high, reach) if lag <= reach else _NAN,
        beyond=past is not None,
        p_value=known.forward.p_value if known is not None else _NAN,
        p_cohort=pair.forward.p_value,
        p_beyond=past.forward.p_value if past is not None else _NAN,
        profile=_profile(pair, reach),
        cycles=_QUARTER / cycle,
    )


def _timed(pair: Pair, reach: int) -> tuple[float, float, float]:
    """Lag from the cohort's row, searched a little beyond the reach, and its interval."""
    lead = replace(pair, max_lag=reach + _edge(reach)).lead
    return float(lead.lag), float(lead.low), float(lead.high)


def _edge(reach: int) -> int:
    return max(_EDGE, reach // _EDGE_SHARE)


def _profile(pair: Pair, reach: int) -> Floats:
    """Correlation of the target's surprise with the metric's, by lag from the cohort's row."""
    a, b = pair.target.fit.innovations, pair.metric.fit.innovations
    out = np.full(reach, np.nan)
    for lag in range(1, reach + 1):
        x, y = b[:-lag], a[lag:]
        both = np.isfinite(x) & np.isfinite(y)
        if both.sum() > 3:
            x, y = x[both] - x[both].mean(), y[both] - y[both].mean()
            size = float(np.sqrt((x @ x) * (y @ y)))
            out[lag - 1] = float(x @ y) / size if size > 0 else np.nan
    return out


def _skill_of(one: Measured, panel: Panel, reach: int) -> Measured:
    usable = one.usable_lead
    if not usable >= 1:
        return one
    # A control's value at the forecast date is not known at the origin.
    terms = terms_of(panel, controls=False)
    sides = unit_size(panel.y), unit_size(one.version.values), terms.level, terms.difference
    horizon, delay = int(usable), one.version.delay
    # Values much older than the response's peak only cost the first rows their forecasts.
    oldest = min(reach, int(one.lag) + DEFAULT_MAX_LAG.get(panel.freq, OTHER_MAX_LAG))
    made = rolling_forecasts(
        *sides, horizon=horizon, delay=delay, max_lag=oldest, season=panel.season
    )
    return replace(one, skill=skill_of(made, horizon), forecasts=made)


def _noise_of(one: Measured, panel: Panel, sizes: Floats | None) -> Measured:
    values = one.version.values
    if sizes is not None and np.isfinite(values).any():
        noise = binomial_noise(values, sizes)
        if np.isfinite(noise.noise):
            return replace(one, noise=noise, signal=noise.ceiling)
    if one.version.reason:
        return one
    return replace(one, noise=passing_noise(_without_calendar(unit_size(values), panel)))


def _without_calendar(values: Floats, panel: Panel) -> Floats:
    design = np.column_stack([np.ones(len(values)), panel.calendar])
    known = np.isfinite(values)
    if known.sum() <= 2 * design.shape[1]:
        return values
    solution = np.linalg.lstsq(design[known], values[known], rcond=None)[0]
    return np.asarray(values - design @ solution)


def _fidelity_of(
    one: Measured,
    target: Prepared,
    mature: Version | None,
    sizes: Floats | None,
    seed: int,
) -> Measured:
    version = one.version
    if mature is None:
        if not one.lag >= 1:
            return one
        early = np.full(version.values.size, np.nan)
        lag = int(one.lag)
        early[lag:] = version.values[:-lag]
        gap = max(1, int(one.usable_lead))
        made = fidelity_of(unit_size(target.series), unit_size(early), gap=gap, seed=seed)
        # What it would be if the version were measured without chance.
        share = one.signal
        top = min(made.r2 / share, 1.0) if made.r2 > 0 and share > 0 else _NAN
        return replace(one, fidelity=made, ceiling=1.0 if sizes is None else top)
    if version.reason:
        return one
    if version.column == mature.column:
        ones = np.where(np.isfinite(version.values), 0.0, np.nan)
        whole = Fidelity(1.0, 1.0, 1.0, int(np.isfinite(ones).sum()), ones, ones)
        return replace(one, fidelity=whole, ceiling=1.0)
    top = 1.0
    if sizes is not None:
        top = chance_left(mature.values, version.values, sizes).ceiling
    gap = max(1, mature.delay - version.delay)
    # One unit of the yardstick for all versions: pairs share it.
    sides = unit_size(mature.values), unit_size(version.values)
    made = fidelity_of(*sides, gap=gap, weight=sizes, seed=seed)
    one = replace(one, fidelity=made, ceiling=top)
    if _is_part(version, mature):
        left = remainder_of(mature.values, version.values, gap=gap, sizes=sizes, seed=seed)
        one = replace(one, remainder=left)
    return one


def _is_part(version: Version, mature: Version) -> bool:
    """Whether one lies inside the other, by what they count or are called and by their values."""
    a, b = version.values, mature.values
    both = np.isfinite(a) & np.isfinite(b)
    inside = bool(both.any()) and bool((a[both] <= b[both] * (1 + 1e-12)).all())
    shares = inside and bool(((a[both] >= 0) & (b[both] <= 1 + 1e-12)).all())
    nested = is_part(version.column, version.counted, mature.column, mature.counted)
    # Of columns that come without what they count the names alone say which is the part.
    said = version.counted is not None and mature.counted is not None
    earlier = version.delay < mature.delay or (said and version.delay == mature.delay)
    return shares and nested and earlier
