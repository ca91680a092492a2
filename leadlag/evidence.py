"""Runs the numeric core on a panel: one frozen `Evidence`, arrays by metric.

Labels end here. Each metric is tested against the target by itself: its p-value, gains, odds and
transform depend on no other metric. The q-values, the second look and the roles look across, and
with the role goes whether there is a lag, an effect, a skill, a horizon and a stability.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import freeze
from leadlag.core.bartlett import bartlett_band
from leadlag.core.correlation import cross_correlation
from leadlag.core.roles import SHOWN_LEADING
from leadlag.core.score import score
from leadlag.data.panel import Panel
from leadlag.data.prepare import Prepared, prepare, terms_of
from leadlag.decide import decide
from leadlag.examine import Pair, change_note, examine, glitches_note
from leadlag.placing import ROLE_ORDER, measure_skills, order, rank_uncertainty, tier_of

__all__ = ["Evidence", "gather"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_INTERVAL = 0.90


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the tests say, arrays by metric in the order of `metrics`.

    Parameters
    ----------
    metrics : tuple of str
        Names of the tested metrics.
    n : ndarray of int, shape (n_metrics,)
        Rows in the forward test.
    transform : tuple of str
        Scale on which each metric was tested.
    role : tuple of str
        "leading", "coincident", "lagging", "feedback" or "unrelated".
    lag, lag_low, lag_high, onset : ndarray, shape (n_metrics,), periods
        NaN where missing; negative for lagging, 0 for coincident.
    typical_move : ndarray, shape (n_metrics,)
        One standard deviation of the metric's surprises, in its units.
    effect, effect_low, effect_high : ndarray, shape (n_metrics,)
        What follows a typical move over lags 1..L, in the target's units, and its interval; NaN
        where the metric was not shown to lead.
    stability : ndarray, shape (n_metrics,)
        Agreement over windows of time, 0..1; NaN where not shown or too short.
    redundant_with : tuple of str
        The leader that says the same, or "".
    skill, skill_low, skill_high, skill_p_value : ndarray, shape (n_metrics,)
        Skill out of sample at `horizon`, its 90 % interval, and the Clark–West p-value; NaN where
        not shown, or where nothing is known before the outcome.
    horizon : ndarray, shape (n_metrics,), periods
        How far ahead the skill looks.
    tier : tuple of str
        "T0" to "T3".
    score : ndarray, shape (n_metrics,)
        0..1; see `leadlag.core.score`.
    rank : ndarray of int, shape (n_metrics,)
        Place by role, tier, score and name, from 1.
    prob_top3 : ndarray, shape (n_metrics,)
        Share of resampled panels in which the metric leads and is among the first three.
    rank_low, rank_high : ndarray of int, shape (n_metrics,)
        Central 90 % of ranks over resampled panels.
    prob_leads : ndarray, shape (n_metrics,)
        Posterior probability of a lead at lags 1..L, prior one half.
    p_conditional, q_conditional : ndarray, shape (n_metrics,)
        The forward test given the leaders accepted before.
    detectable_effect : ndarray, shape (n_metrics,)
        Smallest effect that would be found with power .8, in the target's units.
    p_value, q_value : ndarray, shape (n_metrics,)
        Forward: the metric's past predicts the target.
    reverse_p_value, reverse_q_value : ndarray, shape (n_metrics,)
        Reverse: the target's past predicts the metric.
    coincident_p_value, coincident_q_value : ndarray, shape (n_metrics,)
        Same period, given both pasts.
    granger_p, granger_reverse_p : ndarray, shape (n_metrics,)
        F tests at their orders by BIC.
    granger_order : ndarray of int, shape (n_metrics,)
        Forward order.
    gain_forward, gain_reverse : ndarray, shape (n_metrics,)
        Bias-corrected Geweke log-variance ratios.
    correlation : ndarray, shape (n_metrics,)
        At `lag`, on the prepared series.
    lags : ndarray of int, shape (2 L + 1,)
        Lags of the profile.
    profile, band : ndarray, shape (n_metrics, 2 L + 1)
        Correlation of the prepared series and the half width of its pointwise 95 % band under
        "unrelated", right under autocorrelation.
    prepared_target : ndarray, shape (n,)
        The target on its tested scale, fixed terms taken out.
    prepared : ndarray, shape (n, n_metrics)
        The metrics likewise.
    target_transform : str
        Scale on which the target was tested.
    target_notes : tuple of str
        Facts about the target that a reader should know first.
    terms : tuple of str
        What every test holds constant, in words.
    notes : tuple of tuple of str
        Facts about each metric's test.
    max_lag : int
        Largest lag searched.
    alpha : float
        Level of the false discovery rate.
    """

    metrics: tuple[str, ...]
    n: Ints
    transform: tuple[str, ...]
    role: tuple[str, ...]
    lag: Floats
    lag_low: Floats
    lag_high: Floats
    onset: Floats
    typical_move: Floats
    effect: Floats
    effect_low: Floats
    effect_high: Floats
    stability: Floats
    redundant_with: tuple[str, ...]
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    skill_p_value: Floats
    horizon: Floats
    tier: tuple[str, ...]
    score: Floats
    rank: Ints
    prob_top3: Floats
    rank_low: Ints
    rank_high: Ints
    prob_leads: Floats
    p_conditional: Floats
    q_conditional: Floats
    detectable_effect: Floats
    p_value: Floats
    q_value: Floats
    reverse_p_value: Floats
    reverse_q_value: Floats
    coincident_p_value: Floats
    coincident_q_value: Floats
    granger_p: Floats
    granger_reverse_p: Floats
    granger_order: Ints
    gain_forward: Floats
    gain_reverse: Floats
    correlation: Floats
    lags: Ints
    profile: Floats
    band: Floats
    prepared_target: Floats
    prepared: Floats
    target_transform: str
    target_notes: tuple[str, ...]
    terms: tuple[str, ...]
    notes: tuple[tuple[str, ...], ...]
    max_lag: int
    alpha: float


