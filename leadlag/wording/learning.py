"""What could be learnt about a leader: its goal, what would settle it, and the experiment."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from leadlag.assign.coach import suggested_kind
from leadlag.data.cohort import window_of
from leadlag.wording.amounts import amount
from leadlag.wording.numbers import missing, plain
from leadlag.wording.pairs import pair
from leadlag.wording.verdicts import criteria
from leadlag.wording.words import periods, unit

__all__ = ["catalog_entry", "experiment", "goal", "moves_needed", "still_open"]

# What TOML takes as a key without quotes.
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# What no team can be asked to move, or may not be: it is read.
_READ = ("business outcome", "output", "sentiment")


def catalog_entry(metric: str) -> str:
    """Write the entry of a catalogue file that would declare a metric's kind, and its window.

    Parameters
    ----------
    metric : str
        A column name.

    Returns
    -------
    str
        TOML, without a line break at its end.

    Examples
    --------
    >>> print(catalog_entry("retention_90d"))
    [retention_90d]
    kind = "product outcome"
    window = "90D"
    stamped = "cohort"
    >>> print(catalog_entry("csat, mean").splitlines()[0])
    ["csat, mean"]
    """
    window = window_of(metric)
    key = metric if _BARE_KEY.fullmatch(metric) else json.dumps(metric, ensure_ascii=False)
    lines = [f"[{key}]", f'kind = "{suggested_kind(metric)}"']
    return "\n".join(lines + [f'window = "{window}"', 'stamped = "cohort"'] * bool(window))


def goal(metric: str, judged: Mapping[str, Any]) -> str:
    """Write the goal that goes with a verdict.

    Parameters
    ----------
    metric : str
    judged : mapping
        "verdict", "because" and "facts".

    Returns
    -------
    str
        "" where the verdict sets none.

    Examples
    --------
    >>> goal("trials", {"verdict": "learn first", "facts": {}})
    'Learn what moves trials'
    >>> goal("trials", {"verdict": "assign", "facts": {"guards": ["csat"], "aim": "up"}})
    'Increase trials without csat getting worse'
    >>> goal("trials", {"verdict": "watch", "facts": {}})
    ''
    """
    if judged["verdict"] == "assign":
        words = pair(metric, judged) or f"move {metric}"
        return words[:1].upper() + words[1:]
    return f"Learn what moves {metric}" if judged["verdict"] == "learn first" else ""


def still_open(judged: Mapping[str, Any], target: str, moves: float = 1.0) -> list[str]:
    """Say what has to be so before a learning goal becomes a performance goal.

    Parameters
    ----------
    judged : mapping
        "verdict", "because" and "facts".
    target : str
    moves : float
        Typical moves that it takes, as `moves_needed` counts them.

    Returns
    -------
    list of str
        A clause each; none unless the verdict is "learn first".

    Examples
    --------
    >>> still_open({"verdict": "learn first", "because": ["tier"], "facts": {}}, "revenue")
    ['it improves forecasts out of sample (tier T2)']
    """
    if judged["verdict"] != "learn first":
        return []
    return criteria(judged, target, needed=_typical(moves))


def moves_needed(row: Mapping[str, Any], judged: Mapping[str, Any]) -> float:
    """Count the typical moves of a metric that an effect takes which would be seen.

    Parameters
    ----------
    row : mapping
        The metric's row of the table.
    judged : mapping

    Returns
    -------
    float
        At least 1, rounded up to a tenth.

    Examples
    --------
    >>> row = {"typical_move": 12.0}
    >>> moves_needed(row, {"facts": {"needed_move": -15.0}}), moves_needed(row, {"facts": {}})
    (1.3, 1.0)
    """
    needed, typical = judged["facts"].get("needed_move"), row["typical_move"]
    if not needed or missing(typical) or not typical > 0:
        return 1.0
    return max(1.0, math.ceil(round(10 * abs(float(needed)) / float(typical), 6)) / 10)


def _typical(moves: float) -> str:
    return "a typical move" if moves == 1 else f"{plain(moves)} typical moves"


def experiment(
    row: Mapping[str, Any],
    judged: Mapping[str, Any],
    settings: Mapping[str, Any],
    share: float | None = None,
) -> str:
    """Describe the experiment that would tell most: how far to move what, and when to look.

    Parameters
    ----------
    row : mapping
        The metric's row of the table.
    judged : mapping
        "verdict", "because" and "facts".
    settings : mapping
        `Ranking.settings`.
    share : float, optional
        Of its past changes over as long: those that were as large, in that direction.

    Returns
    -------
    str
        "" where no team should try to move the metric, or what it is has not been declared.

    Examples
    --------
    >>> row = {"metric": "trials", "kind": "product outcome", "lag": 3, "lag_low": 2, "lag_high": 5,
    ...        "typical_move": 12.0}
    >>> judged = {"verdict": "assign", "because": ["assign"],
    ...           "facts": {"needed_move": 9.0, "over": 4}}
    >>> print(experiment(row, judged, {"target": "revenue", "freq": "W"}, 0.3))
    Change one thing that should raise trials by a typical move (12) or more within 4 weeks (30 % of
    its past changes over 4 weeks were rises as large), for some of the users and not for others,
    and compare revenue 2 to 5 weeks later.
    """
    if judged["verdict"] not in ("assign", "learn first"):
        return ""
    if row["kind"] in _READ or row["kind"] == "unclassified":
        return ""
    facts, freq = judged["facts"], settings["freq"]
    move = f"move {row['metric']}"
    if facts.get("needed_move") and not missing(row["typical_move"]):
        up = facts["needed_move"] > 0
        over, moves = periods(facts["over"], freq), moves_needed(row, judged)
        move = (
            f"{'raise' if up else 'lower'} {row['metric']} by {_typical(moves)} "
            f"({amount(moves * row['typical_move'])}) or more within {over}"
        )
        if share is not None:
            move += (
                f" ({100 * share:.0f} % of its past changes over {over} were "
                f"{'rises' if up else 'falls'} as large)"
            )
    return (
        f"Change one thing that should {move}, for some of the users and not for others, and "
        f"compare {settings['target']} {_when(row, freq)} later."
    )


def _when(row: Mapping[str, Any], freq: str) -> str:
    low, high = row["lag_low"], row["lag_high"]
    if missing(low) or missing(high) or low == high:
        return periods(row["lag"], freq)
    return f"{plain(low)} to {plain(high)} {unit(freq)}s"
