"""The second look: a proxy falls behind its driver, and a hidden leader comes forward."""

import numpy as np
import pandas as pd

import leadlag
from leadlag.data.panel import build_panel
from leadlag.evidence import gather


def two_leaders(seed, n=365):
    """A strong leader at 3, a weak one at 5 that the first drowns, a proxy of the first, noise."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, n + 10))
    y = np.zeros(n)
    y += 2.0 * a[10 - 3 :][:n] + 0.38 * b[10 - 5 :][:n] + rng.standard_normal(n)
    frame = {
        "y": y,
        "strong": a[10:],
        "weak": b[10:],
        "proxy": a[10 - 1 :][:n] + 0.5 * rng.standard_normal(n),
        "noise": rng.standard_normal(n),
    }
    return pd.DataFrame(frame, index=pd.date_range("2024-01-01", periods=n))


def test_the_second_look_brings_a_drowned_leader_forward():
    smaller, shown = 0, 0
    for seed in range(8):
        evidence = gather(build_panel(two_leaders(seed), "y", max_lag=15), alpha=0.1)
        j = evidence.metrics.index("weak")
        smaller += evidence.p_conditional[j] < evidence.p_value[j]
        shown += evidence.role[j] == "leading"
    assert smaller >= 7
    assert shown >= 7


def test_a_proxy_adds_nothing_beside_its_driver():
    for seed in range(5):
        table = leadlag.rank(two_leaders(seed), "y", max_lag=15).table
        assert table.loc["proxy", "redundant_with"] == "strong"
        assert table.loc["strong", "redundant_with"] == ""
        assert table.loc["strong", "rank"] < table.loc["proxy", "rank"]


def test_without_a_leader_there_is_no_second_look():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.standard_normal((200, 4)), columns=["y", "a", "b", "c"])
    evidence = gather(build_panel(frame, "y", max_lag=10), alpha=0.1)
    assert set(evidence.role) <= {"unrelated", "coincident", "lagging"}
    np.testing.assert_array_equal(evidence.p_conditional, evidence.p_value)
    assert (evidence.q_value >= evidence.p_value).all()
