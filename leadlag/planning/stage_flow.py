"""`funnel`: what changed an outcome, stage by stage, and which raise would pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.errors import ConfigurationError, InsufficientDataError, shown
from leadlag.planning.flow import Aligned, Flow, align, read_flow
from leadlag.planning.quantities import is_number
from leadlag.planning.stage_tests import Link, judged, links, rate_name, vanity
from leadlag.storage import plain
from leadlag.wording import funnels

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Funnel", "Part", "funnel"]

Floats = npt.NDArray[np.float64]

# Logarithms are rounded to a power of two: their differences and sums are then exact in floats,
# and what the parts leave over is 0 and not the last digit of a rounding.
_GRID = 2.0**40


@dataclass(frozen=True)
class Part:
    """What one part of a funnel did to the change of its outcome.

    Attributes
    ----------
    part : str
        The first stage, or a rate.
    before, after : float
        Its total, or the rate, in either span.
    log_change : float
        Of its logarithm; these add up to the outcome's.
    units : float
        Its share of the outcome's change, in the outcome's units; these add up as well.
    """

    part: str
    before: float
    after: float
    log_change: float
    units: float


@dataclass(frozen=True, eq=False, repr=False)
class Funnel:
    """A funnel taken apart; `leadlag.funnel` makes it.

    Attributes
    ----------
    stages : tuple of str
        First to last.
    totals : dict of str to float
        Cases of each stage whose outcome lies in the data.
    rates : dict of str to float
        From each stage to the next.
    delays : dict of str to float
        Mean delay of each stage after the one before it, in periods.
    change, residual : float
        Change of the outcome's logarithm between the spans, and what the parts leave of it:
        exactly 0. NaN where there is one period only.
    parts : tuple of Part
    links : tuple of Link
        Elasticities; empty where there are too few periods.
    raises : dict of str to str
        Of each rate with another behind it, what became of its rises: "trap", "reaches the
        outcome", "not shown", or "underpowered": the data could not have told.
    traps : tuple of str
        Rates whose rises were lost later on.
    vanity : tuple of str
        Stages that grow and say nothing about the outcome.
    """

    stages: tuple[str, ...]
    totals: dict[str, float]
    rates: dict[str, float]
    delays: dict[str, float]
    change: float
    residual: float
    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    raises: dict[str, str]
    traps: tuple[str, ...]
    vanity: tuple[str, ...]
    spans: tuple[str, ...] = field(repr=False)
    freq: str = field(repr=False)

    @property
    def decomposition(self) -> pd.DataFrame:
        """One row a part: before, after, log_change, units."""
        names = ["part", "before", "after", "log_change", "units"]
        return pd.DataFrame([vars(part) for part in self.parts], columns=names).set_index("part")

    @property
    def elasticities(self) -> pd.DataFrame:
        """One row a pair: what one per cent more of `raised` goes with in `responds`."""
        names = ["raised", "responds", "elasticity", "low", "high", "p_value", "error"]
        made = pd.DataFrame([vars(link) for link in self.links], columns=names)
        return made.set_index(["raised", "responds"])

    @property
    def break_even(self) -> pd.DataFrame:
        """One row a stage: its rate to the outcome, and where doubling it pays no more."""
        rows = [
            {
                "stage": stage,
                "count": self.totals[stage],
                "rate": self._rate(stage),
                "break_even_if_doubled": self.break_even_rate(stage, factor=2),
            }
            for stage in self.stages[:-1]
        ]
        return pd.DataFrame(rows).set_index("stage")

    def break_even_rate(self, stage: str, *, factor: float = 2.0) -> float:
        """Rate from a stage to the outcome above which multiplying the stage still pays.

        Parameters
        ----------
        stage : str
            Any but the last.
        factor : float
            2 doubles the stage.

        Returns
        -------
        float

        Raises
        ------
        ConfigurationError
            If there is no such stage, or the factor is not above zero.
        """
        if stage not in self.stages[:-1]:
            raise ConfigurationError(
                f"stage {shown(stage)} has no rate to the outcome",
                need=", ".join(self.stages[:-1]),
            )
        if not (is_number(factor) and factor > 0):
            raise ConfigurationError(
                "factor is not above 0", got=shown(factor), need="a number such as 2"
            )
        return self._rate(stage) / factor

    def plot(self) -> alt.LayerChart:
        """Draw what each part did to the change of the outcome.

        Returns
        -------
        altair.LayerChart

        Raises
        ------
        InsufficientDataError
            If there is one period only, so that nothing changed.
        """
        if not self.parts:
            raise InsufficientDataError(
                "there is no change of the outcome to draw",
                got="totals, or one period",
                need="two periods or more in which every stage is known",
                do="Pass one row a period",
            )
        from leadlag.figures.funnels import waterfall

        return waterfall(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Write everything as plain values; a missing number is None.

        Returns
        -------
        dict
        """
        values = {**vars(self), "break_even": self.break_even.reset_index().to_dict("records")}
        values["parts"] = [vars(part) for part in self.parts]
        values["links"] = [vars(link) for link in self.links]
        return dict(plain(values))

    def __repr__(self) -> str:
        """Write what changed the outcome, what would pay, and what to beware of."""
        return funnels.funnel_text(self.to_dict())

    def _rate(self, stage: str) -> float:
        return self.totals[self.stages[-1]] / self.totals[stage]


