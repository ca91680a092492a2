"""Where each metric stands: skill, tier, order, and how sure the order is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.core.arrays import unit_size
from leadlag.core.memo import Memo
from leadlag.core.rank_uncertainty import (
    RankUncertainty,
    resampled_gains,
    resampled_ranks,
    resampled_scores,
)
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
# What was shown to lead comes first, either way. Among the others the evidence for a lead decides,
# not the role: a leader that was missed is more often called unrelated than lagging.
ROLE_ORDER = {"leading": 0, "feedback": 0, "coincident": 1, "lagging": 1, "unrelated": 1}
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
    names: tuple[str, ...],
    pairs: list[Pair],
    shown: npt.NDArray[np.bool_],
    group: list[int],
    skills: list[Skill],
    place: npt.NDArray[np.int64],
    alpha: float,
    seed: int,
) -> RankUncertainty:
    """Ranks over panels made of blocks of the sample, the same blocks for every metric.

    Parameters
    ----------
    names : tuple of str
        A metric's own draws go by its name, so that the order of the columns changes nothing.
    pairs : list of Pair
    shown : ndarray of bool, shape (n_metrics,)
        Forward direction shown.
    group : list of int
        Place of each metric's role.
    skills : list of Skill
    place : ndarray of int, shape (n_metrics,)
        Ranks in the sample.
    alpha : float
    seed : int

    Returns
    -------
    RankUncertainty

    Notes
    -----
    Everything that the order goes by varies: gains by the blocks, whether a metric is shown and its
    `prob_leads` with its gain, skill and tier by their own sampling errors.
    """
    count = len(pairs)
    # Whoever stands among the leaders without leading now stands first of what does not.
    others = np.maximum(np.array(group, dtype=np.int64), min(ROLE_ORDER.values()) + 1)
    if not pairs:
        none = np.zeros((1, 0))
        return resampled_ranks(none > 0, others, none.astype(np.int64), none, place)
    # By metric: one set of draws where its gain does not move, three for its skill and tier.
    streams = [np.random.default_rng([seed, *name.encode()]) for name in names]
    noise = np.stack([stream.standard_normal((4, _DRAWS)) for stream in streams])
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
    p = np.clip([pair.forward.p_value for pair in pairs], 1e-300, 1.0)
    strength = -special.ndtri_exp(np.log(p / 2))
    drawn = np.maximum(resampled_scores(strength, gains[0], noise[:, 0].T), 0.0)
    # What Benjamini-Hochberg asked of the last metric that it let in.
    cut = alpha * max(int(shown.sum()), 1) / count
    leads = np.log(2) + special.log_ndtr(-drawn) <= np.log(cut)
    odds = special.logit(np.clip([pair.prob_leads for pair in pairs], 1e-12, 1 - 1e-12))
    prob = special.expit(odds + (drawn**2 - strength**2) / 2)
    skill, tier = np.zeros((_DRAWS, count)), np.zeros((_DRAWS, count), dtype=np.int64)
    for j, (pair, made) in enumerate(zip(pairs, skills, strict=True)):
        skill[:, j], tier[:, j] = _drawn_skill_and_tier(pair, made, bool(shown[j]), noise[j, 1:])
    return resampled_ranks(leads, others, tier, score(gains[0], gains[1], prob, skill), place)


def _drawn_skill_and_tier(
    pair: Pair, made: Skill, shown: bool, noise: Floats
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Skill and tier as they might have come out, each test's score by a standard deviation."""
    if not shown:
        # Never measured: it may have had skill, or not.
        return np.zeros(_DRAWS), 1 + (noise[0] > 0).astype(np.int64)
    if not np.isfinite(made.skill):
        return np.zeros(_DRAWS), np.ones(_DRAWS, dtype=np.int64)
    spread = (made.high - made.low) / (2 * special.ndtri(0.95))
    skill = made.skill + spread * noise[0]
    clark_west = -special.ndtri(np.clip(made.p_value, 1e-12, 1 - 1e-12)) + noise[0]
    predicts = (clark_west >= -special.ndtri(_SKILL_P)) & (skill > 0)
    steady = np.zeros(_DRAWS, dtype=bool)
    one = pair.stability
    if np.isfinite(one.p_value):
        constant = special.ndtri(np.clip(one.p_value, 1e-12, 1 - 1e-12)) + noise[1]
        size = special.ndtri(np.clip(one.power, 1e-12, 1 - 1e-12)) + noise[2]
        steady = (constant > special.ndtri(_CONSTANCY_P)) & (
            size >= special.ndtri(_CONSTANCY_POWER)
        )
    return skill, 1 + predicts.astype(np.int64) + (predicts & steady)
