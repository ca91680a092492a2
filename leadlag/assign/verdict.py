"""The verdict on each metric, by one published table: `docs/verdict.md` prints it.

Evidence, what is declared and how the metric has moved go in; a recommendation and the reasons for
it come out, as codes that `leadlag.wording.verdicts` writes as sentences. It moves no rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadlag.assign.movability import Movability, movability
from leadlag.core.effect import detectable_share
from leadlag.core.identities import Identity, find_identities
from leadlag.core.roles import SHOWN_LEADING
from leadlag.data.metric import Metric

if TYPE_CHECKING:
    from leadlag.data.panel import Panel
    from leadlag.evidence import Evidence

__all__ = [
    "SMALLEST_EFFECT", "TABLE", "VERDICTS", "Judgement", "judge", "judgements_of", "verdict_on",
]  # fmt: skip

VERDICTS = (
    "assign",
    "learn first",
    "counterweight",
    "component",
    "watch",
    "not shown",
    "insufficient data",
)
# The effect that "not shown" speaks about, in standard deviations of the target's surprises after
# one of the metric's: medium by Cohen (1988). Less than power .8 for it is "insufficient data".
SMALLEST_EFFECT = 0.3
# Below these a lead is uncertain or noisy; the cuts of `leadlag.wording.findings`.
_STEADY = 0.6
_LIKELY = 0.5
# The move that an effect large enough to be seen needs was made at least this often.
_OFTEN = 0.05
_NOBODY = frozenset({"", "nobody", "no one", "noone", "none", "no-one", "external", "market"})


@dataclass(frozen=True)
class Judgement:
    """The verdict on one metric and what it rests on.

    Parameters
    ----------
    verdict : str
        One of `VERDICTS`.
    because : tuple of str
        Codes of the reasons, from `TABLE`, most important first.
    facts : dict
        Numbers and names that the sentences need, as plain values.
    """

    verdict: str
    because: tuple[str, ...]
    facts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Write the judgement as plain values."""
        return {"verdict": self.verdict, "because": list(self.because), "facts": self.facts}


# The first line that applies gives the verdict; lines of "learn first" are all given as reasons.
# Each: code, verdict, the condition in words as the docs print it.
TABLE: tuple[tuple[str, str, str], ...] = (
    ("excluded", "insufficient data", "the column could not be used"),
    ("component", "component", "the target is made of it by arithmetic, found or declared"),
    (
        "declared_counterweight",
        "counterweight",
        "another metric names it as its counterweight, or its aim is to hold, and it is not a "
        "product outcome that leads",
    ),
    ("sentiment", "counterweight", "kind sentiment, some relation shown"),
    ("no_power", "insufficient data", "no relation shown, power below .8 for the smallest effect"),
    ("not_shown", "not shown", "no relation shown, power .8 or more for the smallest effect"),
    ("coincident", "watch", "role coincident: neither comes first"),
    ("lagging", "watch", "role lagging: it follows"),
    ("known_too_late", "watch", "it leads, usable lead zero or less"),
    ("business_outcome", "watch", "it leads, kind business outcome"),
    ("output", "watch", "it leads, kind output"),
    ("not_controllable", "watch", "it leads, declared as controllable by nobody"),
    ("redundant", "watch", "it leads, but adds nothing beside a leader that can be assigned"),
    ("unclassified", "learn first", "it leads, kind not declared"),
    ("traction", "learn first", "it leads, kind traction: use of one feature"),
    ("before_value", "learn first", "it leads, declared as no moment of value"),
    ("against_aim", "learn first", "it leads, and what is wanted of it goes with less of what is "
     "wanted of the target"),
    ("feedback", "learn first", "role feedback: each precedes the other"),
    ("tier", "learn first", "tier T1: not shown to predict out of sample"),
    ("uncertain", "learn first", "the interval of its effect covers zero"),
    ("unsteady", "learn first", "stability below .6"),
    ("odds", "learn first", "prob_leads below .5"),
    ("seldom_moved", "learn first", "fewer than 5 % of its past moves were as large as needed"),
    ("assign", "assign", "none of these: a product outcome that leads, predicts and can be moved"),
)  # fmt: skip


