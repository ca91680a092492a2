"""Sentences about one piece of evidence each; "" where there is nothing to say.

Every number comes from the metric's row of the table, rounded.
"""

import math
from collections.abc import Mapping
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.wording.amounts import amount, with_range
from leadlag.wording.numbers import chance, figures, missing, with_minus
from leadlag.wording.words import periods

Row = Mapping[str, Any]

# Below this a relation came and went.
_STEADY = 0.6
# Odds that speak against what q says.
_UNLIKELY, _LIKELY = 0.5, 0.9
# Odds that two figures would round up to a certainty that nobody has.
_NEARLY_SURE = 0.995


def effect(row: Row, settings: Mapping[str, Any], target: str) -> str:
    """Say what follows a typical move of the metric.

    Parameters
    ----------
    row : mapping
        A row of the table.
    settings : mapping
        `Ranking.settings`: "transform" is read.
    target : str
        The target, as it is named in a sentence.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"typical_move": 75.8, "effect": 0.689, "effect_low": 0.45, "effect_high": 0.931,
    ...        "transform": "level"}
    >>> print(effect(row, {"transform": "difference"}, "INDPRO"))
    A typical move up (76) is followed by 0.69 more INDPRO (0.45 to 0.93).
    >>> print(effect({**row, "effect_low": -0.2}, {"transform": "level"}, "INDPRO"))
    What follows a typical move up (76) is uncertain: 0.20 less to 0.93 more INDPRO in all.
    """
    value, low, high = (_number(row, name) for name in ("effect", "effect_low", "effect_high"))
    if math.isnan(value + low + high):
        return ""
    size, *ends = with_range(value, low, high)
    move = f"typical move up ({amount(row['typical_move'])})"
    what = f"{target}{_when(row, settings)}"
    if uncertain(row):
        return f"What follows a {move} is uncertain: {ends[0]} less to {ends[1]} more {what}."
    least, most = ends if value > 0 else reversed(ends)
    word = "more" if value > 0 else "less"
    return f"A {move} is followed by {size} {word} {what} ({least} to {most})."


def _when(row: Row, settings: Mapping[str, Any]) -> str:
    """A change of two differenced series stays; of two levels it adds up over the lags."""
    differenced = ["difference" in str(source.get("transform")) for source in (row, settings)]
    if all(differenced):
        return " from then on"
    # A level beside a differenced target: it stays only as long as the metric does.
    return "" if any(differenced) else " in all"


def uncertain(row: Row) -> bool:
    """Tell whether the interval of the effect covers zero.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    bool

    Examples
    --------
    >>> uncertain({"effect_low": -0.1, "effect_high": 0.3}), uncertain({"role": "leading"})
    (True, False)
    """
    return _number(row, "effect_low") <= 0 <= _number(row, "effect_high")


def other_sign(row: Row) -> str:
    """Say where the correlation at the lag has not the sign of the effect.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> other_sign({"effect": -0.2, "correlation": 0.056})
    'Their plain correlation at that lag has the other sign (+0.056).'
    """
    correlation = _number(row, "correlation")
    if uncertain(row) or not _number(row, "effect") * correlation < 0:
        return ""
    shown = with_minus(f"{correlation:+.2g}")
    return f"Their plain correlation at that lag has the other sign ({shown})."


def skill(row: Row, freq: str) -> str:
    """Say what the metric did for real forecasts, and the tier that it reached.

    Parameters
    ----------
    row : mapping
        A row of the table.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"skill": 0.27, "skill_low": 0.17, "skill_high": 0.37, "horizon": 14.0, "tier": "T3",
    ...        "usable_lead": 14.0}
    >>> print(skill(row, "D"))
    It improved forecasts 14 days ahead (skill 0.27, 0.17 to 0.37) and held over time: tier T3.
    >>> print(skill({**row, "tier": "T1"}, "D"))
    It was not shown to improve forecasts 14 days ahead (skill 0.27, 0.17 to 0.37): tier T1.
    >>> print(skill({**row, "skill": 0.04, "skill_low": -0.03, "tier": "T2"}, "D"))
    It passed the forecast test 14 days ahead, though its skill, 0.04, may be zero (−0.03 to 0.37):
    tier T2.
    """
    tier = row.get("tier")
    if not tier or not _number(row, "usable_lead") > 0:
        return ""
    if math.isnan(_number(row, "skill") + _number(row, "horizon")):
        return f"What it does for forecasts could not be measured: tier {tier}."
    helped = tier in ("T2", "T3")
    size, ahead = figures(row["skill"]), periods(row["horizon"], freq)
    ends = ""
    if not math.isnan(_number(row, "skill_low") + _number(row, "skill_high")):
        ends = f"{figures(row['skill_low'])} to {figures(row['skill_high'])}"
    held = " and held over time" if tier == "T3" else ""
    if helped and ends and row["skill_low"] <= 0:
        # The test behind the tier can see what the interval can't: a reader will wonder.
        return (
            f"It passed the forecast test {ahead} ahead{held}, though its skill, {size}, may be "
            f"zero ({ends}): tier {tier}."
        )
    verb = "improved" if helped else "was not shown to improve"
    numbers = f"skill {size}, {ends}" if ends else f"skill {size}"
    return f"It {verb} forecasts {ahead} ahead ({numbers}){held}: tier {tier}."


