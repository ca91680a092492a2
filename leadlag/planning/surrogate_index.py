"""The surrogate index: weights of measured effects that go best with the target's true effect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from leadlag.core.proxies import corrected_correlation
from leadlag.planning.effects import Effects

__all__ = ["surrogate_index"]

# Experiments for each weight of the index: below, the weights fit the noise.
_FEWEST_A_WEIGHT = 10


def surrogate_index(
    found: Effects, target: str, noise: Mapping[str, float]
) -> tuple[dict[str, float], float, str]:
    """Weigh measured effects so that they predict the true effect on the target best, linearly.

    Parameters
    ----------
    found : Effects
    target : str
    noise : mapping of str to float
        Correlation of each proxy's noise with the target's.

    Returns
    -------
    weights : dict of str to float
        Empty where there are too few experiments.
    quality : float
        Correlation of the index with the true effect on the target; NaN where there is none.
    verdict : str
        "estimated", or why there is no index.

    Notes
    -----
    The weights solve ``S w = lambda``: S the covariance of the proxies' estimates, which a new
    experiment's estimates share, lambda the noise-corrected covariance with the target.
    """
    names = list(noise)
    y, error_y = found.column(target)
    columns = [found.column(name) for name in names]
    rows = np.isfinite(y) & np.all([np.isfinite(s) for s, _ in columns], axis=0)
    n, needed = int(rows.sum()), _FEWEST_A_WEIGHT * (len(names) + 1)
    if not names or n < needed:
        return {}, float("nan"), f"insufficient experiments: {n} of {needed}"
    S = np.atleast_2d(np.cov(np.array([s[rows] for s, _ in columns])))
    parts = [
        corrected_correlation(s[rows], y[rows], error[rows], error_y[rows], np.full(n, noise[name]))
        for name, (s, error) in zip(names, columns, strict=True)
    ]
    along = np.array([part[1] for part in parts])
    variance = parts[0][3]
    if variance <= 0 or np.linalg.cond(S) > 1e10:
        return {}, float("nan"), "insufficient experiments: the target's effects are all noise"
    weights = np.linalg.solve(S, along)
    share = float(along @ weights) / variance
    if not 0 < share <= 1:
        return {}, float("nan"), "insufficient experiments: inadmissible covariance"
    return dict(zip(names, map(float, weights), strict=True)), float(np.sqrt(share)), "estimated"
