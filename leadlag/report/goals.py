"""Goals and experiments of a report as plain values: what could be learnt, and what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.ranking import Ranking
from leadlag.wording import learning, verdicts
from leadlag.wording import proxies as words

__all__ = ["DETAILED", "experiments", "explained", "proxies"]

Values = dict[str, Any]

# Leaders that are shown in detail: a page has to stay small.
DETAILED = 6
UNDECLARED = "unclassified"


def experiments(ranking: Ranking, made: Sequence[Mapping[str, Any]]) -> list[Values]:
    """What could be learnt about each leader: its goal, what is still open, an experiment.

    Parameters
    ----------
    ranking : Ranking
    made : sequence of mapping
        The leaders.

    Returns
    -------
    list of dict
        "metric", "label", "verdict", "goal", "open" (what has to be so before a learning goal
        becomes a performance goal), "experiment", "step" (the next one) and "declare" (an entry of
        the catalogue file, where the kind is not declared).
    """
    state = ranking._state()
    judged, rows = ranking.to_dict()["judgements"], state.by_name
    steps = []
    for one in made[:DETAILED]:
        name = one["metric"]
        _, _, step = explained(ranking, name).partition("Next step: ")
        row, judgement = rows[name], judged[name]
        steps.append(
            {
                "metric": name,
                "label": one["label"],
                "verdict": judgement["verdict"],
                "goal": learning.goal(one["label"], judgement),
                "open": learning.still_open(judgement, state.settings["target"]),
                "experiment": learning.experiment(row, judgement, state.settings),
                "step": step[:1].upper() + step[1:],
                "declare": learning.catalog_entry(name) if one["kind"] == UNDECLARED else "",
            }
        )
    return steps


def proxies(made: Mapping[str, Any] | None) -> Values | None:
    """What past experiments said about metrics as proxies for the target, a sentence each.

    Parameters
    ----------
    made : mapping or None
        As `leadlag.experiments` gives it by its `to_dict`.

    Returns
    -------
    dict or None
        "n_experiments", "rows" and "supported" (metrics whose effects went with the target's).
    """
    if made is None:
        return None
    keys = ("metric", "n", "correlation", "low", "high", "sign_agreement", "verdict", "supported")
    return {
        "n_experiments": made["n_experiments"],
        "rows": [
            {
                **{key: one[key] for key in keys},
                "text": words.scatter_title(one, made["target"]),
            }
            for one in made["proxies"]
        ],
        "supported": [one["metric"] for one in made["proxies"] if one["supported"]],
    }


def explained(ranking: Ranking, metric: str) -> str:
    """What a ranking says about a metric, for those who declare in a file and not in Python.

    Parameters
    ----------
    ranking : Ranking
    metric : str

    Returns
    -------
    str
    """
    line = verdicts.catalog_line(metric)
    text = ranking.explain(metric).replace(line, "in the catalogue file")
    # What the configuration asks for by a margin is not asked for in Python.
    return text.replace(
        "ask leadlag.counterweights whether", "name that in [margin], to see whether"
    )
