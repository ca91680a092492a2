"""Every kind of alert through the job: the change that was planted, and who is told of it."""

import datetime
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.job.config import read_config
from leadlag.job.run import run_report
from leadlag.monitor.alerts import RULES
from tests.monitor.test_alerts import CATALOG, weeks

CONFIGURATION = """
target = "revenue"
time = "week"
catalog = "metrics.toml"
max_lag = 10
[source]
kind = "csv"
path = "weeks.csv"
[alerts]
file = "alerts.jsonl"
[alerts.lines."lead lost"]
runs = 1
[alerts.lines."rank changed"]
runs = 1
"""


def swapped(frame: pd.DataFrame) -> pd.DataFrame:
    names = {"signups": "complaints", "complaints": "signups"}
    return frame.rename(columns=names)[list(frame)]


def two_leaders(n: int) -> pd.DataFrame:
    frame = weeks(n)
    frame["revenue"] += np.r_[np.zeros(5), 0.35 * (frame["complaints"].to_numpy()[:-5] - 20)]
    return frame


def without_newest(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(signups=frame["signups"].where(frame.index < frame.index[-5]))


CHAINS = {
    "leader moved": [weeks(jump=-3)],
    "counterweight breached": [weeks(worse=3)],
    "relation weakened": [weeks(), weeks(breaks=195)],
    "lead lost": [weeks(200), weeks(201), weeks(202), weeks(203, breaks=0)],
    "rank changed": [two_leaders(219), swapped(two_leaders(220))],
    "stale data": [weeks()],
    "partial data": [without_newest(weeks())],
    "definition changed": [
        weeks(), weeks().assign(signups=lambda f: f["signups"].rolling(5, min_periods=1).mean()),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", RULES)
def test_a_planted_change_alerts_and_is_told(kind: str, tmp_path: Path):
    (tmp_path / "leadlag.toml").write_text(CONFIGURATION, encoding="utf-8")
    leadlag.Catalog(CATALOG).write(tmp_path / "metrics.toml")
    config = read_config(tmp_path / "leadlag.toml")
    now = datetime.date(2024, 6, 3) if kind == "stale data" else None
    fired = []
    for frame in CHAINS[kind]:
        frame.rename_axis("week").to_csv(tmp_path / "weeks.csv")
        outcome = run_report(config, now=now, progress=False)
        fired.append([one["kind"] for one in outcome.records[0]["alerts"]["fired"]])
    assert kind in fired[-1]
    assert outcome.alerted
    assert all(kind not in earlier for earlier in fired[:-1])
    told = (tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    last = [one for one in map(json.loads, told) if one["kind"] == kind][-1]
    assert last["run"] == outcome.records[0]["run"]["id"]
    assert last["text"] in outcome.pages[0].read_text(encoding="utf-8")
