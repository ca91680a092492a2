"""`rank_by`: a ranking for every segment, on any engine, and what they say together."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from leadlag.core.granger import granger
from leadlag.core.threads import one_blas_thread
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.frame import read_frame
from leadlag.data.panel import build_panel
from leadlag.data.prepare import prepare, terms_of
from leadlag.data.split import keys_of, split_frame
from leadlag.errors import ConfigurationError, InputError, LeadLagError, shown, unknown_name
from leadlag.examine import examine
from leadlag.pipeline import rank
from leadlag.pooled import pooled_tables
from leadlag.progress import progress_bar
from leadlag.ranking import Ranking
from leadlag.storage import plain
from leadlag.wording import segments

__all__ = ["Segments", "rank_by"]

# Segments a task: few enough to keep all workers busy, many enough to pay for the sending.
_TASKS = 32
_MOST_A_TASK = 25
# Order of the tests that are pooled; the same in every segment.
_ORDER = 4
# What a statistic can stumble over in data that nobody foresaw; a segment's failure, not ours.
_STUMBLES = (ValueError, ArithmeticError, LookupError, TypeError, RuntimeError, AttributeError)


@dataclass(frozen=True, eq=False, repr=False)
class Segments:
    """Rankings of many segments; `leadlag.rank_by` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by (segment, metric): the columns of `Ranking.table`, and `q_over_all` (over all
        segments and metrics), `standard_effect` and `standard_error` (of a typical move, in typical
        surprises of the target, whether or not a lead was shown), `pooled_effect`, `pooled_low`,
        `pooled_high` (the same, pulled towards the other segments by as much as it is noise).
    pooled : pandas.DataFrame
        Indexed by metric, one row each: segments, how many show a lead, the pooled effect, how much
        it differs between segments, and whether any segment leads.
    failures : pandas.DataFrame
        Indexed by segment: `error` and `message`; empty where none failed.
    rankings : dict
        Segment to its `Ranking`.
    settings : dict
    warnings : tuple of str
    """

    table: pd.DataFrame
    pooled: pd.DataFrame
    failures: pd.DataFrame
    rankings: dict[Any, Ranking]
    settings: dict[str, Any]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Write tables and settings as plain values; a missing number is None.

        Returns
        -------
        dict
        """
        return {
            "settings": plain(self.settings),
            "warnings": list(self.warnings),
            "n_segments": len(self.rankings) + len(self.failures),
            "table": _records(self.table),
            "pooled": _records(self.pooled),
            "failures": _records(self.failures),
        }

    def __len__(self) -> int:
        """Count the segments that were ranked."""
        return len(self.rankings)

    def __repr__(self) -> str:
        """Write which metrics lead, in how many segments, and how strongly on the whole."""
        return segments.segments_text(self.to_dict())


