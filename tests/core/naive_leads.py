"""Slow, obvious twins of the lead test and its parts: plain loops, straight from the definitions.

Least squares is solved in exact rational arithmetic, so that a difference is never the twin's.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

Numbers = Sequence[float]

# Rates at which a response may fade: close enough that the sums of neighbouring decays differ by a
# factor of less than 1.5; the shortest keeps a fifth a period, the longest half for 15 periods.
DECAYS = (0.2, 0.35, 0.48, 0.58, 0.66, 0.72, 0.77, 0.81, 0.85, 0.88, 0.91, 0.935, 0.955)


def least_squares(design: Sequence[Numbers], response: Numbers) -> tuple[list[float], list[float]]:
    """Coefficients and residuals by Gauss elimination of the normal equations, exact."""
    rows = [[Fraction(float(v)) for v in row] for row in design]
    y = [Fraction(float(v)) for v in response]
    size = len(rows[0])
    table = [
        [sum(r[i] * r[j] for r in rows) for j in range(size)]
        + [sum(r[i] * v for r, v in zip(rows, y, strict=True))]
        for i in range(size)
    ]
    for pivot in range(size):
        for i in range(size):
            if i != pivot:
                factor = table[i][pivot] / table[pivot][pivot]
                table[i] = [a - factor * b for a, b in zip(table[i], table[pivot], strict=True)]
    beta = [table[i][size] / table[i][i] for i in range(size)]
    left = [
        v - sum(a * b for a, b in zip(r, beta, strict=True)) for r, v in zip(rows, y, strict=True)
    ]
    return [float(b) for b in beta], [float(v) for v in left]


def residual_sum(design: Sequence[Numbers], response: Numbers) -> float:
    """Sum of squared residuals."""
    return math.fsum(v * v for v in least_squares(design, response)[1])


def median(values: Numbers) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def robust_scale(x: Numbers) -> float:
    """The median absolute value in units of a normal deviate's; RMS where that median is 0."""
    sizes = [abs(v) for v in x if not math.isnan(v)]
    if not sizes:
        return 0.0
    middle = median(sizes)
    if middle > 0:
        return 1.4826 * middle
    return math.sqrt(math.fsum(v * v for v in sizes) / len(sizes))


def local_scale(x: Numbers) -> list[float]:
    """Mean absolute value of the neighbours, a tenth of the variance from everybody."""
    overall = robust_scale(x)
    if overall == 0:
        return [1.0] * len(x)
    if sum(not math.isnan(v) for v in x) < 120:
        return [overall] * len(x)
    half = max(15, int(len(x) ** 0.5))
    scale = []
    for t in range(len(x)):
        near = [v for v in x[max(0, t - half) : t + half + 1] if not math.isnan(v)]
        sizes = [min(abs(v), 4 * overall) for v in near]
        local = math.sqrt(math.pi / 2) * math.fsum(sizes) / len(sizes) if sizes else overall
        scale.append(math.sqrt(0.1 * overall**2 + 0.9 * local**2))
    return scale


def dickey_fuller(x: Numbers, *, trend: bool, max_order: int) -> float:
    """The t ratio of the level, for the number of lagged differences with the smallest AIC."""
    change = [b - a for a, b in pairwise(x)]
    times = range(max_order, len(change))
    response = [change[t] for t in times]
    best = (math.inf, math.nan)
    for order in range(max_order + 1):
        design = [
            [
                x[t],
                1.0,
                *([t / len(x)] if trend else []),
                *(change[t - j] for j in range(1, order + 1)),
            ]
            for t in times
        ]
        width = len(design[0])
        rss = residual_sum(design, response)
        level = [row[0] for row in design]
        others = [row[1:] for row in design]
        own = residual_sum(others, level)
        slope = least_squares(design, response)[0][0]
        t_ratio = slope / math.sqrt(rss / (len(response) - width) / own)
        aic = len(response) * math.log(rss / len(response)) + 2 * width
        best = min(best, (aic, t_ratio))
    return best[1]


def autoregression_order(x: Numbers, *, max_order: int) -> int:
    """Hannan–Quinn with the small-sample factor of AICc, a constant, rows common to all."""
    times = range(max_order, len(x))
    m = len(times)
    found = []
    for order in range(max_order + 1):
        design = [[1.0, *(x[t - j] for j in range(1, order + 1))] for t in times]
        rss = residual_sum(design, [x[t] for t in times])
        width = order + 1
        penalty = 2 * math.log(math.log(m)) * width * m / (m - width - 2)
        found.append(m * math.log(rss / m) + penalty)
    return found.index(min(found))


def cauchy_combination(p: Numbers, weights: Numbers) -> float:
    """The weighted mean of Cauchy scores, NaN left out, none worse than that of 0.9."""
    pairs = [(min(a, 0.9), w) for a, w in zip(p, weights, strict=True) if not math.isnan(a)]
    score = sum(w * math.tan((0.5 - a) * math.pi) for a, w in pairs) / sum(w for _, w in pairs)
    return 0.5 - math.atan(score) / math.pi


def autocorrelation(x: Numbers, lag: int) -> float:
    """Mean product of the pairs that exist over the variance, shrunk by (n - lag) / n."""
    present = [v for v in x if not math.isnan(v)]
    mean = math.fsum(present) / len(present)
    variance = math.fsum((v - mean) ** 2 for v in present) / len(present)
    products = [
        (x[t] - mean) * (x[t - lag] - mean)
        for t in range(lag, len(x))
        if not math.isnan(x[t]) and not math.isnan(x[t - lag])
    ]
    pairs = max(len(products), 1)
    return math.fsum(products) / pairs * (len(x) - lag) / len(x) / variance


def kernels(max_lag: int, reach: int) -> set[tuple[float, ...]]:
    """Spikes, decays and humps, each starting at every lag, largest value 1, to 9 digits.

    They go on to lag `reach`; those that are largest behind `max_lag` do not count.
    """
    found = set()
    for start in range(1, max_lag + 1):
        found.add(tuple(float(k == start) for k in range(1, reach + 1)))
        for decay in DECAYS:
            for power in (0, 0.5, 1, 2):
                if power and power / -math.log(decay) < 1.2:
                    continue
                shape = [0.0] * reach
                for k in range(start, reach + 1):
                    age = k - start + 1
                    shape[k - 1] = age**power * decay ** (age - 1)
                if shape.index(max(shape)) < max_lag:
                    found.add(tuple(round(v / max(shape), 9) for v in shape))
    return found
