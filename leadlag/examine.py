"""One metric against the target: both directions, lag 0, the lag, the effect, its stability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.core.direction import Direction, examine_direction
from leadlag.core.effect import detectable_share, mixture_interval
from leadlag.core.memo import Memo
from leadlag.core.roles import SHOWN_LEADING
from leadlag.core.stability import Stability, measure_stability
from leadlag.core.transfer import LagPosterior, transfer_posterior
from leadlag.data.panel import Panel
from leadlag.data.prepare import Prepared, prepare

__all__ = ["Pair", "Timing", "change_note", "examine", "glitches_note"]

Floats = npt.NDArray[np.float64]

# Forward p-value from which on a metric without a lead is left as it is.
_WORTH_ASKING = 0.10


@dataclass(frozen=True)
class Timing:
    """Lag, its 90 % interval and the onset, in periods; NaN where the role has none."""

    lag: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    onset: float = float("nan")


@dataclass(frozen=True, eq=False)
class Pair:
    """The evidence on one metric, by itself.

    Parameters
    ----------
    target, metric : Prepared
        Both sides on their own scales.
    forward, reverse : Direction
        What each past says about the other side.
    coincident_p : float
        P-value of lag 0 given both pasts.
    max_lag : int
        Largest lag searched.
    notes : tuple of str
        Facts about the test.
    """

    target: Prepared
    metric: Prepared
    forward: Direction
    reverse: Direction
    coincident_p: float
    max_lag: int
    notes: tuple[str, ...]

    @cached_property
    def lead(self) -> LagPosterior:
        """Posterior of the lag, given that the metric leads."""
        return _lag_posterior(self.target, self.metric, self.max_lag)

    @cached_property
    def timed_lead(self) -> LagPosterior:
        """The same for a lead that changes: a sum over the sample would hide one that turned."""
        if self.forward.pattern is None:
            return self.lead
        return _lag_posterior(self.target, self.metric, self.max_lag, self.forward.pattern)

    @cached_property
    def prob_leads(self) -> float:
        """Probability of a lead at lags 1..max_lag, prior one half; lag 0 is a state of its own.

        The smaller of two: that the target's surprises follow some window of the metric's news,
        and that a lagged response explains the target better than one of the same period does,
        beside noise with a memory. A metric that only moves in the same period has the first
        wherever its past tells the target's noise from its signal. The second is asked where the
        first test leaves a doubt.
        """
        found = self.forward.prob_leads
        if not self.forward.p_value <= _WORTH_ASKING:
            return found
        return min(found, float(special.expit(self.timed_lead.log_odds)))

    @cached_property
    def stability(self) -> Stability:
        """How steadily the response shows up over time."""
        lead = self.timed_lead
        return measure_stability(lead.noise_now, lead.metric_now, max_lag=self.max_lag)

    def series(self, role: str) -> Floats:
        """The metric as its correlation is taken: the form in which it meets the target's scale.

        Where only one side was differenced, a change beside a level can have the sign of neither;
        the lag's posterior knows which form of the metric the target responds to.
        """
        metric, target = self.metric, self.target
        if role not in SHOWN_LEADING or metric.differenced == target.differenced:
            return metric.series
        if metric.differenced:
            level = metric.without_terms(metric.level_fit.series)
            return level if self.lead.form else metric.series
        change = metric.without_terms(np.diff(metric.fit.series, prepend=np.nan))
        return metric.series if self.lead.form else change

    @property
    def typical_move(self) -> float:
        """One standard deviation of the metric's surprises, in its own units."""
        return self.metric.in_units(self._surprise(self.metric))

    def detectable_effect(self, alpha: float) -> float:
        """Smallest effect found four times out of five at this length, in the target's units."""
        df = max(self.forward.n_obs - self.target.fit.terms.shape[1], 5)
        share = detectable_share(df=df, max_lag=self.max_lag, alpha=alpha)
        return self.target.in_units(share * self._surprise(self.target))

    def effect(self, level: float) -> tuple[float, float, float]:
        """Change of the target that follows a typical move: mean and interval, its units."""
        lead, size = self.lead, self._surprise(self.metric)
        parts = mixture_interval(lead.total * size, lead.total_sd * size, lead.weight, level=level)
        mean, low, high = (self.target.in_units(part) for part in parts)
        return mean, low, high

    def timing(self, role: str) -> Timing:
        """Lag, interval and onset for the direction that a role stands for."""
        if role in SHOWN_LEADING:
            lead = self.timed_lead
            return Timing(lead.lag, lead.low, lead.high, lead.onset)
        if role == "lagging":
            follow = _lag_posterior(self.metric, self.target, self.max_lag, self.reverse.pattern)
            return Timing(-follow.lag, -follow.high, -follow.low, -follow.onset)
        if role == "coincident":
            return Timing(0.0, 0.0, 0.0, 0.0)
        return Timing()

    def given(self, others: list[Pair]) -> Direction:
        """The forward direction again, what other metrics predict held constant."""
        held = np.hstack([other.forward.predicted for other in others])
        return _forward(self.target, self.metric, self.max_lag, held, self.target.memo)

    @staticmethod
    def _surprise(side: Prepared) -> float:
        known = side.fit.innovations[np.isfinite(side.fit.innovations)]
        return float(np.sqrt(np.mean(known**2))) if known.size else float("nan")


