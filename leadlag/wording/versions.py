"""The words of a comparison of versions: what to use, and the price of waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording.numbers import missing, plain
from leadlag.wording.words import listed, periods, sentence, unit

Row = Mapping[str, Any]

_FEW_CYCLES = 10
# So many times the data is no advice.
_FAR = 10
# Of the cohorts that are needed: "about" holds that many.
_NEARLY = 0.9
# Below this share of variance that is not chance, cohorts hardly differ.
_LITTLE_SIGNAL = 0.5
# Of a p-value below this the digits say nothing.
_LEAST_P = 0.001


def recommendation(
    rows: Sequence[Row], choice: Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> str:
    """Say which version to use and what waiting would buy, or that it can't be told.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table, each with its name as "name".
    choice : mapping or None
        From `leadlag.iterations.choosing.choose`.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    by_name = {row["name"]: row for row in rows}
    parts = []
    if choice is None:
        parts.append(_nothing(rows, settings))
    else:
        chosen, slowest = by_name[choice["name"]], by_name[choice["slowest"]]
        if choice["doubt"] in ("", "keeps", "tie"):
            parts.append(_use(chosen, settings, settled=not choice["doubt"]))
        else:
            parts.append(_open(chosen, by_name.get(choice["other"]), choice, settings))
        if chosen is not slowest:
            parts.append(_waiting(chosen, slowest, choice, settings))
        elif not choice["doubt"] and _refused(chosen, rows):
            parts.append("No earlier version keeps enough of what it tells.")
        if choice["doubt"] == "tie":
            parts.append(_tie(chosen, by_name[choice["other"]], choice, settings))
        if choice["doubt"] == "keeps":
            parts.append(_unsettled(chosen, by_name[choice["other"]], choice, settings))
    if choice is not None or any(row["precedes"] for row in rows):
        parts.append(_beyond(rows, settings))
    parts += [_only_by_cohort(rows, settings), _too_late(rows, settings)]
    parts += [_unusable(rows, settings), _little_signal(rows)]
    return " ".join(part for part in parts if part)


def share(value: float) -> str:
    """Write a share of one in per cent, with a real minus.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> share(0.623), share(-0.05)
    ('62 %', '−5 %')
    """
    return f"{round(100 * value):d} %".replace("-", "−")


def cycles(count: float) -> str:
    """Write feedback cycles a quarter.

    Parameters
    ----------
    count : float

    Returns
    -------
    str

    Examples
    --------
    >>> cycles(30.4), cycles(1.003), cycles(0.48)
    ('30', '1.0', '0.5')
    """
    return f"{count:.0f}" if count >= _FEW_CYCLES else f"{count:.1f}"


def _open(
    row: Row, other: Row | None, choice: Mapping[str, Any], settings: Mapping[str, Any]
) -> str:
    """Why the data can't tell, though one version looks best."""
    text = f"The data can't tell which version to use. {row['name']} looks best, but "
    if choice["doubt"] == "dates":
        count = f"{choice['dates']:.0f}"
        on = {"0": "no date", "1": "1 date alone"}.get(count, f"{count} dates alone")
        few = "" if count == "0" else ", too few for forecasts so far ahead"
        return f"{text}the versions were forecast together on {on}{few}."
    if choice["doubt"] == "skill" or other is None:
        p = "" if missing(row["skill_p"]) else f" (p {_p(row['skill_p'])})"
        return (
            f"{text}that it tells more of {settings['target']} than the target's own past does was "
            f"not shown{p}."
        )
    sooner = periods(other["usable_lead"] - row["usable_lead"], settings["freq"])
    text += f"that {other['name']}, whose lead is {sooner} longer, tells less was not shown"
    if missing(choice["gap_low"]):
        return f"{text}: their difference can't be tested on these data."
    low, high = share(choice["gap_low"]), share(choice["gap_high"])
    return f"{text}: {share(choice['gap'])} ({low} to {high}) {_unit(settings)}."


def _unit(settings: Mapping[str, Any]) -> str:
    """What differences between versions are shares of: one unit for all."""
    if settings["worth"] == "accuracy":
        return f"of the squared error of {settings['target']}'s own past over the longest lead"
    return f"of the variation of {settings['mature']}"


