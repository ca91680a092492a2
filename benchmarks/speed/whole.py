"""What isn't one kernel: memory, and a fresh process."""

import tempfile

from benchmarks.speed.measure import fresh_process
from benchmarks.speed.page import table

MEMORY = """
import resource, sys
import numpy as np
import leadlag
p = int(sys.argv[1]) if len(sys.argv) > 1 else {p}
X = np.lib.format.open_memmap({path!r}, mode="w+", dtype=np.float64, shape=(2000, p))
rng = np.random.default_rng(0)
for start in range(0, 2000, 50):
    X[start:start + 50] = rng.standard_normal((50, p))
X.flush()
del X
X = np.load({path!r}, mmap_mode="r")
made = leadlag.cross_correlation(X, rng.standard_normal(2000), max_lag=90)
# What is the process's own: pages of the file are the system's to keep or drop.
own = [line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")]
print(made.correlation.nbytes / 2**20, int(own[0]) / 1024)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
START = """
import time
start = time.perf_counter()
import leadlag
loaded = time.perf_counter()
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.standard_normal((300, 5)), rng.standard_normal(300)
{call}
print(loaded - start, time.perf_counter() - loaded)
"""
CALLS = {
    "cross_correlation": "leadlag.cross_correlation(X, y, max_lag=20)",
    "cross_correlation_matrix": "leadlag.cross_correlation_matrix(X, max_lag=20)",
    "granger": "leadlag.granger(X, y, max_order=4)",
    "lag_posterior": "leadlag.lag_posterior(X, y, max_lag=20)",
    "rank": "import pandas\nleadlag.rank(pandas.DataFrame(X).assign(y=y), 'y')",
}


def memory() -> str:
    rows = []
    for p in (12_500, 25_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            said = fresh_process(MEMORY.format(p=p, path=f"{folder}/X.npy")).split()
        output, own, peak = map(float, said)
        rows.append((f"{p:,}", f"{output:,.0f} MiB", f"{own:,.0f} MiB", f"{peak:,.0f} MiB"))
    head = ("metrics × 2000 × 181 lags", "output", "own memory after", "peak with mapped pages")
    note = "From a memory-mapped file; goal: less than 4 GiB, flat beyond the output.\n\n"
    return "## Memory\n\n" + note + table(head, rows) + "\n"


def start() -> str:
    rows = []
    for name, call in CALLS.items():
        with tempfile.TemporaryDirectory() as folder:
            first = fresh_process(START.format(call=call), NUMBA_CACHE_DIR=folder).split()
            later = fresh_process(START.format(call=call), NUMBA_CACHE_DIR=folder).split()
        rows.append((name, f"{float(later[0]):.2f} s", f"{float(first[1]):.1f} s",
                     f"{float(later[1]):.2f} s"))  # fmt: skip
    head = ("first call of a process", "import leadlag", "compiling", "from the cache")
    return "## A fresh process\n\n" + table(head, rows) + "\n"
