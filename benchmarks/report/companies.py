"""Simulated companies for the report: outlook intervals, causes of change, alerts.

    python -m benchmarks.report.companies outlook --companies 200 --jobs 2
    python -m benchmarks.report.companies causes
    python -m benchmarks.report.companies breaks
    python -m benchmarks.report.companies job --companies 40
    python -m benchmarks.report.companies steady
    python -m benchmarks.report.companies null
    python -m benchmarks.report.companies us --companies 58
    python -m benchmarks.report.companies size --companies 1

A company has 150 to 420 weeks or days of a target, two leaders at lags 2 to 8, what follows it, and
four columns that have nothing to do with it; memory, growth, a season and the noise are drawn.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import leadlag
from leadlag.job.config import read_config
from leadlag.job.run import run_report
from leadlag.report.page import page
from leadlag.report.record import build_record

# A small company: its columns, its rows, and some more of the same.
FEW = ["revenue", "signups", "activation", "refunds", "other_0"]
ROWS, FEW_MORE = 146, 4
# Runs of a chain, rows that are new in each, and runs before a break.
RUNS, STEP, BEFORE = 8, 7, 3
Chain = Callable[[pd.DataFrame], list[dict[str, Any]]]
CONFIGURATION = """
target = "revenue"
time = "day"
max_lag = 12
source = {kind = "csv", path = "days.csv"}
"""


def company(seed: int, *, leads: bool = True, breaks: int | None = None) -> pd.DataFrame:
    """One company's data; from row `breaks` on, what led no longer does."""
    rng = np.random.default_rng([seed, 20261125])
    daily = bool(rng.integers(2))
    n = int(rng.integers(260, 420)) if daily else int(rng.integers(150, 260))
    columns: dict[str, Any] = {}
    signal = np.zeros(n)
    for name in ("signups", "activation"):
        phi = rng.uniform(0, 0.6)
        x = _ar(rng, n, phi)
        lag = int(rng.integers(2, 9))
        weight = np.ones(n)
        if breaks is not None:
            weight[breaks:] = 0.0
        signal[lag:] += rng.choice([-1, 1]) * rng.uniform(0.5, 0.9) * x[:-lag] * weight[lag:]
        columns[name] = 100 + rng.uniform(5, 20) * x
    noise = _ar(rng, n, rng.uniform(0, 0.7))
    y = (signal if leads else 0.0) + noise
    if daily:
        y = y + rng.normal(0, 0.6, 7)[np.arange(n) % 7]
    drift = rng.uniform(0, 0.01) * np.arange(n)
    revenue = np.exp(8 + 0.06 * y + 0.1 * drift) if rng.integers(2) else 1000 + 60 * (y + drift)
    columns["refunds"] = np.r_[np.zeros(3), y[:-3]] + rng.normal(0, 1, n)
    for number in range(4):
        columns[f"other_{number}"] = _ar(rng, n, rng.uniform(0, 0.8))
    start = "2022-01-03"
    index = pd.date_range(start, periods=n, freq="D" if daily else "W-MON")
    return pd.DataFrame({"revenue": revenue, **columns}, index=index)


