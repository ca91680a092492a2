"""Kill a run at lines all through the job, and see what it leaves: `killed.py FOLDER`.

The ranking and the page are made once; what is tried is reading the run before, adding a run,
writing the files and telling its alert. Each child process ends without any clean-up at its line.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd

import leadlag
from leadlag.job import run
from leadlag.job.config import Alerts, Config, Output, Source
from leadlag.job.history import History
from leadlag.report.record import build_record, check_record

WATCHED = (
    "leadlag/job/run.py", "leadlag/job/history.py", "leadlag/job/turn.py",
    "leadlag/job/deliveries.py", "leadlag/job/sinks.py", "leadlag/storage.py",
)  # fmt: skip
ALERT = {"kind": "leader moved", "subject": "x", "text": "x rose"}
# Every third line is as telling as every line, and takes a third of the time.
STEP = 3
FILES = ("report.html", "report.json")


def main(folder: Path) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    x, e = rng.standard_normal((2, 80))
    y = 10 + np.r_[0, 0, x[:-2]] + 0.3 * e
    data = pd.DataFrame({"y": y, "x": x}, index=pd.RangeIndex(80, name="t"))
    rankings = [leadlag.rank(data.iloc[:n], "y", max_lag=5) for n in (70, 80)]
    records = [build_record(rankings[0])]
    records.append(build_record(rankings[1], records[0]))
    config = Config(
        source=Source(kind="csv", path="none.csv"), target="y", output=Output(folder="out"),
        folder=folder / "work", alerts=Alerts(file="alerts.jsonl"),
    )  # fmt: skip
    records[1]["alerts"]["fired"] = [ALERT]
    stubs: Any = run
    stubs.build_record = lambda ranking, previous, **options: records[1 if previous else 0]
    stubs.page = lambda record: f"<p>{record['run']['id']}</p>\n" * 50

    def reported(which: int) -> None:
        record, *_ = run._reported(config, rankings[which], None, None, None)
        history = History(config.folder / "out" / run.HISTORY)
        run.tell(config, history, {"y": record["run"]["id"]})

    reported(0)
    ready = folder / "ready"
    shutil.copytree(config.folder, ready)
    before = {name: (ready / "out" / name).read_bytes() for name in FILES}
    reported(1)
    after = {name: (config.folder / "out" / name).read_bytes() for name in FILES}
    said: dict[str, Any] = {"points": 0, "kept": 0, "twice": 0, "wrong": []}
    point = -1
    while True:
        point += STEP
        shutil.rmtree(config.folder)
        shutil.copytree(ready, config.folder)
        child = os.fork()
        if child == 0:
            sys.settrace(killer(point))
            reported(1)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return said
        said["points"] += 1
        out = config.folder / "out"
        history = History(out / run.HISTORY)
        ids = [one.id for one in history.runs()]
        kept = [record["run"]["id"] for record in records]
        said["kept"] += len(ids) == 2
        good = ids in (kept[:1], kept)
        good &= all(check_record(history.record(one)) for one in ids)
        for name in FILES:
            good &= (out / name).read_bytes() in (before[name], after[name])
        reported(1)
        good &= [one.id for one in history.runs()] == kept
        good &= all((out / name).read_bytes() == after[name] for name in FILES)
        told = (config.folder / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
        # Who dies between telling and noting it tells again; nobody loses an alert.
        good &= 1 <= len(told) <= 2 and all(json.loads(one)["text"] == "x rose" for one in told)
        said["twice"] += len(told) == 2
        if not good:
            said["wrong"].append(point)


def killer(point: int) -> Any:
    """A trace that ends the process at a line, counted over the watched files."""
    seen = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen
        name = frame.f_code.co_filename.replace(os.sep, "/")
        # Turning values into text leaves nothing behind: of the storage only writing counts.
        if not name.endswith(WATCHED) or frame.f_code.co_name in ("plain", "text_of", "_json"):
            return None
        if event == "line":
            seen += 1
            if seen == point:
                os._exit(9)
        return trace

    return trace


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