def gather(
    panel: Panel,
    *,
    alpha: float,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Test every metric of a panel against its target.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    alpha : float
        Level of the false discovery rate.
    seed : int
        Of the resampled panels behind the uncertainty of the order.
    progress : callable, optional
        Called with the number of metrics done and their total.

    Returns
    -------
    Evidence
    """
    target = prepare(panel.y, panel, terms_of(panel))
    pairs = []
    for j in range(len(panel.metrics)):
        pairs.append(examine(panel.X[:, j], target, panel))
        if progress is not None:
            progress(j + 1, len(panel.metrics))
    made = decide(panel.metrics, pairs, alpha=alpha)
    role = made.role
    series = [pair.series(r) for r, pair in zip(role, pairs, strict=True)]
    prepared = _columns(series, len(panel.y))
    profile = cross_correlation(prepared, target.series, max_lag=panel.max_lag)
    band = [
        bartlett_band(prepared[:, j], target.series, profile.n_obs[j]) for j in range(len(pairs))
    ]
    gain_forward = _floats(pairs, lambda pair: pair.forward.gain)
    gain_reverse = _floats(pairs, lambda pair: pair.reverse.gain)
    leads = [r in SHOWN_LEADING for r in role]
    timing = [pair.timing(r) for r, pair in zip(role, pairs, strict=True)]
    lag = freeze(np.array([at.lag for at in timing], dtype=np.float64))
    effect = _effects(pairs, leads)
    skills = measure_skills(panel, lag, leads)
    skill = freeze(np.array([one.skill for one in skills], dtype=np.float64))
    tier = [tier_of(pair, one, led) for pair, one, led in zip(pairs, skills, leads, strict=True)]
    prob_leads = _floats(pairs, lambda pair: pair.prob_leads)
    scored = score(gain_forward, gain_reverse, prob_leads, skill)
    group = [ROLE_ORDER[r] for r in role]
    place = order(panel.metrics, group, tier, scored)
    ranks = rank_uncertainty(
        panel.metrics, pairs, made.q_value <= alpha, group, skills, place, alpha, seed
    )
    return Evidence(
        metrics=panel.metrics,
        n=freeze(np.array([pair.forward.n_obs for pair in pairs], dtype=np.int64)),
        transform=tuple(pair.metric.transform for pair in pairs),
        role=role,
        lag=lag,
        lag_low=freeze(np.array([at.low for at in timing], dtype=np.float64)),
        lag_high=freeze(np.array([at.high for at in timing], dtype=np.float64)),
        onset=freeze(np.array([at.onset for at in timing], dtype=np.float64)),
        typical_move=_floats(pairs, lambda pair: pair.typical_move),
        effect=freeze(effect[:, 0].copy()),
        effect_low=freeze(effect[:, 1].copy()),
        effect_high=freeze(effect[:, 2].copy()),
        stability=freeze(
            np.array(
                [
                    pair.stability.agreement if led else np.nan
                    for led, pair in zip(leads, pairs, strict=True)
                ],
                dtype=np.float64,
            )
        ),
        redundant_with=made.redundant_with,
        skill=skill,
        skill_low=freeze(np.array([one.low for one in skills], dtype=np.float64)),
        skill_high=freeze(np.array([one.high for one in skills], dtype=np.float64)),
        skill_p_value=freeze(np.array([one.p_value for one in skills], dtype=np.float64)),
        horizon=freeze(
            np.array(
                [made.horizon if made.horizon else np.nan for made in skills], dtype=np.float64
            )
        ),
        tier=tuple(f"T{level}" for level in tier),
        score=freeze(scored),
        rank=freeze(place),
        prob_top3=freeze(ranks.prob_top3),
        rank_low=freeze(ranks.low),
        rank_high=freeze(ranks.high),
        prob_leads=prob_leads,
        p_conditional=freeze(made.p_conditional),
        q_conditional=freeze(made.q_conditional),
        detectable_effect=_floats(pairs, lambda pair: pair.detectable_effect(alpha)),
        p_value=_floats(pairs, lambda pair: pair.forward.p_value),
        q_value=freeze(made.q_value),
        reverse_p_value=_floats(pairs, lambda pair: pair.reverse.p_value),
        reverse_q_value=freeze(made.reverse_q_value),
        coincident_p_value=_floats(pairs, lambda pair: pair.coincident_p),
        coincident_q_value=freeze(made.coincident_q_value),
        granger_p=_floats(pairs, lambda pair: pair.forward.granger_p),
        granger_reverse_p=_floats(pairs, lambda pair: pair.reverse.granger_p),
        granger_order=freeze(
            np.array([pair.forward.granger_order for pair in pairs], dtype=np.int64)
        ),
        gain_forward=gain_forward,
        gain_reverse=gain_reverse,
        correlation=freeze(_at_lag(profile.correlation, lag, panel.max_lag)),
        lags=profile.lags,
        profile=profile.correlation,
        band=freeze(np.array(band).reshape(len(pairs), profile.lags.size)),
        prepared_target=freeze(target.series),
        prepared=freeze(prepared),
        target_transform=target.transform,
        target_notes=_target_notes(target, panel),
        terms=target.terms.names,
        notes=tuple(_notes(pair, led, panel) for pair, led in zip(pairs, leads, strict=True)),
        max_lag=panel.max_lag,
        alpha=alpha,
    )


def _notes(pair: Pair, led: bool, panel: Panel) -> tuple[str, ...]:
    if not led or pair.forward.pattern is None:
        return pair.notes
    return (change_note(pair.forward.pattern, panel), *pair.notes)


def _target_notes(target: Prepared, panel: Panel) -> tuple[str, ...]:
    if target.masked is None or not target.masked.any():
        return ()
    return (f"{panel.target}: {glitches_note(target.masked, panel)}.",)


def _floats(pairs: list[Pair], read: Callable[[Pair], float]) -> Floats:
    return freeze(np.array([read(pair) for pair in pairs], dtype=np.float64))


def _effects(pairs: list[Pair], leads: list[bool]) -> Floats:
    """Effect and interval of the metrics that lead, (n_metrics, 3); NaN for the others.

    Intervals of the selected hold less than they say; with R of m selected, intervals of level
    1 - 0.1 R / m keep the false coverage rate at 10 % (Benjamini and Yekutieli 2005).
    """
    level = 1 - (1 - _INTERVAL) * sum(leads) / max(len(leads), 1)
    out = [
        pair.effect(level) if led else (np.nan,) * 3 for led, pair in zip(leads, pairs, strict=True)
    ]
    return np.array(out, dtype=np.float64).reshape(-1, 3)


def _at_lag(profile: Floats, lag: Floats, max_lag: int) -> Floats:
    known = np.isfinite(lag)
    at = np.where(known, max_lag + np.nan_to_num(lag), 0).astype(int)
    return np.where(known, profile[np.arange(lag.size), at], np.nan)


def _columns(series: list[Floats], n: int) -> Floats:
    return np.column_stack(series) if series else np.zeros((n, 0))
