"""Goals and experiments of a report as plain values: what could be learnt, and what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.monitor.movement import reached
from leadlag.ranking import Ranking
from leadlag.wording import explain, learning, pairs, verdicts
from leadlag.wording import proxies as words
from leadlag.wording.names import Names

__all__ = ["DETAILED", "experiments", "explained", "proxies"]

Values = dict[str, Any]

# Leaders that are shown in detail: a page has to stay small.
DETAILED = 6
UNDECLARED = "unclassified"


def experiments(
    ranking: Ranking,
    made: Sequence[Mapping[str, Any]],
    tradeoffs: Sequence[Mapping[str, Any]] = (),
) -> list[Values]:
    """What could be learnt about each leader: its goal, what is still open, an experiment.

    Parameters
    ----------
    ranking : Ranking
    made : sequence of mapping
        The leaders.
    tradeoffs : sequence of mapping
        Of counterweights with a margin: "counterweight" is read.

    Returns
    -------
    list of dict
        "metric", "label", "verdict", "goal", "open" (what has to be so before a learning goal
        becomes a performance goal), "experiment", "step" (the next one) and "declare" (an entry of
        the catalogue file, where the kind is not declared).
    """
    state = ranking._state()
    names, rows = state.names, state.by_name
    judged = ranking.to_dict()["judgements"]
    settings = names.settings(state.settings)
    steps = []
    for one in made[:DETAILED]:
        name = one["metric"]
        _, _, step = explained(ranking, name, tradeoffs).partition("Next step: ")
        row = names.row(rows[name])
        judgement = names.judged(judged[name])
        moves = learning.moves_needed(row, judgement)
        share = reached(state, rows[name], judgement["facts"], moves)
        steps.append(
            {
                "metric": name,
                "label": one["label"],
                "verdict": judgement["verdict"],
                "goal": learning.goal(one["label"], judgement),
                "open": learning.still_open(judgement, settings["target"], moves),
                "experiment": learning.experiment(row, judgement, settings, share),
                "step": step[:1].upper() + step[1:],
                "declare": learning.catalog_entry(name) if one["kind"] == UNDECLARED else "",
            }
        )
    return steps


def proxies(made: Mapping[str, Any] | None, names: Names) -> Values | None:
    """What past experiments said about metrics as proxies for the target, a sentence each.

    Parameters
    ----------
    made : mapping or None
        As `leadlag.experiments` gives it by its `to_dict`.
    names : Names
        What the columns are called.

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
                "text": words.scatter_title(names.row(one), names(made["target"])),
            }
            for one in made["proxies"]
        ],
        "supported": [one["metric"] for one in made["proxies"] if one["supported"]],
    }


def explained(ranking: Ranking, metric: str, tradeoffs: Sequence[Mapping[str, Any]] = ()) -> str:
    """What a ranking says about a metric, for those who declare in a file and not in Python.

    Parameters
    ----------
    ranking : Ranking
    metric : str
    tradeoffs : sequence of mapping
        Of counterweights with a margin.

    Returns
    -------
    str
    """
    state = ranking._state()
    names = state.names
    row = names.row(state.by_name[metric])
    judged = names.judged(ranking.to_dict()["judgements"][metric])
    text = explain.explain(row, names.settings(state.settings), judged)
    text = text.replace(verdicts.catalog_line(row["metric"]), "in the catalogue file")
    # What the configuration asks for by a margin is not asked for in Python, nor asked for twice.
    examined = metric in {one["counterweight"] for one in tradeoffs}
    return text.replace(
        pairs.guard_step(row["metric"], judged),
        pairs.guard_in_report(row["metric"], judged, examined=examined),
    )
