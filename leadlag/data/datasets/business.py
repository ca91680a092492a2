"""A simulated subscription business, with the truth about every column.

The order of events is fixed, and so are the delays: people visit, sign up about two days later,
reach first value on the day they sign up or not at all, are charged when the trial of fourteen days
ends, and renew monthly. What subscribers say in surveys shows in renewals three weeks later.
Everything else shares the week, the holidays and the growth with revenue, which is what makes it
look useful.
"""

import operator
from dataclasses import dataclass
from importlib import resources

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadlag.errors import ConfigurationError

Array = NDArray[np.float64]

START = "2023-01-02"
TRIAL_DAYS = 14
SIGNUP_DAYS = 2
SURVEY_DAYS = 21
TICKET_DAYS = 3
WINDOWS = (5, 30, 90)

# The days before the first row: the longest retention window and the delays in front of it.
_BURN_IN = 150
# Each delay is spread over the day before and the day after: time zones and retries.
_SPREAD = (0.15, 0.7, 0.15)
_PRICE = 29.0


@dataclass(frozen=True, eq=False)
class SimulatedBusiness:
    """A simulated business and its truth.

    Attributes
    ----------
    data : DataFrame, daily
        One row a day, one column a series; `data.attrs["simulated"]` is True.
    truth : DataFrame, indexed by metric
        `role` (towards the target), `lag` (days, missing for unrelated), `sign` of the association
        (-1, 0 or 1), `kind` (as a catalogue would declare it) and `why`.
    target : str
        The outcome column, "revenue".
    """

    data: pd.DataFrame
    truth: pd.DataFrame
    target: str


def subscription(*, n_days: int = 730, seed: int = 0) -> SimulatedBusiness:
    """Simulate a subscription business whose leads are known.

    The data are simulated, and say so: `data.attrs["simulated"]` is True.

    Parameters
    ----------
    n_days : int, days
        Length of the daily panel, at least 1. Leads of three weeks need about a year to be shown.
    seed : int
        The same seed gives the same values.

    Returns
    -------
    SimulatedBusiness
        `.data`, `.truth` and `.target`.

    Raises
    ------
    ConfigurationError
        If `n_days` is not a whole number of at least 1, or `seed` of at least 0.

    Notes
    -----
    Demand is a random walk with drift in logarithms. With κ = (.15, .70, .15) on the days around
    each delay, W a weekly pattern, H the dips on holidays and q a cohort's quality, AR(1)::

        traffic[t]     ~ Poisson(exp(demand[t] + noise) W H)
        signups[t]     ~ Poisson(conversion[t] sum_k κ[k] traffic[t-2-k] W H)
        activated[t]   ~ Binomial(signups[t], logit^-1(a + q[t]))
        new[t]         ~ Poisson(share sum_k κ[k] activated[t-14-k] W H)
        renewals[t]    ~ Binomial(due[t], logit^-1(b + c sum_k κ[k] satisfaction[t-21-k] + noise))
        payments[t]    = new[t] + renewals[t]
        revenue[t]     = price payments[t] exp(noise)

    A retention window is written on the day it is known: the value at t is of the people who signed
    up at t minus the window. `retention_30d` therefore follows the revenue that it belongs to.

    Examples
    --------
    >>> from leadlag import datasets
    >>> business = datasets.subscription(seed=1)
    >>> business.data.shape
    (730, 12)
    >>> business.truth.loc["activation_rate", "role"]
    'leading'
    >>> int(business.truth.loc["activation_rate", "lag"])
    14
    """
    n_days = whole(
        "n_days, the number of daily rows,", n_days, least=1, do="Ask for 730, two years"
    )
    seed = whole("seed", seed, least=0, do="Use seed=0")
    data = _simulate(n_days, np.random.default_rng(seed))
    data.attrs["simulated"] = True
    source = resources.files(__package__).joinpath("subscription_truth.csv")
    with resources.as_file(source) as path:
        truth = pd.read_csv(path, index_col="metric")
    return SimulatedBusiness(data=data, truth=truth, target="revenue")