def odds(row: Row, alpha: float) -> str:
    """Say where the odds of a lead speak against what q shows.

    Parameters
    ----------
    row : mapping
        A row of the table.
    alpha : float
        Level at which a lead counts as shown.

    Returns
    -------
    str

    Examples
    --------
    >>> odds({"role": "leading", "prob_leads": 0.38, "q_value": 0.02}, 0.1)
    'The odds disagree: they put a lead at only 0.38, so take it as unsettled.'
    >>> odds({"role": "unrelated", "prob_leads": 0.94, "q_value": 0.2}, 0.1)
    'The odds disagree: they put a lead at 0.94, so it deserves a second look.'
    >>> odds({"role": "unrelated", "prob_leads": 0.4, "q_value": 0.2}, 0.1)
    ''
    """
    likely = _number(row, "prob_leads")
    shown = row["role"] in SHOWN_LEADING
    if shown and likely < _UNLIKELY:
        return (
            f"The odds disagree: they put a lead at only {figures(likely)}, so take it as "
            "unsettled."
        )
    if not shown and likely > _LIKELY and _number(row, "q_value") > alpha:
        text = figures(likely) if likely < _NEARLY_SURE else "0.99"
        return f"The odds disagree: they put a lead at {text}, so it deserves a second look."
    return ""


def steadiness(row: Row) -> str:
    """Say where the relation was not steady.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> steadiness({"stability": 0.42}), steadiness({"stability": 0.9})
    ('The relation was not steady over time (stability 0.42).', '')
    """
    value = _number(row, "stability")
    if not value < _STEADY:
        return ""
    return f"The relation was not steady over time (stability {figures(value)})."


def redundancy(row: Row) -> str:
    """Say beside which leader this one was not shown to add anything.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> print(redundancy({"redundant_with": "signups", "p_conditional": 0.302}))
    Beside leaders with a larger gain, signups most like it, it was not shown to add anything
    (p = 0.3).
    """
    other = row.get("redundant_with")
    if not other:
        return ""
    return (
        f"Beside leaders with a larger gain, {other} most like it, it was not shown to add "
        f"anything ({chance('p', row['p_conditional'])})."
    )


def unsettled(row: Row) -> bool:
    """Tell whether a lead that was shown is too shaky to act upon.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    bool

    Examples
    --------
    >>> unsettled({"prob_leads": 0.4}), unsettled({"stability": 0.9})
    (True, False)
    """
    return bool(_number(row, "prob_leads") < _UNLIKELY or uncertain(row) or steadiness(row))


def power(row: Row, target: str, freq: str) -> str:
    """Say how large a lead would have been found, where none was shown.

    Parameters
    ----------
    row : mapping
        A row of the table.
    target : str
        The target, as it is named in a sentence.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str
        Without a smallest effect in the row it claims none.

    Examples
    --------
    >>> print(power({"detectable_effect": 651.3, "typical_move": 27170.7, "n": 718}, "sales", "D"))
    Not shown is not useless: tested alone, an effect of 651 sales or more at one lag, after a
    typical move (27,200), would have been found four times out of five in 718 days; a smaller or
    slower one can be missed.
    """
    if math.isnan(_number(row, "detectable_effect") + _number(row, "typical_move")):
        return (
            "Not shown is not useless: a weak, slow or changing lead can be missed, and a metric "
            "may matter for other reasons."
        )
    least, move = amount(row["detectable_effect"]), amount(row["typical_move"])
    return (
        f"Not shown is not useless: tested alone, an effect of {least} {target} or more at one "
        f"lag, after a typical move ({move}), would have been found four times out of five in "
        f"{periods(row['n'], freq)}; a smaller or slower one can be missed."
    )


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return math.nan if value is None or missing(value) else float(value)
