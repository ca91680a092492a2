"""One run of the job, from top to bottom: read, rank, go on from the run before, write, tell."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from leadlag import storage
from leadlag.assign.counterweights import counterweights
from leadlag.curves import moved
from leadlag.errors import InsufficientDataError, LeadLagError
from leadlag.job.config import Config
from leadlag.job.failures import Failure, all_in_one
from leadlag.job.history import History
from leadlag.job.inputs import (
    check_margins,
    check_usable,
    make_folder,
    panel_arguments,
    past_experiments,
    report_name,
    stream_name,
)
from leadlag.job.segments import segments, unplaced
from leadlag.job.sinks import fired, sinks_of, tell
from leadlag.job.sources import read_source
from leadlag.monitor.signals import leads_of
from leadlag.pipeline import rank
from leadlag.ranking import Ranking
from leadlag.report.page import markdown, page, short_text
from leadlag.report.record import build_record, run_id
from leadlag.report.write import record_text

__all__ = ["HISTORY", "Outcome", "run_report"]

HISTORY = "history.sqlite"
# After so many seconds nobody is still writing a file.
_LEFT = 3600.0
# Of the name of a target or a segment: with numbers and suffixes a file's name has at most 255.
_MOST_BYTES = 90
_SCRATCH = "[0-9a-f]" * 8


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Parameters
    ----------
    records : tuple of dict
        Run records, one a target.
    pages : tuple of Path
        The pages that were written.
    problems : tuple of str
        What could not be told, and rows that are on no page.
    failures : tuple of (str or None, LeadLagError)
        Reports that have no page, and why; by target and segment, as far as there are several.
    """

    records: tuple[dict[str, Any], ...]
    pages: tuple[Path, ...]
    problems: tuple[str, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def alerted(self) -> bool:
        """Whether an alert fired."""
        return any(record["alerts"]["fired"] for record in self.records)


def run_report(
    config: Config,
    *,
    now: datetime.date | None = None,
    made: str | None = None,
    progress: bool | None = None,
) -> Outcome:
    """Run the job once.

    Parameters
    ----------
    config : Config
    now : date, optional
        Today, by which late data are noticed; by default nothing is late.
    made : str, optional
        When it was made, if the page is to tell.
    progress : bool, optional
        As for `leadlag.rank`.

    Returns
    -------
    Outcome

    Raises
    ------
    LeadLagError
        If the data can't be read, or no target of any segment can be ranked and written: each is
        named in it.
    """
    data, stamps = read_source(config)
    history = History(config.beside(config.output.folder) / HISTORY)
    records, pages = [], []
    problems: list[str] = []
    streams: dict[str, str] = {}
    failures: list[Failure] = []
    for segment, rows in segments(config, data, stamps):
        for target in config.targets:
            stream = stream_name(config, target, segment)
            streams[stream] = ""
            # One bad segment takes no other's page and alerts away.
            try:
                ranking = _ranked(config, rows, stamps, target, progress)
                tradeoffs = _tradeoffs(config, rows, stamps, ranking)
                past = past_experiments(config, target)
                record, path, notes = _reported(
                    config, ranking, segment, now, made, tradeoffs, past
                )
            except LeadLagError as error:
                failures.append((report_name(config, target, segment), error))
                continue
            records.append(record)
            pages.append(path)
            problems += notes
            streams[stream] = record["run"]["id"]
    if not records:
        raise all_in_one(failures, what="no report has a page")
    problems += unplaced(config, data)
    problems += tell(config, history, streams)
    return Outcome(tuple(records), tuple(pages), tuple(problems), tuple(failures))


def _ranked(
    config: Config, data: object, time: str | None, target: str, progress: bool | None
) -> Ranking:
    ranking = rank(
        data,
        target,
        **panel_arguments(config, time),
        # Several targets are as many families of tests.
        alpha=config.alpha / len(config.targets),
        model=config.model,
        seed=config.seed,
        progress=progress,
    )
    table = ranking.table
    excluded = table[table["role"] == "excluded"]["notes"]
    check_usable(target, len(table) - len(excluded), excluded)
    return ranking


def _tradeoffs(
    config: Config, data: object, time: str | None, ranking: Ranking
) -> list[dict[str, Any]]:
    """What each leader's rise precedes in its counterweights, where a margin is named."""
    state = ranking._state()
    declared = state.observed.declared
    check_margins(config, [row["metric"] for row in state.rows])
    usable = {row["metric"] for row in state.rows if row["role"] != "excluded"}
    found = []
    for metric in leads_of(state):
        for against in declared.get(metric, {}).get("counterweights", ()):
            if against not in config.margin or against not in usable or config.freq is not None:
                continue
            one: dict[str, Any] = {"metric": metric, "counterweight": against}
            try:
                told = counterweights(
                    data, ranking.settings["target"], metric, against,
                    margin=config.margin[against], time=time, catalog=declared,
                )  # fmt: skip
            except InsufficientDataError as error:
                found.append({**one, "verdict": "insufficient data", "text": str(error)})
            else:
                values = {"text": told.text, "found": dataclasses.asdict(told)}
                found.append({**one, "verdict": told.verdict, **values})
    return found


def _reported(
    config: Config,
    ranking: Ranking,
    segment: str | None,
    now: datetime.date | None,
    made: str | None,
    tradeoffs: Sequence[Mapping[str, Any]] = (),
    past: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], Path, list[str]]:
    folder = make_folder(config)
    target = ranking.settings["target"]
    stream = stream_name(config, target, segment)
    title = config.title or f"What precedes {ranking._state().names(target)}"
    name = _name(config, target, segment)
    late = _late(ranking, now)
    history = History(folder / HISTORY)
    with history.turn() as turn:
        previous = turn.before(stream, run_id(ranking, late=late))
        record = build_record(
            ranking,
            previous,
            title=title if segment is None else f"{title}: {segment}",
            goal=config.goal.get(target),
            made=made,
            late=late,
            rules=config.alerts.rules(),
            tradeoffs=tradeoffs,
            proxies=past,
        )
        texts = {".json": record_text(record), ".html": page(record)}
        if config.output.markdown:
            texts[".md"] = markdown(record)
        if config.output.text:
            texts[".txt"] = short_text(record)
        turn.add(stream, record)
        told = fired(record, stream)
        turn.deliveries.owe(sinks_of(config), stream, record["run"]["id"], told)
        place = turn.place(name)
    # The history knows the run: if this ends here, the same run writes the files again.
    files = {folder / f"{name}{suffix}": text for suffix, text in texts.items()}
    notes = _write(history, files, name, place, stream)
    return record, folder / f"{name}.html", notes