def whole(what: str, value: int, *, least: int, do: str) -> int:
    """Check a whole number.

    Parameters
    ----------
    what : str
        What it is, for the message.
    value : int
        As given.
    least : int
        The smallest that can be used.
    do : str
        What to do instead, for the message.

    Returns
    -------
    int

    Raises
    ------
    ConfigurationError
        If it is no whole number, or too small.

    Examples
    --------
    >>> whole("seed", 3, least=0, do="Use seed=0")
    3
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        need = f"a whole number of {least} or more"
        raise ConfigurationError(f"{what} can't be used", got=repr(value), need=need, do=do)
    return number


def _simulate(n_days: int, rng: np.random.Generator) -> pd.DataFrame:
    n = n_days + _BURN_IN
    days = pd.date_range(START, periods=n, freq="D", name="date") - pd.Timedelta(days=_BURN_IN)
    weekday = days.day_of_week.to_numpy()
    dips = _holidays(days)
    age = np.arange(n) - _BURN_IN
    # A stream each: lengthening one series never changes another.
    visit, join, value, keep, feel, pay, renew, bill, ask, view, ship = rng.spawn(11)

    def season(week: tuple[float, ...], dip: float) -> Array:
        factor: Array = np.array(week)[weekday] * np.where(dips, dip, 1.0)
        return factor

    demand = 0.0005 * age + np.cumsum(visit.normal(0, 0.01, n))
    traffic = _count(
        visit,
        50_000
        * np.exp(demand + ar1(visit, n, 0.3, 0.12))
        * season((1.08, 1.10, 1.08, 1.04, 0.96, 0.84, 0.90), 0.75),
    )
    conversion = 0.05 * np.exp(ar1(join, n, 0.4, 0.10))
    signups = _count(
        join,
        conversion
        * _delayed(traffic, SIGNUP_DAYS)
        * season((1.05, 1.05, 1.03, 1.02, 1.00, 0.92, 0.93), 0.80),
    )
    quality = ar1(value, n, 0.4, 0.30)
    activated = _some(value, signups, _share(-0.4 + quality))
    retained = _retention(keep, signups, quality)

    satisfaction = ar1(feel, n, 0.3, 1.0)
    new = _count(
        pay,
        0.5
        * _delayed(activated, TRIAL_DAYS)
        * season((1.02, 1.03, 1.03, 1.02, 1.00, 0.95, 0.95), 0.92),
    )
    renewal_rate = _share(
        1.4 + 0.15 * _delayed(satisfaction, SURVEY_DAYS) + renew.normal(0, 0.06, n)
    )
    charged = season((1.04, 1.03, 1.03, 1.02, 1.00, 0.93, 0.95), 0.90) / 30
    payments = new + _renewals(renew, new, renewal_rate, charged)
    # Coupons and currencies average out over thousands of charges. A larger share of noise would
    # make payments a cleaner record of revenue's own past, and so a leader by one day.
    revenue = _PRICE * payments * np.exp(bill.normal(0, 0.001, n))

    tickets = _count(ask, 0.4 * _delayed(payments, TICKET_DAYS))
    page_views = _count(
        view,
        200_000
        * np.exp(0.0009 * age + np.cumsum(view.normal(0, 0.01, n)) + ar1(view, n, 0.5, 0.08))
        * season((1.06, 1.08, 1.07, 1.05, 1.00, 0.86, 0.88), 0.80),
    )
    features = _count(
        ship,
        (4 + 0.002 * np.maximum(age, 0)) * season((1.0, 1.2, 1.2, 1.1, 0.8, 0.05, 0.05), 0.05),
    )
    columns = {
        "revenue": np.round(revenue, 2),
        "traffic": traffic,
        "signups": signups,
        "activation_rate": activated / np.maximum(signups, 1),
        **{f"retention_{window}d": retained[window] for window in WINDOWS},
        "satisfaction": np.round(7.5 + 0.25 * satisfaction, 3),
        "payments": payments,
        "support_tickets": tickets,
        "page_views": page_views,
        "features_shipped": features,
    }
    return pd.DataFrame(columns, index=days).iloc[_BURN_IN:]


def _retention(
    rng: np.random.Generator, signups: NDArray[np.int64], quality: Array
) -> dict[int, Array]:
    """The share of the people who signed up a window ago that is still active, by window.

    The windows are nested: whoever is active after 90 days was after 30.
    """
    active = signups
    share = {}
    for window, intercept in zip(WINDOWS, (-0.6, 0.9, 1.1), strict=True):
        active = _some(rng, active, _share(intercept + quality))
        cohort = active / np.maximum(signups, 1)
        share[window] = np.concatenate([np.full(window, np.nan), cohort[:-window]])
    return share


def _renewals(
    rng: np.random.Generator, new: NDArray[np.int64], rate: Array, charged: Array
) -> NDArray[np.int64]:
    """Charge about a thirtieth of the base a day; whoever does not renew leaves it."""
    renewals = np.zeros_like(new)
    subscribers = np.array([60_000])
    for t in range(new.size):
        due = np.rint(subscribers * charged[t]).astype(np.int64)
        stay = _some(rng, due, rate[t : t + 1])
        subscribers += new[t] - (due - stay)
        renewals[t] = stay[0]
    return renewals


def _delayed(values: NDArray[np.int64] | Array, delay: int) -> Array:
    """Σ κ[k] values[t - delay - k], k = -1, 0, 1; the first value stands in for days before it."""
    padded = np.concatenate([np.full(delay + 1, float(values[0])), values])
    n = values.size
    return np.asarray(sum(w * padded[2 - j : 2 - j + n] for j, w in enumerate(_SPREAD)))


def ar1(rng: np.random.Generator, n: int, phi: float, sd: float) -> Array:
    """AR(1) with standard deviation `sd`, started in its own distribution.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Periods.
    phi, sd : float
        Persistence, and the standard deviation of the series.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> ar1(np.random.default_rng(0), 3, 0.5, 1.0).shape
    (3,)
    """
    shocks = rng.normal(0.0, sd, n)
    shocks[1:] *= np.sqrt(1 - phi**2)
    out = np.empty(n)
    out[0] = shocks[0]
    for t in range(1, n):
        out[t] = phi * out[t - 1] + shocks[t]
    return out


def _count(rng: np.random.Generator, mean: Array) -> NDArray[np.int64]:
    # The exponential function differs in its last digit between processors and NumPy versions. A
    # draw that turned on that digit would change every later one; three decimals do not.
    return rng.poisson(np.round(mean, 3))


def _some(rng: np.random.Generator, people: NDArray[np.int64], share: Array) -> NDArray[np.int64]:
    # Binomial by its normal limit: there are hundreds of people, and NumPy 2.5 changed the numbers
    # that `Generator.binomial` gives for a seed.
    spread = np.sqrt(people * share * (1 - share)) * rng.standard_normal(people.shape)
    return np.clip(np.rint(people * share + spread), 0, people).astype(np.int64)


def _share(x: Array) -> Array:
    return np.round(1 / (1 + np.exp(-x)), 6)


def _holidays(days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """New Year, 4 July, Thanksgiving and the day after, Christmas Eve to Boxing Day."""
    month, day = days.month.to_numpy(), days.day.to_numpy()
    weekday = days.day_of_week.to_numpy()
    fixed = np.isin(100 * month + day, [101, 704, 1224, 1225, 1226])
    thanksgiving = (month == 11) & (weekday == 3) & (day >= 22) & (day <= 28)
    day_after = (month == 11) & (weekday == 4) & (day >= 23) & (day <= 29)
    return np.asarray(fixed | thanksgiving | day_after)
