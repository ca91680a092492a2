"""Compiled loops of the rolling forecasts; `leadlag.core.forecasts` imports this when it is called.

The target's own regression runs once; the metric's windows are further responses of it, so that
each costs a few operations an origin, and choosing among all windows again costs no more.
"""

import math

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.jit import compiled

__all__ = ["lag_products", "roll"]


@compiled
def lag_products(left: FloatArray, horizon: int) -> FloatArray:
    """``Σ_t left[t] left[t - i]`` of each column, i = 1 … horizon - 1: (horizon - 1, n_columns)."""
    n, width = left.shape
    out = np.zeros((horizon - 1, width))
    for i in range(1, horizon):
        total = out[i - 1]
        for t in range(i, n):
            now, then = left[t], left[t - i]
            for c in range(width):
                total[c] += now[c] * then[c]
    return out


@compiled
def roll(
    z: FloatArray, right: FloatArray, known: BoolArray, complete: BoolArray, start: int,
    horizon: int, slopes: FloatArray, spread: FloatArray, across: FloatArray, size: FloatArray,
    rows: int, seen: FloatArray, free: FloatArray, log_prior: FloatArray, room: float,
    log_none: float, out: FloatArray,
) -> None:  # fmt: skip
    """Forecasts from origins ``start …``, (2, n_origins): own, and with the metric.

    `z` (row, d) are the target's regressors, `right` (row, windows + 1) the windows and, last, the
    response; `slopes` (d, windows + 1) and `spread` (d, d) their regression up to the first origin,
    `across` and `size` the products of what it leaves; all four are carried on here. `free` is what
    the effective number of rows of each window is divided by. `seen` holds the smallest and the
    largest response so far.
    """
    d, width = slopes.shape
    last = width - 1
    news, gain = np.empty(width), np.empty(d)
    log_odds, move = np.empty(last), np.empty(last)
    for at in range(out.shape[1]):
        origin = start + at
        if known[origin]:
            inflation = 1.0
            for i in range(d):
                total = 0.0
                for j in range(d):
                    total += spread[i, j] * z[origin, j]
                gain[i] = total
            for i in range(d):
                inflation += z[origin, i] * gain[i]
            for c in range(width):
                news[c] = right[origin, c]
            for i in range(d):
                factor, slope = z[origin, i], slopes[i]
                for c in range(width):
                    news[c] -= factor * slope[c]
            error = news[last] / inflation
            for c in range(last):
                across[c] += news[c] * error
            for c in range(width):
                size[c] += news[c] * news[c] / inflation
            for i in range(d):
                factor, slope, row = gain[i] / inflation, slopes[i], spread[i]
                for c in range(width):
                    slope[c] += factor * news[c]
                for j in range(d):
                    row[j] -= factor * gain[j]
            seen[0] = min(seen[0], right[origin, last])
            seen[1] = max(seen[1], right[origin, last])
            rows += 1
        date = origin + horizon
        if not complete[date]:
            continue
        own = 0.0
        for c in range(last):
            news[c] = right[date, c]
        for i in range(d):
            factor, slope = z[date, i], slopes[i]
            for c in range(last):
                news[c] -= factor * slope[c]
            own += factor * slope[last]
        left = max(rows - d - 1, 1)
        top = log_none
        whole = max(size[last], 1e-300)
        for c in range(last):
            log_odds[c] = -np.inf
            if size[c] > 1e-8:
                effective = left / free[c]
                shrink = effective / (1 + effective)
                r2 = min(across[c] * across[c] / (size[c] * whole), 1 - 1e-12)
                log_odds[c] = log_prior[c] - 0.5 * effective * math.log1p(-r2 * shrink)
                log_odds[c] -= 0.5 * math.log1p(effective)
                move[c] = shrink * across[c] / size[c] * news[c]
                top = max(top, log_odds[c])
        moved, odds = 0.0, math.exp(log_none - top)
        for c in range(last):
            if size[c] > 1e-8:
                share = math.exp(log_odds[c] - top)
                moved += share * move[c]
                odds += share
        margin = room * (seen[1] - seen[0])
        low, high = seen[0] - margin, seen[1] + margin
        out[0, at] = min(max(own, low), high)
        out[1, at] = min(max(own + moved / odds, low), high)
