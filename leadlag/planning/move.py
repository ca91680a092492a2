"""`required_move`: how far a leading metric would have to move for a wanted change, and by when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from leadlag.core.roles import SHOWN_LEADING
from leadlag.errors import ConfigurationError, shown, unknown_name
from leadlag.planning.due import Due, due
from leadlag.planning.past_moves import PastMoves, past_moves
from leadlag.planning.quantities import is_number
from leadlag.ranking import Ranking
from leadlag.storage import plain
from leadlag.wording import moves

__all__ = ["RequiredMove", "required_move"]

_LEVEL = 0.90
# Points of the believed move's distribution over which the chance is averaged.
_POINTS = 400


@dataclass(frozen=True, eq=False, repr=False)
class RequiredMove:
    """The move of a metric that would go with a change of the target.

    Attributes
    ----------
    metric, target : str
    change : float
        Wanted, in the target's units.
    move, low, high : float
        Of the metric, in its units, with the 90 % interval; NaN where not determined.
    determined : bool
        Whether the metric was shown to lead and its effect's interval leaves out 0.
    reason : str
        Why it is not determined; "" where it is.
    level, target_level : float
        Of the metric and of the target, lately: the mean of the last stretch, or the median of the
        last year where a logarithm was tested.
    stretch : int, periods
        Length of the stretches over which past moves are counted: about a quarter.
    n_stretches : int
        How many of them the history holds.
    larger_than : float
        Share of past moves of the metric, in either direction, that were smaller.
    business_as_usual : float
        Share of stretches in which it moved at least so far, in that direction, anyway.
    target_business_as_usual : float
        Share of stretches in which the target changed by at least the wanted change anyway.
    due : Due
        The lag, and by when the metric has to move.
    believed : tuple of float or None
        What the team thinks it can move, in the metric's units.
    believed_change : tuple of float or None
        The change of the target that would go with its low end, middle and high end.
    probability : float
        That the believed move goes with at least the wanted change; NaN where nothing is believed
        or no lead was shown.
    """

    metric: str
    target: str
    change: float
    move: float
    low: float
    high: float
    determined: bool
    reason: str
    level: float
    target_level: float
    stretch: int
    n_stretches: int
    larger_than: float
    business_as_usual: float
    target_business_as_usual: float
    due: Due
    believed: tuple[float, float] | None
    believed_change: tuple[float, float, float] | None
    probability: float

    @property
    def status(self) -> str:
        """Either "determined" or "not determined"."""
        return "determined" if self.determined else "not determined"

    @property
    def interval(self) -> tuple[float, float]:
        """`low` and `high`."""
        return self.low, self.high

    def to_dict(self) -> dict[str, Any]:
        """Write everything as plain values that survive JSON; a missing number is None.

        Returns
        -------
        dict
        """
        values = {**vars(self), "due": vars(self.due), "status": self.status}
        return dict(plain(values))

    def __repr__(self) -> str:
        """Write it as a person reads it."""
        return moves.move_text(self.to_dict())


def required_move(
    ranking: Ranking,
    metric: str,
    *,
    change: float | str,
    believed: float | Sequence[float] | None = None,
    by: object = None,
) -> RequiredMove:
    """Work back from a wanted change of the target to the move of a leading metric.

    Parameters
    ----------
    ranking : Ranking
        What `leadlag.rank` or `leadlag.load` returned.
    metric : str
        A row of its table.
    change : float or str
        Wanted change of the target, in its units; or of its recent level: ``"5%"``, ``"-2.5 %"``.
    believed : float or (low, high), optional
        What the team thinks it can move the metric, in its units: the middle 90 % of what is
        plausible. Upwards is positive.
    by : date, str or int, optional
        When the change is wanted; by default the earliest it could follow.

    Returns
    -------
    RequiredMove
        `.move` with `.low` and `.high`; `.business_as_usual`, `.larger_than`; `.probability`.

    Raises
    ------
    ConfigurationError
        If there is no such metric, it was excluded, or an argument can't be used.

    Notes
    -----
    With effect e for a typical move s, both on the scale on which the series were tested, the move
    is ``s change / e``, and its interval (Fieller 1954, the change being a given number) holds
    every move whose implied effect lies in the effect's interval. Where that covers 0 the set of
    moves has no end: "not determined". The move *would go with* the change if the past holds: it
    is a prediction from an association, and moving the metric may not move the target.

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. *JRSS B* 16, 175–185.

    Examples
    --------
    >>> import leadlag
    >>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    >>> needed = required_move(ranking, "lead", change=5.0)
    >>> needed.determined, round(needed.move, 1), needed.due.lag
    (True, 0.4, 3.0)
    """
    if not isinstance(ranking, Ranking):
        raise ConfigurationError(
            "ranking is not a ranking",
            got=shown(ranking),
            need="what leadlag.rank or leadlag.load returned",
            do="Rank first",
        )
    row = _row(ranking, metric)
    settings = ranking.settings
    seen = ranking.to_dict()
    observed = seen["observed"]
    freq, target = settings["freq"], settings["target"]
    of_target = past_moves(_series(observed["target"]), settings["transform"], freq)
    values = _series(observed["values"][observed["metrics"].index(metric)])
    of_metric = past_moves(values, row["transform"], freq)
    wanted = _change(change, of_target.level)
    goal = _scaled(wanted, of_target, settings["transform"], "change")
    effect = _Effect.read(row, settings, of_metric, of_target, _interval_level(ranking))
    move = low = high = float("nan")
    if not effect.reason:
        move, low, high = (
            _unscaled(part, of_metric, row["transform"]) for part in effect.moves(goal)
        )
    held = _believed(believed)
    reach: tuple[float, float, float] | None = None
    probability = float("nan")
    if held is not None and effect.known:
        ends = [_scaled(end, of_metric, row["transform"], "believed") for end in held]
        changes = [effect.slope * part for part in (ends[0], sum(ends) / 2, ends[1])]
        first, middle, last = (
            _unscaled(part, of_target, settings["transform"]) for part in changes
        )
        reach = first, middle, last
        probability = effect.chance(ends[0], ends[1], goal)
    return RequiredMove(
        metric=metric,
        target=target,
        change=wanted,
        move=move,
        low=low,
        high=high,
        determined=not effect.reason,
        reason=effect.reason,
        level=of_metric.level,
        target_level=of_target.level,
        stretch=of_metric.stretch,
        n_stretches=of_metric.n_stretches,
        larger_than=of_metric.larger_than(move) if math.isfinite(move) else float("nan"),
        business_as_usual=of_metric.reached(move) if math.isfinite(move) else float("nan"),
        target_business_as_usual=of_target.reached(wanted),
        due=due(row, freq, seen["curves"]["index"], by),
        believed=held,
        believed_change=reach,
        probability=probability,
    )


@dataclass(frozen=True)
class _Effect:
    """Change of the target on its tested scale for each unit of the metric on its own."""

    slope: float
    low: float
    high: float
    sd: float
    reason: str

    @property
    def known(self) -> bool:
        return math.isfinite(self.slope)

    @classmethod
    def read(
        cls, row: dict[str, Any], settings: dict[str, Any], of_metric: PastMoves,
        of_target: PastMoves, level: float,
    ) -> _Effect:  # fmt: skip
        nan = float("nan")
        name = row["metric"]
        if row["role"] not in SHOWN_LEADING or not math.isfinite(row["effect"]):
            reason = f"{name} was not shown to precede {settings['target']}"
            return cls(nan, nan, nan, nan, reason)
        size = _scaled(row["typical_move"], of_metric, row["transform"], "typical_move")
        mean, low, high = (
            _scaled(row[part], of_target, settings["transform"], part) / size
            for part in ("effect", "effect_low", "effect_high")
        )
        reason = ""
        if low <= 0 <= high:
            reason = f"the interval of {name}'s effect covers 0"
        z = float(special.ndtri((1 + level) / 2))
        return cls(mean, low, high, (high - low) / (2 * z), reason)

    def moves(self, goal: float) -> tuple[float, float, float]:
        ends = sorted((goal / self.low, goal / self.high))
        return goal / self.slope, ends[0], ends[1]

    def chance(self, low: float, high: float, goal: float) -> float:
        """That slope times move is at least the goal, both normal and independent."""
        middle, sd = (low + high) / 2, (high - low) / (2 * float(special.ndtri((1 + _LEVEL) / 2)))
        at = middle + sd * special.ndtri((np.arange(_POINTS) + 0.5) / _POINTS)
        at = at * math.copysign(1.0, goal)
        spread = np.maximum(np.abs(at) * self.sd, 1e-300)
        return float(np.mean(special.ndtr((self.slope * at - abs(goal)) / spread)))


def _row(ranking: Ranking, metric: object) -> dict[str, Any]:
    table = ranking.table
    if not isinstance(metric, str) or metric not in table.index:
        raise unknown_name(
            f"metric {shown(metric)} is not in this ranking", metric, table.index, plural="Metrics"
        )
    row: dict[str, Any] = {"metric": metric}
    row |= {str(name): value for name, value in table.loc[metric].items()}
    if row["role"] == "excluded":
        raise ConfigurationError(
            f"'{metric}' was not ranked: {row['notes']}",
            do="Name another metric, or mend the column and rank again",
        )
    return row


def _interval_level(ranking: Ranking) -> float:
    """Level of the effects' intervals, which is raised for having been selected (FCR)."""
    if ranking.settings.get("model", "screen") != "screen":
        return _LEVEL
    role = ranking.table["role"]
    tested = int((role != "excluded").sum())
    return 1 - (1 - _LEVEL) * int(role.isin(SHOWN_LEADING).sum()) / max(tested, 1)


