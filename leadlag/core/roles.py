"""From two directions and lag 0 to a role: the published convention."""

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["SHOWN_LEADING", "assign_roles", "reverse_share"]

# The roles in which a metric's past was shown to predict the target.
SHOWN_LEADING = ("leading", "feedback")

# Where one direction predicts at least three times as much as the other, it is the direction.
_ONE_SIDED = 0.25


def reverse_share(gain_forward: FloatArray, gain_reverse: FloatArray) -> FloatArray:
    """Share s of the reverse direction in what the two pasts predict.

    Parameters
    ----------
    gain_forward, gain_reverse : ndarray, shape (n_metrics,)
        Bias-corrected Geweke log-variance ratios, not negative.

    Returns
    -------
    ndarray, shape (n_metrics,)
        ``G_r / (G_f + G_r)``; one half where both are zero.

    Examples
    --------
    >>> reverse_share(np.array([0.3, 0.0]), np.array([0.1, 0.0]))
    array([0.25, 0.5 ])
    """
    total = gain_forward + gain_reverse
    return np.where(total > 0, gain_reverse / np.where(total > 0, total, 1.0), 0.5)


def assign_roles(
    q_forward: FloatArray,
    q_reverse: FloatArray,
    q_coincident: FloatArray,
    gain_forward: FloatArray,
    gain_reverse: FloatArray,
    *,
    alpha: float,
) -> tuple[str, ...]:
    """Role of each metric.

    Parameters
    ----------
    q_forward, q_reverse, q_coincident : ndarray, shape (n_metrics,)
        FDR-adjusted p-values of the metric's past, the target's past, and lag 0. A NaN is not
        shown.
    gain_forward, gain_reverse : ndarray, shape (n_metrics,)
    alpha : float
        A direction is shown where its q is at most alpha.

    Returns
    -------
    tuple of str
        ``leading``, ``lagging``, ``feedback``, ``coincident`` or ``unrelated``.

    Examples
    --------
    Both directions shown, the forward one predicts nine times as much:

    >>> one = np.ones(1)
    >>> assign_roles(0.01 * one, 0.02 * one, one, 0.9 * one, 0.1 * one, alpha=0.1)
    ('leading',)
    """
    share = reverse_share(gain_forward, gain_reverse)
    roles = []
    for f, r, c, s in zip(
        q_forward <= alpha, q_reverse <= alpha, q_coincident <= alpha, share, strict=True
    ):
        if f and (not r or s <= _ONE_SIDED):
            roles.append("leading")
        elif r and (not f or s >= 1 - _ONE_SIDED):
            roles.append("lagging")
        elif f and r:
            roles.append("feedback")
        elif c:
            roles.append("coincident")
        else:
            roles.append("unrelated")
    return tuple(roles)
