"""A simulated subscription business by daily cohorts: renewal at day 120, versions before it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadlag.data.datasets.business import ar1, whole
from leadlag.errors import shown, unknown_name

START = "2023-01-02"
RENEWAL_DAYS = 120
# Column -> days from a cohort's day until the value is known.
MATURATION = {"retention_90d": 90, "retention_30d": 30, "retention_5d": 5, "behaviour_2d": 2}

_WEEK = (1.10, 1.08, 1.05, 1.00, 0.97, 0.88, 0.92)
# Chance of each step for those who did the behaviour, and for those who did not. A user who is
# kept at day 90 was kept at day 30, and only those renew; day 5 is a rough look at both.
_KEPT = {5: (0.60, 0.38), 30: (0.60, 0.22), 90: (0.75, 0.50)}
_RENEWS = 0.85


@dataclass(frozen=True, eq=False)
class SimulatedRenewals:
    """Daily cohorts whose usable leads are known.

    Attributes
    ----------
    data : DataFrame, daily
        `signups`, four versions of one metric, and the target `renewals`;
        ``data.attrs["simulated"]`` is True.
    versions : dict
        What `compare` takes: name -> (column, maturation in days).
    usable_leads : dict
        The truth: days from when a version is known to the renewal.
    target : str
        "renewals".
    """

    data: pd.DataFrame
    versions: dict[str, tuple[str, int]]
    usable_leads: dict[str, int]
    target: str


def renewals(
    *, n_days: int = 730, seed: int = 0, stamped: str = "cohort", signups: int = 400
) -> SimulatedRenewals:
    """Simulate daily cohorts that renew on day 120, and how they looked on days 2, 5, 30 and 90.

    The data are simulated, and say so: ``data.attrs["simulated"]`` is True.

    Parameters
    ----------
    n_days : int, days
        Length of the panel, at least 1.
    seed : int
        The same seed gives the same values.
    stamped : {"cohort", "availability"}
        Whether a version's row is the day its cohort signed up, or the day it was known.
    signups : int
        Users in a cohort, on the mean.

    Returns
    -------
    SimulatedRenewals
        `.data`, `.versions`, `.usable_leads` and `.target`.

    Raises
    ------
    ConfigurationError
        If an argument can't be used.

    Notes
    -----
    With q a cohort's quality, AR(1), each user on his own::

        did[t]       ~ Binomial(signups[t], logit^-1(q[t] - .6))    within two days
        kept at 5    ~ .60 of those who did, .38 of the others
        kept at 30   ~ .60 and .22
        kept at 90   ~ .75 and .50 of those kept at 30
        renewals[t + 120] ~ .85 of those kept at 90 of cohort t

    A behaviour of two days is behind everything; the 90-day rate holds the very users who renew.
    Every version of cohort t meets the renewals of t + 120, so that the usable leads are 30, 90,
    115 and 118 days. Values that would be known after the last row are missing.

    Examples
    --------
    >>> from leadlag import datasets
    >>> world = datasets.renewals(seed=1)
    >>> world.usable_leads
    {'retention_90d': 30, 'retention_30d': 90, 'retention_5d': 115, 'behaviour_2d': 118}
    """
    n_days = whole("n_days, the number of daily rows,", n_days, least=1, do="Ask for 730")
    seed = whole("seed", seed, least=0, do="Use seed=0")
    signups = whole("signups", signups, least=1, do="Use signups=400")
    if stamped not in ("cohort", "availability"):
        raise unknown_name(
            f"stamped {shown(stamped)} is not known", stamped, ("cohort", "availability"),
            plural="Choices",
        )  # fmt: skip
    rng = np.random.default_rng(seed)
    burn_in = RENEWAL_DAYS
    n = n_days + burn_in
    days = pd.date_range(START, periods=n, freq="D", name="date") - pd.Timedelta(days=burn_in)
    joined = rng.poisson(signups * np.array(_WEEK)[days.day_of_week.to_numpy()])
    quality = ar1(rng, n, 0.5, 0.5)
    did = rng.binomial(joined, 1 / (1 + np.exp(0.6 - quality)))
    groups = did, joined - did

    def kept(among: tuple[NDArray[np.int64], ...], day: int) -> tuple[NDArray[np.int64], ...]:
        return tuple(rng.binomial(n, p) for n, p in zip(among, _KEPT[day], strict=True))

    day_5, day_30 = kept(groups, 5), kept(groups, 30)
    day_90 = kept(day_30, 90)
    renewed = rng.binomial(sum(day_90), _RENEWS)
    share = {
        "retention_90d": sum(day_90) / np.maximum(joined, 1),
        "retention_30d": sum(day_30) / np.maximum(joined, 1),
        "retention_5d": sum(day_5) / np.maximum(joined, 1),
        "behaviour_2d": did / np.maximum(joined, 1),
    }
    frame = pd.DataFrame({"signups": joined}, index=days)
    for name, late in MATURATION.items():
        values = pd.Series(share[name], index=days)
        values.iloc[n - late :] = np.nan
        frame[name] = values.shift(late) if stamped == "availability" else values
    frame["renewals"] = np.concatenate([np.zeros(burn_in, dtype=int), renewed[:-burn_in]])
    data = frame.iloc[burn_in:]
    data.attrs["simulated"] = True
    return SimulatedRenewals(
        data=data,
        versions={name: (name, late) for name, late in MATURATION.items()},
        usable_leads={name: RENEWAL_DAYS - late for name, late in MATURATION.items()},
        target="renewals",
    )