def _series(values: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def _scaled(change: float, of: PastMoves, transform: str, name: str) -> float:
    """A change in units on the scale on which the series was tested."""
    if "log" not in transform:
        return float(change)
    if change <= -of.base:
        raise ConfigurationError(
            f"{name} would take the series below zero",
            got=f"{change:.6g}",
            need=f"a change above {-of.base:.6g}",
            do="Pass a smaller decrease",
        )
    return math.log1p(change / of.base)


def _unscaled(change: float, of: PastMoves, transform: str) -> float:
    # A change that no float holds is no move that anyone can make.
    return of.base * math.expm1(min(change, 700.0)) if "log" in transform else change


def _change(given: object, level: float) -> float:
    value: Any = given
    if isinstance(given, str):
        text = given.strip().replace("−", "-")
        try:
            value = float(text.removesuffix("%")) / 100 * level if text.endswith("%") else None
        except ValueError:
            value = None
    if not is_number(value):
        raise ConfigurationError(
            "change is not a change of the target",
            got=shown(given),
            need="a number in the target's units, or text such as '5%' of its recent level",
            do="Pass change=1000 or change='5%'",
        )
    if value == 0:
        raise ConfigurationError("change is 0, which takes no move", need="a change that is wanted")
    return float(value)


def _believed(given: object) -> tuple[float, float] | None:
    if given is None:
        return None
    parts: list[Any] = list(given) if isinstance(given, Sequence | np.ndarray) else [given]
    numbers = all(is_number(part) for part in parts)
    if isinstance(given, str) or not numbers or len(parts) not in (1, 2) or parts[0] > parts[-1]:
        raise ConfigurationError(
            "believed is not a range of moves",
            got=shown(given),
            need="(low, high) in the metric's units, or one number",
            do="Pass believed=(1, 3): between 1 and 3 more",
        )
    return float(parts[0]), float(parts[-1])
