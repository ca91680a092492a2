"""Titles, axes and alternative texts of the figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording import findings
from leadlag.wording.numbers import chance, figures, missing, plain, probability
from leadlag.wording.summary import NOTHING_SHOWN, nothing_shown
from leadlag.wording.words import periods, same_period, shortened, unit

Row = Mapping[str, Any]

# Under a chart with releases: what changed after one need not have changed because of it.
RELEASES = "Dashed: releases. Before and after is not causal: other things changed as well."
GAIN_AXIS = "predictive gain (log ratio of error variances)"

# Characters of both names together under an axis; one takes what the other leaves, half at least.
_BOTH = 27


def finding(row: Row, settings: Mapping[str, Any]) -> str:
    """State what was found for one metric, as a title.

    Parameters
    ----------
    row : mapping
        A row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> finding({"metric": "visits", "role": "unrelated"}, {"target": "revenue", "freq": "W"})
    'No lead of visits over revenue was shown'
    """
    name, target, freq = row["metric"], settings["target"], settings["freq"]
    if row["role"] == "leading":
        return f"{name} precedes {target} by {periods(row['lag'], freq)}"
    if row["role"] == "feedback":
        return f"{name} precedes {target} by {periods(row['lag'], freq)}, and follows it too"
    if row["role"] == "coincident":
        return f"{name} moves {same_period(freq)} as {target}"
    if row["role"] == "lagging":
        return f"{name} follows {target} by {periods(abs(row['lag']), freq)}"
    return f"No lead of {name} over {target} was shown"


def how_to_read(row: Row, *, highest: bool = True) -> str:
    """Say how to read the chart of one metric.

    Parameters
    ----------
    row : mapping
        A row of the table.
    highest : bool
        Whether the chosen lag has the largest correlation of its side.

    Returns
    -------
    str

    Examples
    --------
    >>> how_to_read({"lag": float("nan")})
    'Correlation at each lag. Grey: 95 % of them would fall here without any relation.'
    """
    text = "Correlation at each lag. Grey: 95 % of them would fall here without any relation."
    if missing(row["lag"]):
        return text
    if missing(row["lag_low"]) or row["lag"] == 0:
        return f"{text} Orange: the lag."
    text = f"{text} Orange: the lag and its 90 % interval."
    if not highest:
        # The highest bar also carries what each series owes to its own past.
        text += (
            " The lag is where the response is largest once each series' own past is accounted"
            " for, which need not be the highest bar"
            f"{', nor have its sign' if findings.other_sign(row) else ''}."
        )
    return text


def alternative(row: Row, settings: Mapping[str, Any]) -> str:
    """Describe the chart of one metric for someone who does not see it.

    Parameters
    ----------
    row : mapping
        A row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str
    """
    freq = settings["freq"]
    text = [
        f"{finding(row, settings)}.",
        f"Upper panel: correlation of {row['metric']} with {settings['target']} at lags from "
        f"−{settings['max_lag']} to {periods(settings['max_lag'], freq)}, positive where the "
        "metric moves first.",
    ]
    if not missing(row["lag"]):
        text.append(_chosen(row))
        text.append(findings.effect(row, settings, settings["target"]))
        text.append("Lower panel: both series over time, the metric moved by that lag.")
    else:
        text.append("Lower panel: both series over time.")
    return " ".join(filter(None, text))


def profile_alternative(row: Row, settings: Mapping[str, Any]) -> str:
    """Describe the lag profile of one metric, where it stands alone.

    Parameters
    ----------
    row : mapping
        A row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"metric": "visits", "role": "leading", "lag": 3, "lag_low": 3, "lag_high": 3,
    ...        "correlation": 0.4}
    >>> print(profile_alternative(row, {"target": "sales", "freq": "W", "max_lag": 8}))
    visits precedes sales by 3 weeks. Correlation of visits with sales at lags from −8 to 8 weeks,
    positive where visits moves first. The chosen lag is 3; the correlation there is 0.4.
    """
    name, longest = row["metric"], settings["max_lag"]
    text = (
        f"{finding(row, settings)}. Correlation of {name} with {settings['target']} at lags from "
        f"−{longest} to {periods(longest, settings['freq'])}, positive where {name} moves first."
    )
    return f"{text} {_chosen(row)}" if not missing(row["lag"]) else text


def _chosen(row: Row) -> str:
    chosen = f"The chosen lag is {plain(row['lag'])}"
    if not missing(row["lag_low"]) and row["lag_low"] != row["lag_high"]:
        chosen += f", likely {plain(row['lag_low'])} to {plain(row['lag_high'])}"
    if not missing(row["correlation"]):
        chosen += f"; the correlation there is {figures(row['correlation'])}"
    return f"{chosen}."


def lag_axis(metric: str, target: str, freq: str) -> list[str]:
    r"""Title the axis of lags: which end means that the metric moves first.

    Parameters
    ----------
    metric, target : str
        Names.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    list of str
        Two lines: in one, long names would be cut off on a phone.

    Examples
    --------
    >>> print("\n".join(lag_axis("visits", "revenue", "W")).replace("\u2003", " "))
    lag in weeks
    ← revenue moves first  visits moves first →
    >>> print(lag_axis("Retention after 5 days", "Revenue", "D")[1].replace("\u2003", " "))
    ← Revenue moves first  Retention after 5 d… moves first →
    """
    left = shortened(target, max(_BOTH // 2, _BOTH - len(metric)))
    right = shortened(metric, max(_BOTH // 2, _BOTH - len(left)))
    # Em spaces: plain ones are run together in a picture.
    return [f"lag in {unit(freq)}s", f"← {left} moves first\u2003\u2003{right} moves first →"]


def moved_series(metric: str, lag: int, freq: str, upside_down: bool) -> str:
    """Name the metric's line: by how much it was moved, and whether it was turned over.

    Parameters
    ----------
    metric : str
        A name.
    lag : int, periods
        By how much it was moved; negative is to earlier dates.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    upside_down : bool
        Whether its sign was changed.

    Returns
    -------
    str

    Examples
    --------
    >>> moved_series("claims", 2, "M", True)
    'claims, 2 months later, upside down'
    """
    words = [metric]
    if lag:
        words.append(f"{periods(abs(lag), freq)} {'later' if lag > 0 else 'earlier'}")
    if upside_down:
        words.append("upside down")
    return ", ".join(words)


def series_axis(span: int, longer: int, freq: str) -> str:
    """Title the axis of the two series.

    Parameters
    ----------
    span, longer : int, periods
        A point is the mean of the one span less the mean of the other; `longer` 0: not less it.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> series_axis(6, 48, "M"), series_axis(1, 0, "M")
    ('6-month less 48-month mean, s.d.', 'standard deviations')
    """
    name = unit(freq).replace("business ", "")
    if not longer:
        return "standard deviations" if span == 1 else f"{span}-{name} mean, s.d."
    if span == 1:
        return f"less {longer}-{name} mean, s.d."
    return f"{span}-{name} less {longer}-{name} mean, s.d."


def q_label(row: Row) -> str:
    """Write a metric's q beside its dots.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> q_label({"q_value": 0.61}), q_label({"q_value": 1e-9}), q_label({"q_value": float("nan")})
    ('q = .610', 'q < .001', '')
    """
    text = probability(row["q_value"])
    return f"q {text.replace('<', '< ')}" if text.startswith("<") else text and f"q = {text}"


def overview_title(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """State what the overview shows.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> overview_title([{"role": "unrelated", "metric": "visits"}], {"target": "revenue"})
    'visits was not shown to precede revenue'
    """
    target = settings["target"]
    ranked = [row for row in rows if row["role"] != "excluded"]
    if not ranked:
        return f"No metric could be ranked for {target}"
    if not nothing_shown(rows):
        leading = sum(row["role"] in ("leading", "feedback") for row in rows)
        return f"{leading} of {len(ranked)} metrics precede{'s' * (leading == 1)} {target}"
    if len(ranked) == 1:
        return f"{ranked[0]['metric']} was not shown to precede {target}"
    return f"None of {len(ranked)} metrics was shown to precede {target}"


def overview_subtitle(rows: Sequence[Row], drawn: int) -> str:
    """Say what the overview draws.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    drawn : int
        How many of them are drawn.

    Returns
    -------
    str

    Examples
    --------
    >>> overview_subtitle([{"role": "unrelated"}], 1)
    'No leading indicator was shown. Near zero: the past of one tells little about the other.'
    """
    text = "Near zero: the past of one tells little about the other."
    if nothing_shown(rows):
        text = f"{NOTHING_SHOWN[0].upper()}{NOTHING_SHOWN[1:]}. {text}"
    ranked = sum(row["role"] != "excluded" for row in rows)
    return text if drawn == ranked else f"{text} The {drawn} largest gains of {ranked}."


def overview_alternative(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Describe the overview for someone who does not see it.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str
    """
    ranked = [row for row in rows if row["role"] != "excluded"]
    text = f"{overview_title(rows, settings)}."
    gains = [row for row in ranked if not missing(row["gain_forward"])]
    if gains:
        top = max(gains, key=lambda row: row["gain_forward"])
        text += (
            f" The largest predictive gain is {figures(top['gain_forward'])}, of {top['metric']}"
            f" ({chance('q', top['q_value'])})."
        )
    return text