def rank_by(
    data: object,
    target: str,
    *,
    by: str | Sequence[str],
    engine: object = None,
    metrics: str | list[str] | None = None,
    controls: str | list[str] | None = None,
    time: str | None = None,
    freq: str | None = None,
    aggregate: str | Mapping[str, Any] | None = None,
    as_of: str | int | datetime.date | None = None,
    holidays: object = None,
    max_lag: int | None = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
    alpha: float = 0.10,
    model: str = "screen",
    seed: int = 0,
    progress: bool | None = None,
) -> Segments:
    """Rank the metrics of every segment, and pool what they say.

    Parameters
    ----------
    data : dataframe
        Long: one row a segment and period. pandas, polars, a pyarrow table, a DuckDB relation.
    target : str
        The business outcome's column.
    by : str or list of str
        The column, or columns, that say which segment a row belongs to.
    engine : int, executor or Dask client, optional
        Where segments are ranked: None here, a number of processes, any
        `concurrent.futures.Executor`, or a Dask client. The result is the same to the last byte.
    metrics, controls, time, freq, aggregate, as_of, holidays, max_lag, catalog, alpha, model
        As for `leadlag.rank`, the same for every segment.
    seed : int, optional
        Each segment draws from (seed, its key): which others there are changes nothing.
    progress : bool, optional
        True or False; by default a bar after two seconds in a terminal or notebook, else silence.

    Returns
    -------
    Segments
        `.table`, `.pooled`, `.failures`, `.rankings`.

    Raises
    ------
    LeadLagError
        If the data, `by`, `engine`, or an argument that is wrong for every segment can't be used.
        A segment that can't be ranked is a row of `.failures` and stops no other.

    Notes
    -----
    Effects are made comparable: of one standard deviation of the metric's surprises, in standard
    deviations of the target's. Pooling takes every segment, shown to lead or not: pooling the
    shown ones alone would overstate. `pooled.p_value` combines the segments' p-values by Cauchy
    scores, right where segments share shocks; `dh_p_value` is the test of Dumitrescu and Hurlin,
    sharper where they don't. Both have the null "it leads in no segment".

    References
    ----------
    Dumitrescu, E.-I. and Hurlin, C. (2012). Testing for Granger non-causality in heterogeneous
    panels. *Economic Modelling* 29, 1450–1460.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def country(name, n=90):
    ...     visits = rng.standard_normal(n + 2)
    ...     return pd.DataFrame({"country": name, "week": range(n), "visits": visits[2:],
    ...                          "revenue": visits[:-2] + rng.standard_normal(n)})
    >>> frame = pd.concat([country("DE"), country("SE")])
    >>> made = rank_by(frame, "revenue", by="country", time="week", max_lag=4)
    >>> made.table["lag"].to_dict()
    {('DE', 'visits'): 2.0, ('SE', 'visits'): 2.0}
    >>> int(made.pooled.loc["visits", "n_leading"]), len(made.failures)
    (2, 0)
    """
    _check_options(seed, progress)
    frame = read_frame(data)
    if target not in frame.names:
        raise unknown_name(f"target {shown(target)} is not a column", target, frame.names)
    split = split_frame(frame, keys_of(by, frame, (target, time)))
    arguments = {
        "target": target, "metrics": metrics, "controls": controls, "time": time, "freq": freq,
        "aggregate": aggregate, "as_of": as_of, "holidays": holidays, "max_lag": max_lag,
        "catalog": catalog, "alpha": alpha, "model": model,
    }  # fmt: skip
    tasks = _tasks(list(zip(split.labels, split.blocks(frame), strict=True)), arguments, seed)
    label = f"Ranking segments by {' and '.join(split.by)}"
    with one_blas_thread(), _mapping(engine) as run, progress_bar(label, show=progress) as step:
        outcomes = list(_outcomes(run, tasks, step))
    failures = {one["segment"]: one for one in outcomes if "message" in one}
    if len(failures) == len(outcomes):
        _raise_if_one_argument_is_wrong(list(failures.values()))
    ranked = [one for one in outcomes if "ranking" in one]
    rankings = {one["segment"]: Ranking.from_dict(one["ranking"]) for one in ranked}
    table, pooled = pooled_tables(rankings, [one["effects"] for one in ranked], alpha)
    gone = pd.DataFrame(
        [
            {name: one[name] for name in ("segment", "error", "message")}
            for one in failures.values()
        ],
        columns=["segment", "error", "message"],
    )
    without = f"{split.without} rows have no value of {' and '.join(split.by)} and are left out."
    return Segments(
        table=table,
        pooled=pooled,
        failures=gone.set_index("segment"),
        rankings=rankings,
        settings={"target": target, "by": list(split.by), "alpha": alpha, "seed": seed},
        warnings=(without,) if split.without else (),
    )