def _ar(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    x = rng.standard_normal(n + 50)
    for t in range(1, x.size):
        x[t] += phi * x[t - 1]
    return np.asarray(x[50:] * np.sqrt(1 - phi**2))


def outlook(seed: int) -> list[tuple[int, bool, float, float]]:
    """Horizon, inside, and squared errors with the leaders and without, at one origin."""
    data = company(seed)
    ahead = 8
    ranking = leadlag.rank(data.iloc[:-ahead], "revenue", max_lag=12)
    record = build_record(ranking)
    truth = data["revenue"].to_numpy()[-ahead:]
    return [
        (
            row["ahead"],
            row["low"] <= actual <= row["high"],
            (row["expected"] - actual) ** 2,
            (row["alone"] - actual) ** 2,
        )
        for row, actual in zip(record["outlook"]["rows"], truth, strict=False)
    ]


def us(seed: int) -> list[tuple[int, bool, float, float]]:
    """The same for industrial production, in pseudo-real time: every half year from 1990 on."""
    data = leadlag.datasets.us_leading().loc["1960":"2019"]
    origin = int(data.index.searchsorted(pd.Timestamp("1990-01-01"))) + 6 * seed
    ranking = leadlag.rank(data.iloc[:origin], "INDPRO")
    rows = build_record(ranking)["outlook"]["rows"]
    truth = data["INDPRO"].to_numpy()[origin:]
    return [
        (
            row["ahead"],
            row["low"] <= actual <= row["high"],
            (row["expected"] - actual) ** 2,
            (row["alone"] - actual) ** 2,
        )
        for row, actual in zip(rows, truth, strict=False)
    ]


def size(seed: int) -> tuple[float, float, int]:
    """Seconds to rank 200 metrics of two years of days, and to report; bytes of the page."""
    rng = np.random.default_rng(seed)
    n, count = 730, 200
    x = np.column_stack([_ar(rng, n, rng.uniform(0, 0.9)) for _ in range(count)])
    y = 100 + sum(np.r_[np.zeros(k), x[:-k, j]] for j, k in enumerate((3, 7, 10, 14, 21)))
    y = y + 2 * _ar(rng, n, 0.5)
    index = pd.date_range("2023-01-01", periods=n, freq="D")
    data = pd.DataFrame(x, index=index, columns=[f"metric_{j:03d}" for j in range(count)])
    data.insert(0, "revenue", y)
    start = time.perf_counter()
    ranking = leadlag.rank(data, "revenue")
    ranked = time.perf_counter()
    text = page(build_record(ranking, ranking))
    return ranked - start, time.perf_counter() - ranked, len(text.encode())


def causes(seed: int) -> list[tuple[str, str]]:
    """Planted cause, and the causes beyond noise that are named of what it was planted in.

    A company of 150 rows and four metrics, one change of each kind.
    """
    rng = np.random.default_rng([seed, 7])
    data = company(seed)[FEW]
    first, later = data.iloc[-ROWS - FEW_MORE : -FEW_MORE], data.iloc[-ROWS - FEW_MORE :]
    catalog: dict[str, Any] = {"signups": {"kind": "product outcome", "owner": "Ann"}}
    before = _ranked(first, catalog)
    told = []

    def named(planted: str, now: leadlag.Ranking, metrics: Sequence[str]) -> None:
        table = now.changes(before)
        table = table[(table["field"] != "data through") & table["metric"].isin(metrics)]
        found = sorted(set(table["cause"]) - {"noise"})
        told.append((planted, " and ".join(found) or "noise"))

    revised = first.copy()
    at = int(rng.integers(40, ROWS - 20))
    revised.iloc[at : at + 6, revised.columns.get_loc("signups")] *= 1.1
    named("revised data", _ranked(revised, catalog), ["signups"])
    if seed % 2:
        other, declared = first, {"signups": {**catalog["signups"], "latency": 1}}
    else:
        other, declared = first.copy(), catalog
        other["signups"] = other["signups"].rolling(5, min_periods=1).mean()
    named("definition changed", _ranked(other, declared), ["signups"])
    named("method changed", _ranked(first, catalog, max_lag=9), list(first))
    # A few more rows of the same process, and another owner: whatever changes is noise.
    owned = {"signups": {**catalog["signups"], "owner": "Ben"}}
    named("noise", _ranked(later, owned), list(first))
    # The relations end with the first part, and as much again follows: what changes is new.
    long = pd.concat([first, _after(company(seed + 10_000, leads=False)[FEW], first)])
    led = before.table.index[before.table["role"].isin(["leading", "feedback"])]
    for metric in [name for name in ("signups", "activation") if name in led][:1]:
        named("new data", _ranked(long, catalog), [metric])
    return told


def _ranked(data: pd.DataFrame, catalog: dict[str, Any], max_lag: int = 12) -> leadlag.Ranking:
    return leadlag.rank(data, "revenue", max_lag=max_lag, catalog=catalog)


def _after(data: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Rows that go on from others: the same columns, their level and spread, the next dates."""
    rows = data.iloc[: len(first)].copy()
    for name in rows:
        scaled = (rows[name] - rows[name].mean()) / rows[name].std()
        rows[name] = first[name].iloc[-60:].mean() + scaled * first[name].std()
    step = first.index[1] - first.index[0]
    rows.index = pd.date_range(first.index[-1] + step, periods=len(rows), freq=step)
    return rows


def _weeks(data: pd.DataFrame) -> list[pd.DataFrame]:
    """The data as each run sees them: some more rows every time."""
    return [data.iloc[: len(data) - STEP * (RUNS - 1 - run)] for run in range(RUNS)]


def _chain(data: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for rows in _weeks(data):
        ranking = leadlag.rank(rows, "revenue", max_lag=12)
        records.append(build_record(ranking, records[-1] if records else None))
    return records


def _through_the_job(data: pd.DataFrame) -> list[dict[str, Any]]:
    """The same by the job: a file, a configuration, a history, pages."""
    records = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "leadlag.toml").write_text(CONFIGURATION, encoding="utf-8")
        config = read_config(folder / "leadlag.toml")
        for rows in _weeks(data):
            rows.rename_axis("day").to_csv(folder / "days.csv")
            records.append(run_report(config, progress=False).records[0])
    return records


def breaks(seed: int, chain: Chain = _chain) -> dict[str, Any]:
    """In which run after a break an alert on its leaders fires, and what fired before it."""
    n = len(company(seed))
    records = chain(company(seed, breaks=n - STEP * (RUNS - BEFORE))[FEW])
    led = {one["metric"] for one in records[BEFORE - 1]["leaders"]} & {"signups", "activation"}
    kinds = ("relation weakened", "lead lost")
    found = [
        (run, one["subject"])
        for run, record in enumerate(records)
        for one in record["alerts"]["fired"]
        if run >= BEFORE and one["kind"] in kinds and one["subject"] in led
    ]
    return {
        "led": len(led),
        "run": found[0][0] - BEFORE + 1 if found else None,
        "early": sum(bool(record["alerts"]["fired"]) for record in records[:BEFORE]),
    }


def job(seed: int) -> dict[str, Any]:
    """The same through the job itself."""
    return breaks(seed, _through_the_job)


def steady(seed: int) -> list[list[str]]:
    """Kinds of alert by run, where two metrics lead and nothing happens."""
    records = _chain(company(seed)[FEW])
    return [[one["kind"] for one in record["alerts"]["fired"]] for record in records]


def null(seed: int) -> list[list[str]]:
    """Kinds of alert by run, where nothing leads."""
    records = _chain(company(seed, leads=False)[FEW])
    return [[one["kind"] for one in record["alerts"]["fired"]] for record in records]


def _kept(path: Path | None) -> dict[int, Any]:
    if path is None or not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {int(seed): made for seed, made in map(json.loads, lines)}


def _plain(value: Any) -> Any:
    return value.item()


CHOICES = ("outlook", "us", "causes", "breaks", "job", "steady", "null", "size")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=CHOICES)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="JSON lines: what is there is not run again.")
    options = parser.parse_args()
    one: Callable[[int], Any] = globals()[options.what]
    kept = _kept(options.out)
    seeds = range(options.first, options.first + options.companies)
    with ProcessPoolExecutor(options.jobs) as pool:
        asked = {pool.submit(one, seed): seed for seed in seeds if seed not in kept}
        for done in as_completed(asked):
            kept[asked[done]] = done.result()
            if options.out is not None:
                with options.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([asked[done], done.result()], default=_plain) + "\n")
    told = [kept[seed] for seed in sorted(kept)]
    print(f"{options.what}, {len(told)} companies")
    if options.what == "size":
        for ranked, reported, count in told:
            print(f"  rank {ranked:.1f} s, report {reported:.1f} s, page {count:,} bytes")
    elif options.what in ("outlook", "us"):
        rows = [row for part in told for row in part]
        for h in sorted({row[0] for row in rows}):
            at = [row for row in rows if row[0] == h]
            print(f"  {h} ahead: {np.mean([row[1] for row in at]):.3f} of {len(at)}")
        better = [row[2] < row[3] for row in rows if row[2] != row[3]]
        print(f"  all: {np.mean([row[1] for row in rows]):.3f} of {len(rows)}")
        print(f"  nearer with the leaders: {np.mean(better):.3f} of {len(better)}")
    elif options.what == "causes":
        pairs = [pair for part in told for pair in part]
        for planted in sorted({pair[0] for pair in pairs}):
            named = [pair[1] for pair in pairs if pair[0] == planted]
            right = np.mean([name == planted for name in named])
            rest = {n: named.count(n) for n in sorted(set(named)) if n != planted}
            print(f"  {planted}: {right:.3f} of {len(named)}; else {rest}")
    elif options.what in ("breaks", "job"):
        shown = [part for part in told if part["led"]]
        for k in range(1, RUNS - BEFORE + 1):
            within = np.mean([p["run"] is not None and p["run"] <= k for p in shown])
            print(f"  within {k} runs of {STEP} rows: {within:.3f} of {len(shown)}")
        early = sum(part["early"] for part in told)
        print(f"  runs that alert before the break: {early} of {BEFORE * len(told)}")
    else:
        runs = [kinds for part in told for kinds in part]
        kinds = [kind for run in runs for kind in run]
        print(f"  runs that alert: {np.mean([bool(run) for run in runs]):.4f} of {len(runs)}")
        print(f"  by kind: { {kind: kinds.count(kind) for kind in sorted(set(kinds))} }")


if __name__ == "__main__":
    main()
