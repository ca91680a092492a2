"""What the benchmarks compare is the same thing: rivals agree with us at a small size."""

import numpy as np
import pytest

from benchmarks.speed.cases import CASES, Case, Rival

PAIRS = [(case, rival) for case in CASES for rival in case.rivals if rival.library != "tigramite"]


@pytest.mark.parametrize(
    ("case", "rival"), PAIRS, ids=[f"{case.name}, {rival.library}" for case, rival in PAIRS]
)
def test_a_rival_has_our_numbers(case: Case, rival: Rival):
    data = case.inputs(case.small)
    np.testing.assert_allclose(
        case.ours(data), rival.run(data), rtol=rival.tolerance, atol=rival.tolerance
    )


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_bare_product_runs(case: Case):
    assert np.isfinite(case.bare(case.inputs(case.small))).all()