def verdict_on(codes: set[str]) -> tuple[str, tuple[str, ...]]:
    """Read the table: the verdict, and the codes that are its reasons.

    Parameters
    ----------
    codes : set of str
        Conditions that hold.

    Returns
    -------
    verdict : str
    because : tuple of str

    Examples
    --------
    >>> verdict_on({"tier", "uncertain"})
    ('learn first', ('tier', 'uncertain'))
    >>> verdict_on({"business_outcome", "tier"})
    ('watch', ('business_outcome',))
    """
    for code, verdict, _ in TABLE:
        if code in codes:
            if verdict != "learn first":
                return verdict, (code,)
            return verdict, tuple(c for c, v, _ in TABLE if c in codes and v == verdict)
    return "assign", ("assign",)


def judge(panel: Panel, evidence: Evidence) -> dict[str, Judgement]:
    """Give a verdict on every metric of a panel.

    Parameters
    ----------
    panel : Panel
        The data and what is declared about them.
    evidence : Evidence
        What was found.

    Returns
    -------
    dict of str to Judgement
        Every metric, those that could not be used too.

    Notes
    -----
    A metric that is redundant with another keeps its verdict where that other can't be assigned:
    the one of two near-copies that a team can move is the one to name.
    """
    identities = _components(panel)
    guards = {name for info in panel.metrics_info.values() for name in info.counterweights}
    target = panel.metrics_info.get(panel.target, Metric())
    felt = [name for name in panel.metrics if _kind_of(panel, name) == "sentiment"]
    out = {}
    held: dict[str, tuple[set[str], dict[str, Any]]] = {}
    for j, name in enumerate(evidence.metrics):
        info = panel.metrics_info.get(name, Metric())
        codes, facts = _conditions(panel, evidence, j, info, target)
        if name in identities or name in target.components:
            codes.add("component")
            facts |= identities.get(name, {"identity": "declared", "with": []})
        leads = evidence.role[j] in SHOWN_LEADING
        if leads and info.kind not in ("sentiment", "business outcome"):
            facts |= {"guards": list(info.counterweights) or felt, "aim": info.aim}
        if (name in guards or info.aim == "hold") and not (leads and info.kind == _OUTCOME):
            codes.add("declared_counterweight")
            facts["guarded"] = sorted(
                other for other, its in panel.metrics_info.items() if name in its.counterweights
            )
        held[name] = codes, facts
        out[name] = Judgement(*verdict_on(codes), facts)
    for j, name in enumerate(evidence.metrics):
        other = evidence.redundant_with[j]
        if other in out and out[other].verdict in ("assign", "learn first"):
            codes, facts = held[name]
            out[name] = Judgement(*verdict_on({*codes, "redundant"}), facts | {"beside": other})
    for name in panel.excluded:
        out[name] = Judgement(*verdict_on({"excluded"}), {})
    return dict(sorted(out.items()))


def _kind_of(panel: Panel, name: str) -> str:
    return panel.metrics_info.get(name, Metric()).kind


def judgements_of(values: Any, rows: Any) -> dict[str, Any]:
    """Check the judgements of a saved ranking: one for every row.

    Parameters
    ----------
    values : object
        What was read.
    rows : sequence of mapping
        Rows of the table, each with its name as "metric".

    Returns
    -------
    dict

    Raises
    ------
    KeyError
        If one is missing, or lacks a part.

    Examples
    --------
    >>> judged = {"verdict": "watch", "because": ["lagging"], "facts": {}}
    >>> judgements_of({"refunds": judged}, [{"metric": "refunds"}]) == {"refunds": judged}
    True
    """
    names = sorted(row["metric"] for row in rows)
    return {name: {part: values[name][part] for part in _PARTS} for name in names}


_PARTS = ("verdict", "because", "facts")
_OUTCOME = "product outcome"
_OF_A_KIND = {
    "business outcome": "business_outcome",
    "output": "output",
    "unclassified": "unclassified",
    "traction": "traction",
    "sentiment": "sentiment",
}
_OF_A_ROLE = {"coincident": "coincident", "lagging": "lagging", "feedback": "feedback"}


