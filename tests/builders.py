"""Panels and evidence made by hand: one metric of each role, every number known to the tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leadlag.core.score import score
from leadlag.data.metric import Metric
from leadlag.data.notice import Notice
from leadlag.data.panel import Panel
from leadlag.evidence import Evidence
from leadlag.placing import ROLE_ORDER, order
from leadlag.ranking import Ranking

NAN = float("nan")


@dataclass(frozen=True)
class Truth:
    """What the evidence shall say about one metric."""

    name: str
    role: str = "unrelated"
    lag: float = NAN
    low: float = NAN
    high: float = NAN
    correlation: float = NAN
    q: float = 0.6
    forward: float = 0.001
    reverse: float = 0.001
    granger_p: float = 0.3
    delay: float = 0.0
    notes: tuple[str, ...] = ()
    info: Metric | None = None
    # Of what leads; the others have none.
    effect: float = 340.0
    effect_low: float = 210.0
    effect_high: float = 470.0
    stability: float = 0.9
    skill: float = 0.12
    skill_low: float = 0.04
    skill_high: float = 0.2
    tier: int = 2
    redundant_with: str = ""
    # Of every metric.
    prob_leads: float = 0.5
    detectable: float = 90.0


LEADING = Truth(
    "trial_starts",
    "leading",
    3,
    2,
    4,
    0.412,
    0.0004,
    0.183,
    0.011,
    1e-6,
    info=Metric("traction"),
)
NEGATIVE = Truth(
    "complaints",
    "leading",
    5,
    3,
    8,
    -0.287,
    0.021,
    0.062,
    0.004,
    0.004,
    notes=("2 missing values bridged from the past",),
    info=Metric("sentiment"),
    effect=-340.0,
    effect_low=-470.0,
    effect_high=-210.0,
)
FEEDBACK = Truth("active_users", "feedback", 1, 1, 2, 0.35, 0.003, 0.094, 0.081, 1e-4)
WINDOWED = Truth("retention_90d", "leading", 14, 12, 16, 0.22, 0.048, 0.041, 0.002, 0.01)
COINCIDENT = Truth("orders", "coincident", 0, 0, 0, 0.71, 0.44, 0.002, 0.003, 0.5)
LAGGING = Truth("refunds", "lagging", -2, -4, -1, 0.39, 0.71, 0.003, 0.127, 0.8)
UNRELATED = Truth("page_likes", granger_p=0.04)
QUIET = Truth("office_plants")
EVERY_ROLE = (QUIET, LAGGING, WINDOWED, LEADING, COINCIDENT, FEEDBACK, UNRELATED, NEGATIVE)

EXCLUDED = {
    "plan_name": "holds text, not numbers; convert it to numbers, or leave it out",
    "beta_flag": "never changes: every known value is 0.0",
}


def index_of(freq: str, n: int) -> pd.Index:
    aliases = {"h": "h", "D": "D", "B": "B", "W": "W-MON", "M": "MS", "Q": "QS", "Y": "YS"}
    if freq == "period":
        return pd.RangeIndex(n)
    start = {"W": "2022-01-03", "B": "2022-01-03", "Q": "1990-01-01", "Y": "1900-01-01"}
    return pd.date_range(start.get(freq, "2015-01-01"), periods=n, freq=aliases[freq])


def make_panel(
    truths: Sequence[Truth] = EVERY_ROLE,
    *,
    n: int = 180,
    freq: str = "W",
    max_lag: int = 16,
    excluded: Mapping[str, str] = EXCLUDED,
    notices: Sequence[Notice] = (),
    target: str = "revenue",
    seed: int = 0,
) -> Panel:
    """A target that is a slow wave, and metrics that are the same wave moved by their lags."""
    rng = np.random.default_rng(seed)
    wave = rng.standard_normal(n + 2 * max_lag)
    for i in range(1, len(wave)):
        wave[i] += 0.8 * wave[i - 1]
    y = wave[max_lag : max_lag + n]
    X = np.empty((n, len(truths)))
    for column, truth in enumerate(truths):
        noise = rng.standard_normal(n)
        if np.isnan(truth.lag):
            X[:, column] = noise
        else:
            at = max_lag + int(truth.lag)
            X[:, column] = np.sign(truth.correlation) * wave[at : at + n] + noise
    index = index_of(freq, n)
    return Panel(
        target=target,
        y=y,
        metrics=tuple(truth.name for truth in truths),
        X=X,
        controls=(),
        controls_values=np.empty((n, 0)),
        calendar=np.empty((n, 0)),
        calendar_names=(),
        index=index,
        freq=freq,
        season=0,
        max_lag=max_lag,
        excluded=dict(excluded),
        metrics_info={truth.name: truth.info for truth in truths if truth.info},
        delay=np.array([truth.delay for truth in truths]),
        notices=tuple(notices),
    )


def make_evidence(
    panel: Panel, truths: Sequence[Truth] = EVERY_ROLE, *, alpha: float = 0.1
) -> Evidence:
    """The evidence that the truths state, with lag profiles that belong to the panel's series."""
    lags = np.arange(-panel.max_lag, panel.max_lag + 1)
    profile = np.array([[_correlation(panel.y, x, int(k)) for k in lags] for x in panel.X.T])
    count = len(panel.y)

    def numbers(attribute: str) -> np.ndarray[Any, Any]:
        return np.array([getattr(truth, attribute) for truth in truths], dtype=float)

    leads = numbers("lag") > 0
    tiers = [truth.tier if led else 0 for truth, led in zip(truths, leads, strict=True)]
    groups = [ROLE_ORDER[truth.role] for truth in truths]
    scores = score(
        numbers("forward"), numbers("reverse"), numbers("prob_leads"), numbers("skill") * leads
    )
    return Evidence(
        metrics=panel.metrics,
        n=np.array([count - i for i in range(len(truths))]),
        transform=tuple("log difference" if i % 2 else "level" for i in range(len(truths))),
        role=tuple(truth.role for truth in truths),
        lag=numbers("lag"),
        lag_low=numbers("low"),
        lag_high=numbers("high"),
        onset=np.where(numbers("lag") > 0, 1.0, NAN),
        typical_move=np.full(len(truths), 12.5),
        effect=np.where(leads, numbers("effect"), NAN),
        effect_low=np.where(leads, numbers("effect_low"), NAN),
        effect_high=np.where(leads, numbers("effect_high"), NAN),
        stability=np.where(leads, numbers("stability"), NAN),
        skill=np.where(leads, numbers("skill"), NAN),
        skill_low=np.where(leads, numbers("skill_low"), NAN),
        skill_high=np.where(leads, numbers("skill_high"), NAN),
        skill_p_value=np.where(leads, 0.01, NAN),
        horizon=np.where(leads, numbers("lag"), NAN),
        tier=tuple(f"T{level}" for level in tiers),
        score=scores,
        rank=order(panel.metrics, groups, tiers, scores),
        prob_top3=np.full(len(truths), 0.5),
        rank_low=np.full(len(truths), 1),
        rank_high=np.full(len(truths), len(truths)),
        redundant_with=tuple(truth.redundant_with for truth in truths),
        prob_leads=numbers("prob_leads"),
        p_conditional=numbers("q") / 4,
        q_conditional=numbers("q"),
        detectable_effect=numbers("detectable"),
        p_value=numbers("q") / 4,
        q_value=numbers("q"),
        reverse_p_value=np.full(len(truths), 0.5),
        reverse_q_value=np.full(len(truths), 0.5),
        coincident_p_value=np.full(len(truths), 0.5),
        coincident_q_value=np.full(len(truths), 0.5),
        granger_p=numbers("granger_p"),
        granger_reverse_p=np.full(len(truths), 0.25),
        granger_order=np.full(len(truths), 4),
        gain_forward=numbers("forward"),
        gain_reverse=numbers("reverse"),
        correlation=numbers("correlation"),
        lags=lags,
        profile=profile.reshape(len(truths), len(lags)),
        band=np.full((len(truths), len(lags)), 3.2 / np.sqrt(count)),
        prepared_target=panel.y,
        prepared=panel.X,
        target_transform="log difference",
        target_notes=(),
        terms=("trend", "yearly cycle, sine 1", "yearly cycle, cosine 1", "own past"),
        notes=tuple(truth.notes for truth in truths),
        max_lag=panel.max_lag,
        alpha=alpha,
    )


def make_ranking(truths: Sequence[Truth] = EVERY_ROLE, **panel: Any) -> Ranking:
    built = make_panel(truths, **panel)
    evidence = make_evidence(built, truths)
    return Ranking.from_evidence(built, evidence, {"seed": 0, "model": "screen"})


def _correlation(y: np.ndarray[Any, Any], x: np.ndarray[Any, Any], k: int) -> float:
    """The metric at t - k with the target at t."""
    n = len(y)
    a, b = (x[: n - k], y[k:]) if k >= 0 else (x[-k:], y[: n + k])
    return float(np.corrcoef(a, b)[0, 1])
