"""What past experiments say about proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.wording.amounts import share_cell
from leadlag.wording.numbers import missing
from leadlag.wording.plans import count, percent

_ADVICE = {
    "supported": "its effects went with the target's (T4)",
    "opposed": "its effects went against the target's",
    "not a proxy": "its effects said little about the target's",
    "insufficient experiments": "insufficient experiments",
}


def experiments_text(made: Mapping[str, Any]) -> str:
    """Write what experiments say about each proxy.

    Parameters
    ----------
    made : mapping
        As `Experiments.to_dict` returns it.

    Returns
    -------
    str
    """
    experiments = "experiment" if made["n_experiments"] == 1 else "experiments"
    lines = [f"Proxies for {made['target']} over {made['n_experiments']} {experiments}:", ""]
    rows = [_cells(one) for one in made["proxies"]]
    head = ("metric", "correlation", "quality", "same sign", "")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    lines.append("")
    if not made["noise_given"]:
        lines.append(
            "The correlation of the noise was not given and had to be learnt; pass "
            "noise_correlation=, the correlation over users of a metric and the target."
        )
    if made["index"]:
        terms = " + ".join(f"{weight:.3g} {name}" for name, weight in made["index"].items())
        lines.append(f"Index: {terms}, quality {share_cell(made['index_quality'])}.")
    else:
        lines.append(f"Index: none ({made['index_verdict']}).")
    return "\n".join(lines)


def scatter_title(proxy: Mapping[str, Any], target: str) -> str:
    """State what past experiments say about a proxy.

    Parameters
    ----------
    proxy : mapping
    target : str

    Returns
    -------
    str
    """
    name = proxy["metric"]
    if proxy["verdict"] == "insufficient experiments":
        more = proxy["experiments_needed"]
        needed = "" if missing(more) else f", about {count(more)} are needed"
        few = f"{proxy['n']} experiments can't say{needed}"
        return f"Whether effects on {name} go with those on {target}: {few}"
    words = {
        "supported": f"Changes that truly raised {name} raised {target}",
        "opposed": f"Changes that truly raised {name} lowered {target}",
        "not a proxy": f"What a change did to {name} said little about {target}",
    }[proxy["verdict"]]
    return f"{words}: correlation {_interval(proxy)} over {proxy['n']} experiments"


def scatter_subtitle(target: str) -> str:
    """Say how the picture is read.

    Parameters
    ----------
    target : str

    Returns
    -------
    str
    """
    return (
        "Each point is one experiment, with a standard error either way. Solid: the line of true "
        f"effects, the noise that both metrics share taken out. Dashed: of the estimates as they "
        f"are, which that noise tilts. Up is more {target}."
    )


def scatter_alternative(proxy: Mapping[str, Any], target: str) -> str:
    """Write the picture in words.

    Parameters
    ----------
    proxy : mapping
    target : str

    Returns
    -------
    str
    """
    naive = proxy["naive_correlation"]
    raw = "" if missing(naive) else f" The estimates as they are correlate at {share_cell(naive)}."
    return f"{scatter_title(proxy, target)}.{raw}"


def _interval(one: Mapping[str, Any]) -> str:
    low, high = share_cell(one["low"]), share_cell(one["high"])
    return f"{share_cell(one['correlation'])} [{low}, {high}]"


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    if one["correlation"] is None:
        return one["metric"], "", "", "", f"{_ADVICE[one['verdict']]}: {one['n']}"
    interval = _interval(one)
    words = _ADVICE[one["verdict"]]
    if one["verdict"] == "insufficient experiments":
        words += f": {one['n']}, about {count(one['experiments_needed'])} needed"
    return (
        one["metric"],
        interval,
        share_cell(one["quality"]),
        percent(round(one["sign_agreement"], 2)),
        words,
    )
