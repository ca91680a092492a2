"""Situations of structure (drivers, copies, cohorts) and of coarser calendars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leadlag.data.simulate import patterns
from leadlag.data.simulate.everyday import Built, populate
from leadlag.data.simulate.kernels import Draw, gamma, sharp
from leadlag.data.simulate.linear import Process
from leadlag.data.simulate.panel import Look
from leadlag.data.simulate.world import Row, World

__all__ = [
    "aggregated", "annual", "driver_control", "driver_hidden", "driver_observed",
    "mixed_weekly", "near_duplicates", "retention_availability", "retention_cohort",
    "short_weekly", "yearly_monthly",
]  # fmt: skip

_CLEAR = (5.0, 9.0)


def _cast(world: World, *, lagging: int, unrelated: int, memory: float = 0.8) -> None:
    """What stands beside the causes, once the world is settled."""
    draw = world.draw
    for _ in range(lagging):
        world.lagging(
            draw.lead(), memory=draw.memory(memory), strength=draw.between(*_CLEAR),
            sign=draw.sign(),
        )  # fmt: skip
    for _ in range(unrelated):
        world.unrelated(memory=draw.memory(memory))


def _proxy(world: World, of: Process, delay: int, *, noise: float, memory: float) -> Process:
    """A series some periods later, with noise of its own; variance 1."""
    own = world.fresh(memory)
    return of.delayed(delay) * float(np.sqrt(1 - noise)) + own * float(np.sqrt(noise))


def _driven(draw: Draw, n: int, *, seen: bool) -> tuple[World, int]:
    """A driver, two that follow it ahead of the target, one that follows it behind."""
    world = World(draw, n)
    lead = draw.whole((6, 8, 12), (7, 10))
    memory = draw.one((0.4, 0.7), (0.55,))
    strength = world.strength(4.5, 8.0)
    sign = draw.sign()
    driver = world.cause(sharp(lead), memory=memory, strength=strength, sign=sign, seen=seen)
    for _ in range(2):
        world.cause(
            sharp(draw.lead()), memory=draw.memory(), strength=world.strength(*_CLEAR),
            sign=draw.sign(),
        )  # fmt: skip
    world.settle(noise=draw.memory(0.6))
    for delay in (draw.whole((1, 2), (1, 3)), lead - draw.whole((2, 3), (2, 4)), lead + 3):
        noise = draw.between(0.25, 0.5)
        series = _proxy(world, driver, delay, noise=noise, memory=draw.memory(0.7))
        world.rows.append(
            Row(series, forward=None, reverse=None, sign=sign, behind=0 if seen else None)
        )
    _cast(world, lagging=1, unrelated=5)
    return world, lead


def driver_observed(draw: Draw, n: int) -> Built:
    """A driver that is a column, and metrics that follow it ahead of the target."""
    world, _ = _driven(draw, n, seen=True)
    return world, Look()


def driver_control(draw: Draw, n: int) -> Built:
    """The same, the driver declared as a control: who follows it has nothing to add."""
    world, _ = _driven(draw, n, seen=True)
    return world, Look(control_rows=(0,))


def driver_hidden(draw: Draw, n: int) -> Built:
    """The same, the driver not a column: who follows it ahead of the target leads."""
    world, _ = _driven(draw, n, seen=False)
    return world, Look()


def near_duplicates(draw: Draw, n: int) -> Built:
    """Three leaders; two of them have near-copies."""
    world = World(draw, n)
    own = [
        world.cause(
            sharp(draw.lead()), memory=draw.memory(), strength=world.strength(*_CLEAR),
            sign=draw.sign(),
        )
        for _ in range(3)
    ]  # fmt: skip
    world.settle(noise=draw.memory(0.6))
    for i in (0, 0, 1, 1):
        noise = draw.one((0.02, 0.06, 0.12), (0.04, 0.1))
        series = _proxy(world, own[i], 0, noise=noise, memory=0.0)
        # The cause's past is nearly all in the copy's: its gain is reduced, never gone.
        world.rows.append(
            Row(series, forward=True, reverse=None, sign=world.rows[i].sign, behind=i,
                response=world.rows[i].response)
        )  # fmt: skip
    _cast(world, lagging=1, unrelated=5)
    return world, Look()


_WINDOWS = (5, 14, 30)


def _retention(draw: Draw, n: int, *, cohort: bool) -> Built:
    """The quality of cohorts moves the target weeks later; retention shows it, each in its time."""
    world = World(draw, n)
    lead = draw.whole((18, 24, 35), (20, 28, 38))
    memory = draw.one((0.4, 0.6), (0.5,))
    sign = 1
    quality = world.cause(
        sharp(lead), memory=memory, strength=world.strength(5.5, 9.0), sign=sign, seen=False
    )
    for _ in range(2):
        world.cause(
            sharp(draw.lead()), memory=draw.memory(), strength=world.strength(*_CLEAR),
            sign=draw.sign(),
        )  # fmt: skip
    world.settle(noise=draw.memory(0.6))
    other = world.fresh(memory)
    catalog = {}
    masks = {}
    for source, stem in ((quality, "retention"), (other, "repeat_rate")):
        for window in _WINDOWS:
            delay = 0 if cohort else window
            # The longer a cohort is watched, the better its quality is known.
            noise = {5: 0.5, 14: 0.3, 30: 0.15}[window]
            series = _proxy(world, source, delay, noise=noise, memory=0.0)
            at = len(world.rows)
            row = Row(series, forward=None, reverse=None, sign=sign, stem=f"{stem}_{window}d",
                      delay=window if cohort else 0)  # fmt: skip
            if source is other:
                row = replace(row, forward=False, reverse=False, sign=0)
            world.rows.append(row)
            stamp = "cohort" if cohort else "availability"
            catalog[at] = {"kind": "product outcome", "window": f"{window}D", "stamped": stamp}
            masks[at + 1] = slice(n - window, None) if cohort else slice(0, window)
    _cast(world, lagging=1, unrelated=4)
    missing = np.zeros((n, len(world.rows) + 1), dtype=bool)
    for column, unknown in masks.items():
        missing[unknown, column] = True
    return world, Look(catalog=catalog, missing=missing)


def retention_cohort(draw: Draw, n: int) -> Built:
    """Retention dated by the day on which the cohort began."""
    return _retention(draw, n, cohort=True)


def retention_availability(draw: Draw, n: int) -> Built:
    """Retention dated by the day on which it is known."""
    return _retention(draw, n, cohort=False)


def short_weekly(draw: Draw, n: int) -> Built:
    """A year or two of weeks."""
    world = World(draw, n)
    populate(
        world, lambda: sharp(draw.lead(7)), leaders=2, unrelated=8, memory=0.7,
        clear=(4.5, 6.3),
    )  # fmt: skip
    return world, Look(freq="W-MON")


def annual(draw: Draw, n: int) -> Built:
    """Half a century of years."""
    world = World(draw, n)
    populate(
        world, lambda: sharp(draw.lead(3)), leaders=2, unrelated=8, memory=0.7,
        clear=(4.3, 5.8),
    )  # fmt: skip
    return world, Look(freq="YS")


def yearly_monthly(draw: Draw, n: int) -> Built:
    """A yearly cycle in every monthly column, each with a phase of its own."""
    world = World(draw, n)
    populate(world, lambda: sharp(draw.lead(7)), leaders=3, unrelated=7, clear=(5.0, 8.0))
    rng, width = draw.rng, len(world.rows) + 1
    terms = np.hstack([patterns.season(n, 12, rng), patterns.yearly(n, 12, rng)])
    size = np.vstack([patterns.shares(0.0, 1.0, (1, width), rng), rng.normal(0.0, 2.0, (2, width))])
    return world, Look(freq="MS", terms=terms, shares=size)


def aggregated(draw: Draw, n: int) -> Built:
    """Weeks made of days: a lead of less than a week shows at lags 0 and 1."""
    world = World(draw, 7 * n, effective=1.7 * n)

    def kernel() -> np.ndarray:
        if draw.rng.random() < 0.5:
            return sharp(draw.whole((3, 5, 6), (4, 5, 6)))
        return sharp(draw.whole((8, 11, 15), (9, 13, 17)))

    populate(world, kernel, leaders=3, unrelated=7, clear=(8.5, 10.5))
    return world, Look(freq="W-MON", step=7)


def mixed_weekly(draw: Draw, n: int) -> Built:
    """Weeks with a yearly cycle, growth, gaps and spread-out effects."""
    world = World(draw, n, effective=0.88 * n)

    def kernel() -> np.ndarray:
        lead = draw.lead(9)
        return sharp(lead) if draw.rng.random() < 0.5 else gamma(lead + 2.0, 2.0)

    populate(world, kernel, leaders=3, unrelated=7, clear=(5.0, 7.5))
    rng, width = draw.rng, len(world.rows) + 1
    terms = np.hstack([patterns.yearly(n, 52, rng), patterns.growth_curves(n, rng)])
    size = np.vstack([rng.normal(0.0, 1.5, (2, width)), patterns.shares(1, 4, (2, width), rng)])
    missing = rng.random((n, width)) < 0.06
    return world, Look(
        freq="W-MON", scale="log", spread=0.1, terms=terms, shares=size, missing=missing
    )
