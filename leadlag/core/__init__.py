"""The numeric floor: statistics on arrays, and nothing else.

The rule of this floor: import numpy and scipy alone (``scipy.special`` instead of ``scipy.stats``,
which takes two seconds to load), plus ``leadlag.errors``. A kernel never sees a label, a date or a
dataframe. The public functions accept a frame at the door (``leadlag.core.checks``), take its
values and remember its column names in the result; nothing behind the door knows of them.

Every array of series is ``(n_obs, n_metrics)`` on the way in; on the way out the leading axis is
the metric. Missing values are NaN and stay in their row, because lags are calendar lags: a missing
period is a gap, never a shorter lag. What a lag means is said once, in ``leadlag.core.lags``.
"""
