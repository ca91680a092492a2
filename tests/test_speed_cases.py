"""What the benchmarks compare is the same thing: rivals agree with us at a small size."""

import numpy as np
import pytest

from benchmarks.speed import rivals, skill_case
from benchmarks.speed.cases import CASES, Case, Rival
from benchmarks.speed.inputs import Inputs, Size

PAIRS = [(case, rival) for case in CASES for rival in case.rivals if rival.tolerance is not None]


@pytest.mark.parametrize(
    ("case", "rival"), PAIRS, ids=[f"{case.name}, {rival.library}" for case, rival in PAIRS]
)
def test_a_rival_has_our_numbers(case: Case, rival: Rival):
    data = case.inputs(case.small)
    assert rival.tolerance is not None
    np.testing.assert_allclose(
        case.ours(data), rival.run(data), rtol=rival.tolerance, atol=rival.tolerance
    )


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_bare_product_runs(case: Case):
    assert np.isfinite(case.bare(case.inputs(case.small))).all()


def test_refitting_at_every_origin_has_our_forecasts():
    data = skill_case.design(4)
    own, both = skill_case.recursive(data)[:, :40]
    again = skill_case.refitted(data, 40)
    np.testing.assert_allclose(own, again[:, 0], rtol=1e-9)
    # Of four windows the first predicts the target, and nearly all of the weight is on it.
    assert np.abs(both - again[:, 1]).max() < 0.1
    assert np.abs(own - again[:, 1]).max() > 0.5


def test_a_regression_at_each_lag_finds_the_lag():
    weights = rivals.least_squares_at_each_lag(Inputs(Size(300, 2, 6)))
    assert weights[0].argmax() == 1
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
