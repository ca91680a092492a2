"""One number to order metrics of the same tier: a published mean of visible columns."""

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["WEIGHTS", "score"]

# Shares of the score. What the past predicts weighs most; whether it points one way, how sure a
# lead is, and whether it helped real forecasts share the rest. Assignability is not in it.
WEIGHTS = {"strength": 0.35, "direction": 0.25, "odds": 0.20, "skill": 0.20}


def score(
    gain_forward: FloatArray, gain_reverse: FloatArray, prob_leads: FloatArray, skill: FloatArray
) -> FloatArray:
    """Weigh the evidence into a number between 0 and 1.

    Parameters
    ----------
    gain_forward, gain_reverse : ndarray, shape (..., n_metrics)
        Bias-corrected log-variance ratios; negative values count as 0.
    prob_leads : ndarray, shape (n_metrics,)
        Posterior probability of a lead.
    skill : ndarray, shape (n_metrics,)
        Skill out of sample; NaN and negative values count as 0.

    Returns
    -------
    ndarray, shape (..., n_metrics)

    Notes
    -----
    ``0.35 (1 - exp(-G_f)) + 0.25 G_f / (G_f + G_r) + 0.20 prob_leads + 0.20 max(skill, 0)``.

    Examples
    --------
    >>> half = np.array([np.log(2.0)])
    >>> score(half, np.zeros(1), np.ones(1), np.array([0.5])).round(3)
    array([0.725])
    """
    forward, reverse = np.maximum(gain_forward, 0.0), np.maximum(gain_reverse, 0.0)
    total = forward + reverse
    direction = np.where(total > 0, forward / np.where(total > 0, total, 1.0), 0.0)
    helped = np.clip(np.nan_to_num(skill), 0.0, 1.0)
    return np.asarray(
        WEIGHTS["strength"] * -np.expm1(-forward)
        + WEIGHTS["direction"] * direction
        + WEIGHTS["odds"] * prob_leads
        + WEIGHTS["skill"] * helped
    )
