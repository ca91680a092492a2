import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from leadlag.core.multiplicity import benjamini_hochberg, benjamini_yekutieli
from leadlag.errors import LeadLagError
from tests.core import naive

P_VALUES = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0, float("nan")])), max_size=30
)


def test_by_hand():
    q = benjamini_hochberg([0.01, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(q, [0.04, 0.16 / 3, 0.16 / 3, 0.5], rtol=1e-15)
    harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4
    by = benjamini_yekutieli([0.01, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(by, [0.04 * harmonic, 0.16 / 3 * harmonic, 0.16 / 3 * harmonic, 1])


@settings(max_examples=60, deadline=None)
@given(P_VALUES)
def test_equals_the_definition(p):
    np.testing.assert_allclose(benjamini_hochberg(p), naive.benjamini_hochberg(p), rtol=1e-13)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by")]
)
def test_equals_statsmodels(ours, theirs):
    p = np.random.default_rng(3).random(200) ** 3
    np.testing.assert_allclose(ours(p), multipletests(p, method=theirs)[1], rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(P_VALUES, st.data())
def test_a_missing_p_value_neither_poisons_nor_counts(p, data):
    at = data.draw(st.integers(0, len(p)))
    with_gap = [*p[:at], float("nan"), *p[at:]]
    for procedure in (benjamini_hochberg, benjamini_yekutieli):
        q = procedure(with_gap)
        assert np.isnan(q[at])
        np.testing.assert_array_equal(np.delete(q, at), procedure(p))


@settings(max_examples=60, deadline=None)
@given(P_VALUES)
def test_q_is_monotone_in_p_and_never_below_it(p):
    q = benjamini_hochberg(p)
    tested = ~np.isnan(p)
    order = np.argsort(np.array(p)[tested])
    assert (np.diff(q[tested][order]) >= 0).all()
    assert (q[tested] >= np.array(p)[tested]).all()
    assert (benjamini_yekutieli(p)[tested] >= q[tested]).all()


def test_one_test_pays_nothing():
    assert benjamini_hochberg([0.037]).tolist() == [0.037]
    assert benjamini_yekutieli([0.037]).tolist() == [0.037]


def test_a_tiny_p_value_survives():
    assert benjamini_hochberg([1e-300, 0.5])[0] == pytest.approx(2e-300, rel=1e-12)


def test_keeps_the_false_discovery_rate():
    rng = np.random.default_rng(11)
    shares = []
    for _ in range(400):
        p = rng.random(50)
        p[:10] = rng.random(10) * 1e-4
        found = benjamini_hochberg(p) <= 0.1
        shares.append(found[10:].sum() / max(1, found.sum()))
    # The rate is exactly alpha * (share of true nulls) = .08 here; three standard errors are .012.
    assert 0.068 < np.mean(shares) < 0.092


@pytest.mark.parametrize("bad", [[0.5, 1.2], [-0.1], [[0.1, 0.2], [0.3, 0.4]], ["0.1"]])
def test_what_is_no_p_value_is_an_error(bad):
    with pytest.raises(LeadLagError, match="p_values"):
        benjamini_hochberg(bad)
