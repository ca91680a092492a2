"""A commented configuration for a file that was looked at."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from leadlag.data.frame import read_frame
from leadlag.errors import InputError, InsufficientDataError, listing, unknown_name
from leadlag.files import read_file, with_time
from leadlag.job.events import events_of, is_id

__all__ = ["example"]

# How many columns that are no series are named, and how much of a value is shown.
_NAMED, _LONGEST = 12, 30
_MEANT = "numbers as text"
# Where so many values are numbers, the others are remarks among them.
_MOSTLY = 0.5
# "1,234.56", "$12", "EUR 1.234,50", "12 %", "(40)", "1 234"; dates and codes are none.
_AS_TEXT = re.compile(
    r"[(+\-−]?\s*(?:[^\w\s.,()]{1,2}\s*[+\-−]?|[A-Z]{3}\s?|[A-Z]{1,2}\$\s?)?"
    r"(?:\d{1,3}(?:[.,'’\s]\d{3})+|\d+)(?:[.,]\d+)?"
    r"\s*(?:[^\w\s.,()]{1,2}|[A-Z]{3}|[kKmM])?\)?"
)
_FROM_EVENTS = (
    "# Several rows share a date, so a query makes one row a period of them. It counts the rows",
    "# and what is called an id, and adds up other numbers: take avg() where a sum says nothing.",
)
_LIKELY = ("revenue", "sales", "orders", "gmv", "mrr", "bookings", "turnover", "profit", "target")


def example(data: Path, target: str | None = None, *, out: Path = Path("leadlag.toml")) -> str:
    """Look at a file and write the configuration of a report on it.

    Parameters
    ----------
    data : Path
        CSV or Parquet.
    target : str, optional
        The business outcome; by default a column whose name says so, else the first of numbers.
    out : Path
        The file that it is for: paths in it are beside it.

    Returns
    -------
    str
        TOML with comments.

    Raises
    ------
    LeadLagError
        If the file can't be read, or has no such column.
    """
    frame, time = read_file(data)
    if not len(frame):
        raise InsufficientDataError(f"'{data.name}' has no rows", do="Export it again")
    dated = [time] if time else _dated(frame)
    time = next(iter(dated), None)
    table = read_frame(frame)
    columns = {name: table.column(name).values for name in table.names if name != time}
    numbers = [
        name for name, values in columns.items() if values is not None and np.isfinite(values).any()
    ]
    # What else is there, and why it is no series.
    left = {
        str(name): _why(frame[name])
        for name in frame.columns
        if str(name) not in numbers and name != time
    }
    if not numbers:
        told = [f"{name}: {why}" for name, why in left.items()]
        raise InputError(
            f"'{data.name}' has no column of numbers",
            got=listing(told) or "no column but the time",
            do="Supply one row a period, one column a series",
        )
    where = _beside(data, out)
    kind = "parquet" if data.suffix.lower() in (".parquet", ".pq") else "csv"
    source = [f"kind = {_toml(kind)}", f"path = {_toml(where)}"]
    found = f"{len(frame)} {'row' if len(frame) == 1 else 'rows'}, {_counted(numbers)}"
    segment = _segment(frame, time, left)
    if segment is None and time is not None and _are_events(frame, time):
        made = events_of(frame, time, numbers, where)
        left = {name: why for name, why in left.items() if not is_id(name)}
        numbers, dated = list(made.columns), [made.period]
        time = made.period
        source = [*_FROM_EVENTS, 'kind = "duckdb"', f"query = {_lines(made.query)}"]
    if target is None:
        named = [name for word in _LIKELY for name in numbers if word in name.casefold()]
        # The numbers of the rows are no outcome, nor is how many there are.
        series = [name for name in numbers if name in frame and frame[name].diff().nunique() > 1]
        target = next(iter([*named, *series]), numbers[0])
    elif target in left:
        raise InputError(
            f"target '{target}' is not a column of numbers",
            got=left[target],
            do="Mend the column, or name another",
        )
    elif target not in numbers:
        raise unknown_name(f"target '{target}' is not a column of numbers", target, numbers)
    others = [name for name in numbers if name != target]
    lines = [
        f"# A report every Monday: leadlag report {json.dumps(out.name, ensure_ascii=False)[1:-1]}",
        f"# Written from {_toml(data.name)}: {found} of numbers.",
        *_left_out(left),
        "",
        "# The business outcome. Several: target = [\"revenue\", \"orders\"]",
        f"target = {_toml(target)}",
        _when(dated),
        f"time = {_toml(time)}" if time else "# time = \"week\"",
        "# What is ranked, names or patterns; by default every other column of numbers.",
        f"# metrics = [{', '.join(map(_toml, others[:3]))}]",
        "# What is held constant and never ranked: spend, price, launches.",
        "# controls = [\"ad_spend\"]",
        "# What each metric is, who owns it, what must not get worse: a TOML or YAML file.",
        "# catalog = \"metrics.toml\"",
        "# Combine rows to a coarser period: \"W\", \"M\". How: aggregate = \"sum\", or by column.",
        "# freq = \"W\"",
        "# aggregate = {orders = \"sum\", rate = [\"orders\", \"visits\"]}",
        "# holidays = [\"US\"]",
        *_for_each(segment),
        "",
        "# What the target is wanted to be, per period.",
        "# [goal]",
        f"# {_toml(target)} = 100000",
        "",
        "# What a counterweight may change for the worse, in its units.",
        "# [margin]",
        "# support_tickets = 20.0",
        "",
        "# Effects of past experiments, one row an experiment and metric.",
        "# [experiments]",
        "# path = \"experiments.csv\"",
        "",
        "[source]",
        "# csv, parquet (patterns too), duckdb, sqlite, postgres, python.",
        *source,
        "# kind = \"postgres\": query = \"SELECT ...\", and the variable that holds the address",
        "# with its password: dsn_env = \"DATABASE_URL\"",
        "",
        "[output]",
        "folder = \"report\"",
        "# markdown = true",
        "# text = true",
        "",
        "[alerts]",
        "# file = \"alerts.jsonl\"",
        "# webhook_env = \"ALERTS_URL\"",
        "# [alerts.lines.\"leader moved\"]",
        "# enter = 3.0",
        "# leave = 1.5",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _dated(frame: pd.DataFrame) -> list[str]:
    """Columns of dates, where the first one is none."""
    found = []
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name]):
            continue
        try:
            _, when = with_time(frame[[name]].dropna(), None)
        except InputError:
            continue  # its day and month could be exchanged
        if when is not None and frame[name].notna().all():
            found.append(str(name))
    return found


def _when(dated: Sequence[str]) -> str:
    if not dated:
        return "# No column of dates was found."
    others = f" Dates are in {listing(map(_toml, dated[1:]))} as well." if dated[1:] else ""
    return f"# The column that says when.{others}"


def _segment(frame: pd.DataFrame, time: str | None, left: Mapping[str, str]) -> str | None:
    """The column that tells several rows of one date apart, where there is one."""
    if time is None or not frame.duplicated([time]).any():
        return None
    apart = (name for name in left if name in frame and not frame.duplicated([time, name]).any())
    return next(apart, None)


def _for_each(segment: str | None) -> list[str]:
    if segment is None:
        return ['# A report for each value of a column: segment = "country"']
    return [
        "# Several rows share a date: a report for each value of this column.",
        f"segment = {_toml(segment)}",
    ]


def _are_events(frame: pd.DataFrame, time: str) -> bool:
    """Whether rows share dates and are not the same; years as numbers are left alone."""
    if pd.api.types.is_numeric_dtype(frame[time]):
        return False
    return bool(frame.drop_duplicates().duplicated([time]).any())


def _counted(numbers: Sequence[str]) -> str:
    return f"{len(numbers)} {'column' if len(numbers) == 1 else 'columns'}"


def _left_out(left: Mapping[str, str]) -> list[str]:
    """Comments on columns that are no series, those that were meant as numbers first."""
    if not left:
        return []
    first = sorted(left, key=lambda name: not left[name].startswith(_MEANT))
    more = [f"#   and {len(first) - _NAMED} more"] if len(first) > _NAMED else []
    told = [f"#   {_toml(name)}: {left[name]}" for name in first[:_NAMED]]
    return ["# Left out, since they are no numbers:", *told, *more]


def _why(column: pd.Series) -> str:
    """Why a column is no series, with a value that shows it."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return "dates"
    known = column.dropna().astype(str).str.strip()
    if not len(known):
        return "no value in any row"
    like = known.map(lambda text: bool(_AS_TEXT.fullmatch(text)))
    if like.all():
        return f"{_MEANT} such as {_toml(known.iloc[0])}; write plain ones, such as 1234.56"
    if like.mean() >= _MOSTLY:
        odd = known[~like].iloc[0]
        return f"{_MEANT}, for {_toml(odd[:_LONGEST])} is among them; leave such cells empty"
    return f"text such as {_toml(known.iloc[0][:_LONGEST])}"


def _beside(data: Path, out: Path) -> str:
    """A path as it is read from the configuration's folder; one from the root stays one."""
    if data.is_absolute():
        return data.as_posix()
    # By where the folders truly are, as a configuration is read; a file may be a link on purpose.
    there = data.parent.resolve() / data.name
    return Path(os.path.relpath(there, out.resolve().parent)).as_posix()


def _lines(text: str) -> str:
    """Text of several lines as TOML, each to be read as it is where that can be written."""
    return f"'''\n{text}\n'''" if "'''" not in text and "\x7f" not in text else _toml(text)


def _toml(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False).replace("\x7f", "\\u007F")
