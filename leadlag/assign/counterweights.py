"""`counterweights`: whether a metric can go up without another that must not get worse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from leadlag.core.threads import one_blas_thread
from leadlag.core.total_response import TotalResponse, total_response
from leadlag.data.panel import Panel, build_panel
from leadlag.data.prepare import Prepared, prepare, terms_of
from leadlag.errors import ConfigurationError, InsufficientDataError, LeadLagError, shown
from leadlag.examine import Pair, examine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadlag.core.arrays import FloatArray
    from leadlag.data.catalog import Catalog, Metric

__all__ = ["HARM", "NO_HARM", "UNDERPOWERED", "Counterweight", "counterweights"]

HARM, NO_HARM, UNDERPOWERED = "harm", "no harm within the margin", "underpowered"
# Two one-sided tests at 5 % are one interval of 90 %. Harm is looked for three times: later in
# all and by its shape at 2 % each, in the same period at 1 %.
_LEVEL, _HARM_LEVEL, _SAME_LEVEL = 0.90, 0.96, 0.98
_SHOWN = 0.05
_POWER = 0.80
_ROWS_A_LAG = 8
# Harm over less time than this is half a question.
_FEWEST_LAGS = 3
# More than so many times the rows that are there will never be collected.
_REALISTIC = 100
# How much of the end of the series says where it stands today.
_RECENT = 1 / 8


@dataclass(frozen=True)
class Counterweight:
    """Whether a move of one metric precedes harm to another.

    Parameters
    ----------
    verdict : str
        "harm", "no harm within the margin" or "underpowered".
    metric, against, target : str
        What would be raised, what must not get worse, and the outcome that it is raised for.
    margin : float
        The change for the worse that is tolerated, in units of `against`.
    effect, low, high : float
        Change of `against` that follows a lasting typical move up of `metric`, with its 90 %
        interval, in its units; what was declared to go down counts for the worse when it rises.
    typical_move : float
        That move, in units of `metric`.
    level, floor : float
        Where `against` stands of late, and that less the margin (more, where it should be low).
    p_lead : float
        P-value of the lead of `metric` over `target`.
    n, n_needed : int
        Rows used, and those with which an interval would lie within the margin four times out of
        five if there were no harm.
    same_period, same_low, same_high : float
        Change of `against` in the same period, with its 90 % interval; `effect` does not count it,
        the verdict does.
    lags : int, periods
        Over how many periods after the move the effect is counted.
    at_once : bool
        Whether the harm was shown in the same period, so that which came first is not known.
    """

    verdict: str
    metric: str
    against: str
    target: str
    margin: float
    effect: float
    low: float
    high: float
    typical_move: float
    level: float
    floor: float
    p_lead: float
    n: int
    n_needed: int
    same_period: float
    same_low: float
    same_high: float
    lags: int
    worse_is_up: bool = False
    at_once: bool = False

    @property
    def proposal(self) -> str:
        """The pair of goals in words; nothing to increase where harm was shown."""
        side = "rising above" if self.worse_is_up else "falling below"
        pair = f"increase {self.metric} without {self.against} {side} {_amount(self.floor)}"
        if self.verdict == HARM:
            return f"Do not {pair.split(' without')[0]} by itself: first find how to {pair}."
        return pair[:1].upper() + pair[1:] + "."

    @property
    def text(self) -> str:
        """What was found, in plain sentences."""
        within = "period" if self.lags == 1 else f"{self.lags} periods"
        what = (
            f"A lasting typical move up of {self.metric} ({self.typical_move:.3g}) is followed by "
            f"a change of {_signed(self.effect)} in {self.against} ({_signed(self.low)} to "
            f"{_signed(self.high)}) over the next {within}, and goes with one of "
            f"{_signed(self.same_period)} ({_signed(self.same_low)} to {_signed(self.same_high)}) "
            "in the same period."
        )
        lead = (
            f"{self.metric} precedes {self.target} (p = {self.p_lead:.2g})."
            if self.p_lead <= 0.05
            else f"That {self.metric} precedes {self.target} was not shown (p = {self.p_lead:.2g})."
        )
        return " ".join([lead, what, self.finding, self.proposal])

    @property
    def finding(self) -> str:
        """What was shown of the harm, and what was not, as a sentence."""
        worse = "rise" if self.worse_is_up else "fall"
        if self.verdict == HARM:
            same = " in the same period, so which of them came first is not known"
            return f"A {worse} was shown{same if self.at_once else ''}: {HARM}."
        if self.verdict == NO_HARM:
            return f"A {worse} of {self.margin:.3g} or more is ruled out: {NO_HARM}."
        told = (
            f"about {self.n_needed:,} rows would tell, {self.n:,} are there"
            if self.n_needed <= _REALISTIC * self.n
            else f"no realistic number of rows would tell, {self.n:,} are there"
        )
        return (
            f"A {worse} of {self.margin:.3g} is neither shown nor ruled out: {UNDERPOWERED}; "
            f"{told}. That no harm was shown does not make it safe."
        )

    def __repr__(self) -> str:
        """Write what was found."""
        return self.text


def counterweights(
    data: object,
    target: str,
    metric: str,
    against: str,
    *,
    margin: float,
    time: str | None = None,
    max_lag: int | None = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
) -> Counterweight:
    """Ask whether raising a metric that precedes the target precedes harm to another.

    Parameters
    ----------
    data : dataframe
        One row a period, one column a metric; whatever `leadlag.rank` takes.
    target : str
        The business outcome's column.
    metric : str
        What would be raised.
    against : str
        What must not get worse, such as satisfaction.
    margin : float
        The change for the worse that would be tolerated, in units of `against`, above zero. It is
        a decision, not a statistic, and has to be taken before the result is seen.
    time : str, optional
        The column of dates.
    max_lag : int, optional, periods
        How late harm may come; by default as for `rank`. At least eight rows a lag: `.lags` says
        how many periods were looked at.
    catalog : Catalog, dict or path, optional
        Its `aim` says which way `against` is worse: "down" makes a rise the harm.

    Returns
    -------
    Counterweight
        `.verdict` is "harm", "no harm within the margin" or "underpowered"; `.text` says it in
        words, `.proposal` is the pair of goals.

    Raises
    ------
    LeadLagError
        If the data, a name or the margin can't be used, or too few rows are there.

    Notes
    -----
    The effect is the change of `against` in all, over lags 1..L, that follows a lasting move of
    `metric` by one standard deviation of its surprises, calendar and trend held constant. Where its
    90 % interval lies above minus the margin, harm beyond it is ruled out (two one-sided tests at
    5 % [1]_). Else, where its 96 % interval lies below zero, harm was shown. Each lag has a
    coefficient of its own there, which presumes nothing about the shape of the response and costs
    power. Harm is shown as well where `metric` is found to precede `against` (p at most .05, as
    `rank` tests it) and the 90 % interval of that effect, averaged over the shapes that a response
    may have, lies below zero and reaches beyond the margin; where it only reaches beyond the
    margin, "no harm" is not said. What happens in the same period is no sign that one precedes the
    other, but none of safety either: "no harm" also needs the interval of both together within the
    margin, and a fall in the same period (98 % interval below zero) that may reach beyond the
    margin is harm. Else nothing was shown: the verdict is "underpowered", never "safe". A fall that
    is smaller than the margin is no harm by the margin's own definition, even if it was shown.

    References
    ----------
    .. [1] Schuirmann (1987). A comparison of the two one-sided tests procedure and the power
       approach. Journal of Pharmacokinetics and Biopharmaceutics 15.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> pushes = 100 + rng.normal(0, 5, 300)
    >>> csat = 80 + rng.normal(0, 1, 300)
    >>> csat[3:] -= 0.2 * (pushes[:-3] - 100)
    >>> revenue = 500 + rng.normal(0, 5, 300)
    >>> revenue[2:] += pushes[:-2] - 100
    >>> frame = pd.DataFrame({"revenue": revenue, "pushes": pushes, "csat": csat})
    >>> counterweights(frame, "revenue", "pushes", "csat", margin=0.5, max_lag=6).verdict
    'harm'
    """
    allowed = _margin(margin)
    for name, role in ((metric, "metric"), (against, "against")):
        if not isinstance(name, str):
            raise ConfigurationError(
                f"{role} is not the name of a column",
                got=shown(name),
                need="the name of one column",
                do="Call it once for each pair",
            )
        if name == target or (role == "against" and name == metric):
            raise ConfigurationError(
                f"{role} {shown(name)} is the {'target' if name == target else 'metric'} as well",
                need="three different columns",
            )
    options = {"time": time, "max_lag": max_lag, "catalog": catalog}
    outcome = _panel(data, target, metric, options, role="target")
    guard = _panel(data, against, metric, options, role="against")
    with one_blas_thread():
        lead = examine(outcome.X[:, 0], prepare(outcome.y, outcome, terms_of(outcome)), outcome)
        worse = prepare(guard.y, guard, terms_of(guard))
        moved = prepare(guard.X[:, 0], guard, worse.terms)
        lags = max(1, min(guard.max_lag, int(np.isfinite(guard.y).sum()) // _ROWS_A_LAG))
        found = _response(worse, moved, lags)
        while (
            found is None and lags > _FEWEST_LAGS
        ):  # gaps, differences and the noise's own lags take rows
            lags -= 1
            found = _response(worse, moved, lags)
    if found is None:
        known = int((np.isfinite(guard.y) & np.isfinite(guard.X[:, 0])).sum())
        raise InsufficientDataError(
            f"too few rows in which {shown(metric)} and {shown(against)} are both known",
            got=f"{known} rows",
            need=f"more than {4 * (lags + 6)}, without gaps",
            do="Supply more history",
        )
    made = _judged(
        found, moved, worse, guard, (target, metric, against), allowed, lead.forward, lags
    )
    if made.verdict == HARM:
        return made
    with one_blas_thread():
        return _with_a_shape(made, examine(guard.X[:, 0], worse, guard))


def _with_a_shape(made: Counterweight, pair: Pair) -> Counterweight:
    """Look for harm once more, by the lead of the metric over what must not get worse."""
    if not pair.forward.p_value <= _SHOWN:
        return made
    effect, low, high = pair.effect(_LEVEL)
    worst, best = (-high, -low) if made.worse_is_up else (low, high)
    if worst > -made.margin:
        return made
    # A lead that may reach beyond the margin is never read as safe, whatever the sum over lags.
    verdict = HARM if best < 0 else UNDERPOWERED
    return replace(made, verdict=verdict, effect=effect, low=low, high=high)


def _judged(
    found: TotalResponse, moved: Prepared, worse: Prepared, guard: Panel,
    names: tuple[str, str, str], margin: float, lead: Any, lags: int,
) -> Counterweight:  # fmt: skip
    target, metric, against = names
    move = _surprise(moved)
    info = guard.metrics_info.get(against)
    up = info is not None and info.aim == "down"

    def interval(value: float, error: float, level: float) -> tuple[float, float]:
        """In units, turned so that down is for the worse."""
        half = float(special.stdtrit(found.df, (1 + level) / 2)) * error
        ends = [worse.in_units(move * end) for end in (value - half, value + half)]
        return (-ends[1], -ends[0]) if up else (ends[0], ends[1])

    worst, best = interval(found.total, found.error, _LEVEL)
    at_worst, at_best = interval(found.same_period, found.same_error, _LEVEL)
    later = interval(found.total, found.error, _HARM_LEVEL)[1] < 0
    at_once = (
        interval(found.same_period, found.same_error, _SAME_LEVEL)[1] < 0 and at_worst <= -margin
    )
    whole = interval(found.whole, found.whole_error, _LEVEL)[0]
    if min(worst, whole) > -margin and not at_once:
        verdict = NO_HARM
    else:
        verdict = HARM if (later and worst <= -margin) or at_once else UNDERPOWERED
    reach = float(special.ndtri((1 + _LEVEL) / 2) + special.ndtri(_POWER))
    error = abs(worse.in_units(move * max(found.error, found.whole_error)))
    known = guard.y[np.isfinite(guard.y)]
    level = float(np.median(known[-max(int(len(known) * _RECENT), 8) :]))
    return Counterweight(
        verdict=verdict, metric=metric, against=against, target=target, margin=margin,
        effect=worse.in_units(move * found.total),
        low=-best if up else worst, high=-worst if up else best,
        typical_move=moved.in_units(move), level=level,
        floor=level + margin if up else level - margin, p_lead=float(lead.p_value), n=found.n_obs,
        n_needed=int(np.ceil(found.n_obs * (error * reach / margin) ** 2)),
        same_period=worse.in_units(move * found.same_period),
        same_low=-at_best if up else at_worst, same_high=-at_worst if up else at_best,
        lags=lags, worse_is_up=up, at_once=verdict == HARM and at_once and not later,
    )  # fmt: skip


def _response(worse: Prepared, moved: Prepared, lags: int) -> TotalResponse | None:
    """Response on one scale for both: in differences where either has a unit root."""
    # More own lags than the noise has make a low estimate of its slow part, and errors too small.
    order = max(min(worse.fit.order, 4, len(worse.level) // 30), 1)
    if worse.differenced or moved.differenced:
        y, x = (_change(side) for side in (worse, moved))
    else:
        y, x = _series(worse), _series(moved)
    held = (worse.terms.difference if worse.differenced else worse.terms.level).shape[1]
    return total_response(y, x, max_lag=lags, order=order, held=held)


def _change(side: Prepared) -> FloatArray:
    return _series(side) if side.differenced else np.diff(_series(side), prepend=np.nan)


def _series(side: Prepared) -> FloatArray:
    """Calendar and trend taken out, on the tested scale, of which `in_units` takes changes."""
    return side.series / (1.0 if "log" in side.transform else side.base)


def _surprise(side: Prepared) -> float:
    known = side.fit.innovations[np.isfinite(side.fit.innovations)]
    return float(np.sqrt(np.mean(known**2)))


def _panel(
    data: object, target: str, metric: str, options: Mapping[str, Any], *, role: str
) -> Panel:
    try:
        panel = build_panel(data, target, metrics=[metric], **options)
    except LeadLagError as error:
        # What must not get worse is what this panel is built around, but no target to its reader.
        what = error.what.replace("target ", f"{role} ", 1)
        raise type(error)(what, got=error.got, need=error.need, do=error.do) from error
    if metric in panel.excluded:
        raise ConfigurationError(
            f"{shown(metric)} can't be used: {panel.excluded[metric]}",
            do="Correct the column, or name another",
        )
    return panel


def _amount(value: float) -> str:
    return f"{'−' if value < 0 else ''}{abs(value):.4g}"


def _signed(value: float) -> str:
    text = f"{value:+.3g}"
    return f"−{text[1:]}" if text.startswith("-") else text


def _margin(margin: object) -> float:
    usable = isinstance(margin, (int, float, np.number)) and not isinstance(margin, bool)
    if not usable or not np.isfinite(float(margin)) or float(margin) <= 0:  # type: ignore[arg-type]
        raise ConfigurationError(
            "margin is not a change that could be tolerated",
            got=shown(margin),
            need="a number above zero, in units of the metric that must not get worse",
            do="Say how much worse it may get, such as margin=0.2 for a fifth of a point",
        )
    return float(margin)  # type: ignore[arg-type]
