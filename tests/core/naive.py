"""Slow, obvious twins of the numeric floor: plain loops in exact rational arithmetic.

A float is a rational number, so every sum, product and quotient below is exact; only the last step
rounds. What differs from these numbers by more than rounding is wrong.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

Numbers = Sequence[float]


def pairs(x: Numbers, y: Numbers, lag: int) -> list[tuple[Fraction, Fraction]]:
    """The sample at one lag: x[t - lag] beside y[t], where both exist and are present."""
    found = []
    for t in range(len(y)):
        if 0 <= t - lag < len(x) and not math.isnan(x[t - lag]) and not math.isnan(y[t]):
            found.append((Fraction(x[t - lag]), Fraction(y[t])))
    return found


def correlation(x: Numbers, y: Numbers, lag: int) -> float:
    """Pearson on the sample at one lag."""
    sample = pairs(x, y, lag)
    if len(sample) < 2:
        return math.nan
    x_mean = sum(a for a, _ in sample) / len(sample)
    y_mean = sum(b for _, b in sample) / len(sample)
    xy = sum((a - x_mean) * (b - y_mean) for a, b in sample)
    xx = sum((a - x_mean) ** 2 for a, _ in sample)
    yy = sum((b - y_mean) ** 2 for _, b in sample)
    if xx == 0 or yy == 0:
        return math.nan
    return math.copysign(math.sqrt(xy * xy / (xx * yy)), -1 if xy < 0 else 1)


def r_ccf(x: Numbers, y: Numbers, lag: int) -> float:
    """What R's ccf and statsmodels print: mean and variance of the full series, divisor n."""
    x_mean = sum(map(Fraction, x)) / len(x)
    y_mean = sum(map(Fraction, y)) / len(y)
    xy = sum((a - x_mean) * (b - y_mean) for a, b in pairs(x, y, lag))
    xx = sum((Fraction(a) - x_mean) ** 2 for a in x)
    yy = sum((Fraction(b) - y_mean) ** 2 for b in y)
    return math.copysign(math.sqrt(xy * xy / (xx * yy)), -1 if xy < 0 else 1)


def usable_rows(x: Numbers, y: Numbers, controls: Sequence[Numbers], depth: int) -> list[int]:
    """Rows t at which both series at t ... t - depth and the controls at t are present."""
    rows = []
    for t in range(depth, len(y)):
        needed = [*controls[t]]
        for j in range(depth + 1):
            needed += [x[t - j], y[t - j]]
        if not any(math.isnan(value) for value in needed):
            rows.append(t)
    return rows


def granger(
    x: Numbers, y: Numbers, order: int, *, depth: int, controls: Sequence[Numbers] | None = None
) -> tuple[float, int, float]:
    """F of x's lags in the equation of y, its denominator's degrees of freedom, and BIC."""
    fixed = controls if controls is not None else [[] for _ in y]
    rows = usable_rows(x, y, fixed, depth)
    response = [y[t] for t in rows]
    smaller = [[1.0, *fixed[t], *(y[t - j] for j in range(1, order + 1))] for t in rows]
    larger = [
        [*row, *(x[t - j] for j in range(1, order + 1))]
        for row, t in zip(smaller, rows, strict=True)
    ]
    ssr_0, ssr_1 = residual_sum(smaller, response), residual_sum(larger, response)
    coefficients = len(larger[0])
    df = len(rows) - coefficients
    m = len(rows)
    bic = m * (math.log(ssr_1) - math.log(m)) + coefficients * math.log(m)
    return float((ssr_0 - ssr_1) / order / (ssr_1 / df)), df, bic


def residual_sum(design: Sequence[Numbers], response: Numbers) -> Fraction:
    """Sum of squared residuals by Gauss elimination of the normal equations, exact."""
    table = [[Fraction(v) for v in (*row, b)] for row, b in zip(design, response, strict=True)]
    size = len(table[0])
    gram = [[sum(row[i] * row[j] for row in table) for j in range(size)] for i in range(size)]
    for pivot in range(size - 1):
        for i in range(pivot + 1, size):
            factor = gram[i][pivot] / gram[pivot][pivot]
            for j in range(pivot, size):
                gram[i][j] -= factor * gram[pivot][j]
    return Fraction(gram[-1][-1])


def benjamini_hochberg(p: Numbers) -> list[float]:
    """Smallest alpha at which the step-up procedure rejects, straight from its definition."""
    tests = [value for value in p if not math.isnan(value)]
    levels = [len(tests) * at / sum(value <= at for value in tests) for at in tests]
    return [
        math.nan
        if math.isnan(value)
        else min([1.0, *(q for q, at in zip(levels, tests, strict=True) if at >= value)])
        for value in p
    ]