def funnel(
    data: object,
    stages: Sequence[str] | Mapping[str, int | None],
    *,
    time: str | None = None,
    freq: str | None = None,
    split: object = None,
) -> Funnel:
    """Take a funnel apart: what changed its outcome, which raise would pay, what is a trap.

    Parameters
    ----------
    data : dataframe or dict
        One row a period, one column a stage: how many reached it then. Or only totals,
        ``{"visits": 1800, "opt_ins": 18, "sales": 5}``.
    stages : sequence of str, or dict of str to int
        Columns, first stage to last, the outcome. A dict declares how many periods after the stage
        before it each follows; None, and a plain sequence, have that found from the data.
    time, freq : str, optional
        As for `leadlag.rank`; a coarser `freq` sums.
    split : date, str or int, optional
        Where the second span begins; by default half way.

    Returns
    -------
    Funnel
        `.decomposition`, `.break_even`, `.elasticities`, `.traps`, `.vanity`; it prints as text.

    Raises
    ------
    LeadLagError
        If a stage is missing or holds no counts, or a span has no case of a stage.

    Notes
    -----
    With every stage moved to the period of its outcome, ``outcome = first stage x rates``, so the
    change of the outcome's logarithm between two spans is the sum of the parts' changes. In units
    each gets its share by the logarithmic mean (Ang 2004). An elasticity is estimated in
    logarithms beside trend, calendar and autoregressive noise, and corrected for the chance in
    rates of few cases. A rate is a trap where raising it is lost later on: at most half of the
    raise reached the outcome, at 3 % over all rates, against the delay under which most would have.
    Vanity is a stage that trends or only adds up, whose effect on the outcome is below a half with
    power .8, and which improves no forecast of it.

    References
    ----------
    Ang, B. W. (2004). Decomposition analysis for policymaking in energy. *Energy Policy* 32,
    1131–1139.

    Examples
    --------
    >>> made = funnel({"visits": 1800, "opt_ins": 18, "sales": 5}, ["visits", "opt_ins", "sales"])
    >>> round(made.break_even_rate("opt_ins", factor=2), 3)
    0.139
    """
    flow = read_flow(data, stages, time=time, freq=freq)
    aligned = align(flow)
    whole = np.isfinite(aligned.counts).all(axis=1)
    if not whole.any():
        raise InsufficientDataError(
            "no period has every stage",
            need="a period in which each stage and its outcome are known",
            do="Pass more periods, or shorter delays",
        )
    totals = _totals(flow, aligned.counts[whole])
    change, residual, parts, spans = _decompose(flow, aligned, split)
    found = links(flow, aligned)
    last = len(flow.stages) - 1
    rates = judged(found, [rate_name(flow, j) for j in range(1, last)])
    return Funnel(
        stages=flow.stages,
        totals=dict(zip(flow.stages, totals.tolist(), strict=True)),
        rates={rate_name(flow, j): float(totals[j] / totals[j - 1]) for j in range(1, last + 1)},
        delays={
            stage: float(shape @ np.arange(len(shape)))
            for stage, shape in zip(flow.stages[1:], aligned.shapes, strict=True)
        },
        change=change,
        residual=residual,
        parts=parts,
        links=tuple(found),
        raises=rates,
        traps=tuple(rate for rate, what in rates.items() if what == "trap"),
        vanity=tuple(vanity(flow, aligned)) if found else (),
        spans=spans,
        freq=flow.freq,
    )


def _totals(flow: Flow, counts: Floats, where: str = "the data") -> Floats:
    totals = np.asarray(counts.sum(axis=0))
    for stage, total in zip(flow.stages, totals, strict=True):
        if total <= 0:
            raise InsufficientDataError(
                f"stage '{stage}' has no case in {where}",
                got="0",
                need="at least one",
                do="Pass longer spans, or leave the stage out",
            )
    return totals


def _decompose(
    flow: Flow, aligned: Aligned, split: object
) -> tuple[float, float, tuple[Part, ...], tuple[str, ...]]:
    rows = np.flatnonzero(np.isfinite(aligned.counts).all(axis=1))
    if len(rows) < 2:
        return float("nan"), float("nan"), (), ()
    start = _split(flow, rows, split)
    before, after = (
        _totals(flow, aligned.counts[part], "one of the spans that are compared")
        for part in (rows[rows < start], rows[rows >= start])
    )
    logs = [np.round(np.log(side) * _GRID) / _GRID for side in (before, after)]
    change = float(logs[1][-1] - logs[0][-1])
    names = [flow.stages[0], *(rate_name(flow, j) for j in range(1, len(flow.stages)))]
    steps = [np.diff(side, prepend=0.0) for side in logs]
    weight = (after[-1] - before[-1]) / change if change else after[-1]
    parts = []
    for j, name in enumerate(names):
        ends = [side[j] / (side[j - 1] if j else 1.0) for side in (before, after)]
        moved = float(steps[1][j] - steps[0][j])
        parts.append(Part(name, float(ends[0]), float(ends[1]), moved, float(moved * weight)))
    residual = change - sum(part.log_change for part in parts)
    labels = tuple(flow.label(int(i)) for i in (rows[0], start, rows[-1]))
    return change, residual, tuple(parts), labels


def _split(flow: Flow, rows: npt.NDArray[np.int64], given: object) -> int:
    if given is None:
        return int(rows[len(rows) // 2])
    try:
        if flow.index.dtype.kind not in "iM":  # labels have no order but that of the rows
            start = list(flow.index).index(given)
        else:
            dated = isinstance(flow.index, pd.DatetimeIndex)
            wanted = pd.Timestamp(given) if dated else given  # type: ignore[arg-type]
            start = int(np.searchsorted(flow.index, wanted))  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            "split is not a period of the data",
            got=shown(given),
            need=f"later than {flow.label(int(rows[0]))}, at most {flow.label(int(rows[-1]))}",
        ) from error
    if not rows[0] < start <= rows[-1]:
        raise ConfigurationError(
            "split leaves one of the spans empty",
            got=shown(given) if not hasattr(given, "isoformat") else str(given),
            need=f"later than {flow.label(int(rows[0]))}, at most {flow.label(int(rows[-1]))}",
        )
    return start
