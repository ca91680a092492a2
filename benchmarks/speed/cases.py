"""The table: what is measured, beside what, and how exact it has to be.

One line a kernel. `tests/test_speed_cases.py` holds every rival to our numbers at a small size;
`benchmarks/speed/run.py` measures the same functions at the real one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

import leadlag
from benchmarks.speed import rivals
from benchmarks.speed.inputs import Array, Inputs, Size


@dataclass(frozen=True)
class Rival:
    """A library's way; measured on `metrics` of them and scaled up, which the page says."""

    library: str
    run: Callable[[Inputs], Array]
    metrics: int
    goal: float
    # None: it answers a lesser question, so its numbers are others.
    tolerance: float | None = 1e-10


@dataclass(frozen=True)
class Case:
    """One kernel: ours, the bare product of its operations, rivals, and the goals as ratios."""

    name: str
    ours: Callable[[Inputs], Array]
    bare: Callable[[Inputs], Array]
    sizes: tuple[Size, ...]
    small: Size
    bare_goal: dict[Size, float] = field(default_factory=dict)
    rivals: tuple[Rival, ...] = ()
    gaps: float = 0.0
    target_gaps: bool = False

    def inputs(self, size: Size) -> Inputs:
        return Inputs(size, gaps=self.gaps, target_gaps=self.target_gaps)


def _correlation(data: Inputs) -> Array:
    return leadlag.cross_correlation(data.X, data.y, max_lag=data.size.L).correlation


def _pairs(data: Inputs) -> Array:
    return leadlag.cross_correlation_matrix(data.X, max_lag=data.size.L).correlation


def _granger(data: Inputs) -> Array:
    made = leadlag.granger(data.X, data.y, max_order=data.size.L)
    return np.array([made.f_statistic, made.reverse_f_statistic])


def _granger_per_order(data: Inputs) -> Array:
    made = leadlag.granger(data.X, data.y, max_order=data.size.L, rows="per order")
    return np.array([made.f_statistic, made.reverse_f_statistic])


def _null(data: Inputs) -> Array:
    from leadlag.core.surrogates import best_lag_p_values

    rng = np.random.default_rng(0)
    made = best_lag_p_values(
        data.X, data.y, max_lag=data.size.L, rng=rng, draws=DRAWS, stop_after=DRAWS
    )
    return made.p_value


def _null_early(data: Inputs) -> Array:
    from leadlag.core.surrogates import best_lag_p_values

    rng = np.random.default_rng(0)
    return best_lag_p_values(data.X, data.y, max_lag=data.size.L, rng=rng, draws=DRAWS).p_value


def _posterior(data: Inputs) -> Array:
    return leadlag.lag_posterior(data.X, data.y, max_lag=data.size.L).probability


def _bare_posterior(data: Inputs) -> Array:
    return data.rows @ data.layout[:, data.size.L :]


def _bare_null(data: Inputs) -> Array:
    columns = np.tile(data.layout[:, : data.size.L], (1, 37))
    for _ in range(DRAWS // 37):
        last = data.rows @ columns
    return last


def _bare_correlation(data: Inputs) -> Array:
    return data.rows @ data.layout


def _bare_pairs(data: Inputs) -> Array:
    n, last = data.size.n, np.empty(0)
    for k in range(data.size.L + 1):
        last = data.rows[:, : n - k] @ data.rows[:, k:].T
    return last


def _bare_granger(data: Inputs) -> Array:
    columns = 3 * data.size.L + 2
    return data.rows @ np.ascontiguousarray(np.resize(data.y, (columns, data.size.n)).T)


DRAWS = 999
NULL = Size(1000, 200, 30)
WIDE, MIDDLE, DAILY = Size(2000, 4000, 90), Size(1000, 1000, 60), Size(1000, 4000, 60)

CASES = (
    Case(
        "correlation, one target",
        _correlation,
        _bare_correlation,
        (WIDE, MIDDLE, DAILY),
        Size(90, 5, 8),
        {WIDE: 1.1, MIDDLE: 1.25, DAILY: 1.1},
        (
            Rival("pandas", rivals.pandas_shift, 3, 1000, 1e-12),
            Rival("polars", rivals.polars_shift, 20, 200, 1e-10),
            Rival("numpy", rivals.numpy_corrcoef, 10, 1, 1e-12),
            Rival("statsmodels", rivals.statsmodels_ccf, 50, 20, 0.2),
            Rival("scipy", rivals.scipy_correlate, 100, 10, 0.2),
        ),
    ),
    Case(
        "correlation, gaps in the metrics",
        _correlation,
        _bare_correlation,
        (WIDE, DAILY),
        Size(90, 5, 8),
        {WIDE: 2.5, DAILY: 2.5},
        (Rival("pandas", rivals.pandas_shift, 3, 1000, 1e-12),),
        gaps=0.05,
    ),
    Case(
        "correlation, gaps on both sides",
        _correlation,
        _bare_correlation,
        (WIDE, DAILY),
        Size(90, 5, 8),
        {WIDE: 4.0, DAILY: 4.0},
        (Rival("pandas", rivals.pandas_shift, 3, 1000, 1e-12),),
        gaps=0.05,
        target_gaps=True,
    ),
    Case(
        "correlation, all pairs",
        _pairs,
        _bare_pairs,
        (Size(1000, 500, 30),),
        Size(90, 5, 8),
        {Size(1000, 500, 30): 0.4},
        (
            Rival("numpy", rivals.numpy_pairs, 500, 1, 1e-12),
            Rival("tigramite", rivals.tigramite_dependencies, 10, 10_000, None),
        ),
    ),
    Case(
        "largest of all lags, 999 surrogates",
        _null,
        _bare_null,
        (NULL,),
        Size(90, 3, 8),
        {NULL: 0.3},
    ),
    Case(
        "largest of all lags, stopping early",
        _null_early,
        _bare_null,
        (NULL,),
        Size(90, 3, 8),
        {NULL: 0.03},
    ),
    Case(
        "granger, both directions, every order",
        _granger,
        _bare_granger,
        (Size(1000, 1000, 10),),
        Size(90, 3, 4),
        {Size(1000, 1000, 10): 2.5},
    ),
    Case(
        "granger, each order on rows of its own",
        _granger_per_order,
        _bare_granger,
        (Size(1000, 1000, 10),),
        Size(90, 3, 4),
        rivals=(Rival("statsmodels", rivals.statsmodels_granger, 4, 2000, 1e-8),),
    ),
    Case(
        "posterior of the lag",
        _posterior,
        _bare_posterior,
        (Size(2000, 1000, 30),),
        Size(90, 3, 4),
        {Size(2000, 1000, 30): 2.0},
        (Rival("numpy", rivals.least_squares_at_each_lag, 10, 400, None),),
    ),
)
