"""The truth of a world: roles by the published rule on population gains, lags by its responses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.simulate.linear import (
    Process,
    autoregression_of,
    covariance,
    gains,
    projection,
)
from leadlag.data.simulate.world import Row, World

__all__ = ["responses_of", "role_of", "truth_of", "whitening_of"]

Floats = npt.NDArray[np.float64]

# A gain that construction does not decide is none below the first and one above the second; in
# between the metric is not scored: below .01 a few hundred rows can't tell.
_NO_GAIN = 2e-4
_SURE_GAIN = 1e-2
# The cuts of the published rule, and how near a case may come and still be scored.
_CUTS = (0.25, 0.75)
_NEAR = 0.05


def role_of(
    forward: float, reverse: float, *, leads: bool | None, follows: bool | None, same: bool
) -> tuple[str, bool]:
    """Role by the published rule, and whether it is clear.

    Parameters
    ----------
    forward, reverse : float
        Population gains.
    leads, follows : bool, optional
        What construction says about each direction; None where the gains decide.
    same : bool
        Whether surprises of the same period are shared.

    Returns
    -------
    role : str
    clear : bool
    """
    roles = []
    for least in (_NO_GAIN, _SURE_GAIN):
        f = leads if leads is not None else forward > least
        r = follows if follows is not None else reverse > least
        roles.append(_role(forward, reverse, f, r, same))
    clear = roles[0] == roles[1]
    if roles[0] in ("leading", "lagging", "feedback") and min(forward, reverse) > _NO_GAIN:
        share = reverse / (forward + reverse)
        clear &= all(abs(share - cut) > _NEAR for cut in _CUTS)
    return roles[0], clear


def _role(forward: float, reverse: float, f: bool, r: bool, same: bool) -> str:
    share = reverse / (forward + reverse) if forward + reverse > 0 else 0.5
    if f and (not r or share <= _CUTS[0]):
        return "leading"
    if r and (not f or share >= _CUTS[1]):
        return "lagging"
    if f and r:
        return "feedback"
    return "coincident" if same else "unrelated"


def truth_of(
    world: World,
    name_of: dict[int, str],
    *,
    step: int,
    control_rows: tuple[int, ...],
    max_lag: int,
) -> pd.DataFrame:
    """One row a metric.

    Parameters
    ----------
    world : World
        Settled.
    name_of : dict
        Name of each row's column.
    step : int
        Periods that are averaged into one.
    control_rows : tuple of int
        Rows that are held constant: their shocks are known.
    max_lag : int, periods
        Lags over which an effect is summed.

    Returns
    -------
    DataFrame, indexed by metric
    """
    known = frozenset(shock for i in control_rows for shock in world.rows[i].series.weights)
    target = world.target.without(known)
    records = [
        _record(target, row, row.series.without(known), step, max_lag, conditional=bool(known))
        for row in world.rows
    ]
    for record, row in zip(records, world.rows, strict=True):
        record["behind"] = "" if row.behind is None else name_of[row.behind]
    index = pd.Index([name_of[i] for i in range(len(records))], name="metric")
    return pd.DataFrame(records, index=index)[[*_COLUMNS]]


_COLUMNS = (
    "role", "lag", "onset", "mean_delay", "sign", "effect", "gain_forward", "gain_reverse",
    "usable_lead", "behind", "stable", "scored",
)  # fmt: skip


def _record(
    target: Process, row: Row, series: Process, step: int, max_lag: int, *, conditional: bool
) -> dict[str, object]:
    related = bool(set(target.weights) & set(series.weights)) and bool(series.weights)
    forward = reverse = 0.0
    if related:
        forward, reverse = gains(target, series, step=step, depth=80 if step == 1 else 40)
    leads, follows = row.forward, row.reverse
    same = row.same
    if step > 1:
        # Averaging makes new relations out of old ones: the gains decide.
        leads = follows = None if related else False
        same = related
    if conditional and not related:
        leads = follows = False
    role, clear = role_of(forward, reverse, leads=leads, follows=follows, same=same)
    timing, effect = (np.nan,) * 3, np.nan
    if role in ("leading", "feedback"):
        known = row.response if step == 1 else None
        timing = _timing(known if known is not None else _projected(target, series, step))
        effect = _effect(target, series, row, step, max_lag)
    elif role == "lagging":
        known = row.back if step == 1 else None
        late = _timing(known if known is not None else _projected(series, target, step))
        timing = (-late[0], -late[1], -late[2])
    elif role == "coincident":
        timing = (0.0, 0.0, 0.0)
    return {
        "role": role,
        "lag": timing[0],
        "onset": timing[1],
        "mean_delay": timing[2],
        "sign": row.sign if role != "unrelated" else 0,
        "effect": effect,
        "gain_forward": forward,
        "gain_reverse": reverse,
        "usable_lead": timing[0] - row.delay if timing[0] > 0 else np.nan,
        "stable": row.after == 1.0,
        "scored": clear,
    }


def _effect(target: Process, series: Process, row: Row, step: int, max_lag: int) -> float:
    """What follows a typical move of the metric, summed over the lags that are searched."""
    if step == 1 and row.response is not None and np.isfinite(row.size):
        response = row.response * row.size
    else:
        response = _projected(target, series, step)
        if step > 1:
            # Averaged series are put back to variance 1.
            own = (covariance(p, p, 0, step=step)[0] for p in (series, target))
            response = response * np.sqrt(next(own) / next(own))
    order = 80 if step == 1 else 40
    own_past = covariance(series, series, order, step=step)[order:]
    move = np.sqrt(autoregression_of(own_past, order)[1] / (own_past[0] if step > 1 else 1.0))
    return float(response[1 : max_lag + 1].sum() * move)


def responses_of(
    world: World, truth: pd.DataFrame, name_of: dict[int, str], *, step: int, known: frozenset[int]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Response of the target to each metric, and of each metric to the target.

    Parameters
    ----------
    world : World
    truth : DataFrame
        From `truth_of`.
    name_of : dict
    step : int
    known : frozenset of int
        Shocks of what is held constant.

    Returns
    -------
    forward, back : dict of str to ndarray
        By lag 0, 1, …, for the metrics that have one.
    """
    forward: dict[str, Floats] = {}
    back: dict[str, Floats] = {}
    target = world.target.without(known)
    for i, row in enumerate(world.rows):
        name = name_of[i]
        role = truth.loc[name, "role"] if name in truth.index else ""
        series = row.series.without(known)
        if role in ("leading", "feedback"):
            direct = row.response if step == 1 else None
            forward[name] = direct if direct is not None else _projected(target, series, step)
        if role in ("lagging", "feedback"):
            direct = row.back if step == 1 else None
            back[name] = direct if direct is not None else _projected(series, target, step)
    return forward, back


