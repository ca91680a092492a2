"""From a world to a panel: units, calendars, gaps and glitches on top, the truth beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.screen import DEFAULT_MAX_LAG, OTHER_MAX_LAG
from leadlag.data.simulate.links import Link
from leadlag.data.simulate.truth import responses_of, truth_of, whitening_of
from leadlag.data.simulate.world import World

__all__ = ["Look", "Simulated", "Structure", "finish"]

Floats = npt.NDArray[np.float64]

# Lags of the filters that an oracle is given.
_WHITENING = 20
_ROWS_A_YEAR = {"D": 365, "W-MON": 52, "MS": 12, "YS": 1}
_START = {"D": "2022-01-03", "W-MON": "2015-01-05", "MS": "1990-01-01", "YS": "1940-01-01"}


@dataclass(frozen=True, eq=False)
class Structure:
    """What only an oracle is told: how the panel was made.

    Parameters
    ----------
    prepared : DataFrame
        Target and metrics on the scale on which the relations are linear; glitches missing.
    terms : ndarray, shape (n, n_terms)
        Fixed regressors that the columns share, without a constant.
    forward, back : mapping of str to ndarray
        Response of the target to the metric, and of the metric to the target, by lag 0, 1, ….
        A metric without a forward response has another metric's: a decoy.
    whitening, back_whitening : mapping of str to ndarray
        Filter that makes the noise of either response white; begins with 1.
    link : mapping of str to Link
        Bent responses.
    change : mapping of str to ndarray, shape (n,)
        Factor on a forward response by row, where a relation breaks.
    """

    prepared: pd.DataFrame
    terms: Floats
    forward: Mapping[str, Floats]
    back: Mapping[str, Floats]
    whitening: Mapping[str, Floats]
    back_whitening: Mapping[str, Floats]
    link: Mapping[str, Link]
    change: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulated panel and its truth.

    Attributes
    ----------
    kind : str
        Name of the situation.
    data : DataFrame
        One row a period, the outcome in the column "target"; `data.attrs["simulated"]` is True.
    truth : DataFrame, indexed by metric
        `role`; `lag`, `onset`, `mean_delay` in periods (negative for lagging, missing where there
        is no lag); `sign` of the relation; `effect`, what follows a typical move of the metric
        over the lags that are searched, in the target's units, missing where it does not lead;
        `gain_forward`, `gain_reverse` in the population;
        `usable_lead` (`lag` less the time until a value is known); `behind`, the driver of which
        a metric is a proxy, or ""; `stable`, False where the relation breaks; `scored`, False
        where the role is within .05 of a cut or the gains are too small for any sample to tell.
    max_lag : int or None, periods
        What to search, where the default is not meant.
    catalog : dict
        What a user would declare, as `leadlag.rank` takes it; empty where nothing is.
    controls : tuple of str
        Columns that are declared as controls.
    holidays : dict
        Dates with their names; empty where there are none.
    structure : Structure
        How the panel was made, for an oracle.
    """

    kind: str
    data: pd.DataFrame
    truth: pd.DataFrame
    max_lag: int | None
    catalog: dict[str, Any]
    controls: tuple[str, ...]
    holidays: dict[str, str]
    structure: Structure

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments for `leadlag.rank(data, "target", ...)`."""
        given = {
            "max_lag": self.max_lag,
            "catalog": self.catalog or None,
            "controls": list(self.controls) or None,
            "holidays": self.holidays or None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(eq=False)
class Look:
    """How the linear core becomes the numbers that a user has; column 0 is the target.

    Parameters
    ----------
    freq : str
        Of the pandas index.
    scale : {"level", "log", "difference", "log difference"}
        Scale on which the core lives.
    spread : float
        Standard deviation of the core as a share of the level.
    size : ndarray, shape (n,), optional
        By which the core is multiplied, row by row: only where nothing leads, since the truth does
        not know of it.
    terms : ndarray, shape (n, n_terms), optional
        Fixed patterns.
    shares : ndarray, shape (n_terms, n_columns), optional
        How much of each pattern a column has, in standard deviations of the core.
    missing : ndarray of bool, shape (n, n_columns), optional
    outage : ndarray of bool, shape (n, n_columns), optional
        Where a zero was recorded.
    spikes : ndarray, shape (n, n_columns), optional
        Glitches, in standard deviations of the core; 0 where there is none.
    counts : bool
        Whether the values are Poisson counts around the level.
    step : int
        Periods of the core that are averaged into one row.
    max_lag : int, optional
    catalog, holidays : dict
    control_rows : tuple of int
        Rows of the world that are declared as controls.
    """

    freq: str = "D"
    scale: str = "level"
    spread: float = 0.05
    size: Floats | None = None
    terms: Floats | None = None
    shares: Floats | None = None
    missing: npt.NDArray[np.bool_] | None = None
    outage: npt.NDArray[np.bool_] | None = None
    spikes: Floats | None = None
    counts: bool = False
    step: int = 1
    max_lag: int | None = None
    catalog: dict[int, dict[str, Any]] = field(default_factory=dict)
    holidays: dict[str, str] = field(default_factory=dict)
    control_rows: tuple[int, ...] = ()


def finish(kind: str, world: World, look: Look) -> Simulated:
    """Draw a world's values and put them into a frame, its truth beside it.

    Parameters
    ----------
    kind : str
    world : World
        Settled.
    look : Look

    Returns
    -------
    Simulated
    """
    rng = world.draw.rng
    columns = [world.target_path(), *(world.path(row.series) for row in world.rows)]
    core = np.column_stack(columns)
    if look.step > 1:
        core = core.reshape(-1, look.step, core.shape[1]).mean(axis=1)
        core = core / core.std(axis=0)
    if look.size is not None:
        core = core * look.size[:, None]
    n, width = core.shape
    terms = look.terms if look.terms is not None else np.zeros((n, 0))
    shares = look.shares if look.shares is not None else np.zeros((0, width))
    differenced = look.scale.endswith("difference")
    level = (np.cumsum(core, axis=0) if differenced else core) + terms @ shares
    prepared = np.diff(level, axis=0, prepend=np.nan) if differenced else level.copy()
    if differenced:
        terms = np.diff(terms, axis=0, prepend=terms[:1])
    values, unit = _in_units(level, look, rng)
    values, clean = _glitches(values, look)
    prepared = np.where(clean, prepared, np.nan)
    if differenced:
        prepared[1:] = np.where(clean[:-1], prepared[1:], np.nan)

    order = rng.permutation(len(world.rows))
    names = _names([world.rows[i].stem for i in order])
    name_of = dict(zip((int(i) for i in order), names, strict=True))
    index = pd.date_range(_START[look.freq], periods=n, freq=look.freq, name="date")
    arranged = [0, *(int(i) + 1 for i in order)]
    data = pd.DataFrame(values[:, arranged], index=index, columns=["target", *names])
    data.attrs["simulated"] = True
    controls = tuple(name_of[i] for i in look.control_rows)
    longest = look.max_lag or min(n // 5, DEFAULT_MAX_LAG.get(look.freq[:1], OTHER_MAX_LAG))
    truth = truth_of(
        world, name_of, step=look.step, control_rows=look.control_rows, max_lag=longest
    )
    truth = truth.loc[[name for name in names if name not in controls]]
    change = look.spread * truth["effect"]
    if look.scale[:3] == "log":
        change = np.expm1(change)
        unit = float(np.nanmedian(np.where(clean, values, np.nan)[-_ROWS_A_YEAR[look.freq] :, 0]))
    truth["effect"] = unit * change
    return Simulated(
        kind=kind,
        data=data,
        truth=truth,
        max_lag=look.max_lag,
        catalog={name_of[i]: dict(what) for i, what in look.catalog.items()},
        controls=controls,
        holidays=look.holidays,
        structure=_structure(world, truth, name_of, look, prepared, terms, index),
    )


def _in_units(level: Floats, look: Look, rng: np.random.Generator) -> tuple[Floats, float]:
    """Each column in units of its own, and the target's."""
    width = level.shape[1]
    size = 10.0 ** rng.uniform(1.0, 5.0, width)
    if look.counts:
        size = 10.0 ** rng.uniform(0.7, 2.0, width)
    relative = np.exp(look.spread * level) if look.scale[:3] == "log" else 1 + look.spread * level
    values = np.asarray(size * relative)
    if look.counts:
        # Rounded: a draw must not turn on the last digit, which differs between processors.
        values = np.asarray(rng.poisson(np.round(values, 6)), dtype=float)
    return values, float(size[0])


