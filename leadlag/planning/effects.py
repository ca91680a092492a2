"""Effects of past experiments, read from a tidy or a wide frame into arrays by metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.frame import Frame, read_frame
from leadlag.errors import ConfigurationError, InputError, listing, shown, unknown_name

__all__ = ["Effects", "check_known", "check_metric", "noise_of", "read_effects"]

Floats = npt.NDArray[np.float64]

# Other names under which the columns are found if they don't have ours.
_ALIASES = {
    "experiment": ("experiment", "experiment_id", "test", "test_id"),
    "metric": ("metric", "metric_name"),
    "estimate": ("estimate", "effect", "estimated_effect", "lift"),
    "standard_error": ("standard_error", "se", "std_error", "stderr"),
    "units": ("units", "n", "users", "sample_size"),
}
_SUFFIXES = ("_standard_error", "_se", "_std_error", "_stderr")


@dataclass(frozen=True, eq=False)
class Effects:
    """Estimated effects and their standard errors; NaN where an experiment lacks a metric.

    Attributes
    ----------
    metrics : tuple of str
    estimate, error : ndarray, shape (n_experiments, n_metrics)
    units : ndarray, shape (n_experiments,)
        Users or other units in each experiment; NaN where not told.
    """

    metrics: tuple[str, ...]
    estimate: Floats
    error: Floats
    units: Floats

    def column(self, metric: str) -> tuple[Floats, Floats]:
        """Give one metric's effects and their standard errors.

        Parameters
        ----------
        metric : str

        Returns
        -------
        estimate, error : ndarray, shape (n_experiments,)
        """
        j = self.metrics.index(metric)
        return self.estimate[:, j], self.error[:, j]


def read_effects(data: object) -> Effects:
    """Read a tidy frame, one row an experiment and metric, or a wide one, one row an experiment.

    Parameters
    ----------
    data : dataframe
        Tidy: columns "experiment", "metric", "estimate", "standard_error", and "units" if known.
        Wide: for each metric a column with its name, and one with its name and "_se".

    Returns
    -------
    Effects

    Raises
    ------
    InputError
        If columns are missing or hold no numbers, a standard error is not above zero, or an
        experiment has two rows for one metric.
    """
    frame = read_frame(data)
    found = {name: _find(frame, options) for name, options in _ALIASES.items()}
    effects = _tidy(frame, found) if found["metric"] else _wide(frame, found)
    known = np.isfinite(effects.estimate)
    if (known & ~(effects.error > 0)).any():
        raise InputError(
            "a standard error is not above 0",
            got=f"{int((known & ~(effects.error > 0)).sum())} such or missing",
            need="a standard error above 0 beside every estimate",
            do="Leave out experiments whose uncertainty is not known",
        )
    return effects


def noise_of(given: object, metric: str, target: str) -> float | None:
    """Read the correlation of a metric's noise with the target's.

    Parameters
    ----------
    given : float, mapping, dataframe or None
        One for all metrics, one by metric, or a matrix of correlations with names on both sides.
    metric, target : str

    Returns
    -------
    float or None
        None where it was not given.

    Raises
    ------
    ConfigurationError
        If it is no correlation, or the metric is not named.

    Examples
    --------
    >>> noise_of({"clicks": 0.4}, "clicks", "revenue"), noise_of(None, "clicks", "revenue")
    (0.4, None)
    """
    if given is None:
        return None
    value: object = given
    if isinstance(given, pd.DataFrame):
        named = metric in given.index and target in given.columns
        value = given.loc[metric, target] if named else None
    elif isinstance(given, Mapping):
        value = given.get(metric)
    if value is None:
        raise ConfigurationError(
            f"noise_correlation does not name '{metric}'",
            need="a correlation for every metric",
            do="Add it: the correlation over users of the metric and the target",
        )
    if isinstance(value, bool) or not isinstance(value, Real) or not abs(float(value)) < 1:
        raise ConfigurationError(
            "noise_correlation is not a correlation",
            got=shown(value),
            need="a number between -1 and 1, one by metric, or a matrix",
            do="Take the correlation over users of the metric and the target",
        )
    return float(value)


def _find(frame: Frame, options: tuple[str, ...]) -> str | None:
    folded = {name.casefold(): name for name in reversed(frame.names)}
    return next((folded[option] for option in options if option in folded), None)


def _tidy(frame: Frame, found: Mapping[str, str | None]) -> Effects:
    names = [found[part] for part in ("experiment", "metric", "estimate", "standard_error")]
    if None in names:
        lacking = [
            part
            for part in ("experiment", "metric", "estimate", "standard_error")
            if found[part] is None
        ]
        raise InputError(
            "the frame of effects lacks columns",
            got=listing(frame.names),
            need=f"the columns {listing(lacking)} too",
            do="Pass one row an experiment and metric",
        )
    of_experiment, of_metric = (_labels(frame, str(name)) for name in names[:2])
    estimate, error = (_numbers(frame, str(name)) for name in names[2:])
    experiments = list(dict.fromkeys(of_experiment))
    metrics = list(dict.fromkeys(of_metric))
    row = {name: i for i, name in enumerate(experiments)}
    column = {name: j for j, name in enumerate(metrics)}
    shape = (len(experiments), len(metrics))
    values, errors = np.full(shape, np.nan), np.full(shape, np.nan)
    units = np.full(len(experiments), np.nan)
    sizes = _numbers(frame, found["units"]) if found["units"] else None
    seen = set()
    for k, key in enumerate(zip(of_experiment, of_metric, strict=True)):
        if key in seen:
            raise InputError(
                "an experiment has two rows for one metric",
                got=f"{key[0]!r}, {key[1]!r}",
                need="one row an experiment and metric",
                do="Keep one of them, or give each arm a name of its own",
            )
        seen.add(key)
        i, j = row[key[0]], column[key[1]]
        values[i, j], errors[i, j] = estimate[k], error[k]
        if sizes is not None:
            units[i] = np.fmax(units[i], sizes[k])
    return Effects(tuple(metrics), values, errors, units)


def _wide(frame: Frame, found: Mapping[str, str | None]) -> Effects:
    pairs = [
        (name, f"{name}{suffix}")
        for name in frame.names
        for suffix in _SUFFIXES
        if f"{name}{suffix}" in frame.names
    ]
    if not pairs:
        raise InputError(
            "the frame of effects holds no effects with standard errors",
            got=listing(frame.names),
            need="columns experiment, metric, estimate and standard_error, or for each metric "
            "its column and one with '_se' behind its name",
            do="Pass one row an experiment and metric",
        )
    units = _numbers(frame, found["units"]) if found["units"] else np.full(len(frame), np.nan)
    return Effects(
        metrics=tuple(name for name, _ in pairs),
        estimate=np.column_stack([_numbers(frame, name) for name, _ in pairs]),
        error=np.column_stack([_numbers(frame, name) for _, name in pairs]),
        units=units,
    )


def _numbers(frame: Frame, name: str) -> Floats:
    column = frame.column(name)
    if column.values is None:
        raise InputError(f"column '{name}' {column.reason}")
    if np.isinf(column.values).any():
        raise InputError(f"column '{name}' has infinite values", do="Make them missing")
    return column.values


def _labels(frame: Frame, name: str) -> list[str]:
    values = frame.table[name].to_list()
    missing = [i for i, value in enumerate(values) if value is None or value != value]
    if missing:
        raise InputError(
            f"column '{name}' has rows without a name",
            got=f"{len(missing)} missing of {len(values)} (rows {listing(missing, limit=3)})",
            need="the name of an experiment and of a metric in every row",
        )
    return [str(value) for value in values]


def check_metric(effects: Effects, name: object, what: str) -> str:
    """Refuse a name that no effect has.

    Parameters
    ----------
    effects : Effects
    name : object
    what : str
        "target" or "metric".

    Returns
    -------
    str

    Raises
    ------
    ConfigurationError
        With the nearest name.
    """
    if not isinstance(name, str) or name not in effects.metrics:
        raise unknown_name(
            f"{what} {shown(name)} is no metric of the experiments",
            name,
            effects.metrics,
            plural="Metrics",
        )
    return name


def check_known(effects: Effects, target: str, metrics: Sequence[str]) -> None:
    """Refuse effects in which no experiment knows both the target and a metric.

    Parameters
    ----------
    effects : Effects
    target : str
    metrics : sequence of str

    Raises
    ------
    InputError
        If the target, or every metric beside it, is missing throughout.
    """
    known = np.isfinite(effects.column(target)[0])
    if not known.any():
        raise InputError(
            f"no experiment has an effect on '{target}'",
            got=f"{len(known)} experiments, all estimates missing",
            need="its estimate and standard error in at least one",
        )
    if not any((known & np.isfinite(effects.column(name)[0])).any() for name in metrics):
        raise InputError(
            f"no experiment has an effect on '{target}' and on a metric",
            got=f"{int(known.sum())} experiments with '{target}', none of them with "
            f"{listing(metrics)}",
            need="both estimates in one experiment",
            do="Check that the same experiment has the same name in every row",
        )
