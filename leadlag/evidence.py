"""Runs the numeric core on a panel: one frozen `Evidence`, arrays by metric.

Labels end here. Each metric is tested against the target by itself, so that its numbers depend on
no other column; only the q-values and the roles look across.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.core.arrays import freeze
from leadlag.core.bartlett import bartlett_band
from leadlag.core.correlation import cross_correlation
from leadlag.core.direction import Direction, examine_direction
from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.core.roles import assign_roles
from leadlag.core.transfer import LagPosterior, transfer_posterior
from leadlag.data.panel import Panel
from leadlag.data.prepare import Prepared, prepare, terms_of

__all__ = ["Evidence", "gather"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    lag_probability : ndarray, shape (n_metrics, L)
        Posterior of lags 1..L, given that the metric leads.
    prepared_target : ndarray, shape (n,)
        The target on its tested scale, fixed terms taken out.
    prepared : ndarray, shape (n, n_metrics)
        The metrics likewise.
    target_transform : str
        Scale on which the target was tested.
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
    lag_probability: Floats
    prepared_target: Floats
    prepared: Floats
    target_transform: str
    terms: tuple[str, ...]
    notes: tuple[tuple[str, ...], ...]
    max_lag: int
    alpha: float


@dataclass(frozen=True, eq=False)
class _Pair:
    """One metric against the target."""

    metric: Prepared
    forward: Direction
    reverse: Direction
    coincident_p: float
    lead: LagPosterior
    notes: tuple[str, ...]


def gather(
    panel: Panel, *, alpha: float, progress: Callable[[int, int], None] | None = None
) -> Evidence:
    """Test every metric of a panel against its target.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    alpha : float
        Level of the false discovery rate.
    progress : callable, optional
        Called with the number of metrics done and their total.

    Returns
    -------
    Evidence
    """
    terms = terms_of(panel)
    target = prepare(panel.y, panel, terms)
    pairs = []
    for j in range(len(panel.metrics)):
        pairs.append(_examine(panel.X[:, j], target, panel))
        if progress is not None:
            progress(j + 1, len(panel.metrics))
    prepared = _columns([pair.metric.series for pair in pairs], len(panel.y))
    profile = cross_correlation(prepared, target.series, max_lag=panel.max_lag)
    band = [
        bartlett_band(prepared[:, j], target.series, profile.n_obs[j]) for j in range(len(pairs))
    ]
    p = np.array([pair.forward.p_value for pair in pairs])
    reverse_p = np.array([pair.reverse.p_value for pair in pairs])
    coincident_p = np.array([pair.coincident_p for pair in pairs])
    gain_forward = np.array([pair.forward.gain for pair in pairs])
    gain_reverse = np.array([pair.reverse.gain for pair in pairs])
    q, reverse_q, coincident_q = (benjamini_hochberg(v) for v in (p, reverse_p, coincident_p))
    role = assign_roles(q, reverse_q, coincident_q, gain_forward, gain_reverse, alpha=alpha)
    timing = np.array(
        [_timing(r, pair, target, panel.max_lag) for r, pair in zip(role, pairs, strict=True)]
    ).reshape(-1, 4)
    lag = timing[:, 0]
    at = np.where(np.isfinite(lag), panel.max_lag + np.nan_to_num(lag), 0).astype(int)
    correlation = np.where(np.isfinite(lag), profile.correlation[np.arange(len(pairs)), at], np.nan)
    return Evidence(
        metrics=panel.metrics,
        n=freeze(np.array([pair.forward.n_obs for pair in pairs], dtype=np.int64)),
        transform=tuple(pair.metric.transform for pair in pairs),
        role=role,
        lag=freeze(lag),
        lag_low=freeze(timing[:, 1].copy()),
        lag_high=freeze(timing[:, 2].copy()),
        onset=freeze(timing[:, 3].copy()),
        p_value=freeze(p),
        q_value=freeze(q),
        reverse_p_value=freeze(reverse_p),
        reverse_q_value=freeze(reverse_q),
        coincident_p_value=freeze(coincident_p),
        coincident_q_value=freeze(coincident_q),
        granger_p=freeze(np.array([pair.forward.granger_p for pair in pairs])),
        granger_reverse_p=freeze(np.array([pair.reverse.granger_p for pair in pairs])),
        granger_order=freeze(
            np.array([pair.forward.granger_order for pair in pairs], dtype=np.int64)
        ),
        gain_forward=freeze(gain_forward),
        gain_reverse=freeze(gain_reverse),
        correlation=freeze(correlation),
        lags=profile.lags,
        profile=profile.correlation,
        band=freeze(np.array(band).reshape(len(pairs), profile.lags.size)),
        lag_probability=freeze(
            np.array([pair.lead.probability for pair in pairs]).reshape(-1, panel.max_lag)
        ),
        prepared_target=freeze(target.series),
        prepared=freeze(prepared),
        target_transform=target.transform,
        terms=terms.names,
        notes=tuple(pair.notes for pair in pairs),
        max_lag=panel.max_lag,
        alpha=alpha,
    )


def _columns(series: list[Floats], n: int) -> Floats:
    return np.column_stack(series) if series else np.zeros((n, 0))


def _examine(column: Floats, target: Prepared, panel: Panel) -> _Pair:
    metric = prepare(column, panel, target.terms)
    # Differenced only if both are: a differenced target beside a metric in levels would lose the
    # level that its own past is entitled to.
    alike = target.differenced == metric.differenced
    target_fit = target.fit if alike else target.level_fit
    metric_fit = metric.fit if alike else metric.level_fit
    forward = examine_direction(
        target_fit, metric.fit, max_lag=panel.max_lag, stationary=not metric.differenced
    )
    reverse = examine_direction(
        metric_fit, target.fit, max_lag=panel.max_lag, stationary=not target.differenced
    )
    notes = []
    if metric.fit.bridged:
        notes.append(f"{metric.fit.bridged} missing values bridged from the past")
    return _Pair(
        metric=metric,
        forward=forward,
        reverse=reverse,
        coincident_p=_coincident_p(forward.residual, reverse.residual),
        lead=_lead(target, metric, panel.max_lag),
        notes=tuple(notes),
    )


def _lead(response: Prepared, metric: Prepared, max_lag: int) -> LagPosterior:
    """Posterior of the lag, on each form of the metric that could meet the response's scale."""
    series = metric.fit.series
    if response.differenced == metric.differenced:
        other: tuple[Floats, ...] = ()
    elif metric.differenced:
        other = (metric.level_fit.series,)
    else:
        other = (np.diff(series, prepend=np.nan),)
    return transfer_posterior(
        response.fit, metric.fit, other, max_order=response.max_order, max_lag=max_lag
    )


def _coincident_p(forward: Floats, reverse: Floats) -> float:
    """Correlation of the two surprises given both pasts: two-sided t test."""
    rows = np.isfinite(forward) & np.isfinite(reverse)
    df = int(rows.sum()) - 2
    if df < 1:
        return float("nan")
    a, b = forward[rows], reverse[rows]
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    if size <= 0:
        return float("nan")
    r2 = min(float(a @ b / size) ** 2, 1.0)
    return float(special.betainc(df / 2, 0.5, 1 - r2))


def _timing(
    role: str, pair: _Pair, target: Prepared, max_lag: int
) -> tuple[float, float, float, float]:
    """Lag, its interval and the onset, for the direction that the role stands for."""
    if role in ("leading", "feedback"):
        lead = pair.lead
        return lead.lag, lead.low, lead.high, lead.onset
    if role == "lagging":
        follow = _lead(pair.metric, target, max_lag)
        return -follow.lag, -follow.high, -follow.low, -follow.onset
    if role == "coincident":
        return 0.0, 0.0, 0.0, 0.0
    return (float("nan"),) * 4