def examine(column: Floats, target: Prepared, panel: Panel) -> Pair:
    """Test one column against the target.

    Parameters
    ----------
    column : ndarray, shape (n,)
        The metric; NaN where missing.
    target : Prepared
        The target.
    panel : Panel
        Where both come from.

    Returns
    -------
    Pair
    """
    metric = prepare(column, panel, target.terms)
    forward = _forward(target, metric, panel.max_lag, memo=target.memo)
    reverse = _forward(metric, target, panel.max_lag)
    notes = []
    if metric.masked is not None and metric.masked.any():
        notes.append(glitches_note(metric.masked, panel))
    if metric.fit.bridged:
        values = "value" if metric.fit.bridged == 1 else "values"
        notes.append(f"{metric.fit.bridged} missing {values} bridged from the past")
    return Pair(
        target=target,
        metric=metric,
        forward=forward,
        reverse=reverse,
        coincident_p=_coincident_p(forward.residual, reverse.residual),
        max_lag=panel.max_lag,
        notes=tuple(notes),
    )


def change_note(pattern: Floats, panel: Panel) -> str:
    """What a lead did over time, with the period about which it changed.

    Parameters
    ----------
    pattern : ndarray, shape (n,)
        1, 0 or -1 a period: one value, then another.
    panel : Panel
        Names the periods.

    Returns
    -------
    str
    """
    at = panel.period_label(int(np.flatnonzero(pattern != pattern[0])[0]))
    if pattern[0] == 0:
        return f"The lead shows only since about {at}"
    if pattern[-1] == 0:
        return f"The lead shows only until about {at}"
    return f"The lead turned round about {at}"


def glitches_note(masked: npt.NDArray[np.bool_], panel: Panel) -> str:
    """Which values were left out, the first three by name.

    Parameters
    ----------
    masked : ndarray of bool, shape (n,)
        At least one is true.
    panel : Panel
        Names the periods.

    Returns
    -------
    str
    """
    places = np.flatnonzero(masked)
    named = ", ".join(panel.period_label(int(i)) for i in places[:3])
    more = f" and {places.size - 3} more" if places.size > 3 else ""
    count = "1 value" if places.size == 1 else f"{places.size} values"
    return f"{count} left out as outage zeros or lone spikes: {named}{more}"


def _forward(
    response: Prepared,
    metric: Prepared,
    max_lag: int,
    given: Floats | None = None,
    memo: Memo | None = None,
) -> Direction:
    # Differenced only if both are: a differenced response beside a metric in levels would lose the
    # level that its own past is entitled to.
    alike = response.differenced == metric.differenced
    return examine_direction(
        response.fit if alike else response.level_fit,
        metric.fit,
        max_lag=max_lag,
        stationary=not metric.differenced,
        given=given,
        memo=memo,
    )


def _lag_posterior(
    response: Prepared, metric: Prepared, max_lag: int, pattern: Floats | None = None
) -> LagPosterior:
    """Posterior of the lag, on each form of the metric that could meet the response's scale.

    Where only one side was differenced the response is taken in levels, as in its test, beside
    noise that may have a root near one. A metric in levels may then move the level of a
    differenced target or its change: the second is its running sum on the level.
    """
    alike = response.differenced == metric.differenced
    other: tuple[tuple[Floats, Floats | None], ...] = ()
    if metric.differenced and not alike:
        other = ((metric.level_fit.series, None),)
    elif not alike:
        # Beside the metric's level itself every kernel would become a contrast: its surprise is
        # the partner of the same period.
        surprises = np.cumsum(np.nan_to_num(metric.fit.innovations))
        other = ((metric.running_sum, surprises),)
    return transfer_posterior(
        response.fit if alike else response.level_fit,
        metric.fit,
        other,
        max_order=response.max_order,
        max_lag=max_lag,
        pattern=pattern,
    )


def _coincident_p(forward: Floats, reverse: Floats) -> float:
    """Correlation of the two surprises given both pasts: two-sided t test."""
    rows = np.isfinite(forward) & np.isfinite(reverse)
    df = int(rows.sum()) - 2
    if df < 1:
        return float("nan")
    a, b = forward[rows], reverse[rows]
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    if size <= 0:
        return float("nan")
    r2 = min(float(a @ b / size) ** 2, 1.0)
    return float(special.betainc(df / 2, 0.5, 1 - r2))
