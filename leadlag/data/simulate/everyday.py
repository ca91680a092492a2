"""The situations in which one series, or the clock, makes a ranking hard: daily panels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from leadlag.data.simulate import patterns
from leadlag.data.simulate.kernels import Draw, bell, gamma, sharp
from leadlag.data.simulate.links import LINKS, Link
from leadlag.data.simulate.panel import Look
from leadlag.data.simulate.world import World

__all__ = [
    "Built", "breaking", "coincident", "counts", "feedback", "gamma_lead", "growing_variance",
    "heavy_tails", "independent_ar", "lag_zero_too", "lagging", "level_shifts", "log_growth",
    "many_metrics", "missing_blocks", "missing_random", "mixed", "moving_season",
    "negative_leaders", "populate", "random_walks", "reversal", "saturating", "shared_growth",
    "shared_variance", "sharp_lead", "threshold", "weekly_season",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Built = tuple[World, Look]

# Standard errors that an effect is worth to the oracle, the weak ones aside; docs/validity.md
# shows the oracle's recall.
_CLEAR = (5.0, 9.0)


def populate(
    world: World,
    kernel: Callable[[], Floats],
    *,
    leaders: int = 4,
    lagging: int = 1,
    coincident: int = 1,
    feedback: int = 0,
    unrelated: int = 6,
    memory: float = 0.8,
    noise: float = 0.6,
    clear: tuple[float, float] = _CLEAR,
    link: Link | None = None,
    negative: bool = False,
    stems: tuple[str, ...] = ("metric",),
    changing: tuple[int, float] = (0, 1.0),
) -> None:
    """Fill a world with a usual cast.

    Parameters
    ----------
    world : World
    kernel : callable
        Draws the response of the target to one leader.
    leaders, lagging, coincident, feedback, unrelated : int
        Metrics of each role.
    memory, noise : float
        Largest first-order memory of the metrics and of the target's own noise.
    clear : tuple of float, standard errors
        Range of the effects that are not weak.
    link : Link, optional
        Bends the responses.
    negative : bool
        Whether all leaders have a negative sign.
    stems : tuple of str
        Beginnings of the leaders' names.
    changing : tuple of int and float
        How many relations change, and the factor afterwards.
    """
    draw = world.draw
    if draw.null:
        unrelated += leaders + lagging + coincident + feedback
        leaders = lagging = coincident = feedback = 0
    for i in range(leaders + feedback):
        strength = world.strength(*clear)
        back = None
        if i >= leaders:
            # Comparable both ways, clear of the cuts most of the time.
            back = (draw.lead(7), strength * draw.between(0.8, 1.25))
        world.cause(
            kernel(),
            memory=draw.memory(memory),
            strength=strength,
            sign=-1 if negative else draw.sign(),
            link=link,
            back=back,
            after=changing[1] if i < changing[0] else 1.0,
            stem=stems[i % len(stems)],
        )
    world.settle(noise=draw.memory(noise))
    for _ in range(lagging):
        world.lagging(
            draw.lead(), memory=draw.memory(memory), strength=draw.between(*clear),
            sign=draw.sign(),
        )  # fmt: skip
    for _ in range(coincident):
        world.coincident(
            memory=draw.memory(memory), strength=draw.between(*clear), sign=draw.sign()
        )
    for _ in range(unrelated):
        world.unrelated(memory=draw.memory(memory))


def _sharp(draw: Draw) -> Callable[[], Floats]:
    return lambda: sharp(draw.lead())


def _gamma(draw: Draw) -> Callable[[], Floats]:
    def kernel() -> Floats:
        mean = draw.one((5, 8, 12, 20, 30), (6, 10, 16, 25))
        return gamma(mean, draw.one((1.5, 3.0), (2.0, 4.0)))

    return kernel


def _any_kernel(draw: Draw) -> Callable[[], Floats]:
    def kernel() -> Floats:
        which = draw.whole((0, 1, 2), (0, 1, 2))
        return (_sharp(draw), lambda: bell(2 + draw.lead(10)), _gamma(draw))[which]()

    return kernel


def independent_ar(draw: Draw, n: int) -> Built:
    """Nothing leads."""
    world = World(draw, n)
    world.settle(noise=draw.memory(0.95))
    for _ in range(12):
        world.unrelated(memory=draw.memory(0.95))
    return world, Look()


def random_walks(draw: Draw, n: int) -> Built:
    """Nothing leads."""
    world = World(draw, n)
    world.settle(noise=0.0)
    world.unrelated(memory=0.0, count=12)
    drift = draw.rng.normal(0.05, 0.1, (1, 13))
    return world, Look(scale="difference", spread=0.01, terms=_time(n), shares=drift)


def _time(n: int) -> Floats:
    return np.arange(n, dtype=float)[:, None]


def shared_variance(draw: Draw, n: int) -> Built:
    """Nothing leads; all steps are large at the same times."""
    world = World(draw, n)
    world.settle(noise=0.0)
    world.unrelated(memory=0.0, count=12)
    step = draw.one((0.08, 0.12), (0.1,))
    size = np.exp(0.5 * np.cumsum(step * draw.rng.standard_normal(n)))
    return world, Look(scale="difference", spread=0.01, size=size / np.sqrt(np.mean(size**2)))


def weekly_season(draw: Draw, n: int) -> Built:
    """Weekday pattern and holidays in every column."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    rng, width = draw.rng, len(world.rows) + 1
    dips, dates = patterns.holidays(n, "2022-01-03", rng)
    terms = np.hstack([patterns.season(n, 7, rng), dips])
    high = draw.one((2.0, 3.0), (2.5,))
    size = np.vstack(
        [patterns.shares(1.0, high, (1, width), rng), patterns.shares(3.0, 6.0, (1, width), rng)]
    )
    return world, Look(terms=terms, shares=size, spread=0.03, holidays=dates)


