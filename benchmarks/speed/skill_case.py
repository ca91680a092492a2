"""Rolling forecasts: all windows weighed again at each origin, one window, and refitting."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.speed.inputs import Array
from benchmarks.speed.measure import in_turn, once, ratio
from benchmarks.speed.page import table
from leadlag.core.forecasts import _Design, _roll

ROWS, REGRESSORS, WINDOWS, HORIZON, ORIGINS = 1000, 10, 60, 5, 480
START = ROWS - HORIZON - ORIGINS
REFITTED = 3


def design(windows: int = WINDOWS, seed: int = 0) -> _Design:
    """A target on ten regressors of its own, and windows of a metric of which one predicts it."""
    rng = np.random.default_rng(seed)
    fixed = np.column_stack([np.ones(ROWS), rng.standard_normal((ROWS, REGRESSORS - 1))])
    shapes = rng.standard_normal((ROWS, windows))
    response = fixed @ rng.standard_normal(REGRESSORS) + shapes[:, 0] + rng.standard_normal(ROWS)
    prior = np.full(windows, -np.log(windows))
    everywhere = np.ones(ROWS, dtype=np.bool_)
    return _Design(response, np.zeros(ROWS), fixed, shapes, prior, everywhere)


def recursive(data: _Design) -> Array:
    """Forecasts of every origin, without the metric and with it, as `rank` makes them."""
    return _roll(data, START, START + ORIGINS, HORIZON)


def by_numpy(y: Array, x: Array) -> Array:
    return np.linalg.lstsq(x, y)[0]


def by_statsmodels(y: Array, x: Array) -> Array:
    import statsmodels.api as sm

    return sm.OLS(y, x).fit().params


def refitted(
    data: _Design, origins: int = ORIGINS, fit: Callable[[Array, Array], Array] = by_numpy
) -> Array:
    """Least squares again at every origin: the target's own, then with each window, (origin, fit).

    The first column is our forecast without the metric; `rank` weighs what the others add.
    """
    out = np.empty((origins, 1 + data.windows.shape[1]))
    for at in range(origins):
        known, date = START + at + 1, START + at + HORIZON
        columns = [data.fixed]
        columns += [np.column_stack([data.fixed, window]) for window in data.windows.T]
        for which, x in enumerate(columns):
            out[at, which] = x[date] @ fit(data.response[:known], x[:known])
    return out


def section() -> str:
    many, one = design(), design(1)
    nested, fixed = in_turn([partial(recursive, many), partial(recursive, one)], rounds=9)
    shares = ratio(nested, fixed)
    rows = [
        (
            "all windows again, over one window",
            f"{shares.median:.1f} ({shares.low:.1f}–{shares.high:.1f})",
            "≤ 30",
        )
    ]
    for library, fit in (("statsmodels", by_statsmodels), ("numpy", by_numpy)):
        seconds = min(once(lambda f=fit: refitted(many, REFITTED, f)) for _ in range(2))
        times = seconds * ORIGINS / REFITTED / min(nested)
        goal = "≥ 5,000" if library == "statsmodels" else ""
        rows.append((f"refitting with {library}, over all windows again", f"{times:,.0f}", goal))
    text = (
        f"{ROWS} rows, {ORIGINS} origins, {REGRESSORS} regressors of the target's own, {WINDOWS} "
        f"windows of the metric, one thread. Refitting is at {REFITTED} origins for each window, "
        "scaled up.\n\n"
    )
    return "## Rolling forecasts\n\n" + text + table(("what", "ratio", "goal"), rows) + "\n"
