"""Count retention in 50 million events from Parquet: seconds and peak memory.

    .venv/bin/python -m benchmarks.events.fifty_million [EVENTS] [FOLDER]

The log is made first, by DuckDB: a tenth as many users as events, two years, exponential gaps. The
counting runs in a process of its own, whose peak resident memory the kernel reports.
"""

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

import leadlag


def make(path: Path, events: int) -> None:
    users = events // 10
    duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(path.parent)}).execute(
        "COPY (SELECT u AS user_id, TIMESTAMP '2024-01-01' + to_seconds(CAST("
        "(hash(u) % 600) * 86400 - ln(1 - random()) * 40 * 86400 AS BIGINT)) AS happened_at, "
        f"random() * 20 AS amount FROM (SELECT CAST(random() * {users} AS BIGINT) AS u "
        f"FROM range({events}))) TO '{path}' (FORMAT parquet)"
    )


def count(path: str) -> None:
    start = time.perf_counter()
    kept = leadlag.retention(path, user="user_id", time="happened_at")
    print(
        json.dumps(
            {
                "events": kept.settings["events"],
                "users": int(kept.overall["n"].max()),
                "seconds": round(time.perf_counter() - start, 1),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] == "--count":
        count(sys.argv[2])
        return
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        path = Path(folder, "events.parquet")
        make(path, events)
        size = path.stat().st_size / 2**20
        module = [sys.executable, "-m", "benchmarks.events.fifty_million", "--count", str(path)]
        done = subprocess.run(module, capture_output=True, text=True, check=True)
    print(f"{platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}")
    print(f"Parquet of {size:,.0f} MiB: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