def moving_season(draw: Draw, n: int) -> Built:
    """A weekday pattern that wanders, in every column."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    terms = patterns.moving_season(n, 7, draw.rng)
    size = patterns.shares(0.5, 1.5, (2, len(world.rows) + 1), draw.rng)
    return world, Look(terms=terms, shares=size, spread=0.03)


def shared_growth(draw: Draw, n: int) -> Built:
    """Smooth growth along curves that the columns share."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    terms = patterns.growth_curves(n, draw.rng)
    size = patterns.shares(2.0, 6.0, (2, len(world.rows) + 1), draw.rng)
    return world, Look(terms=terms, shares=size, spread=0.05)


def sharp_lead(draw: Draw, n: int) -> Built:
    """The whole effect at one lag."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    return world, Look()


def gamma_lead(draw: Draw, n: int) -> Built:
    """An effect that is spread over weeks."""
    world = World(draw, n)
    populate(world, _gamma(draw))
    return world, Look()


def lagging(draw: Draw, n: int) -> Built:
    """Mostly metrics that follow the target."""
    world = World(draw, n)
    populate(world, _sharp(draw), leaders=2, lagging=5, coincident=0, unrelated=5)
    return world, Look()


def coincident(draw: Draw, n: int) -> Built:
    """Mostly metrics that move with the target in the same period."""
    world = World(draw, n)
    populate(world, _sharp(draw), leaders=2, lagging=0, coincident=5, unrelated=5)
    return world, Look()


def lag_zero_too(draw: Draw, n: int) -> Built:
    """Leaders that also move with the target in the same period."""

    def kernel() -> Floats:
        out = sharp(draw.lead(7))
        out[0] = draw.between(0.8, 1.5)
        return out

    world = World(draw, n)
    populate(world, kernel, coincident=2, unrelated=5, clear=(7.0, 9.5))
    return world, Look()


def feedback(draw: Draw, n: int) -> Built:
    """Metrics that move the target and are moved by it."""
    world = World(draw, n)
    populate(world, _sharp(draw), leaders=1, feedback=3, unrelated=6)
    return world, Look()


def log_growth(draw: Draw, n: int) -> Built:
    """Integrated growth in logarithms; the shocks lead."""
    world = World(draw, n)
    populate(world, _sharp(draw), memory=0.5, noise=0.5)
    drift = draw.rng.uniform(0.0, 0.15, (1, len(world.rows) + 1))
    return world, Look(scale="log difference", spread=0.03, terms=_time(n), shares=drift)


def growing_variance(draw: Draw, n: int) -> Built:
    """Variance that grows with the level."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    spread = draw.one((0.15, 0.25), (0.2,))
    growth = draw.rng.uniform(1.0, 2.2, (1, len(world.rows) + 1)) / spread
    return world, Look(scale="log", spread=spread, terms=_time(n) / n, shares=growth)


def missing_random(draw: Draw, n: int) -> Built:
    """Ten per cent of the values are missing, each by itself."""
    world = World(draw, n, effective=0.81 * n)
    populate(world, _sharp(draw))
    missing = draw.rng.random((n, len(world.rows) + 1)) < 0.1
    return world, Look(missing=missing)


def missing_blocks(draw: Draw, n: int) -> Built:
    """Ten per cent of the values are missing, in blocks."""
    world = World(draw, n, effective=0.81 * n)
    populate(world, _sharp(draw))
    return world, Look(missing=patterns.blocks(n, len(world.rows) + 1, 0.1, draw.rng))