def _glitches(values: Floats, look: Look) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Values with glitches and gaps, and where they are what they should be."""
    clean = np.ones(values.shape, dtype=bool)
    values = values.copy()
    if look.spikes is not None:
        hit = look.spikes != 0
        size = np.nanmedian(np.abs(values), axis=0) * look.spread
        values = np.where(hit, values + look.spikes * size, values)
        clean &= ~hit
    for mask, mark in ((look.outage, 0.0), (look.missing, np.nan)):
        if mask is not None:
            values = np.where(mask, mark, values)
            clean &= ~mask
    return values, clean


def _names(stems: list[str]) -> list[str]:
    digits = len(str(len(stems)))
    return [f"{stem}_{i:0{max(digits, 2)}d}" for i, stem in enumerate(stems, start=1)]


def _structure(
    world: World,
    truth: pd.DataFrame,
    name_of: dict[int, str],
    look: Look,
    prepared: Floats,
    terms: Floats,
    index: pd.DatetimeIndex,
) -> Structure:
    rows, n = world.rows, len(index)
    names = [name_of[i] for i in range(len(rows))]
    known = frozenset(shock for i in look.control_rows for shock in rows[i].series.weights)
    forward, back = responses_of(world, truth, name_of, step=look.step, known=known)
    decoys = [row.response for row in rows if row.response is not None] or [np.eye(1, 4, 3)[0]]
    for i, name in enumerate(names):
        if name not in forward:
            forward[name] = decoys[i % len(decoys)]
    for i in look.control_rows:
        response = rows[i].response
        if response is not None:
            driver = np.nan_to_num(prepared[:, i + 1])
            terms = np.column_stack([terms, np.convolve(driver, response)[:n]])
    target = world.target.without(known)
    order = min(_WHITENING, n // 10)
    whitening, back_whitening = {}, {}
    for name, row in zip(names, rows, strict=True):
        if name in truth.index:
            metric = row.series.without(known)
            leads = metric if truth.loc[name, "role"] in ("leading", "feedback") else None
            follows = target if name in back else None
            whitening[name] = whitening_of(target, leads, step=look.step, order=order)
            back_whitening[name] = whitening_of(metric, follows, step=look.step, order=order)
    later = np.arange(n) >= world.breaks_at * n
    pairs = list(zip(names, rows, strict=True))
    return Structure(
        prepared=pd.DataFrame(prepared, index=index, columns=["target", *names]),
        terms=terms,
        forward=forward,
        back=back,
        whitening=whitening,
        back_whitening=back_whitening,
        link={name: row.link for name, row in pairs if row.link is not None},
        change={name: np.where(later, row.after, 1.0) for name, row in pairs if row.after != 1.0},
    )
