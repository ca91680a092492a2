"""`compare`: which version of a metric to use, from top to bottom."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from itertools import combinations
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.checks import as_count
from leadlag.core.threads import one_blas_thread
from leadlag.data.catalog import Catalog, Metric, as_catalog
from leadlag.data.frame import read_frame
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.data.panel import Panel, build_panel
from leadlag.data.screen import DEFAULT_MAX_LAG, OTHER_MAX_LAG
from leadlag.errors import (
    ConfigurationError,
    InputError,
    InsufficientDataError,
    shown,
    unknown_name,
)
from leadlag.iterations.checking import (
    check_choices,
    check_controls,
    check_stamps,
    check_target,
)
from leadlag.iterations.choosing import choose
from leadlag.iterations.comparison import Comparison, records
from leadlag.iterations.measure import measure_versions
from leadlag.iterations.needed import needed_rows
from leadlag.iterations.pairs import differences, no_differences
from leadlag.iterations.raw import (
    check_columns,
    columns_as_they_are,
    sizes_notices,
    what_there_is,
)
from leadlag.iterations.reading import (
    Asked,
    Version,
    by_cohort,
    choose_reach,
    periods_of,
    read_versions,
)
from leadlag.iterations.tabulating import (
    ceiling_notices,
    profiles_of,
    table_of,
    table_without_evidence,
)
from leadlag.wording import versions as words
from leadlag.wording.words import listed

__all__ = ["compare"]

Floats = npt.NDArray[np.float64]

# Facts about stamping and lags are stated by `compare` itself.
_SAID_HERE = ("max_lag", "stamping_unknown", "immature_kept", "no_metric", "catalog_names")


def compare(
    data: object,
    target: str,
    versions: Mapping[str, Any] | Sequence[str],
    *,
    stamped: str,
    max_lag: int | None = None,
    fidelity_to: str = "mature",
    mature: str | None = None,
    sizes: str | float | None = None,
    keep: float = 0.5,
    controls: str | list[str] | None = None,
    time: str | None = None,
    freq: str | None = None,
    aggregate: str | Mapping[str, Any] | None = None,
    as_of: str | int | datetime.date | None = None,
    holidays: object = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
    alpha: float = 0.10,
    seed: int = 0,
) -> Comparison:
    """Compare versions of a metric: how early each is known, and what it tells by then.

    Parameters
    ----------
    data : dataframe
        pandas, polars, a pyarrow table, a DuckDB relation: one row a period.
    target : str
        The business outcome's column.
    versions : mapping or list of str
        Name -> (column, maturation): how long after its cohort's row a value is known, in periods
        or as ``"90D"``. Names of columns alone where the catalogue declares their windows, or
        their names say them (``retention_90d``).
    stamped : {"cohort", "availability"}
        What the date of a row is: when the cohort began, or when the value was known.
    max_lag : int, optional, periods
        Longest lag between rows as they are stamped; under "availability" that of the slowest
        version, and the others as far from their cohorts. By default four times as far beyond the
        slowest version as a ranking searches, less where the data are short. A lag beyond it can't
        be found, and is said to be beyond it where it shows at the edge.
    fidelity_to : {"mature", "target"}
        What `fidelity` is measured against.
    mature : str, optional
        The version that is the yardstick; by default the slowest.
    sizes : str or number, optional
        Users in each cohort, a column dated by cohort: weights, and what chance makes of a rate.
    keep : float
        Share of the best version's worth that an early version must keep to be recommended.
    controls : str or list of str, optional
        Observed drivers that are held constant.
    time, freq, aggregate, as_of, holidays
        As for `rank`.
    catalog : Catalog, dict or path, optional
        Declares the windows of versions.
    alpha : float
        Level of the false discovery rate over the versions.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Comparison
        `.table`, `.differences`, `.recommendation`, `.plot()`.

    Raises
    ------
    LeadLagError
        If the data as a whole or an argument can't be used. A version that can't be used is a row
        with the reason.

    Notes
    -----
    Every version is dated by cohort first, so that the same world gives the same result under both
    stampings, and a value that was not known when the data end is not used. The lag is that of
    `rank`; whether a version precedes the target is tested on the dates on which it was known.
    Fidelity is predicted from cohorts that were mature by then. Differences are tested on dates
    that all versions forecast, each at its own usable lead, by Diebold and Mariano's test with the
    correction of Harvey, Leybourne and Newbold, and by a paired block bootstrap.

    References
    ----------
    Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. *JBES* 13, 253–263.
    Harvey, D., Leybourne, S. and Newbold, P. (1997). Testing the equality of prediction mean
    squared errors. *International Journal of Forecasting* 13, 281–291.

    Examples
    --------
    >>> import leadlag
    >>> world = leadlag.datasets.renewals(n_days=500, seed=1)
    >>> found = leadlag.compare(world.data, "renewals", world.versions, stamped="cohort")
    >>> found.table.loc[["retention_90d", "behaviour_2d"], "usable_lead"].tolist()
    [30.0, 118.0]
    """
    check_choices(fidelity_to, keep, alpha, seed)
    check_target(target)
    declared = as_catalog(catalog)
    notices: list[Notice] = []
    asked = read_versions(versions, declared, notices)
    check_stamps(asked, declared, stamped)
    columns = list(dict.fromkeys(one.column for one in asked))
    if target in columns:
        raise ConfigurationError(f"target '{target}' is one of the versions", do="Leave it out")
    check_columns(read_frame(data), asked, sizes)
    held = {controls} if isinstance(controls, str) else set(controls or ())
    check_controls(columns, held)
    # Sizes may be held constant as well, or be the outcome itself: users who joined.
    apart = [sizes] if isinstance(sizes, str) and sizes in (target, *held) else []
    named = isinstance(sizes, str) and sizes not in (*columns, *apart)
    wanted = columns + ([str(sizes)] if named else [])
    settings: dict[str, Any] = {
        "target": target,
        "stamped": stamped,
        "keep": float(keep),
        "alpha": float(alpha),
        "fidelity_to": fidelity_to,
        "seed": int(seed),
    }
    try:
        panel = build_panel(
            data, target, metrics=wanted, controls=controls, time=time, freq=freq,
            aggregate=aggregate, as_of=as_of, holidays=holidays, max_lag=1, catalog=declared,
        )  # fmt: skip
    except InsufficientDataError as error:
        if max_lag is not None:
            as_count(max_lag, "max_lag", at_least=1)
        counts, grid = what_there_is(read_frame(data), asked, time=time, as_of=as_of, freq=freq)
        return _too_little(asked, error, counts, grid, max_lag, notices, settings)
    notices += [notice for notice in panel.notices if notice.code not in _SAID_HERE]
    raw = columns_as_they_are(
        data, target, [name for name in wanted if name in panel.excluded] + apart, panel,
        time=time, freq=freq, aggregate=aggregate, as_of=as_of, catalog=declared,
    )  # fmt: skip
    dated = by_cohort(panel, asked, stamped, raw)
    size = _sizes(panel, sizes, raw)
    yard = _yardstick(dated, mature, fidelity_to, notices)
    reach, dated = choose_reach(dated, panel, max_lag, stamped, notices)
    with one_blas_thread():
        measured = measure_versions(
            panel, dated, reach=reach, mature=yard, sizes=size, seed=int(seed)
        )
    if size is None and any(not one.reason for one in dated):
        text = (
            "Without sizes=, the users in each cohort, chance is not known: every ceiling is 1, "
            "and what lasts no longer than a period counts as chance in the sensitivity."
        )
        notices.append(Notice("no_sizes", text))
    if size is not None:
        notices += sizes_notices(dated, size)
    pairs = differences(measured, len(panel.y), seed=int(seed), alpha=float(alpha))
    table = table_of(measured, len(panel.y), stamped=stamped, alpha=float(alpha))
    notices += ceiling_notices(table)
    accurate = bool(table["accuracy"].notna().any())
    settings |= {
        "freq": panel.freq,
        "max_lag": reach,
        "n": len(panel.y),
        "needed": needed_rows(
            max(one.delay for one in dated), panel.freq, reach if max_lag is not None else None
        ),
        "mature": yard.name if yard is not None else target,
        "worth": "accuracy" if accurate else "fidelity",
    }
    return _concluded(table, pairs, notices, settings, profiles_of(measured))


def _too_little(
    asked: Sequence[Asked],
    error: InsufficientDataError,
    counts: Mapping[str, int],
    grid: Grid | None,
    max_lag: int | None,
    notices: Sequence[Notice],
    settings: dict[str, Any],
) -> Comparison:
    """So few rows that nothing can be tested: that is an answer, with the number it would take."""
    delays = [periods_of(one, grid) for one in asked]
    slowest, freq = max(delays), grid.letter if grid is not None else "period"
    usual = slowest + DEFAULT_MAX_LAG.get(freq, OTHER_MAX_LAG)
    settings |= {
        "freq": freq,
        "max_lag": max_lag if max_lag is not None else usual,
        "n": max(counts.values()),
        "needed": needed_rows(slowest, freq, max_lag),
        "mature": asked[0].name,
        "worth": "fidelity",
    }
    notices = [*notices, Notice("too_short", str(error))]
    table = table_without_evidence(asked, delays, error.what, counts)
    names = [(a.name, b.name) for a, b in combinations(asked, 2)]
    return _concluded(table, no_differences(names), notices, settings, pd.DataFrame())


def _sizes(panel: Panel, sizes: object, raw: Mapping[str, Floats]) -> Floats | None:
    n = len(panel.y)
    if sizes is None:
        return None
    if isinstance(sizes, str):
        if sizes not in panel.metrics and sizes not in raw:
            raise ConfigurationError(f"sizes '{sizes}' {panel.excluded.get(sizes, 'is no column')}")
        place = panel.metrics.index(sizes) if sizes in panel.metrics else None
        users = raw[sizes] if place is None else panel.X[:, place]
        if bool((users < 0).any()) or not bool((users > 1).any()):
            raise InputError(
                f"sizes '{sizes}' can't be the numbers of users",
                got=f"values from {np.nanmin(users):g} to {np.nanmax(users):g}"
                if np.isfinite(users).any()
                else "no values",
                need="0 or more in each cohort, and more than 1 in some",
            )
        return users
    if isinstance(sizes, bool) or not isinstance(sizes, Real) or not 1 < float(sizes) < np.inf:
        raise ConfigurationError(
            "sizes can't be used",
            got=shown(sizes),
            need="the name of a column, or a number above 1",
        )
    return np.full(n, float(sizes))


def _yardstick(
    versions: Sequence[Version], mature: object, fidelity_to: str, notices: list[Notice]
) -> Version | None:
    names = [version.name for version in versions]
    if mature is not None and mature not in names:
        raise unknown_name(
            f"mature {shown(mature)} is not a version", mature, names, plural="Versions"
        )
    if fidelity_to == "target":
        return None
    if mature is not None:
        return versions[names.index(str(mature))]
    # One without a mature cohort measures nothing.
    held = [v for v in versions if np.isfinite(v.values).any()] or list(versions)
    last = max(version.delay for version in held)
    slowest = [version for version in held if version.delay == last]
    # Versions that are known at the same time have the target alone as a yardstick.
    if len(slowest) == len(held):
        return None
    yard = next((one for one in slowest if all(_holds(one, v) for v in slowest)), slowest[0])
    if len({version.column for version in slowest}) > 1:
        text = (
            f"{listed(version.name for version in slowest)} are known last, and at the same time: "
            f"fidelity is measured against {yard.name}. Pass mature= for another one."
        )
        notices.append(Notice("yardsticks", text))
    return yard


def _holds(whole: Version, part: Version) -> bool:
    """Whether everyone whom a version counts is counted by another one as well."""
    if whole.column == part.column:
        return True
    return (
        part.counted is not None
        and whole.counted is not None
        and part.counted.within(whole.counted)
    )


def _concluded(
    table: pd.DataFrame,
    pairs: pd.DataFrame,
    notices: Sequence[Notice],
    settings: dict[str, Any],
    profiles: pd.DataFrame,
) -> Comparison:
    choice = choose(
        table, pairs, keep=settings["keep"], worth=settings["worth"], alpha=settings["alpha"]
    )
    rows = records(table.reset_index())
    return Comparison(
        table=table,
        differences=pairs,
        recommendation=words.recommendation(rows, choice, settings),
        recommended=choice["name"] if choice and choice["doubt"] in ("", "keeps", "tie") else None,
        settled=choice is not None and not choice["doubt"],
        warnings=tuple(notices),
        settings=settings,
        profiles=profiles,
    )