def _conditions(
    panel: Panel, evidence: Evidence, j: int, info: Metric, target: Metric
) -> tuple[set[str], dict[str, Any]]:
    """Conditions of the table that hold for one metric by itself, and the facts behind them."""
    role = evidence.role[j]
    codes = {_OF_A_ROLE[role]} if role in _OF_A_ROLE else set()
    facts: dict[str, Any] = {"controllable_by": _who(info), "owner": info.owner}
    if role == "unrelated":
        power = _power(panel, evidence, j)
        return {"not_shown" if power["enough"] else "no_power"}, facts | power
    if info.kind == "sentiment":
        codes.add("sentiment")
    if role not in SHOWN_LEADING:
        return codes, facts
    usable = float(evidence.lag[j] - panel.delay[j])
    if not usable > 0:
        codes.add("known_too_late")
    if info.kind == "unclassified":
        facts["undeclared"] = True
    if info.kind in _OF_A_KIND:
        codes.add(_OF_A_KIND[info.kind])
    if info.controllable_by is not None and not _who(info):
        codes.add("not_controllable")
    if info.value_moment is False:
        codes.add("before_value")
    if _against(evidence.effect[j], info.aim, target.aim):
        codes.add("against_aim")
    if evidence.tier[j] in ("T0", "T1"):
        codes.add("tier")
    if evidence.effect_low[j] <= 0 <= evidence.effect_high[j]:
        codes.add("uncertain")
    if evidence.stability[j] < _STEADY:
        codes.add("unsteady")
    if evidence.prob_leads[j] < _LIKELY:
        codes.add("odds")
    moved = _moved(panel, evidence, j, usable, info, target)
    if moved is not None:
        facts |= {"needed_move": moved.needed, "moved_share": moved.share, "moves": moved.n_obs,
                  "over": moved.periods}  # fmt: skip
        if moved.share < _OFTEN:
            codes.add("seldom_moved")
    return codes, facts


def _who(info: Metric) -> list[str]:
    names = info.controllable_by
    if names is None:
        return []
    listed = (names,) if isinstance(names, str) else names
    return [name for name in listed if name.strip().casefold() not in _NOBODY]


def _against(effect: float, aim: str | None, target_aim: str | None) -> bool:
    """Whether the declared direction goes with the unwanted direction of the target."""
    if aim not in ("up", "down") or not np.isfinite(effect) or effect == 0:
        return False
    wanted = -1.0 if target_aim == "down" else 1.0
    return bool(effect * (1.0 if aim == "up" else -1.0) * wanted < 0)


def _moved(
    panel: Panel, evidence: Evidence, j: int, usable: float, info: Metric, target: Metric
) -> Movability | None:
    """How often it moved as far as an effect needs that is just large enough to be seen."""
    effect, move = float(evidence.effect[j]), float(evidence.typical_move[j])
    seen = float(evidence.detectable_effect[j])
    if not (np.isfinite(effect) and np.isfinite(move) and np.isfinite(seen)) or effect == 0:
        return None
    sign = np.sign(effect) * (-1.0 if target.aim == "down" else 1.0)
    if info.aim in ("up", "down"):
        sign = 1.0 if info.aim == "up" else -1.0
    needed = sign * move * (seen / abs(effect))
    return movability(panel.X[:, j], needed, over=max(1, int(usable) if usable > 0 else 1))


def _power(panel: Panel, evidence: Evidence, j: int) -> dict[str, Any]:
    """Whether the smallest effect would have been found, else the rows that it takes."""
    n, used = int(evidence.n[j]), len(evidence.terms)
    df = max(n - used, 5)
    share = detectable_share(df=float(df), max_lag=panel.max_lag, alpha=evidence.alpha)
    needed = int(np.ceil(df * (share / SMALLEST_EFFECT) ** 2)) + used
    return {
        "enough": bool(share <= SMALLEST_EFFECT),
        "n": n,
        "n_needed": max(needed, n) if share > SMALLEST_EFFECT else needed,
        "smallest_effect": SMALLEST_EFFECT,
        # In the target's units, as far as a share of its surprises can be turned into them.
        "smallest_in_units": float(evidence.detectable_effect[j]) * SMALLEST_EFFECT / share,
    }


def _components(panel: Panel) -> dict[str, dict[str, Any]]:
    """Metrics that are in an identity with the target: its kind, and the other members."""
    return {
        panel.metrics[j]: _member(identity, panel.metrics, j)
        for identity in find_identities(panel.y, panel.X, season=panel.season)
        for j in identity.columns
    }


def _member(identity: Identity, names: tuple[str, ...], j: int) -> dict[str, Any]:
    return {
        "identity": identity.kind,
        "with": [names[i] for i in identity.columns if i != j],
        "window": identity.window,
    }
