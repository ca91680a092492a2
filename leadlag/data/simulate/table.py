"""The situations by name: what each is, how long it usually is, how it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from leadlag.data.simulate import everyday, structures
from leadlag.data.simulate.everyday import Built
from leadlag.data.simulate.kernels import Draw

__all__ = ["HELD_OUT", "SITUATIONS", "Situation"]


@dataclass(frozen=True)
class Situation:
    """One situation.

    Parameters
    ----------
    description : str
    build : callable
    rows, held_out_rows : tuple of int, periods
        Usual lengths, while tuning and in the held-out part.
    null : bool
        Whether nothing leads.
    """

    description: str
    build: Callable[[Draw, int], Built]
    rows: tuple[int, ...] = (365, 500)
    held_out_rows: tuple[int, ...] = (420,)
    null: bool = False


SITUATIONS = {
    "independent_ar": Situation(
        "independent autoregressions of memory 0 to .95: nothing leads", everyday.independent_ar,
        null=True,
    ),
    "random_walks": Situation(
        "independent random walks with drift: nothing leads", everyday.random_walks, null=True
    ),
    "shared_variance": Situation(
        "walks whose steps are large at the same times: nothing leads", everyday.shared_variance,
        null=True,
    ),
    "weekly_season": Situation(
        "one weekday pattern and the holidays in every column", everyday.weekly_season,
        rows=(730,), held_out_rows=(640,)
    ),
    "moving_season": Situation(
        "weekday patterns that wander, in every column", everyday.moving_season,
        rows=(730,), held_out_rows=(640,)
    ),
    "shared_growth": Situation(
        "smooth growth along curves that the columns share", everyday.shared_growth
    ),
    "sharp_lead": Situation(
        "leaders with their whole effect at one lag of 1 to 14", everyday.sharp_lead
    ),
    "gamma_lead": Situation(
        "effects spread as gamma kernels of mean 5 to 30", everyday.gamma_lead,
        rows=(730,), held_out_rows=(640,)
    ),
    "lagging": Situation("mostly metrics that follow the target", everyday.lagging),
    "coincident": Situation("mostly metrics that move in the same period", everyday.coincident),
    "lag_zero_too": Situation(
        "leaders that also move with the target in the same period", everyday.lag_zero_too
    ),
    "feedback": Situation("metrics that move the target and are moved by it", everyday.feedback),
    "driver_observed": Situation(
        "a driver among the metrics, and others that follow it", structures.driver_observed
    ),
    "driver_control": Situation(
        "the driver declared as a control: who follows it adds nothing", structures.driver_control
    ),
    "driver_hidden": Situation(
        "the driver unseen: who follows it in time leads", structures.driver_hidden
    ),
    "log_growth": Situation(
        "integrated growth in logarithms, its shocks lead", everyday.log_growth
    ),
    "missing_random": Situation("10 % of the values missing at random", everyday.missing_random),
    "missing_blocks": Situation("10 % of the values missing in blocks", everyday.missing_blocks),
    "heavy_tails": Situation("heavy tails, spikes and outage zeros", everyday.heavy_tails),
    "breaking": Situation("half of the relations end at 60 % of the rows", everyday.breaking),
    "reversal": Situation("half of the relations reverse at 60 % of the rows", everyday.reversal),
    "short_weekly": Situation(
        "60 to 104 weeks", structures.short_weekly, rows=(60, 78, 104), held_out_rows=(70, 90)
    ),
    "many_metrics": Situation(
        "5 leaders among 500 metrics in a year of days", everyday.many_metrics,
        rows=(365,), held_out_rows=(365,),
    ),
    "near_duplicates": Situation("near-copies of leaders", structures.near_duplicates),
    "negative_leaders": Situation(
        "leaders such as churn and latency: more of them, less of the target",
        everyday.negative_leaders,
    ),
    "growing_variance": Situation("variance that grows with the level", everyday.growing_variance),
    "retention_cohort": Situation(
        "windowed retention dated by its cohort", structures.retention_cohort,
        rows=(730,), held_out_rows=(640,)
    ),
    "retention_availability": Situation(
        "windowed retention dated when it is known", structures.retention_availability,
        rows=(730,), held_out_rows=(640,)
    ),
    "threshold": Situation("leaders that count above a threshold", everyday.threshold),
    "saturating": Situation("leaders of which more adds less", everyday.saturating),
    "yearly_monthly": Situation(
        "yearly cycles in monthly columns", structures.yearly_monthly,
        rows=(180, 240, 300), held_out_rows=(210, 270),
    ),
    "aggregated": Situation(
        "weeks made of days, with leads of less than a week", structures.aggregated,
        rows=(156, 208), held_out_rows=(180,),
    ),
    "annual": Situation(
        "50 to 80 years", structures.annual, rows=(50, 65, 80), held_out_rows=(58, 72)
    ),
    "mixed": Situation(
        "all of it: season, holidays, growth, gaps, glitches, every kernel and role",
        everyday.mixed,
        rows=(730,), held_out_rows=(640,),
    ),
}  # fmt: skip

# Situations that are tried once more with nobody related to the target: what the columns share is
# then all that could be taken for a lead.
_ALSO_NULL = (
    "weekly_season", "moving_season", "shared_growth", "log_growth", "missing_blocks",
    "heavy_tails", "growing_variance", "short_weekly", "yearly_monthly", "aggregated", "annual",
    "mixed",
)  # fmt: skip


def _with_nulls(table: dict[str, Situation], names: tuple[str, ...]) -> dict[str, Situation]:
    """The table with a null twin of some of its situations."""
    twins = {
        f"null_{name}": replace(
            table[name], description=f"{table[name].description}; nothing leads", null=True
        )
        for name in names
    }
    return table | twins


SITUATIONS = _with_nulls(SITUATIONS, _ALSO_NULL)

# Never seen while tuning, parameters or whole.
HELD_OUT = {
    "counts": Situation("small counts", everyday.counts),
    "level_shifts": Situation("each column jumps, at times of its own", everyday.level_shifts),
    "mixed_weekly": Situation(
        "weeks with a yearly cycle, growth, gaps and spread-out effects",
        structures.mixed_weekly, rows=(208,), held_out_rows=(182, 260),
    ),
}  # fmt: skip

HELD_OUT = _with_nulls(HELD_OUT, ("counts", "level_shifts", "mixed_weekly"))
