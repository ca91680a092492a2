import numpy as np
import pytest

from leadlag.core.roles import assign_roles, reverse_share

NAN = float("nan")
YES, NO, EDGE = 0.01, 0.4, 0.1

# q forward, q reverse, q of lag 0, gain forward, gain reverse -> role, at alpha .10
CASES = [
    ("only forward", YES, NO, NO, 0.2, 0.1, "leading"),
    ("only forward, though the other gain is larger", YES, NO, YES, 0.1, 0.4, "leading"),
    ("only reverse", NO, YES, NO, 0.1, 0.2, "lagging"),
    ("only reverse, though the other gain is larger", NO, YES, YES, 0.4, 0.1, "lagging"),
    ("both, s = .25", YES, YES, NO, 0.75, 0.25, "leading"),
    ("both, s just above .25", YES, YES, NO, 0.7499, 0.2501, "feedback"),
    ("both, s = .5", YES, YES, NO, 0.5, 0.5, "feedback"),
    ("both, s just below .75", YES, YES, NO, 0.2501, 0.7499, "feedback"),
    ("both, s = .75", YES, YES, NO, 0.25, 0.75, "lagging"),
    ("both, no reverse gain", YES, YES, NO, 0.5, 0.0, "leading"),
    ("both, no forward gain", YES, YES, NO, 0.0, 0.5, "lagging"),
    ("both, no gain at all", YES, YES, NO, 0.0, 0.0, "feedback"),
    ("lag 0 alone", NO, NO, YES, 0.1, 0.1, "coincident"),
    ("lag 0 beside forward is not merely coincident", YES, NO, YES, 0.1, 0.0, "leading"),
    ("lag 0 beside both", YES, YES, YES, 0.1, 0.1, "feedback"),
    ("nothing", NO, NO, NO, 0.9, 0.1, "unrelated"),
    ("q equal to alpha is shown", EDGE, NO, NO, 0.1, 0.1, "leading"),
    ("q just above alpha is not", EDGE + 1e-9, NO, NO, 0.1, 0.1, "unrelated"),
    ("missing forward", NAN, YES, NO, 0.1, 0.1, "lagging"),
    ("missing reverse", YES, NAN, NO, 0.1, 0.1, "leading"),
    ("missing lag 0", NO, NO, NAN, 0.1, 0.1, "unrelated"),
    ("all missing", NAN, NAN, NAN, NAN, NAN, "unrelated"),
    ("both, missing gains: neither is called one-sided", YES, YES, NO, NAN, NAN, "feedback"),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_role(case):
    *numbers, expected = case[1:]
    arrays = [np.array([value]) for value in numbers]
    assert assign_roles(*arrays, alpha=0.10) == (expected,)


def test_many_metrics_at_once_are_each_their_own():
    columns = [np.array(column) for column in zip(*(case[1:6] for case in CASES), strict=True)]
    assert assign_roles(*columns, alpha=0.10) == tuple(case[6] for case in CASES)


def test_no_metric_has_no_role():
    assert assign_roles(*[np.zeros(0)] * 5, alpha=0.1) == ()


def test_swapping_the_two_directions_swaps_leading_and_lagging():
    swap = {"leading": "lagging", "lagging": "leading"}
    rng = np.random.default_rng(0)
    f, r, c = rng.choice([YES, NO], (3, 200))
    gain_f, gain_r = rng.random((2, 200))
    roles = assign_roles(f, r, c, gain_f, gain_r, alpha=0.1)
    mirrored = assign_roles(r, f, c, gain_r, gain_f, alpha=0.1)
    assert mirrored == tuple(swap.get(role, role) for role in roles)
    assert set(roles) == {"leading", "lagging", "feedback", "coincident", "unrelated"}


def test_share():
    share = reverse_share(np.array([0.3, 0.0, 0.0, 1.0]), np.array([0.1, 0.0, 1.0, 0.0]))
    np.testing.assert_allclose(share, [0.25, 0.5, 1.0, 0.0])
