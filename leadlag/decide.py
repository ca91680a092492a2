"""Across metrics: false discovery rates, the second look, and the roles that follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.combination import cauchy_combination
from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.core.roles import SHOWN_LEADING, assign_roles
from leadlag.examine import Pair

__all__ = ["Decision", "decide", "second_look"]

Floats = npt.NDArray[np.float64]

# Leaders that are held constant at once, strongest first: each costs two regressors.
_MOST_GIVEN = 10
# A leader says nothing of its own where its conditional test is not even at this level.
_REDUNDANT_P = 0.05


@dataclass(frozen=True, eq=False)
class Decision:
    """What is shown, arrays by metric.

    Parameters
    ----------
    role : tuple of str
    q_value, reverse_q_value, coincident_q_value : ndarray, shape (n_metrics,)
        Each direction and lag 0 under its own false discovery rate.
    p_conditional, q_conditional : ndarray, shape (n_metrics,)
        The forward test given the leaders accepted before.
    redundant_with : tuple of str
        The leader that predicts most like a leader with nothing of its own, or "".
    """

    role: tuple[str, ...]
    q_value: Floats
    reverse_q_value: Floats
    coincident_q_value: Floats
    p_conditional: Floats
    q_conditional: Floats
    redundant_with: tuple[str, ...]


def decide(names: tuple[str, ...], pairs: list[Pair], *, alpha: float) -> Decision:
    """Look once, take what the accepted leaders predict out of the target, and look again.

    Parameters
    ----------
    names : tuple of str
        Names of the metrics.
    pairs : list of Pair
        The evidence on each metric by itself.
    alpha : float
        Level of each false discovery rate.

    Returns
    -------
    Decision

    Notes
    -----
    Other leaders are noise in the test of one. Where the first look accepts any, each metric's
    forward p is combined with ``p_conditional`` by Cauchy scores: either look may show it, twice
    the smaller of the two is about what one alone is worth, and two that agree cost nothing. The
    strongest leader has nothing to be looked at beside, and pays for a second look all the same:
    among strangers it is the one that was picked. Where the first look accepts none there is no
    second, so a panel in which nothing leads is judged as before.
    """
    p = np.array([pair.forward.p_value for pair in pairs], dtype=np.float64)
    reverse_q = benjamini_hochberg(np.array([pair.reverse.p_value for pair in pairs]))
    coincident_q = benjamini_hochberg(np.array([pair.coincident_p for pair in pairs]))
    gains = (
        np.array([pair.forward.gain for pair in pairs], dtype=np.float64),
        np.array([pair.reverse.gain for pair in pairs], dtype=np.float64),
    )
    q = benjamini_hochberg(p)
    role = assign_roles(q, reverse_q, coincident_q, *gains, alpha=alpha)
    leads = [r in SHOWN_LEADING for r in role]
    p_conditional, redundant = second_look(names, pairs, leads)
    if any(leads) and len(pairs) > 1:
        q = benjamini_hochberg(_either(p, p_conditional, _strongest_first(names, pairs, leads)[0]))
        role = assign_roles(q, reverse_q, coincident_q, *gains, alpha=alpha)
        leads = [r in SHOWN_LEADING for r in role]
    return Decision(
        role=role,
        q_value=q,
        reverse_q_value=reverse_q,
        coincident_q_value=coincident_q,
        p_conditional=p_conditional,
        q_conditional=benjamini_hochberg(p_conditional),
        redundant_with=tuple(
            other if led else "" for led, other in zip(leads, redundant, strict=True)
        ),
    )


def _either(p: Floats, conditional: Floats, strongest: int) -> Floats:
    """One p-value a metric from its two looks; the strongest leader had one."""
    equal = np.ones(2)
    both = zip(p, conditional, strict=True)
    out = np.array([cauchy_combination(np.array(pair), equal) for pair in both])
    out[strongest] = min(1.0, 2 * p[strongest])
    return out


def _strongest_first(names: tuple[str, ...], pairs: list[Pair], leads: list[bool]) -> list[int]:
    """The leaders in the order in which they are accepted."""
    led = (j for j, leading in enumerate(leads) if leading)
    return sorted(led, key=lambda j: (-pairs[j].forward.gain, names[j]))


def second_look(
    names: tuple[str, ...], pairs: list[Pair], leads: list[bool]
) -> tuple[Floats, tuple[str, ...]]:
    """Test every metric again, what the leaders accepted before it predict held constant.

    Parameters
    ----------
    names : tuple of str
        Names of the metrics.
    pairs : list of Pair
        The first look.
    leads : list of bool
        Which metrics were shown to lead.

    Returns
    -------
    p_conditional : ndarray, shape (n_metrics,)
        The first look's p-value where no leader was accepted before.
    redundant_with : tuple of str
        For a leader with nothing of its own, the earlier leader that predicts most like it.

    Notes
    -----
    Leaders are accepted in the order of their forward gain; the others are tested given all of
    them. A metric's own contribution is never taken out.
    """
    accepted = _strongest_first(names, pairs, leads)
    p = np.array([pair.forward.p_value for pair in pairs], dtype=np.float64)
    redundant = [""] * len(pairs)
    for j, pair in enumerate(pairs):
        before = accepted[: accepted.index(j)] if leads[j] else accepted
        if not before:
            continue
        p[j] = pair.given([pairs[i] for i in before[:_MOST_GIVEN]]).p_value
        if leads[j] and not p[j] <= _REDUNDANT_P:
            alike = [_alike(pair, pairs[i]) for i in before]
            redundant[j] = names[before[int(np.argmax(alike))]]
    return p, tuple(redundant)


def _alike(one: Pair, other: Pair) -> float:
    """Absolute correlation of what two metrics predict."""
    a, b = one.forward.predicted[:, 1], other.forward.predicted[:, 1]
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return abs(float(a @ b)) / size if size > 0 else 0.0