def _write(
    history: History, files: Mapping[Path, str], name: str, place: int, stream: str
) -> list[str]:
    """Write the files of a run in a turn, unless a later one has written its own meanwhile."""
    with history.turn() as turn:
        latest, owner = turn.writer(name)
        if latest > place:
            return [f"{name}.html is of a run that came meanwhile; this one is in the history."]
        turn.wrote(name, place, stream)
        _sweep(files)
        storage.write_all(files)
    if owner in (None, stream):
        return []
    return [
        f"{name}.html was of '{owner}' before, and is of '{stream}' now: where two configurations "
        "have one folder, give each an [output] name."
    ]


def _sweep(files: Iterable[Path]) -> None:
    """Take away what runs that were killed in the middle of writing have left."""
    for file in files:
        for left in file.parent.glob(f".{file.name}.{_SCRATCH}"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT:
                    left.unlink()


def _name(config: Config, target: str, segment: str | None) -> str:
    """Name of the files, without a suffix; what a file's name can't hold becomes a number."""
    parts = [config.output.name]
    for name, needed in ((target, len(config.targets) > 1), (segment, segment is not None)):
        if needed and name is not None:
            plain = re.sub(r"[^\w.-]+", "-", name).strip("-.")
            plain = plain.encode()[:_MOST_BYTES].decode(errors="ignore")
            lost = "" if plain == name else f"-{zlib.crc32(name.encode()):08x}"
            parts.append(f"{plain}{lost}")
    return "-".join(parts)


def _late(ranking: Ranking, now: datetime.date | None) -> float:
    """How many periods should have come since the last one that is known."""
    state = ranking._state()
    if now is None or not isinstance(state.curves.index, pd.DatetimeIndex):
        return 0.0
    known = int(np.flatnonzero(np.isfinite(state.observed.target))[-1])
    # A period is known some time after its end: one more may be under way, and one on its way.
    due = [moved(state.curves.index, state.settings["freq"], k)[known] for k in (2, 3)]
    today = pd.Timestamp(now)
    return max(0.0, float((today - due[0]) / (due[1] - due[0])))
