"""How time grows when n, p or L doubles: the exponent, 1 being in proportion."""

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.speed.cases import CASES
from benchmarks.speed.inputs import Size
from benchmarks.speed.measure import in_turn
from benchmarks.speed.page import table

BASE = {
    "correlation, one target": Size(2000, 1000, 45),
    "correlation, all pairs": Size(1000, 150, 20),
    "granger, both directions, every order": Size(1000, 500, 6),
}


def exponents(name: str, rounds: int = 5) -> tuple[float, float, float]:
    case = next(case for case in CASES if case.name == name)
    small = BASE[name]
    sizes = [
        small,
        Size(2 * small.n, small.p, small.L),
        Size(small.n, 2 * small.p, small.L),
        Size(small.n, small.p, 2 * small.L),
    ]
    data = [case.inputs(size) for size in sizes]
    with threadpool_limits(1, user_api="blas"):
        seconds = in_turn([lambda d=d: case.ours(d) for d in data], rounds=rounds)
    base, *doubled = (float(np.median(times)) for times in seconds)
    n, p, L = (float(np.log2(time / base)) for time in doubled)
    return n, p, L


def section() -> str:
    rows = [(name, *(f"{e:.2f}" for e in exponents(name)), str(BASE[name])) for name in BASE]
    head = ("kernel", "in n", "in p", "in L or order", "from")
    return "## Growth\n\nExponents as one size doubles, one thread.\n\n" + table(head, rows) + "\n"
