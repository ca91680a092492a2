"""A commented configuration for a file that was looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd

from leadlag.errors import InputError, unknown_name
from leadlag.files import read_file

__all__ = ["example"]

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
    numbers = [
        str(name)
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name]) and name != time
    ]
    if not numbers:
        raise InputError(
            f"'{data.name}' has no column of numbers",
            got=", ".join(map(str, frame.columns)) or "no column",
            do="Supply one row a period, one column a series",
        )
    if target is None:
        named = [name for word in _LIKELY for name in numbers if word in name.casefold()]
        # The numbers of the rows are no outcome.
        series = [name for name in numbers if frame[name].diff().nunique() > 1]
        target = next(iter([*named, *series]), numbers[0])
    elif target not in numbers:
        raise unknown_name(f"target '{target}' is not a column of numbers", target, numbers)
    kind = "parquet" if data.suffix.lower() in (".parquet", ".pq") else "csv"
    others = [name for name in numbers if name != target]
    lines = [
        f"# A report every Monday: leadlag report {json.dumps(out.name, ensure_ascii=False)[1:-1]}",
        f"# Written from {json.dumps(data.name, ensure_ascii=False)}: {len(frame)} rows, "
        f"{len(numbers)} columns of numbers.",
        "",
        "# The business outcome. Several: target = [\"revenue\", \"orders\"]",
        f"target = {_toml(target)}",
        "# The column that says when." if time else "# No column of dates was found.",
        f"time = {_toml(time)}" if time else "# time = \"week\"",
        "# What is ranked, names or patterns; by default every other column of numbers.",
        f"# metrics = [{', '.join(map(_toml, others[:3]))}]",
        "# What is held constant and never ranked: spend, price, launches.",
        "# controls = [\"ad_spend\"]",
        "# What each metric is, who owns it, what must not get worse: a TOML or YAML file.",
        "# catalog = \"metrics.toml\"",
        "# Combine rows to a coarser period: \"W\", \"M\". Say how: aggregate = \"sum\".",
        "# freq = \"W\"",
        "# holidays = [\"US\"]",
        "# A report for each value of a column: segment = \"country\"",
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
        f"kind = {_toml(kind)}",
        f"path = {_toml(_beside(data, out))}",
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


def _beside(data: Path, out: Path) -> str:
    """A path as it is read from the configuration's folder; one from the root stays one."""
    if data.is_absolute():
        return data.as_posix()
    # By where the folders truly are, as a configuration is read; a file may be a link on purpose.
    there = data.parent.resolve() / data.name
    return Path(os.path.relpath(there, out.resolve().parent)).as_posix()


def _toml(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False).replace("\x7f", "\\u007F")
