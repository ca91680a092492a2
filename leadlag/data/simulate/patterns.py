"""What lies on top of a panel: seasons, holidays, growth, gaps and glitches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["blocks", "growth_curves", "holidays", "moving_season", "season", "shares", "yearly"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Fixed dates of the simulated country, and one that moves.
_HOLIDAYS = {
    "01-01": "New Year",
    "05-01": "May Day",
    "07-04": "Founders' Day",
    "08-15": "Midsummer",
    "11-01": "All Saints",
    "12-24": "Christmas Eve",
    "12-25": "Christmas",
    "12-26": "Boxing Day",
    "12-31": "New Year's Eve",
}


def season(n: int, period: int, rng: np.random.Generator) -> Floats:
    """A fixed pattern of one period, mean 0 and variance 1, shape (n, 1)."""
    pattern = rng.standard_normal(period)
    pattern = (pattern - pattern.mean()) / pattern.std()
    return np.asarray(pattern[np.arange(n) % period][:, None])


def yearly(n: int, period: int, rng: np.random.Generator) -> Floats:
    """Two smooth yearly curves, shape (n, 2)."""
    angle = 2 * np.pi * np.arange(n) / period
    phase = rng.uniform(0, 2 * np.pi, 2)
    first = np.cos(angle + phase[0]) + 0.4 * np.cos(2 * angle + phase[1])
    second = np.sin(angle + phase[0])
    return np.column_stack([first, second])


def moving_season(n: int, period: int, rng: np.random.Generator) -> Floats:
    """Two patterns of one period whose shape wanders smoothly, shape (n, 2)."""
    time = (np.arange(n) + 0.5) / n
    out = []
    for _ in range(2):
        wander = rng.standard_normal((period, 4)) / np.arange(1, 5)
        shape = rng.standard_normal((period, 1)) + wander @ np.cos(
            np.pi * np.arange(1, 5)[:, None] * time
        )
        shape = shape - shape.mean(axis=0)
        pattern = shape[np.arange(n) % period, np.arange(n)]
        out.append(pattern / pattern.std())
    return np.column_stack(out)


def growth_curves(n: int, rng: np.random.Generator) -> Floats:
    """Two smooth curves of growth, from 0 to about 1, shape (n, 2)."""
    time = np.arange(n) / n
    middle, steep = rng.uniform(0.3, 0.7), rng.uniform(4.0, 9.0)
    logistic = 1 / (1 + np.exp(-steep * (time - middle)))
    rate = rng.uniform(1.0, 3.0)
    compound = np.expm1(rate * time) / np.expm1(rate)
    return np.column_stack([logistic, compound])


def holidays(n: int, start: str, rng: np.random.Generator) -> tuple[Floats, dict[str, str]]:
    """Dips on the holidays of a simulated country, shape (n, 1), and their dates."""
    days = pd.date_range(start, periods=n, freq="D")
    names = {day: _HOLIDAYS.get(day.strftime("%m-%d"), "") for day in days}
    for year in sorted({day.year for day in days}):
        spring = pd.Timestamp(year, 3, 25) + pd.Timedelta(days=int(rng.integers(28)))
        if spring in names:
            names[spring] = "Spring Festival"
    dip = np.array([-1.0 if names[day] else 0.0 for day in days])
    return dip[:, None], {day.strftime("%Y-%m-%d"): name for day, name in names.items() if name}


def shares(low: float, high: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """How much of each pattern each column has, all of one sign."""
    return np.asarray(rng.uniform(low, high, shape))


def blocks(n: int, width: int, share: float, rng: np.random.Generator) -> Bools:
    """Gaps of 5 to 20 periods in each column, together about a share of the rows."""
    mask = np.zeros((n, width), dtype=bool)
    for j in range(width):
        while mask[:, j].mean() < share:
            length = int(rng.integers(5, 21))
            first = int(rng.integers(1, max(2, n - length)))
            mask[first : first + length, j] = True
    return mask
