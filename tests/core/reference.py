"""Series as the reference numbers were computed on them, and the reference's own formula."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadlag.data import datasets

FloatArray = NDArray[np.float64]

# The years that the provenance of the reference numbers names.
SPANS = {"us_leading_a": ("1959-01-01", "2019-12-31"), "covid_states_a": ("2020-04-01", None)}


def shared_series(folder: Path, row: "pd.Series[object]") -> tuple[FloatArray, FloatArray]:
    """Metric and target of one row of a reference table in the shared folder."""
    name = str(row["data"])
    frame = pd.read_csv(folder / f"{name}.csv")
    if "date" in frame:
        start, end = SPANS.get(name, (None, None))
        frame = frame.set_index(pd.to_datetime(frame.pop("date"))).loc[start:end]
    x = transformed(frame[row["predictor"]], str(row["tx"]))
    y = transformed(frame[row["target"]], str(row["ty"]))
    return x, y


def shipped_series(name: str, entry: dict[str, object]) -> tuple[FloatArray, FloatArray]:
    """Metric and target of one entry of the frozen reference numbers beside the tests."""
    if name == "box_jenkins":
        frame = datasets.box_jenkins()
    elif name == "us_leading":
        frame = datasets.us_leading().loc["1959":"2019"]
    else:
        file = Path(__file__).resolve().parent.parent / "oracles" / f"{name}.csv"
        frame = pd.read_csv(file, index_col="date", parse_dates=True)
    x = transformed(frame[entry["metric"]], str(entry["metric_transform"]))
    y = transformed(frame[entry["target"]], str(entry["target_transform"]))
    return x, y


def transformed(series: "pd.Series[float]", how: str) -> FloatArray:
    """One of the transforms of the reference tables; no row is dropped."""
    for step in how.split("|"):
        if step == "log":
            series = np.log(series)
        elif step == "diff":
            series = series.diff()
        elif step == "sdiff12":
            series = series.diff(12)
        elif step == "month":
            series = series - series.groupby(series.index.month).transform("mean")
        elif step != "none":
            raise KeyError(step)
    return series.to_numpy(dtype=np.float64)


def full_sample(
    r: FloatArray, lags: NDArray[np.int64], x: FloatArray, y: FloatArray
) -> Iterator[float]:
    """Turn correlations of the overlap into R's, which divide by the moments of the full series."""
    x, y = x - x.mean(), y - y.mean()
    for k, value in zip(lags, r, strict=True):
        a = x[: x.size - k] if k >= 0 else x[-k:]
        b = y[k:] if k >= 0 else y[: y.size + k]
        products = value * a.std() * b.std() + a.mean() * b.mean()
        yield a.size * products / np.sqrt((x @ x) * (y @ y))
