"""Where each metric stands: skill, tier, order, and how sure the order is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.memo import Memo
from leadlag.core.rank_uncertainty import RankUncertainty, resampled_gains, resampled_ranks
from leadlag.core.score import score
from leadlag.core.skill import Skill, rolling_skill
from leadlag.data.panel import Panel
from leadlag.data.prepare import terms_of
from leadlag.examine import Pair

__all__ = ["ROLE_ORDER", "measure_skills", "order", "rank_uncertainty", "tier_of"]

Floats = npt.NDArray[np.float64]

# T2: Clark–West at 5 %. T3: constancy not rejected at 5 %, by a test with power.
_SKILL_P = 0.05
_CONSTANCY_P = 0.05
_CONSTANCY_POWER = 0.8
_DRAWS = 400
# What a reader wants first: what leads, either way; then what confirms; then what wasn't shown.
ROLE_ORDER = {"leading": 0, "feedback": 0, "coincident": 1, "lagging": 2, "unrelated": 3}
NO_SKILL = Skill(*(float("nan"),) * 4, n_origins=0, horizon=0, reason="not shown to lead")


def measure_skills(panel: Panel, lag: Floats, leads: list[bool]) -> list[Skill]:
    """Skill at the usable lead of every metric that leads; missing for the others.

    Parameters
    ----------
    panel : Panel
        The raw values: skill is measured on the target's own scale.
    lag : ndarray, shape (n_metrics,), periods
    leads : list of bool

    Returns
    -------
    list of Skill
    """
    # A control's value at the forecast date is not known at the origin.
    terms = terms_of(panel, controls=False)
    memo = Memo()
    made = []
    for j, led in enumerate(leads):
        usable = lag[j] - panel.delay[j]
        if not led or not usable > 0:
            made.append(NO_SKILL)
            continue
        made.append(
            rolling_skill(
                unit_size(panel.y), unit_size(panel.X[:, j]), terms.level, terms.difference,
                horizon=max(1, int(usable)), delay=float(panel.delay[j]),
                max_lag=panel.max_lag, season=panel.season, memo=memo,
            )
        )  # fmt: skip
    return made


def tier_of(pair: Pair, made: Skill, led: bool) -> int:
    """Evidence tier, cumulative: 1 precedes, 2 predicts out of sample, 3 stable over time.

    Parameters
    ----------
    pair : Pair
    made : Skill
        Out of sample.
    led : bool
        Whether the metric was shown to lead.

    Returns
    -------
    int
    """
    if not led:
        return 0
    if not (made.p_value <= _SKILL_P and made.skill > 0):
        return 1
    steady = pair.stability.p_value > _CONSTANCY_P and pair.stability.power >= _CONSTANCY_POWER
    return 3 if steady else 2


def order(
    names: tuple[str, ...], group: list[int], tier: list[int], scored: Floats
) -> npt.NDArray[np.int64]:
    """Rank of each metric, from 1: by role group, then tier, then score, then name.

    Parameters
    ----------
    names : tuple of str
    group : list of int
        Place of each metric's role.
    tier : list of int
    scored : ndarray, shape (n_metrics,)

    Returns
    -------
    ndarray of int, shape (n_metrics,)

    Examples
    --------
    >>> order(("a", "b"), [0, 0], [1, 2], np.array([0.9, 0.1]))
    array([2, 1])
    """
    # Rounded, so that the last digit of a sum does not decide between equals; names do.
    keys = [(group[j], -tier[j], -round(float(scored[j]), 9), names[j]) for j in range(len(names))]
    place = np.empty(len(names), dtype=np.int64)
    for position, j in enumerate(sorted(range(len(names)), key=keys.__getitem__), start=1):
        place[j] = position
    return place


def rank_uncertainty(
    pairs: list[Pair],
    shown: npt.NDArray[np.bool_],
    tier: npt.NDArray[np.int64],
    skill: Floats,
    place: npt.NDArray[np.int64],
    alpha: float,
    seed: int,
) -> RankUncertainty:
    """Ranks over panels made of blocks of the sample, the same blocks for every metric.

    Parameters
    ----------
    pairs : list of Pair
    shown : ndarray of bool, shape (n_metrics,)
        Forward direction shown.
    tier : ndarray of int, shape (n_metrics,)
    skill : ndarray, shape (n_metrics,)
    place : ndarray of int, shape (n_metrics,)
        Ranks in the sample.
    alpha : float
    seed : int

    Returns
    -------
    RankUncertainty
    """
    if not pairs:
        return resampled_ranks(np.zeros((1, 0), dtype=bool), tier, np.zeros((1, 0)), place)
    gains = []
    for side in ("forward", "reverse"):
        direction = [getattr(pair, side) for pair in pairs]
        gains.append(
            resampled_gains(
                np.column_stack([d.surprise for d in direction]),
                np.column_stack([d.residual for d in direction]),
                np.array([d.gain for d in direction]),
                draws=_DRAWS,
                rng=np.random.default_rng(seed),
            )
        )
    p = np.array([pair.forward.p_value for pair in pairs])
    prob = np.array([pair.prob_leads for pair in pairs])
    gain = np.array([pair.forward.gain for pair in pairs])
    # A p-value shrinks with the log-variance ratio: log p is close to linear in the gain.
    share = np.where(gain > 0, gains[0] / np.where(gain > 0, gain, 1.0), 1.0)
    log_p = np.log(np.clip(p, 1e-300, 1.0)) * np.maximum(share, 0.0)
    # What Benjamini-Hochberg asked of the last metric that it let in.
    cut = alpha * max(int(shown.sum()), 1) / len(pairs)
    return resampled_ranks(
        log_p <= np.log(cut), tier, score(gains[0], gains[1], prob, skill), place
    )