def whitening_of(y: Process, x: Process | None, *, step: int, order: int) -> Floats:
    """Filter that makes white what x's past leaves of y.

    Parameters
    ----------
    y : Process
    x : Process or None
        None where y does not respond to it.
    step : int
    order : int, periods

    Returns
    -------
    ndarray, shape (order + 1,)
        Begins with 1.
    """
    rest = y
    if x is not None:
        response = _projected(y, x, step)
        spread = np.zeros(step * response.size)
        spread[::step] = -response
        # What moves in the same period is no lead, and stays.
        spread[0] = 0.0
        rest = y + x.filtered(spread)
    own = covariance(rest, rest, order, step=step)[order:]
    return np.concatenate([[1.0], -autoregression_of(own, order)[0]])


def _projected(y: Process, x: Process, step: int) -> Floats:
    return projection(y, x, step=step, depth=80 if step == 1 else 40)


def _timing(response: Floats) -> tuple[float, float, float]:
    """Lag of the largest response, onset and mean delay, over lags 1, 2, …."""
    size = np.abs(response[1:])
    # Rounding errors of the projection are no response.
    size = np.where(size > 0.02 * size.max(), size, 0.0)
    lag = 1 + int(size.argmax())
    onset = 1 + int(np.argmax(np.cumsum(size) >= 0.1 * size.sum()))
    mean = float(size @ np.arange(1, size.size + 1) / size.sum())
    return float(lag), float(onset), mean
