"""Twelve Mondays: a report that goes on from week to week, on simulated data that grow.

Run it with `make report-demo`, or `python examples/report_demo.py FOLDER`. The data are those of
`leadlag.datasets.subscription()`, seven days more each week. Along the way a week of traffic is
corrected, and satisfaction is asked on another scale.
"""

import sys
import webbrowser
from pathlib import Path
from typing import Any

import pandas as pd

import leadlag
from leadlag.job.config import read_config
from leadlag.job.run import run_report

WEEKS = 12
COLUMNS = (
    "revenue", "traffic", "signups", "activation_rate", "retention_5d", "satisfaction",
    "support_tickets", "features_shipped",
)  # fmt: skip

CONFIGURATION = """
title = "What precedes revenue: a simulated subscription business"
target = "revenue"
time = "date"
catalog = "metrics.toml"
holidays = ["US"]
max_lag = 28

[goal]
revenue = 115000.0

[source]
kind = "csv"
path = "days.csv"

[output]
folder = "report"
markdown = true
text = true
"""

CATALOG: dict[str, dict[str, Any]] = {
    "revenue": {"kind": "business outcome", "unit": "EUR a day", "label": "Revenue"},
    "traffic": {"kind": "traction", "owner": "Marketing", "form": "flow"},
    "signups": {
        "kind": "product outcome", "owner": "Ann, growth", "form": "flow",
        "counterweights": ["support_tickets", "satisfaction"],
    },
    "activation_rate": {
        "kind": "product outcome", "owner": "Ben, onboarding", "label": "Activation rate",
    },
    "retention_5d": {
        "kind": "product outcome", "owner": "Cy, core", "window": "5D", "stamped": "availability",
        "label": "Retention after 5 days",
    },
    "satisfaction": {"kind": "sentiment", "owner": "Support", "aim": "up"},
    "support_tickets": {"kind": "traction", "aim": "down", "form": "flow"},
    "features_shipped": {"kind": "output", "form": "flow"},
}  # fmt: skip


def as_known(days: pd.DataFrame, week: int) -> pd.DataFrame:
    """The data as they stood in a week: what is corrected later was wrong before."""
    known = days.astype({"traffic": float})
    if week < WEEKS - 1:
        known.loc[known.index[-300:-293], "traffic"] *= 1.15
    if week >= 7:
        known["satisfaction"] = (known["satisfaction"] - 5) * 2
    return known


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    days = leadlag.datasets.subscription(n_days=560).data[list(COLUMNS)]
    days.index.name = "date"
    (folder / "leadlag.toml").write_text(CONFIGURATION, encoding="utf-8")
    leadlag.Catalog(CATALOG).write(folder / "metrics.toml")
    config = read_config(folder / "leadlag.toml")
    for week in range(WEEKS):
        # Cut first: the correction is of the same days in every week.
        data = as_known(days, week).iloc[: len(days) - 7 * (WEEKS - 1 - week)]
        data.to_csv(folder / "days.csv")
        outcome = run_report(config, progress=False)
        record = outcome.records[0]
        fired = len(record["alerts"]["fired"])
        print(
            f"week {week + 1:2d}: data through {record['target']['through']}, "
            f"{len(record['leaders'])} leaders, {fired} alerts"
        )
    print("\n".join(record["headline"]))
    page = outcome.pages[0].resolve()
    print(f"Page: {page}")
    if sys.stdout.isatty():
        webbrowser.open(page.as_uri())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/report-demo"))
