"""What came after a part: no relation to it by chance alone, and the relation of the true rates."""

import numpy as np
import pytest

from leadlag.core.remainder import remainder_of, remaining_share


def _cohorts(rng: np.random.Generator, n: int, differ: float = 0.0, link: float = 0.0):
    """Shares back by day 5 and by day 90, and the users of each cohort."""
    quality = rng.standard_normal(n)
    sizes = rng.poisson(300, n)
    early = rng.binomial(sizes, 1 / (1 + np.exp(1.0 - differ * quality)))
    after = rng.binomial(sizes - early, 1 / (1 + np.exp(0.6 - link * quality)))
    return (early + after) / sizes, early / sizes, sizes.astype(float)


@pytest.mark.parametrize("differ", [0.0, 0.2])
def test_by_chance_alone_there_is_no_relation_and_the_interval_says_so(differ: float):
    """Counted over all users the two exclude each other: R² .12 to .33, and intervals above 0."""
    covered, r2, ceiling = [], [], []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        whole, part, sizes = _cohorts(rng, 200, differ)
        made = remainder_of(whole, part, gap=13, sizes=sizes, seed=seed)
        covered.append(made.fidelity.low <= 0 <= made.fidelity.high)
        r2.append(made.fidelity.r2)
        ceiling.append(made.ceiling)
    assert abs(np.mean(r2)) < 0.02
    # Nominal .90; the standard error over 120 samples is .03.
    assert np.mean(covered) > 0.82
    assert np.mean(ceiling) < 0.1


def test_a_relation_of_the_true_rates_is_found_up_to_its_ceiling():
    rng = np.random.default_rng(1)
    whole, part, sizes = _cohorts(rng, 3000, 0.3, 0.3)
    made = remainder_of(whole, part, gap=13, sizes=sizes)
    assert made.fidelity.low > 0.4
    assert made.fidelity.r2 < made.ceiling < 1
    assert remainder_of(whole, part, gap=13).ceiling == 1.0


def test_the_share_is_that_of_the_counts():
    whole, part, left = np.array([9.0, 4.0, 10.0]), np.array([3.0, 4.0, 10.0]), 10.0
    share = remaining_share(whole / left, part / left)
    np.testing.assert_allclose(share[:2], [6 / 7, 0.0])
    assert np.isnan(share[2])
