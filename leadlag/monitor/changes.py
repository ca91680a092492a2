"""What changed between two rankings of one target, each change with its cause."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy import special

from leadlag.core.roles import SHOWN_LEADING
from leadlag.data.screen import choose_max_lag
from leadlag.errors import ConfigurationError
from leadlag.monitor.revisions import Revision, revisions
from leadlag.monitor.state import State
from leadlag.wording.numbers import missing
from leadlag.wording.words import periods

__all__ = ["CAUSES", "COLUMNS", "DEFINITION", "FACTS", "changes_between", "changes_table"]

Row = Mapping[str, Any]
Change = dict[str, Any]

COLUMNS = ("metric", "field", "before", "after", "cause")
NEW, REVISED, DEFINITION, METHOD, NOISE = (
    "new data", "revised data", "definition changed", "method changed", "noise",
)  # fmt: skip
CAUSES = (NEW, REVISED, DEFINITION, METHOD, NOISE)

# What is compared in the table, with the columns of the interval that says what is noise.
_TEXTS = ("role", "verdict", "tier", "redundant_with")
_NUMBERS = {
    "lag": ("lag_low", "lag_high"),
    "effect": ("effect_low", "effect_high"),
    "skill": ("skill_low", "skill_high"),
    "rank": ("rank_low", "rank_high"),
}
# A change of an estimate by less than this share of its interval is not worth a line.
_WORTH = 0.25
# A label or an owner is no definition. What a metric is for moves its verdict, but no number.
_COUNTED = ("unit", "form", "window", "latency", "stamped", "components")
_DEFINING = ("kind", *_COUNTED)
# What says that something else is counted; other changes with that cause follow from it.
FACTS = (*_DEFINING, "freq", "values", "metric")
_SETTINGS = ("version", "model", "alpha", "max_lag", "seed", "controls")
# Two-sided 5 % of the change that new rows alone would bring, and a least one: a decision about the
# scale of a column can turn on a single row.
_BEYOND = 1.96
# One-sided 5 %, where a lead became weaker; and half the width of a 90 % interval.
_WEAKER = _BAND = 1.645
_LEAST_MOVE = 1.0
# The same for an estimate, in half widths of its 90 % interval. A skill rests on the errors of the
# later rows alone, of which a few large ones decide.
_LEAST_SHARE = {"effect": 0.35, "skill": 0.7}
_LEAST_P = 1e-15


@dataclass(frozen=True, eq=False)
class _Compared:
    """Two states and how their data differ."""

    before: State
    now: State
    data: Mapping[str, Revision]
    target: str
    method: bool
    redefined: frozenset[str]
    repurposed: frozenset[str]
    grown: bool


def changes_between(before: State, now: State) -> list[Change]:
    """List what differs between two rankings, facts about the data and the method first.

    Parameters
    ----------
    before, now : State
        The earlier ranking and the later one, of the same target.

    Returns
    -------
    list of dict
        "metric", "field", "before", "after" and "cause", one of `CAUSES`.

    Raises
    ------
    ConfigurationError
        If they have different targets.

    Notes
    -----
    The cause of a change is what differs: first a definition (declared, or a history that was
    restated), then a setting or the version, then revised values where they are at least as many as
    the new ones. A place that only moved with metrics that came or left has their cause: of those
    that left "definition changed". What is left followed from new rows. It is called noise where a
    lag or a rank stays within its earlier interval, the rank counted among the metrics that both
    have; for an effect or a skill, where it moved by no more than
    ``max(.35, 1.96 / 1.645 sqrt(1 - n_before / n_now))`` half widths of it (.7 for a skill, which a
    few errors decide; 1.645 for 1.96 where it became smaller); for a role, where no test statistic
    z moved by more than ``max(1, 1.96 sqrt(2 (1 - sqrt(n_before / n_now))))``, and the forward one
    did not stay behind its growth on so many rows, ``z_before sqrt(n_now / n_before)``, by more
    than ``max(1, 1.645 sqrt(n_now / n_before - 1))``: what new rows bring by chance.
    """
    target = now.settings["target"]
    if before.settings["target"] != target:
        raise ConfigurationError(
            "the previous ranking has another target",
            got=repr(before.settings["target"]),
            need=repr(target),
            do="Compare two rankings of one target",
        )
    data = revisions(before, now)
    settings = _settings_changed(before, now)
    declared = _declared_changed(before, now)
    restated = {name for name, one in data.items() if one.restated}
    redefined = restated | {c["metric"] for c in declared if c["field"] in _COUNTED}
    if any(change["cause"] == DEFINITION for change in settings):
        redefined.add(target)
    compared = _Compared(
        before=before,
        now=now,
        data=data,
        target=target,
        method=any(change["cause"] == METHOD for change in settings),
        redefined=frozenset(redefined),
        repurposed=frozenset(c["metric"] for c in declared),
        grown=any(one.added for one in data.values()),
    )
    return [
        *settings,
        *_data_changed(compared),
        *declared,
        *_metrics_come_and_gone(compared),
        *(change for row in now.rows for change in _row_changed(compared, row)),
    ]


def changes_table(changes: list[Change]) -> pd.DataFrame:
    """Put changes into a table.

    Parameters
    ----------
    changes : list of dict
        As `changes_between` returns them.

    Returns
    -------
    pandas.DataFrame
        "metric", "field", "before", "after", "cause"; no row where nothing changed.
    """
    return pd.DataFrame(
        {name: pd.Series([c[name] for c in changes], dtype=object) for name in COLUMNS}
    )


def _change(metric: str, field: str, before: Any, after: Any, cause: str) -> Change:
    return dict(zip(COLUMNS, (metric, field, before, after, cause), strict=True))


def _settings_changed(before: State, now: State) -> list[Change]:
    target = now.settings["target"]
    changes = []
    if before.settings["freq"] != now.settings["freq"]:
        values = before.settings["freq"], now.settings["freq"]
        changes.append(_change(target, "freq", *values, DEFINITION))
    for name in _SETTINGS:
        old, new = _text(before.settings.get(name)), _text(now.settings.get(name))
        if old != new:
            # A largest lag that was left to the number of rows grows with them.
            grown = name == "max_lag" and _usual_lag(before) and _usual_lag(now)
            with_rows = REVISED if _fewer(before, now) else NEW
            changes.append(_change(target, name, old, new, with_rows if grown else METHOD))
    return changes


def _fewer(before: State, now: State) -> bool:
    return len(now.curves.index) < len(before.curves.index)


def _usual_lag(state: State) -> bool:
    settings = state.settings
    target = settings["target"]
    usual = choose_max_lag(None, settings["freq"], target, state.observed.target, [])
    return bool(usual == settings["max_lag"])


def _text(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _declared_changed(before: State, now: State) -> list[Change]:
    changes = []
    names = [now.settings["target"], *(row["metric"] for row in now.rows)]
    earlier = {before.settings["target"], *before.by_name}
    for name in names:
        if name not in earlier:
            continue
        old = {"kind": "unclassified", **before.observed.declared.get(name, {})}
        new = {"kind": "unclassified", **now.observed.declared.get(name, {})}
        for field in _DEFINING:
            if old.get(field) != new.get(field):
                values = _text(old.get(field)), _text(new.get(field))
                changes.append(_change(name, field, *values, DEFINITION))
    return changes


def _data_changed(compared: _Compared) -> list[Change]:
    changes, freq = [], compared.now.settings["freq"]
    if compared.before.settings["span"][1] != compared.now.settings["span"][1]:
        through = compared.before.settings["span"][1], compared.now.settings["span"][1]
        back = compared.now.curves.index[-1] in compared.before.curves.index
        changes.append(_change(compared.target, "data through", *through, REVISED if back else NEW))
    for name, one in compared.data.items():
        if one.restated:
            after = f"restated in {one.revised} of {periods(one.overlap, freq)}"
            earlier = f"{periods(one.overlap, freq)} known"
            changes.append(_change(name, "values", earlier, after, DEFINITION))
        elif one.revised:
            earlier = f"{periods(one.overlap + one.gone, freq)} known"
            changes.append(_change(name, "values", earlier, _revised_text(one, freq), REVISED))
    return changes


def _revised_text(one: Revision, freq: str) -> str:
    parts = []
    if other := one.revised - one.gone:
        size = f"{100 * one.largest:.3g} %"
        parts.append(f"{other} of {periods(one.overlap, freq)} revised, by up to {size}")
    if one.gone:
        parts.append(f"{one.gone} of {one.overlap + one.gone} values no longer there")
    return "; ".join(parts)


def _metrics_come_and_gone(compared: _Compared) -> list[Change]:
    old, new = compared.before.by_name, compared.now.by_name
    come = [name for name in new if name not in old]
    gone = [name for name in old if name not in new]
    return [
        *(_change(name, "metric", "absent", new[name]["role"], NEW) for name in come),
        *(_change(name, "metric", old[name]["role"], "absent", DEFINITION) for name in gone),
    ]


def _row_changed(compared: _Compared, row: Row) -> list[Change]:
    name = row["metric"]
    old = compared.before.by_name.get(name)
    if old is None:
        return []
    leads = row["role"] in SHOWN_LEADING or old["role"] in SHOWN_LEADING
    fixed = _cause(compared, name)
    role = fixed or (NEW if _tests_moved(old, row) else NOISE)
    numbers = []
    for field in _NUMBERS if leads else ():
        if missing(old.get(field)) or missing(row.get(field)) or old[field] == row[field]:
            continue
        if field == "rank":
            cause = _placed(compared, old, row, fixed)
        else:
            cause = fixed or _moved(old, row, field)
        if field == "lag" and old["role"] != row["role"]:
            cause = role  # a lag that goes with another role is that role's change
        if cause != NOISE or field in ("lag", "rank") or _worth(old, row, field):
            numbers.append(_change(name, field, old[field], row[field], cause))
    moved = any(c["cause"] == NEW for c in numbers if c["field"] != "rank")
    texts = []
    for field in _TEXTS:
        # Where nothing leads, a tier or a redundancy says nothing.
        told = leads or field in ("role", "verdict")
        if not told or field not in old or field not in row or old[field] == row[field]:
            continue
        cause = fixed or (NEW if moved and field != "role" else role)
        if field == "verdict" and name in compared.repurposed:
            cause = DEFINITION
        if field == "redundant_with":
            cause = _other(compared, old[field], row[field]) or cause
        texts.append(_change(name, field, old[field], row[field], cause))
    return [*texts, *numbers]


def _cause(compared: _Compared, name: str) -> str | None:
    """The cause that the inputs show; None where only new rows are left."""
    if {name, compared.target} & compared.redefined:
        return DEFINITION
    if compared.method:
        return METHOD
    pair = [compared.data[key] for key in (name, compared.target) if key in compared.data]
    revised = sum(one.revised for one in pair)
    added = sum(one.added for one in pair)
    if revised and revised >= added:
        return REVISED
    if added or compared.grown:
        return None
    # Neither side has new values: what other columns did reached it through the q-values.
    if compared.redefined:
        return DEFINITION
    if any(one.revised for one in compared.data.values()) or _fewer(compared.before, compared.now):
        return REVISED
    old, new = compared.before.by_name.keys(), compared.now.by_name.keys()
    return DEFINITION if old - new else NEW if new - old else METHOD


def _placed(compared: _Compared, old: Row, row: Row, fixed: str | None) -> str:
    """Why a metric has another place: others that came or left, or itself."""
    before, now = compared.before.by_name, compared.now.by_name
    left = sum(_ahead(one, old) for name, one in before.items() if name not in now)
    came = sum(_ahead(one, row) for name, one in now.items() if name not in before)
    place = row["rank"] - came
    if place == old["rank"] - left:
        # Among the metrics that both have it is where it was.
        return DEFINITION if left > came else NEW
    low, high = (_number(old, name) - left for name in _NUMBERS["rank"])
    return fixed or (NOISE if low <= place <= high else NEW)


def _ahead(one: Row, row: Row) -> bool:
    return not missing(one.get("rank")) and bool(one["rank"] < row["rank"])


def _other(compared: _Compared, before: str, after: str) -> str | None:
    """The cause where what a metric says the same as left the data, or came into them."""
    if before and before not in compared.now.by_name:
        return DEFINITION
    return NEW if after and after not in compared.before.by_name else None


def _moved(old: Row, row: Row, field: str) -> str:
    low, high = (_number(old, name) for name in _NUMBERS[field])
    if math.isnan(low + high):
        return NEW
    if field in ("effect", "skill"):
        # An estimate on more rows differs from that on fewer by what the rows between add.
        beyond = (_WEAKER if abs(row[field]) < abs(old[field]) else _BEYOND) / _BAND
        share = max(beyond * math.sqrt(1 - _overlap(old, row)), _LEAST_SHARE[field])
        return NEW if abs(row[field] - old[field]) > share * (high - low) / 2 else NOISE
    return NOISE if low <= row[field] <= high else NEW


def _overlap(old: Row, row: Row) -> float:
    n = _number(old, "n"), _number(row, "n")
    return 0.0 if math.isnan(sum(n)) or not max(n) else min(n) / max(n)


def _worth(old: Row, row: Row, field: str) -> bool:
    low, high = (_number(old, name) for name in _NUMBERS[field])
    if math.isnan(low + high):
        return True
    return bool(abs(row[field] - old[field]) > _WORTH * (high - low))


def _number(row: Row, name: str) -> float:
    return math.nan if missing(row.get(name)) else float(row[name])


def _tests_moved(old: Row, row: Row) -> bool:
    """Whether a test statistic moved by more than new rows alone would move it."""
    if missing(old.get("n")) or missing(row.get("n")) or "excluded" in (old["role"], row["role"]):
        return True
    kept = _overlap(old, row)
    beyond = max(_BEYOND * math.sqrt(2 * (1 - math.sqrt(kept))), _LEAST_MOVE)
    for column in ("p_value", "granger_reverse_p"):
        z = [_z(one.get(column)) for one in (old, row)]
        if not any(map(math.isnan, z)) and abs(z[1] - z[0]) > beyond:
            return True
    # A lead that goes on is shown more surely by more rows: to stay as sure is to be weaker.
    z = [_z(one.get("p_value")) for one in (old, row)]
    if any(map(math.isnan, z)) or kept in (0.0, 1.0) or row["n"] < old["n"]:
        return False
    lost = max(z[0], 0.0) / math.sqrt(kept) - z[1]
    return lost > max(_WEAKER * math.sqrt(1 / kept - 1), _LEAST_MOVE)


def _z(p: Any) -> float:
    if missing(p):
        return math.nan
    return float(-special.ndtri(min(max(float(p), _LEAST_P), 1 - _LEAST_P)))
