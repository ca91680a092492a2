import numpy as np
import pytest
from scipy import stats
from statsmodels.tsa.stattools import acf

from leadlag.core.bartlett import autocorrelation, bartlett_band
from tests.core import naive_leads


def ar1(n, phi, rng):
    x = rng.standard_normal(n + 100)
    for t in range(1, n + 100):
        x[t] += phi * x[t - 1]
    return x[100:]


@pytest.mark.parametrize("phi", [0.0, 0.9, -0.6])
@pytest.mark.parametrize("n", [31, 200])
def test_equals_statsmodels_without_gaps(n, phi):
    x = ar1(n, phi, np.random.default_rng(n)) + 100
    expected = acf(x, nlags=20, adjusted=False, fft=False)
    np.testing.assert_allclose(autocorrelation(x, max_lag=20), expected, atol=1e-12)


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.6])
def test_equals_its_twin(missing):
    rng = np.random.default_rng(1)
    x = ar1(90, 0.7, rng)
    x[rng.random(90) < missing] = np.nan
    twin = [naive_leads.autocorrelation(x.tolist(), k) for k in range(31)]
    np.testing.assert_allclose(autocorrelation(x, max_lag=30), twin, atol=1e-12)


def test_a_constant_has_no_memory():
    np.testing.assert_array_equal(autocorrelation(np.full(20, 3.0), max_lag=3), [1, 0, 0, 0])


def test_band_of_white_noise_is_the_usual_one():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 2000))
    band = bartlett_band(x, y, np.array([2000, 1000]))
    np.testing.assert_allclose(band, 1.96 / np.sqrt([2000, 1000]), rtol=0.1)
    assert band[1] / band[0] == pytest.approx(np.sqrt(2))


def test_band_of_two_autoregressions_is_bartlett_s_closed_form():
    """The sum of phi^2|j| over all j is (1 + phi^2) / (1 - phi^2)."""
    rng = np.random.default_rng(3)
    band = bartlett_band(ar1(20_000, 0.8, rng), ar1(20_000, 0.8, rng), np.array([20_000]))
    assert band[0] == pytest.approx(1.96 * np.sqrt(1.64 / 0.36 / 20_000), rel=0.1)


def test_band_is_symmetric_has_no_units_and_never_exceeds_one():
    rng = np.random.default_rng(4)
    x, y = ar1(200, 0.9, rng), ar1(200, 0.9, rng)
    n_obs = np.array([200, 5, 1, 0])
    band = bartlett_band(x, y, n_obs)
    np.testing.assert_allclose(bartlett_band(y, x, n_obs), band, rtol=1e-12)
    np.testing.assert_allclose(bartlett_band(1e3 * x - 7, -y, n_obs), band, rtol=1e-9)
    assert band.max() == 1.0


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_band_holds_95_percent_of_unrelated_series(phi):
    rng = np.random.default_rng(int(10 * phi))
    draws, n = 300, 300
    outside = usual = 0
    for _ in range(draws):
        x, y = ar1(n, phi, rng), ar1(n, phi, rng)
        r = abs(np.corrcoef(x, y)[0, 1])
        outside += r > bartlett_band(x, y, np.array([n]))[0]
        usual += r > 1.96 / np.sqrt(n)
    low, high = stats.binom.ppf([0.0005, 0.9995], draws, 0.05)
    assert low <= outside <= high + 0.02 * draws
    if phi == 0.8:
        assert usual > high + 0.02 * draws  # the band of white noise is wrong here


@pytest.mark.filterwarnings("error")
def test_a_scale_changes_no_memory():
    x = np.random.default_rng(0).standard_normal(50)
    np.testing.assert_allclose(
        autocorrelation(x * 1e300, max_lag=5), autocorrelation(x, max_lag=5), atol=1e-12
    )
