"""A year of Mondays: is a metric without a lead ever shown as one that predicts?

    python -m benchmarks.validity.weekly_looks --years 40 --jobs 2 --seconds 300

Each year is a panel of two years of days with three leaders and nine metrics without a lead. On 52
Mondays of the second year `rank` sees the rows up to then. A metric without a lead must not be
assigned: counted are a verdict "assign" where the table has verdicts, and a leading row of tier T2
or better. Skill is measured only on the Mondays on which the tests show such a metric at all.
"""

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.validity import records
from benchmarks.validity.markdown import number, table
from benchmarks.validity.ours import by_leadlag, by_tests
from benchmarks.validity.scores import LEADS, ratio
from leadlag.data.simulate import simulate

TITLE = "Fifty-two weekly looks"
KINDS = ("sharp_lead", "weekly_season", "null_weekly_season", "random_walks")
LOOKS = 52
ROWS = 730
_NAME = "weekly-looks"


def year(kind: str, seed: int) -> dict[str, object]:
    """Of each metric without a lead: was it ever leading, T2 or better, assigned?"""
    start = time.perf_counter()
    panel = simulate(kind, n=ROWS, seed=seed, held_out=True)
    truth = panel.truth[panel.truth["scored"]]
    strangers = truth.index[~truth["role"].isin(LEADS)]
    ever = pd.DataFrame(False, index=strangers, columns=["leading", "predicts", "assigned"])
    verdicts = False
    for look in range(LOOKS):
        seen = replace(panel, data=panel.data.iloc[: ROWS - 7 * (LOOKS - 1 - look)])
        led = by_tests(seen)["role"].reindex(strangers).isin(LEADS)
        ever["leading"] |= led
        if not (led & ~(ever["predicts"] & (ever["assigned"] | (not verdicts)))).any():
            continue
        whole = by_leadlag(seen).reindex(strangers)
        ever["predicts"] |= whole["role"].isin(LEADS) & whole["tier"].isin(["T2", "T3"])
        if "verdict" in whole:
            verdicts = True
            ever["assigned"] |= whole["verdict"] == "assign"
    return {
        "kind": kind, "seed": seed, "code": records.fingerprint("leadlag"),
        "seconds": round(time.perf_counter() - start, 1), "verdicts": verdicts,
        "metrics": len(strangers), **{name: int(ever[name].sum()) for name in ever},
    }  # fmt: skip


def read() -> list[dict[str, object]]:
    path, code = records.FOLDER / f"{_NAME}.jsonl", records.fingerprint("leadlag")
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [made for made in map(json.loads, lines) if made["code"] == code]


def collect(part: str) -> pd.DataFrame:
    """Share of years of a metric without a lead in which it was shown so, by situation."""
    years = pd.DataFrame(read())
    if years.empty or part != "held-out":
        return pd.DataFrame()
    rows = []
    for kind, made in [("all", years), *years.groupby("kind", sort=False)]:
        counts = dict(enumerate(made["metrics"].astype(float)))
        row = {"situation": kind, "panels": len(made), "metrics": int(made["metrics"].sum())}
        row["verdicts"] = bool(made["verdicts"].any())
        for name in ("leading", "predicts", "assigned"):
            share = ratio(dict(enumerate(made[name].astype(float))), counts)
            row |= {name: share.value, f"{name}_se": share.error}
        rows.append(row)
    return pd.DataFrame(rows)


def section(made: pd.DataFrame) -> list[str]:
    names = ["leading", "predicts"] + ["assigned"] * bool(made["verdicts"].any())
    heads = {"leading": "ever leading", "predicts": "ever leading, T2+", "assigned": "ever assign"}
    cells = [
        [f"`{row['situation']}`", f"{row['panels']}", f"{row['metrics']}",
         *(number(row[name], row[f"{name}_se"], digits=3) for name in names)]
        for row in made.to_dict("records")
    ]  # fmt: skip
    return [
        f"Panels of {ROWS} days; on {LOOKS} Mondays of the second year `rank` sees what was there"
        " then. Share of metric-years without a lead in which the metric was at least once shown"
        " as below (goal for `assign`: at most .10).",
        "",
        *table(["situation", "years", "metric-years", *(heads[n] for n in names)], cells),
    ]


def _open(years: int) -> Iterator[tuple[str, int]]:
    have = {(made["kind"], made["seed"]) for made in read()}
    for seed in range(years):
        for kind in KINDS:
            if (kind, seed) not in have:
                yield kind, seed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--years", type=int, default=10, help="years a situation")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    given = parser.parse_args()
    records.FOLDER.mkdir(parents=True, exist_ok=True)
    start, waiting = time.monotonic(), set()
    with ProcessPoolExecutor(given.jobs, initializer=threadpool_limits, initargs=(1,)) as pool:
        for kind, seed in _open(given.years):
            if time.monotonic() - start > given.seconds:
                break
            waiting.add(pool.submit(year, kind, seed))
            if len(waiting) > given.jobs:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                _keep(ready)
        _keep(waiting)
    print(collect("held-out").to_string())


def _keep(ready: set) -> None:
    with (records.FOLDER / f"{_NAME}.jsonl").open("a", encoding="utf-8") as file:
        for future in ready:
            file.write(json.dumps(future.result()) + "\n")


if __name__ == "__main__":
    main()
