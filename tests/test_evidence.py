import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadlag
from leadlag.core.correlation import cross_correlation
from leadlag.data.panel import build_panel
from leadlag.evidence import gather
from leadlag.ranking import Ranking

N = 182

# What may depend on the target and on one metric, and on no other column.
MARGINAL = [
    "n", "transform", "p_value", "reverse_p_value", "coincident_p_value", "granger_p",
    "granger_reverse_p", "granger_order", "gain_forward", "gain_reverse", "notes",
]  # fmt: skip
TIMING = ["lag", "lag_low", "lag_high", "onset"]


def business(seed=1):
    """A leader, a follower, a companion, counts with zeros, growth, a walk and noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(N + 10)
    week = np.tile([2.0, 1, 0, 0, 0, -1, -2], N // 7)
    y = x[5 : N + 5] + 0.6 * rng.standard_normal(N)
    return pd.DataFrame(
        {
            "y": 50 + y + week,
            "leader": x[8:][:N] + 0.4 * rng.standard_normal(N),
            "follower": x[2:][:N] + 0.4 * rng.standard_normal(N),
            "companion": x[5:][:N] + 0.8 * rng.standard_normal(N),
            "counts": rng.poisson(1.2, N).astype(float),
            "growth": np.exp(4 + np.cumsum(0.05 * rng.standard_normal(N))),
            "walk": rng.standard_normal(N).cumsum() + week,
            "noise": rng.standard_normal(N),
        },
        index=pd.date_range("2024-01-01", periods=N),
    )


def evidence_of(frame, **arguments):
    alpha = arguments.pop("alpha", 0.1)
    return gather(build_panel(frame, "y", max_lag=10, **arguments), alpha=alpha)


@pytest.fixture(scope="module")
def evidence():
    return evidence_of(business())


def by_name(evidence, name):
    return dict(zip(evidence.metrics, getattr(evidence, name), strict=True))


def assert_same_marginals(one, other, metrics, *, exact=True):
    for name in metrics:
        i, j = one.metrics.index(name), other.metrics.index(name)
        for column in MARGINAL:
            a, b = getattr(one, column)[i], getattr(other, column)[j]
            if exact or isinstance(a, (str, tuple, np.integer)):
                assert a == b or (a != a and b != b), (name, column, a, b)
            else:
                np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-8, err_msg=f"{name} {column}")
        np.testing.assert_allclose(other.profile[j], one.profile[i], rtol=0, atol=1e-12)
        np.testing.assert_allclose(other.band[j], one.band[i], rtol=0, atol=1e-9)
        if one.role[i] == other.role[j]:
            timing = [
                [getattr(e, column)[k] for column in TIMING] for e, k in [(one, i), (other, j)]
            ]
            np.testing.assert_array_equal(*timing)
            np.testing.assert_allclose(other.correlation[j], one.correlation[i], atol=1e-12)


# --- marginal statistics -----------------------------------------------------------------------


def test_an_unrelated_column_changes_no_marginal_statistic(evidence):
    frame = business()
    rng = np.random.default_rng(9)
    frame.insert(1, "first", rng.standard_normal(N).cumsum())
    frame["last"] = rng.standard_normal(N)
    assert_same_marginals(evidence, evidence_of(frame), evidence.metrics)


def test_the_order_of_columns_changes_nothing(evidence):
    frame = business()
    turned = evidence_of(frame[list(frame.columns[::-1])])
    assert turned.metrics == evidence.metrics[::-1]
    assert_same_marginals(evidence, turned, evidence.metrics)
    assert by_name(turned, "role") == by_name(evidence, "role")
    assert by_name(turned, "q_value") == by_name(evidence, "q_value")


def test_a_metric_alone_has_the_same_statistics(evidence):
    for name in evidence.metrics:
        assert_same_marginals(evidence, evidence_of(business()[["y", name]]), [name])


@pytest.mark.parametrize("unit", [1000.0, 1 / 60, 2.0**-20])
def test_units_change_no_statistic(evidence, unit):
    frame = business()
    frame *= unit
    assert_same_marginals(evidence, evidence_of(frame), evidence.metrics, exact=False)


@pytest.mark.parametrize("unit", [1000.0, 1e-3])
def test_units_of_one_metric_change_no_statistic(evidence, unit):
    frame = business()
    frame["counts"] *= unit
    frame["growth"] *= unit
    assert_same_marginals(evidence, evidence_of(frame), evidence.metrics, exact=False)


def test_the_order_of_rows_changes_nothing(evidence):
    shuffled = business().sample(frac=1, random_state=1)
    assert_same_marginals(evidence, evidence_of(shuffled), evidence.metrics)


def test_copies_of_a_metric_are_equal():
    frame = business()
    frame["copy"] = frame["leader"]
    evidence = evidence_of(frame)
    for column in [*MARGINAL, *TIMING, "q_value", "role", "correlation"]:
        values = by_name(evidence, column)
        assert values["copy"] == values["leader"], column


# --- what it says ------------------------------------------------------------------------------


def test_roles_and_lags_are_the_planted_ones():
    strangers = []
    for seed in range(1, 6):
        found = evidence_of(business(seed))
        roles, lags = by_name(found, "role"), by_name(found, "lag")
        assert (roles["leader"], lags["leader"]) == ("leading", 3)
        assert (roles["follower"], lags["follower"]) == ("lagging", -3)
        assert (roles["companion"], lags["companion"]) == ("coincident", 0)
        for name in ("counts", "growth", "walk", "noise"):
            strangers.append(roles[name])
            assert np.isnan(lags[name]) == (roles[name] == "unrelated")
    # Three true metrics beside four strangers: one in twenty may slip through each of three tests.
    assert strangers.count("unrelated") >= 0.8 * len(strangers)
    assert strangers.count("leading") + strangers.count("feedback") <= 2


def test_intervals_hold_their_lags(evidence):
    found = np.isfinite(evidence.lag)
    assert (evidence.lag_low[found] <= evidence.lag[found]).all()
    assert (evidence.lag[found] <= evidence.lag_high[found]).all()
    missing = np.isnan([getattr(evidence, name) for name in [*TIMING, "correlation"]])
    assert (missing == ~found).all()


def test_the_mirror_of_a_lead_is_a_lag():
    rng = np.random.default_rng(2)
    frame = business()[["y", "leader"]]
    # Weak and spread out, so that the interval is more than one lag.
    frame["leader"] = frame["leader"].rolling(4, min_periods=1).mean() + rng.standard_normal(N)
    mirrored = frame.rename(columns={"y": "leader", "leader": "y"})
    one, other = evidence_of(frame), evidence_of(mirrored)
    assert (one.role, other.role) == (("leading",), ("lagging",))
    assert one.lag[0] == -other.lag[0]
    assert one.lag_low[0] == -other.lag_high[0] < one.lag_high[0] == -other.lag_low[0]
    assert one.p_value[0] == pytest.approx(other.reverse_p_value[0])
    assert one.gain_forward[0] == pytest.approx(other.gain_reverse[0])
    np.testing.assert_allclose(one.profile[0], other.profile[0][::-1], atol=1e-12)


def test_correlation_is_the_profile_at_the_lag(evidence):
    exact = cross_correlation(evidence.prepared, evidence.prepared_target, max_lag=10)
    np.testing.assert_array_equal(evidence.profile, exact.correlation)
    for i, lag in enumerate(evidence.lag):
        if np.isfinite(lag):
            assert evidence.correlation[i] == evidence.profile[i][evidence.lags == lag][0]


def test_q_values_adjust_over_the_metrics(evidence):
    # Leaders were accepted, so either of two looks may show a metric; the strongest had one look,
    # and pays for two.
    looks = np.column_stack([evidence.p_value, evidence.p_conditional]).clip(max=0.9)
    p = stats.cauchy.sf((1 / np.tan(np.pi * looks)).mean(axis=1))
    leads = np.isin(evidence.role, ["leading", "feedback"])
    strongest = int(np.argmax(np.where(leads, evidence.gain_forward, -1)))
    p[strongest] = 2 * evidence.p_value[strongest]
    p = np.sort(p.clip(max=1))
    steps = p * p.size / np.arange(1, p.size + 1)
    expected = np.minimum.accumulate(steps[::-1])[::-1]
    np.testing.assert_allclose(np.sort(evidence.q_value), expected.clip(max=1))


def test_alpha_gates_roles_and_nothing_else():
    strict, loose = (evidence_of(business(), alpha=alpha) for alpha in (1e-12, 0.999))
    assert_same_marginals(strict, loose, strict.metrics)
    assert by_name(strict, "role")["noise"] == "unrelated"
    assert by_name(loose, "role")["noise"] != "unrelated"


def test_arrays_are_frozen_and_in_the_order_of_the_metrics(evidence):
    for field in dataclasses.fields(evidence):
        value = getattr(evidence, field.name)
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable, field.name
            if field.name not in ("lags", "prepared_target", "prepared"):
                assert len(value) == len(evidence.metrics), field.name
    assert evidence.prepared.shape == (N, len(evidence.metrics))
    np.testing.assert_array_equal(evidence.lags, np.arange(-10, 11))


def test_missing_values_are_noted():
    frame = business()
    frame.iloc[60:63, 1] = np.nan
    notes = by_name(evidence_of(frame), "notes")
    assert notes["leader"] == ("3 missing values bridged from the past",)
    assert notes["noise"] == ()


@pytest.mark.parametrize("every", [2, 7])
def test_a_metric_that_was_known_rarely_at_first_ends_no_ranking(every):
    rng = np.random.default_rng(100)
    x = rng.standard_normal(300)
    for t in range(1, 300):
        x[t] += 0.6 * x[t - 1]
    y = np.concatenate([np.zeros(2), x[:-2]]) + rng.standard_normal(300)
    rarely = (np.arange(300) % every != 0) & (np.arange(300) < 260)
    frame = pd.DataFrame({"y": y, "x": np.where(rarely, np.nan, x), "z": rng.standard_normal(300)})
    table = leadlag.rank(frame, "y", max_lag=12).table
    assert table.loc["x", "role"] == "leading"
    assert table.loc["z", "role"] == "unrelated"


def test_progress_counts_the_metrics():
    steps = []
    panel = build_panel(business(), "y", max_lag=10)
    gather(panel, alpha=0.1, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(i, 7) for i in range(1, 8)]


def test_a_panel_without_a_usable_metric_has_empty_evidence():
    frame = business()[["y"]].assign(flat=1.0, text="a", empty=np.nan)
    panel = build_panel(frame, "y", max_lag=10)
    evidence = gather(panel, alpha=0.1)
    assert evidence.metrics == evidence.role == ()
    assert evidence.profile.shape == (0, 21)
    ranking = Ranking.from_evidence(panel, evidence, {})
    assert set(ranking.table["role"]) == {"excluded"}
    json.dumps(ranking.to_dict())


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(1, -1, "turned round about"), (1, 0, "only until about"), (0, 1, "only since about")],
)
def test_a_lead_that_changes_is_noted_with_its_date(before, after, words):
    rng = np.random.default_rng(4)
    x = rng.standard_normal(420)
    held = np.where(np.arange(420) < 252, before, after)
    y = 0.6 * np.r_[np.zeros(4), x[:-4]] * held + rng.standard_normal(420)
    index = pd.date_range("2024-01-01", periods=420)
    found = evidence_of(pd.DataFrame({"y": y, "x": x, "z": rng.standard_normal(420)}, index=index))
    assert found.role[0] == "leading"
    assert found.lag[0] == 4
    assert words in found.notes[0][0]
    said = pd.Timestamp(found.notes[0][0].split()[-1])
    assert abs((said - index[252]).days) <= 90
    assert not found.notes[1]


def test_metrics_of_the_same_period_alone_have_low_odds_of_a_lead():
    """Their past tells the target's signal from its noise, so it helps; no lag has an effect."""
    odds = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x, noise = rng.standard_normal((2, 400))
        for t in range(1, 400):
            noise[t] += 0.7 * noise[t - 1]
        index = pd.date_range("2024-01-01", periods=400)
        found = evidence_of(pd.DataFrame({"y": 0.8 * x + noise, "x": x}, index=index))
        assert found.p_value[0] < 0.001
        odds.append(found.prob_leads[0])
    # The prior is .5, and a share of them is as unlucky as any noise.
    assert np.mean(odds) < 0.4
    assert np.mean(np.array(odds) > 0.7) <= 0.1