def _tie(row: Row, other: Row, choice: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    if choice["gap"] == 0 and missing(choice["gap_low"]):
        return f"{other['name']} is known as early, and tells exactly the same."
    text = f"{other['name']} is known as early, and the two can't be told apart"
    if missing(choice["gap_low"]):
        return f"{text}: their difference can't be tested on these data."
    low, high = share(choice["gap_low"]), share(choice["gap_high"])
    more = f"{row['name']} tells {share(choice['gap'])} more ({low} to {high})"
    return f"{text}: {more} {_unit(settings)}."


def _use(row: Row, settings: Mapping[str, Any], *, settled: bool) -> str:
    lead = periods(row["usable_lead"], settings["freq"])
    now = "" if settled else " for now"
    text = f"Use {row['name']}{now}: it is known {lead} before {settings['target']}{_span(row)}"
    if not missing(row["skill"]):
        text += (
            f", and takes away {share(row['skill'])} of the squared error that the target's own "
            "past leaves at that distance"
        )
    elif not missing(row["fidelity"]):
        text += f", and predicts {share(row['fidelity'])} of the variation of {settings['mature']}"
    return f"{text}."


def _span(row: Row) -> str:
    """The 90 % interval of a usable lead; nothing where it is a single period."""
    ends_of_lag = [row.get("lag_low"), row.get("lag_high")]
    if any(missing(end) for end in ends_of_lag) or ends_of_lag[0] == ends_of_lag[1]:
        return ""
    ends = [plain(row["usable_lead"] - row["lag"] + end) for end in ends_of_lag]
    return f" (90 % interval {' to '.join(ends)})"


def _refused(chosen: Row, rows: Sequence[Row]) -> bool:
    """Whether any version that precedes is known earlier than the chosen one."""
    lead = chosen["usable_lead"]
    return any(row["precedes"] and row["usable_lead"] > lead for row in rows)


def _waiting(row: Row, slowest: Row, choice: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    more = periods(row["usable_lead"] - slowest["usable_lead"], settings["freq"])
    text = f"The price of waiting for {slowest['name']} is {more} of lead"
    if not missing(row["cycles_per_quarter"]):
        few, many = (cycles(one["cycles_per_quarter"]) for one in (slowest, row))
        text += f", and {few} feedback cycles a quarter instead of {many}"
    if missing(choice["loss"]):
        return f"{text}; what it would add can't be tested on these data."
    low, high = share(choice["loss_low"]), share(choice["loss_high"])
    added = f"{share(choice['loss'])} ({low} to {high})"
    unit = _unit(settings)
    if choice["loss_low"] > 0:
        return f"{text}; it would add {added} {unit}."
    if choice["loss_high"] < 0:
        return f"{text}; it tells less at its distance: {added} {unit}."
    return f"{text}; that it would add anything was not shown: {added} {unit}."


def _unsettled(row: Row, best: Row, choice: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    text = (
        f"The data can't tell whether {row['name']} keeps {share(settings['keep'])} of what "
        f"{best['name']} tells"
    )
    if not choice["dates"]:
        return f"{text}: they share too few dates."
    text += f": on {choice['dates']:.0f} common dates the interval of their difference is wide"
    if missing(choice["dates_needed"]) or choice["dates_needed"] > _FAR * choice["dates"]:
        return f"{text}, and a few times as many would not settle it."
    return f"{text}; about {choice['dates_needed']:.0f} would settle it."


def _nothing(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    target, needed, freq = settings["target"], settings["needed"], settings["freq"]
    have = max((int(row["n"]) for row in rows), default=0)
    text = f"The data can't tell which version to use: none was shown to precede {target} in time"
    early = [row for row in rows if row["precedes"] and row["usable_lead"] > 0]
    if early:
        names = listed(str(row["name"]) for row in early)
        return (
            f"The data can't tell which version to use: {names} "
            f"{'was' if len(early) == 1 else 'were'} shown to precede {target}, but not to tell "
            "more of it than its own past does."
        )
    if any(row["beyond_search"] for row in rows):
        return f"The data can't tell which version to use. {_beyond(rows, settings)}"
    if have < _NEARLY * needed:
        return (
            f"{text}. The longest version has {_many(have)}; to find a plain lead (a correlation "
            f"of .3 between surprises) four times out of five takes about {_cohorts(settings)}."
        )
    return (
        f"{text}. {_many(have)} would have shown a plain lead (a correlation of .3 between "
        f"surprises) of up to {periods(settings['max_lag'], freq)} four times out of five, counted "
        "from the cohort's row; for a longer one raise max_lag."
    )


def _beyond(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Versions whose response still rises where the search ends."""
    far = [row for row in rows if row["beyond_search"]]
    if not far:
        return ""
    names = listed(f"{row['name']} (p {_p(_least(row))})" for row in far)
    many = len(far) > 1
    return (
        f"{names} {'seem' if many else 'seems'} to precede {settings['target']} by more than the "
        f"{periods(settings['max_lag'], settings['freq'])} from the cohort's row that were searched"
        f": {'their leads' if many else 'its lead'} can't be said. Raise max_lag, or supply more "
        "history."
    )


def _least(row: Row) -> float:
    names = ("p_value", "p_cohort", "p_beyond")
    found = [row[name] for name in names if not missing(row[name])]
    return float(min(found))


def _only_by_cohort(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Leaders of a table of cohorts that are none once each value is dated by when it was known."""
    found = [row for row in rows if row["only_by_cohort"]]
    if not found:
        return ""
    said = listed(
        f"{row['name']} (p {_p(row['p_cohort'])} by cohort, {_p(row['p_value'])} when known)"
        for row in found
    )
    one = "it leads" if len(found) == 1 else "they lead"
    return (
        f"Dated by cohort, {said} would seem to precede {settings['target']}; dated by when "
        f"{'its value was' if len(found) == 1 else 'their values were'} known, no lead was shown: "
        f"{one} in a table that nobody had in time."
    )


def _too_late(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Versions whose strongest response has passed when they are known, and what still follows."""
    timed = [row for row in rows if not missing(row["usable_lead"])]
    said = []
    open_ = [row for row in timed if row["usable_lead"] <= 0 and not surely_late(row)]
    # Of a leader by cohort alone it was said that no lead was shown when it is known.
    unsaid = [row for row in open_ if not row["only_by_cohort"]]
    if unsaid:
        names = listed(str(row["name"]) for row in unsaid)
        many = len(unsaid) > 1
        said.append(
            f"Whether {names} {'are' if many else 'is'} known before {settings['target']} can't be "
            f"said: the interval of {'their lags' if many else 'its lag'} covers both."
        )
    for text, late in (
        ("known only after", [r for r in timed if r["usable_lead"] < 0 and surely_late(r)]),
        ("known no earlier than", [row for row in timed if _same_time(row)]),
    ):
        if late:
            names = listed(str(row["name"]) for row in late)
            said.append(f"{names} {'is' if len(late) == 1 else 'are'} {text} {settings['target']}.")
    after = [row for row in timed if row["usable_lead"] <= 0 and row not in open_]
    after = [row for row in after if not missing(row["q_value"])]
    after = [row for row in after if row["q_value"] <= settings["alpha"]]
    if after:
        names = listed(f"{row['name']} (p {_p(row['p_value'])})" for row in after)
        said.append(
            f"Something of {settings['target']} still follows once {names} "
            f"{'is' if len(after) == 1 else 'are'} known, but less than before."
        )
    return " ".join(said)


def surely_late(row: Row) -> bool:
    """Tell whether even the far end of the lag's interval comes before the value is known.

    Parameters
    ----------
    row : mapping
        A row of `Comparison.table` with a usable lead.

    Returns
    -------
    bool

    Examples
    --------
    >>> surely_late({"lag": 9.0, "lag_high": 10.0, "usable_lead": -3.0})
    True
    """
    beyond = 0.0 if missing(row["lag_high"]) else row["lag_high"] - row["lag"]
    return bool(row["usable_lead"] + beyond <= 0)


def _same_time(row: Row) -> bool:
    return bool(row["usable_lead"] == 0) and surely_late(row)


def _unusable(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    out = [row for row in rows if row["reason"]]
    if not out:
        return ""
    reasons = list(dict.fromkeys(str(row["reason"]) for row in out))
    text = " ".join(
        sentence(
            f"Left out: {listed(str(row['name']) for row in out if row['reason'] == reason)}: "
            f"{reason}"
        )
        for reason in reasons
    )
    short = [int(row["n"]) for row in out if "short" in row["reason"] or "rows" in row["reason"]]
    if short and len(out) < len(rows):
        text += f" About {_cohorts(settings)} are needed."
    return text


def _little_signal(rows: Sequence[Row]) -> str:
    """Cohorts that differ by little more than chance tell versions apart badly."""
    low = [row for row in rows if not missing(row["signal"]) and row["signal"] < _LITTLE_SIGNAL]
    if not low:
        return ""
    said = listed(f"{row['name']} ({share(row['signal'])})" for row in low)
    return (
        f"Little of the difference between cohorts is more than chance in {said}: larger cohorts "
        "would say more than more of them."
    )


def _many(count: int) -> str:
    return {0: "no cohort", 1: "1 cohort"}.get(count, f"{count} cohorts")


def _cohorts(settings: Mapping[str, Any]) -> str:
    freq = settings["freq"]
    article = "an" if freq == "h" else "a"
    pace = "" if freq == "period" else f", one {article} {unit(freq)}"
    return f"{settings['needed']} cohorts{pace}"


def _p(value: float) -> str:
    if missing(value):
        return "unknown"
    return f"{value:.2g}".replace("0.", ".") if value >= _LEAST_P else "< .001"
