"""`rank`, from top to bottom: validate, test, put in order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from leadlag.core.threads import one_blas_thread
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.panel import build_panel
from leadlag.errors import ConfigurationError
from leadlag.evidence import gather
from leadlag.progress import progress_bar
from leadlag.ranking import Ranking
from leadlag.refine import refine

__all__ = ["rank"]


def rank(
    data: object,
    target: str,
    *,
    metrics: str | list[str] | None = None,
    controls: str | list[str] | None = None,
    time: str | None = None,
    freq: str | None = None,
    aggregate: str | Mapping[str, Any] | None = None,
    as_of: str | int | datetime.date | None = None,
    holidays: object = None,
    max_lag: int | None = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
    alpha: float = 0.10,
    model: str = "screen",
    seed: int = 0,
    progress: bool | None = None,
) -> Ranking:
    """Rank metrics by whether, how far and how surely they precede a target.

    Parameters
    ----------
    data : dataframe
        pandas, polars, a pyarrow table, a DuckDB relation: one row a period, one column a metric.
    target : str
        The business outcome's column.
    metrics : str or list of str, optional
        Names or globs of the metrics; by default every other column.
    controls : str or list of str, optional
        Names or globs of observed drivers that are held constant and never ranked.
    time : str, optional
        The column of dates, ISO text or integer periods. By default a time index, else the only
        column of dates, else the order of the rows.
    freq : str, optional
        "h", "D", "B", "W", "W-SUN", "M", "Q" or "Y". Coarser than the data: values are combined
        by each metric's declared form or by `aggregate`.
    aggregate : str or dict, optional
        How values are combined: "sum", "mean", "last" and others, for all columns or by column.
    as_of : date, datetime or int, optional
        Only what was known then is used.
    holidays : str, list or dict, optional
        Country codes such as "US", dates, or dates with names.
    max_lag : int, optional, periods
        Largest lag to search, at most a fifth of the rows. By default 48 for hourly, 42 for daily,
        26 for weekly, 12 for monthly and 8 for quarterly data, else 10.
    catalog : Catalog, dict or path, optional
        What is declared about the metrics: kind, form, window, latency and more.
    alpha : float, optional
        Level of the false discovery rate (Benjamini–Hochberg).
    model : {"screen", "full"}, optional
        How lag, effect and their intervals are estimated. "full" fits a Bayesian lag model to the
        metrics that lead (`leadlag.fit_lag_model`), at most twenty, and takes them from it; tests,
        odds, roles and order stay.
    seed : int, optional
        Of the resampled panels behind `prob_top3` and the rank interval. The same input and seed
        give the same bytes.
    progress : bool, optional
        True or False; by default a bar after two seconds in a terminal or notebook, else silence.

    Returns
    -------
    Ranking
        `.table` holds one row a metric; `.explain(metric)` says it in words.

    Raises
    ------
    LeadLagError
        If the input as a whole, the target, a control or an argument can't be used. A metric that
        can't be used is a row with the role "excluded" and the reason.

    Notes
    -----
    Each metric is tested by itself, given the target's own past, calendar, trend and controls. Its
    p-value, gains, odds and transform depend on no other metric. What looks across metrics are the
    q-values, the second look, the roles and the order, and through the role whether there is a
    lag, an effect, a skill, a horizon and a stability.

    Examples
    --------
    >>> import leadlag
    >>> frame = leadlag.datasets.box_jenkins()
    >>> ranking = leadlag.rank(frame, target="sales", max_lag=12)
    >>> ranking.table.loc["lead", "role"], float(ranking.table.loc["lead", "lag"])
    ('leading', 3.0)
    """
    _check(alpha, model, seed, progress)
    panel = build_panel(
        data, target, metrics=metrics, controls=controls, time=time, freq=freq,
        aggregate=aggregate, as_of=as_of, holidays=holidays, max_lag=max_lag, catalog=catalog,
    )  # fmt: skip
    label = f"Testing metrics against {panel.target}"
    with one_blas_thread(), progress_bar(label, show=progress) as step:
        evidence = gather(panel, alpha=float(alpha), seed=int(seed), progress=step)
    if model == "full":
        label = f"Fitting lag models of {panel.target}"
        with progress_bar(label, show=progress) as step:
            evidence = refine(panel, evidence, seed=int(seed), progress=step)
    return Ranking.from_evidence(panel, evidence, {"model": model, "seed": int(seed), "time": time})


def _check(alpha: object, model: object, seed: object, progress: object) -> None:
    if isinstance(alpha, bool) or not isinstance(alpha, Real) or not 0 < float(alpha) < 1:
        raise ConfigurationError(
            "alpha is not a level of the false discovery rate",
            got=repr(alpha),
            need="a number between 0 and 1",
            do="Pass alpha=0.10, the default, or a stricter one",
        )
    if model not in ("screen", "full"):
        raise ConfigurationError(
            "model is not one that there is",
            got=repr(model),
            need="'screen' or 'full'",
            do="Leave model out for the screen, or pass model='full'",
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ConfigurationError(
            "seed is not a seed",
            got=repr(seed),
            need="an integer, 0 or more",
            do="Pass an integer such as seed=0",
        )
    if progress is not None and not isinstance(progress, bool):
        raise ConfigurationError(
            "progress is not a choice",
            got=repr(progress),
            need="True, False or None",
            do="Pass progress=False for silence, or leave it out",
        )
