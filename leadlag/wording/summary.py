"""What `Ranking.summary` says: the target, the data, what was found, how it was tested."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.wording.words import (
    listed,
    periods,
    same_period,
    sentence,
    span_text,
    terms_text,
    wrapped,
)

NOTHING_SHOWN = "no leading indicator was shown"

# More names than this in one sentence are no longer read.
_NAMED = 5
# Shares of the target that no metric predicts: as good as all, and most of it.
_ALL, _MOST = 0.995, 0.75

Row = Mapping[str, Any]


def summary(
    rows: Sequence[Row], settings: Mapping[str, Any], warnings: Iterable[str], *, width: int = 88
) -> str:
    """Sum up a ranking in plain text.

    Parameters
    ----------
    rows : sequence of mapping
        The rows of `Ranking.table` in order, each with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    warnings : iterable of str
        The texts of `Ranking.warnings`.
    width : int
        Most characters a line.

    Returns
    -------
    str

    Examples
    --------
    >>> settings = {"target": "revenue", "freq": "W", "n": 104, "alpha": 0.1,
    ...             "span": ["2024-01-01", "2025-12-22"], "terms": ["own past"]}
    >>> rows = [{"metric": "visits", "role": "unrelated"}]
    >>> print(summary(rows, settings, []))
    revenue: 104 weeks, 2024-01-01 to 2025-12-22. 1 metric was ranked.
    Of these, no leading indicator was shown. Not shown is not useless: a weak, slow or
    changing lead can be missed.
    Each metric was tested given the target's own past. Of the leads that are named, at most
    10 % are expected to be false.
    """
    by_role: dict[str, list[Row]] = {}
    for row in rows:
        by_role.setdefault(row["role"], []).append(row)
    paragraphs = [
        *(f"Note: {text}" for text in warnings),
        _data(by_role, settings),
        _found(by_role, settings),
        _judged(rows),
        _unpredicted(settings),
        _method(settings),
    ]
    return "\n".join(wrapped(text, width) for text in paragraphs if text)


def nothing_shown(rows: Iterable[Row]) -> bool:
    """Tell whether a ranking shows no lead at all.

    Parameters
    ----------
    rows : iterable of mapping
        The rows of `Ranking.table`.

    Returns
    -------
    bool

    Examples
    --------
    >>> nothing_shown([{"role": "lagging"}, {"role": "excluded"}])
    True
    """
    return not any(row["role"] in SHOWN_LEADING for row in rows)


def _data(by_role: Mapping[str, list[Row]], settings: Mapping[str, Any]) -> str:
    excluded = len(by_role.get("excluded", []))
    ranked = sum(map(len, by_role.values())) - excluded
    text = (
        f"{settings['target']}: {periods(settings['n'], settings['freq'])}, "
        f"{span_text(settings['span'])}. {_metrics(ranked)} ranked"
    )
    if excluded:
        names = [row["metric"] for row in by_role["excluded"]]
        text += f"; {excluded} could not be used ({_some(names)})"
    return text + "."


def _metrics(count: int) -> str:
    return "1 metric was" if count == 1 else f"{count} metrics were"


def _found(by_role: Mapping[str, list[Row]], settings: Mapping[str, Any]) -> str:
    freq = settings["freq"]
    texts: list[str] = []
    leading, feedback = by_role.get("leading", []), by_role.get("feedback", [])
    if leading:
        texts.append(f"Leading: {_with_lags(leading, freq)}.")
    if feedback:
        texts.append(f"Leading, with feedback from the target: {_with_lags(feedback, freq)}.")
    copies = [
        f"{row['metric']} (beside {row['redundant_with']})"
        for row in (*leading, *feedback)
        if row.get("redundant_with")
    ]
    if copies:
        texts.append(f"Nothing of its own was shown for {_some(copies)}.")
    if not (leading or feedback):
        texts.append(
            f"Of these, {NOTHING_SHOWN}. Not shown is not useless: a weak, slow or changing lead "
            "can be missed."
        )
    if "coincident" in by_role:
        names = [row["metric"] for row in by_role["coincident"]]
        when = same_period(freq)
        texts.append(f"{when[0].upper()}{when[1:]}: {_some(names)}.")
    if "lagging" in by_role:
        texts.append(f"Following: {_with_lags(by_role['lagging'], freq)}.")
    unshown = len(by_role.get("unrelated", []))
    if unshown and (leading or feedback):
        texts.append(f"For {unshown} more no relation was shown, which does not make them useless.")
    return " ".join(texts)


def _judged(rows: Sequence[Row]) -> str:
    """What to do with the leaders, by verdict."""
    texts = []
    for verdict, words in _TO_DO.items():
        names = [row["metric"] for row in rows if row.get("verdict") == verdict]
        if names:
            texts.append(f"{words}: {_some(names)}.")
    return " ".join(texts)


_TO_DO = {
    "assign": "To assign",
    "learn first": "To learn about first",
    "counterweight": "To be kept from falling",
    "component": "Made of it by arithmetic, no evidence",
}


def _unpredicted(settings: Mapping[str, Any]) -> str:
    """How much of the target no listed metric predicts."""
    share = settings.get("unpredicted")
    if share is None:
        return ""
    left = f"what {settings['target']}'s own past and the calendar leave open"
    if share >= _ALL:
        return f"Of {left}, no listed metric predicts any: what moves it may not be among them."
    text = f"Of {left}, the leaders together predict {100 * (1 - share):.0f} % in the sample; "
    text += f"{100 * share:.0f} % no listed metric predicts."
    return f"{text} What moves it may not be among them." if share >= _MOST else text


def _with_lags(rows: Sequence[Row], freq: str) -> str:
    return _some([f"{row['metric']} ({periods(abs(row['lag']), freq)})" for row in rows])


def _some(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return listed(names)
    return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"


def _method(settings: Mapping[str, Any]) -> str:
    tested = sentence(f"Each metric was tested given {terms_text(settings)}")
    level = f"{100 * settings['alpha']:.3g} %"
    return f"{tested} Of the leads that are named, at most {level} are expected to be false."
