import numpy as np
import pytest

from leadlag.core.least_squares import centred, independent_basis, noise_floor, residualised


@pytest.fixture
def rng():
    return np.random.default_rng(41)


def test_the_basis_spans_intercept_and_columns_and_is_orthonormal(rng):
    columns = centred(rng.standard_normal((3, 50))).T
    rows = rng.random(50) < 0.8
    basis = independent_basis(columns, rows)
    assert basis.shape == (50, 4)
    np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-14)
    assert (basis[~rows] == 0).all()
    design = np.column_stack([np.ones(50), columns])[rows]
    np.testing.assert_allclose(basis[rows] @ (basis[rows].T @ design), design, atol=1e-14)


def test_a_control_far_from_zero_stays_orthogonal_to_the_intercept(rng):
    columns = centred(1e6 + 1e-4 * rng.standard_normal((2, 40))).T
    basis = independent_basis(columns, np.ones(40, dtype=bool))
    assert basis.shape == (40, 3)
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-14)


@pytest.mark.parametrize(
    ("make", "rank"),
    [
        (lambda e: np.empty((0, 40)), 1),
        (lambda e: np.full((1, 40), 0.1), 1),
        (lambda e: np.stack([e[0], e[1], e[0]]), 3),
        (lambda e: np.stack([e[0], 2 * e[0] - 3 * e[1] + 5, e[1]]), 3),
        (lambda e: np.eye(7)[:, np.arange(40) % 7], 7),
        (lambda e: e[:3] * np.array([[1e-150], [1.0], [1e150]]), 4),
        (lambda e: e[:3] + 1e8, 4),
    ],
    ids=["none", "constant", "copy", "combination", "weekdays", "units", "offset"],
)
def test_redundant_columns_drop_out(rng, make, rank):
    columns = centred(make(rng.standard_normal((3, 40)))).T
    assert independent_basis(columns, np.ones(40, dtype=bool)).shape == (40, rank)


def test_more_columns_than_rows_and_no_rows_at_all(rng):
    columns = centred(rng.standard_normal((9, 20))).T
    few = np.arange(20) < 5
    assert independent_basis(columns, few).shape == (20, 5)
    assert independent_basis(columns, np.zeros(20, dtype=bool)).shape == (20, 0)


def test_what_is_left_is_orthogonal_to_the_last_digit(rng):
    basis = independent_basis(np.empty((60, 0)), np.ones(60, dtype=bool))
    columns = 1e8 + rng.standard_normal((2, 60, 3))
    left = residualised(columns, basis)
    assert np.abs(basis.T @ left).max() < 1e-12
    np.testing.assert_allclose(left, columns - columns.mean(axis=1, keepdims=True), atol=1e-7)


def test_the_floor_lies_above_rounding_and_below_data(rng):
    series = centred(1e6 + rng.standard_normal(500))
    assert np.linalg.norm(np.diff(series)) > 1e3 * noise_floor(500)
    line = centred(1e6 + 0.1 * np.arange(500))
    assert np.linalg.norm(np.diff(line, 2)) < noise_floor(500)


def test_centred_takes_the_mean_of_what_is_present():
    series = centred(np.array([[1.0, np.nan, 3.0], [np.nan] * 3, [0.0, 0.0, 0.0]]))
    np.testing.assert_array_equal(series[0], [-0.25, np.nan, 0.25])
    assert np.isnan(series[1]).all()
    assert (series[2] == 0).all()