def heavy_tails(draw: Draw, n: int) -> Built:
    """Heavy tails, spikes, and zeros where the recording failed."""
    world = World(draw, n, tails=draw.one((3.0, 4.0), (3.5,)))
    populate(world, _sharp(draw))
    width = len(world.rows) + 1
    return world, Look(
        spikes=_spikes(draw, n, width, 0.01), outage=_outages(draw, n, width, 6), spread=0.05
    )


def _spikes(draw: Draw, n: int, width: int, share: float) -> Floats:
    rng = draw.rng
    size = rng.uniform(8.0, 20.0, (n, width)) * rng.choice([-1.0, 1.0], (n, width))
    return np.where(rng.random((n, width)) < share, size, 0.0)


def _outages(draw: Draw, n: int, width: int, days: int) -> npt.NDArray[np.bool_]:
    """Zeros: on some days in every column, on others in one."""
    mask = draw.rng.random((n, width)) < 0.004
    mask[draw.rng.choice(np.arange(1, n), days, replace=False)] = True
    return np.asarray(mask)


def breaking(draw: Draw, n: int) -> Built:
    """Half of the relations end after 60 per cent of the rows."""
    world = World(draw, n, breaks_at=0.6)
    populate(world, _sharp(draw), changing=(2, 0.0), clear=(6.0, 9.5))
    return world, Look()


def reversal(draw: Draw, n: int) -> Built:
    """Half of the relations change their sign after 60 per cent of the rows."""
    world = World(draw, n, breaks_at=0.6)
    populate(world, _sharp(draw), changing=(2, -1.0))
    return world, Look()


def many_metrics(draw: Draw, n: int) -> Built:
    """Five leaders among 500 metrics in a year of days."""
    world = World(draw, n)
    populate(
        world, _sharp(draw), leaders=5, lagging=0, coincident=0, unrelated=495, clear=(6.5, 8.5)
    )
    return world, Look()


def negative_leaders(draw: Draw, n: int) -> Built:
    """Leaders such as churn and latency: more of them, less of the target."""
    world = World(draw, n)
    populate(world, _any_kernel(draw), negative=True, stems=("churn", "latency"))
    return world, Look()


def threshold(draw: Draw, n: int) -> Built:
    """Leaders that count only above a threshold."""
    world = World(draw, n)
    populate(world, _sharp(draw), link=LINKS["threshold"])
    return world, Look()


def saturating(draw: Draw, n: int) -> Built:
    """Leaders of which more adds less."""
    world = World(draw, n)
    populate(world, _sharp(draw), link=LINKS["saturating"])
    return world, Look()


def mixed(draw: Draw, n: int) -> Built:
    """All of it: season, holidays, growth, gaps, spikes, outages, every kernel and role."""
    world = World(draw, n, effective=0.85 * n)
    populate(world, _any_kernel(draw), leaders=3, feedback=1, unrelated=6)
    rng, width = draw.rng, len(world.rows) + 1
    dips, dates = patterns.holidays(n, "2022-01-03", rng)
    terms = np.hstack([patterns.season(n, 7, rng), dips, patterns.growth_curves(n, rng)])
    size = np.vstack(
        [
            patterns.shares(1.0, 2.0, (1, width), rng),
            patterns.shares(2.0, 5.0, (1, width), rng),
            patterns.shares(1.0, 4.0, (2, width), rng),
        ]
    )
    missing = patterns.blocks(n, width, 0.03, rng) | (rng.random((n, width)) < 0.03)
    return world, Look(
        scale="log", spread=0.1, terms=terms, shares=size, missing=missing,
        spikes=_spikes(draw, n, width, 0.004), outage=_outages(draw, n, width, 3),
        holidays=dates,
    )  # fmt: skip


def counts(draw: Draw, n: int) -> Built:
    """Small counts around a level that leads."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    return world, Look(scale="log", spread=0.3, counts=True)


def level_shifts(draw: Draw, n: int) -> Built:
    """Each column jumps once or twice, at times of its own."""
    world = World(draw, n)
    populate(world, _sharp(draw))
    width = len(world.rows) + 1
    steps = draw.rng.integers(n // 8, n - n // 8, (2, width))
    terms = (np.arange(n)[:, None, None] >= steps).astype(float).reshape(n, -1)
    size = draw.rng.uniform(2.0, 5.0, 2 * width) * draw.rng.choice([-1.0, 1.0], 2 * width)
    size[width:] *= draw.rng.random(width) < 0.5
    return world, Look(
        terms=terms, shares=np.vstack([np.diag(size[:width]), np.diag(size[width:])])
    )