def _tasks(
    blocks: list[tuple[Any, object]], arguments: dict[str, Any], seed: int
) -> list[tuple[list[tuple[Any, object, int]], dict[str, Any]]]:
    size = max(1, min(_MOST_A_TASK, len(blocks) // _TASKS))
    seeded = [(label, block, _seed_of(seed, label)) for label, block in blocks]
    return [(seeded[i : i + size], arguments) for i in range(0, len(seeded), size)]


def _seed_of(seed: int, label: object) -> int:
    """A seed from (seed, key): no other segment, no order and no engine has a say in it."""
    text = json.dumps([int(seed), label], ensure_ascii=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _run(task: tuple[list[tuple[Any, object, int]], dict[str, Any]]) -> list[dict[str, Any]]:
    """Rank the segments of one task; what a worker does."""
    segments_of_task, arguments = task
    out = []
    for label, block, seed in segments_of_task:
        try:
            ranking = rank(block, **arguments, seed=seed, progress=False)
            effects = _standard_effects(block, arguments)
        except LeadLagError as error:
            failed = {"error": type(error).__name__, "message": str(error)}
            out.append({"segment": label, **failed})
        except _STUMBLES as error:
            message = f"it broke: {error}" if str(error) else "it broke"
            out.append({"segment": label, "error": type(error).__name__, "message": message})
        else:
            out.append({"segment": label, "ranking": ranking.to_dict(), "effects": effects})
    return out


def _standard_effects(block: object, arguments: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Effect and error of every metric on a common scale, and its Granger test of one order."""
    given = {k: v for k, v in arguments.items() if k not in ("alpha", "model", "target")}
    made: dict[str, dict[str, float]] = {}
    with one_blas_thread():
        panel = build_panel(block, arguments["target"], **given)
        target = prepare(panel.y, panel, terms_of(panel))
        order = min(_ORDER, panel.max_lag)
        for j, name in enumerate(panel.metrics):
            pair = examine(panel.X[:, j], target, panel)
            lead = pair.lead
            ratio = _surprise(pair.metric.fit.innovations) / _surprise(target.fit.innovations)
            mean = float(lead.weight @ lead.total)
            square = float(lead.weight @ (lead.total_sd**2 + lead.total**2))
            try:
                tested = granger(pair.metric.series, target.series, max_order=order)
                f = float(tested.f_statistic[0, -1])
                df = float(tested.df_denom[0, -1])
            except InputError:
                f = df = float("nan")  # too few rows for this order
            made[name] = {
                "standard_effect": mean * ratio,
                "standard_error": float(np.sqrt(max(square - mean**2, 0.0))) * ratio,
                "f": f,
                "df": df,
                "order": order,
            }
    return made


def _surprise(innovations: Any) -> float:
    known = innovations[np.isfinite(innovations)]
    return float(np.sqrt(np.mean(known**2)))


def _outcomes(run: Any, tasks: list[Any], step: Any) -> Iterator[dict[str, Any]]:
    made = iter(run(_run, tasks))
    for done, task in enumerate(tasks, start=1):
        try:
            yield from next(made)
        except BrokenExecutor as error:
            # A worker died, of memory for instance; what it had is not known to be the cause.
            for label, _, _ in task[0]:
                text = f"the worker died: {error}"
                yield {"segment": label, "error": type(error).__name__, "message": text}
        except StopIteration:
            for label, _, _ in task[0]:
                text = "the engine returned nothing"
                yield {"segment": label, "error": "BrokenExecutor", "message": text}
        if step is not None:
            step(done, len(tasks))


@contextmanager
def _mapping(engine: object) -> Iterator[Any]:
    """What maps a function over tasks: the built-in one, a pool of our own, or the caller's."""
    if engine is None:
        yield map
    elif not isinstance(engine, bool) and isinstance(engine, Integral) and int(engine) >= 1:
        with ProcessPoolExecutor(max_workers=int(engine)) as pool:
            yield pool.map
    elif callable(getattr(engine, "get_executor", None)):
        yield engine.get_executor().map  # type: ignore[attr-defined]
    elif callable(getattr(engine, "map", None)) and callable(getattr(engine, "submit", None)):
        yield engine.map  # type: ignore[attr-defined]
    else:
        raise ConfigurationError(
            "engine is nothing that runs segments",
            got=shown(engine),
            need="None, a number of processes, a concurrent.futures executor, or a Dask client",
            do="Leave engine out to rank the segments here",
        )


def _raise_if_one_argument_is_wrong(failures: list[dict[str, Any]]) -> None:
    first = failures[0]
    alike = all(one["message"] == first["message"] for one in failures)
    if alike and first["error"] in ("ConfigurationError", "CatalogError"):
        raise ConfigurationError(str(first["message"]).removesuffix("."))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    flat = table.reset_index()
    columns = {name: flat[name].tolist() for name in flat.columns}
    return [
        {name: None if values[i] is pd.NA else plain(values[i]) for name, values in columns.items()}
        for i in range(len(flat))
    ]


def _check_options(seed: object, progress: object) -> None:
    if progress is not None and not isinstance(progress, bool):
        raise ConfigurationError(
            "progress is not a choice", got=shown(progress), need="True, False or None"
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or int(seed) < 0:
        raise ConfigurationError(
            "seed is not a seed", got=shown(seed), need="an integer, 0 or more", do="Pass seed=0"
        )
