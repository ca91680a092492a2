import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leadlag.core import granger_fits as module
from leadlag.core.granger import granger
from leadlag.core.least_squares import centred
from leadlag.errors import ConfigurationError, InsufficientDataError, LeadLagError
from tests.core import naive

ROWS = ["common", "per order"]


def twin(X, y, max_order, rows, controls=None):
    """F and df of every metric and order, both directions, in exact arithmetic."""
    fixed = None if controls is None else controls.tolist()
    forward, reverse, df = (np.empty((X.shape[1], max_order)) for _ in range(3))
    for i, x in enumerate(X.T):
        for order in range(1, max_order + 1):
            depth = max_order if rows == "common" else order
            one, other = x.tolist(), y.tolist()
            column = order - 1
            forward[i, column], df[i, column], _ = naive.granger(
                one, other, order, depth=depth, controls=fixed
            )
            reverse[i, column], _, _ = naive.granger(other, one, order, depth=depth, controls=fixed)
    return forward, reverse, df


def linked(n, rng, delay=2):
    """A metric, a target that follows it, and noise that is left alone."""
    x = rng.standard_normal(n)
    y = 0.8 * np.concatenate([np.zeros(delay), x[:-delay]]) + rng.standard_normal(n)
    return np.column_stack([x, rng.standard_normal(n)]), y


SHAPES = {
    "white noise": (lambda e: e, 1e-10),
    "an offset of 1e6": (lambda e: e + 1e6, 1e-10),
    "random walks at 1e6": (lambda e: e.cumsum(axis=0) + 1e6, 1e-10),
    "walks of walks": (lambda e: e.cumsum(axis=0).cumsum(axis=0), 1e-10),
    "moving averages": (lambda e: e.cumsum(axis=0)[9:] - e.cumsum(axis=0)[:-9], 1e-10),
    "a steep trend": (lambda e: (1e6 + 10 * np.arange(len(e)) + 1e-3 * e.T).T, 1e-8),
    "an outlier of 1e8": (lambda e: np.where(np.arange(len(e)) == 20, 1e8, e.T).T, 1e-8),
    "huge units": (lambda e: e * 1e150, 1e-10),
}


@pytest.mark.parametrize("controls", [False, True], ids=["alone", "controls"])
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_exact_arithmetic(shape, rows, controls):
    form, tolerance = SHAPES[shape]
    rng = np.random.default_rng(list(SHAPES).index(shape))
    series = form(rng.standard_normal((55, 2)))
    x, y = series[:, :1], series[:, 1]
    fixed = rng.standard_normal((len(y), 2)) + 1e4 if controls else None
    result = granger(x, y, max_order=3, rows=rows, controls=fixed)
    forward, reverse, df = twin(x, y, 3, rows, fixed)
    np.testing.assert_allclose(result.f_statistic, forward, rtol=tolerance)
    np.testing.assert_allclose(result.reverse_f_statistic, reverse, rtol=tolerance)
    np.testing.assert_array_equal(result.df_denom, df)
    assert result.orders.tolist() == result.df_num.tolist() == [1, 2, 3]


@pytest.mark.parametrize("rows", ROWS)
def test_gaps_take_out_the_rows_that_need_them_and_no_others(rows):
    rng = np.random.default_rng(21)
    X, y = linked(60, rng)
    X[[7, 30, 59], 0] = np.nan
    y[[0, 22]] = np.nan
    fixed = rng.standard_normal((60, 1))
    fixed[41] = np.nan
    result = granger(X, y, max_order=3, rows=rows, controls=fixed)
    forward, reverse, df = twin(X, y, 3, rows, fixed)
    np.testing.assert_allclose(result.f_statistic, forward, rtol=1e-10)
    np.testing.assert_allclose(result.reverse_f_statistic, reverse, rtol=1e-10)
    np.testing.assert_array_equal(result.df_denom, df)
    for i, x in enumerate(X.T):
        for column, order in enumerate(result.orders):
            depth = 3 if rows == "common" else int(order)
            usable = naive.usable_rows(x.tolist(), y.tolist(), fixed.tolist(), depth)
            assert result.n_obs[i, column] == len(usable)


def test_one_order_by_partial_correlation():
    # With one lag, F = df r² / (1 - r²) where r is the correlation of what y[t-1] leaves of both.
    X, y = linked(80, np.random.default_rng(22), delay=1)
    past = np.column_stack([np.ones(79), y[:-1]])
    left_y, left_x = (
        v - past @ np.linalg.solve(past.T @ past, past.T @ v) for v in (y[1:], X[:-1, 0])
    )
    r = left_x @ left_y / np.sqrt((left_x @ left_x) * (left_y @ left_y))
    result = granger(X, y, max_order=1)
    assert result.df_denom[0, 0] == 79 - 3
    assert result.f_statistic[0, 0] == pytest.approx(76 * r**2 / (1 - r**2), rel=1e-10)


def test_tails_are_exact_far_out():
    # P(F(2, d) > f) has a closed form; so far out, 1 minus a distribution function is 0.
    X, y = linked(400, np.random.default_rng(23), delay=1)
    y = 4 * np.concatenate([[0.0], X[:-1, 0]]) + y
    result = granger(X, y, max_order=2)
    f, df = result.f_statistic[0, 1], result.df_denom[0, 1]
    assert 0 < result.p_value[0, 1] < 1e-250
    expected = np.exp(-df / 2 * np.log1p(2 * f / df))
    assert result.p_value[0, 1] == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(
        result.reverse_p_value, stats.f.sf(result.reverse_f_statistic, [1, 2], result.df_denom)
    )


def test_the_planted_direction_is_found_at_the_planted_order():
    X, y = linked(300, np.random.default_rng(25), delay=3)
    result = granger(X, y, max_order=6)
    assert result.best_order[0] == 3
    assert (result.p_value[0, 2:] < 1e-10).all()
    assert (result.p_value[0, :2] > 0.01).all()
    assert (result.reverse_p_value[0] > 0.01).all()
    mirrored = granger(y, X[:, 0], max_order=6)
    assert mirrored.reverse_best_order[0] == 3


def test_the_order_minimises_bic_of_the_larger_model_on_common_rows():
    rng = np.random.default_rng(26)
    X = np.column_stack([linked(70, rng, delay)[0][:, 0] for delay in (1, 2, 3)])
    y = X[:, 0] + np.roll(X[:, 1], 2) + np.roll(X[:, 2], 3) + rng.standard_normal(70)
    X[33, 2] = np.nan
    for rows in ROWS:
        result = granger(X, y, max_order=4, rows=rows)
        for i, x in enumerate(X.T):
            forward, reverse = (
                [naive.granger(a.tolist(), b.tolist(), k, depth=4)[2] for k in range(1, 5)]
                for a, b in ((x, y), (y, x))
            )
            assert result.best_order[i] == 1 + np.argmin(forward)
            assert result.reverse_best_order[i] == 1 + np.argmin(reverse)
    assert len(set(result.best_order.tolist())) > 1  # else the test could not tell


def test_per_order_chooses_by_the_rows_that_all_orders_share():
    # A wild row that only order 1 can use: on its own rows, order 1 would look bad.
    rng = np.random.default_rng(39)
    x, y = rng.standard_normal((2, 80))
    y[1:] += 0.9 * x[:-1]
    y[1] += 40.0
    common, per_order = (granger(x, y, max_order=5, rows=rows) for rows in ROWS)
    bic_on_own_rows = [naive.granger(x.tolist(), y.tolist(), k, depth=k)[2] for k in range(1, 6)]
    assert per_order.best_order[0] == common.best_order[0] == 1
    assert np.argmin(bic_on_own_rows) > 0


def test_the_order_is_not_the_one_with_the_best_p_value():
    rng = np.random.default_rng(27)
    result = granger(rng.standard_normal((200, 60)), rng.standard_normal(200), max_order=8)
    assert (result.best_order != 1 + result.p_value.argmin(axis=1)).any()


def test_rejects_a_true_null_as_often_as_it_says():
    rng = np.random.default_rng(28)
    noise = rng.standard_normal((300, 1001))
    series = noise.copy()
    for t in range(1, 300):
        series[t] += 0.7 * series[t - 1]
    result = granger(series[50:, 1:], series[50:, 0], max_order=4)
    chosen = result.p_value[np.arange(1000), result.best_order - 1]
    # Three binomial standard errors at 1000 metrics are .021.
    for p in (*result.p_value.T, *result.reverse_p_value.T, chosen):
        assert 0.029 < np.mean(p < 0.05) < 0.075


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(1e-6, 1e6),
    shift=st.floats(-1e4, 1e4),
    negate=st.booleans(),
    rows=st.sampled_from(ROWS),
)
def test_units_change_nothing(seed, scale, shift, negate, rows):
    X, y = linked(50, np.random.default_rng(seed))
    factor = -scale if negate else scale
    plain = granger(X, y, max_order=3, rows=rows)
    other = granger(X * factor + shift * scale, y * scale - shift * scale, max_order=3, rows=rows)
    for name in ("f_statistic", "p_value", "reverse_f_statistic", "reverse_p_value"):
        np.testing.assert_allclose(getattr(other, name), getattr(plain, name), rtol=1e-6, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000), missing=st.sampled_from([0.0, 0.03]), rows=st.sampled_from(ROWS)
)
def test_swapping_metric_and_target_swaps_the_directions(seed, missing, rows):
    rng = np.random.default_rng(seed)
    X, y = linked(60, rng)
    x = np.where(rng.random(60) < missing, np.nan, X[:, 0])
    one, two = (granger(a, b, max_order=3, rows=rows) for a, b in ((x, y), (y, x)))
    np.testing.assert_allclose(one.f_statistic, two.reverse_f_statistic, rtol=1e-9)
    np.testing.assert_allclose(one.reverse_p_value, two.p_value, rtol=1e-9)
    np.testing.assert_array_equal(one.df_denom, two.df_denom)
    assert one.best_order[0] == two.reverse_best_order[0]


@pytest.mark.parametrize("rows", ROWS)
def test_other_columns_and_their_order_change_no_digit(rows):
    rng = np.random.default_rng(29)
    X, y = linked(120, rng)
    X[17, 1] = np.nan
    crowd = rng.standard_normal((120, 40)).cumsum(axis=0) * 1e5
    crowd[::7, 3] = np.nan
    crowd[:, 4] = 1.0
    fixed = rng.standard_normal((120, 2))
    alone = granger(X, y, max_order=4, rows=rows, controls=fixed)
    beside = granger(np.hstack([X, crowd])[:, ::-1], y, max_order=4, rows=rows, controls=fixed)
    for name in ("f_statistic", "p_value", "reverse_f_statistic", "df_denom", "best_order"):
        np.testing.assert_array_equal(getattr(beside, name)[::-1][:2], getattr(alone, name))


def test_leading_gaps_are_the_same_as_a_later_start():
    X, y = linked(90, np.random.default_rng(30))
    X[:12, 0] = np.nan
    whole = granger(X[:, 0], y, max_order=3, rows="per order")
    later = granger(X[12:, 0], y[12:], max_order=3, rows="per order")
    np.testing.assert_allclose(whole.f_statistic, later.f_statistic, rtol=1e-10)
    np.testing.assert_array_equal(whole.df_denom, later.df_denom)


def test_redundant_controls_cost_nothing():
    rng = np.random.default_rng(31)
    X, y = linked(96, rng)
    dummies = np.eye(12)[np.arange(96) % 12]
    never = np.zeros((96, 1))
    only_in_a_gap = np.zeros((96, 1))
    only_in_a_gap[50], X[50, 0] = 1.0, np.nan
    plain = granger(X, y, max_order=2, controls=dummies[:, 1:])
    full = granger(X, y, max_order=2, controls=np.hstack([dummies, never, 1e6 + dummies[:, :3]]))
    np.testing.assert_allclose(full.f_statistic, plain.f_statistic, rtol=1e-10)
    np.testing.assert_array_equal(full.df_denom, plain.df_denom)
    assert plain.df_denom[1].tolist() == [94 - 12 - 2, 94 - 12 - 4]
    dummy = granger(X, y, max_order=2, controls=only_in_a_gap)
    assert dummy.df_denom.tolist() == [[91 - 1 - 2, 91 - 1 - 4], [94 - 2 - 2, 94 - 2 - 4]]


def test_controls_enter_at_time_t():
    # The target is a control of the same period plus noise; held constant, the metric that repeats
    # the control's past has nothing to add.
    rng = np.random.default_rng(32)
    control = rng.standard_normal(400)
    for t in range(1, 400):
        control[t] += 0.9 * control[t - 1]
    x = control + 0.1 * rng.standard_normal(400)
    y = control + rng.standard_normal(400)
    assert granger(x, y, max_order=1).p_value[0, 0] < 1e-6
    assert granger(x, y, max_order=1, controls=control).p_value[0, 0] > 0.01


UNTESTABLE = {
    "a constant metric": lambda rng: (np.full(40, 0.1), rng.standard_normal(40)),
    "a constant target": lambda rng: (rng.standard_normal(40), np.full(40, 0.1)),
    "an all-missing metric": lambda rng: (np.full(40, np.nan), rng.standard_normal(40)),
    "the target itself": lambda rng: (v := rng.standard_normal(40), v),
    "an affine copy, the metric far from zero": lambda rng: (
        1e5 + 3 * (v := rng.standard_normal(40)),
        v,
    ),
    "an affine copy, the target far from zero": lambda rng: (
        v := rng.standard_normal(40),
        3 * v + 1e5,
    ),
    "two straight lines": lambda rng: (np.arange(40.0), 0.1 * np.arange(40.0) + 1e6),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("case", UNTESTABLE)
def test_what_cannot_be_tested_is_missing_without_a_warning(case, rows):
    x, y = UNTESTABLE[case](np.random.default_rng(33))
    result = granger(x, y, max_order=2, rows=rows)
    for name in ("f_statistic", "p_value", "reverse_f_statistic", "reverse_p_value"):
        assert np.isnan(getattr(result, name)).all(), name
    assert result.best_order.tolist() == result.reverse_best_order.tolist() == [0]


@pytest.mark.filterwarnings("error")
def test_a_perfect_predictor_is_infinitely_better_and_spoils_no_other():
    rng = np.random.default_rng(34)
    x = rng.standard_normal(50)
    y = np.concatenate([[0.0], x[:-1]])
    result = granger(np.column_stack([x, rng.standard_normal(50)]), y, max_order=2)
    assert result.f_statistic[0, 0] == np.inf
    assert result.p_value[0, 0] == 0.0
    assert result.best_order[0] == 1
    assert np.isnan(result.p_value[0, 1])  # x[t-2] is y[t-1]
    assert not np.isnan(result.reverse_f_statistic[0, 0])
    assert np.isnan(result.reverse_f_statistic[0, 1])  # x[t-1] is y[t] and x[t-2] is y[t-1]
    assert not np.isnan(result.p_value[1]).any()


@pytest.mark.parametrize("controls", [0, 3])
@pytest.mark.parametrize("memory", [0.0, 0.6, 0.99, 1.0])
def test_sums_give_what_orthogonal_factors_give(memory, controls):
    rng = np.random.default_rng(40)
    noise = rng.standard_normal((400, 21))
    for t in range(1, 400):
        noise[t] += memory * noise[t - 1]
    noise[3:, 0] += 0.3 * noise[:-3, 1]
    x, y = centred(np.ascontiguousarray(noise[:, 1:].T)), centred(noise[:, 0])
    fixed = rng.standard_normal((400, controls))
    orders = np.arange(1, 9)
    made, sound = module.by_sums(x, y, fixed, orders[-1:], orders)
    slow = module.by_factors(x, y, fixed, 8, orders)
    assert sound.all()
    for name in ("f", "bic", "reverse_f", "reverse_bic", "df_denom", "n_obs"):
        np.testing.assert_allclose(getattr(made, name), getattr(slow, name), rtol=1e-10)
    made, sound = module.by_sums(x, y, fixed, orders, orders)
    assert sound.all()
    for column, k in enumerate(orders):
        slow = module.by_factors(x, y, fixed, int(k), orders[column : column + 1])
        for name in ("f", "bic", "reverse_f", "reverse_bic", "df_denom", "n_obs"):
            own = getattr(made, name)[:, [column]]
            np.testing.assert_allclose(own, getattr(slow, name), rtol=1e-10)


def test_what_sums_can_not_do_is_known():
    rng = np.random.default_rng(41)
    smoother = np.sin(np.arange(400) / 50) + 1e-6 * rng.standard_normal(400)
    edge = np.where(np.arange(400) == 1, 1e6, rng.standard_normal(400))
    x = centred(np.array([smoother, edge, rng.standard_normal(400)]))
    y = centred(rng.standard_normal(400))
    _, sound = module.by_sums(x, y, np.empty((400, 0)), np.array([8]), np.arange(1, 9))
    assert sound.all(axis=1).tolist() == [False, False, True]
    # Rows of its own: an order that does not reach a bad end, or hold what is collinear, is fine.
    orders = np.arange(1, 9)
    _, sound = module.by_sums(x, y, np.empty((400, 0)), orders, orders)
    assert not sound[:2, -1].any()
    assert sound[2].all()


def test_a_short_metric_loses_only_itself():
    X, y = linked(60, np.random.default_rng(35))
    X[:50, 0] = np.nan
    result = granger(X, y, max_order=4)
    assert result.n_obs[0].tolist() == [6] * 4
    assert result.df_denom[0].tolist() == [3, 1, 0, 0]
    assert np.isnan(result.p_value[0]).tolist() == [False, False, True, True]
    np.testing.assert_array_equal(result.p_value[1], granger(X[:, 1], y, max_order=4).p_value[0])


@pytest.mark.parametrize("controls", [0, 3])
def test_too_few_rows_say_how_many_are_needed(controls):
    rng = np.random.default_rng(36)
    fixed = rng.standard_normal((40, controls))
    needed = 3 * 5 + 2 + controls

    def run(n):
        return granger(
            rng.standard_normal(n), rng.standard_normal(n), max_order=5, controls=fixed[:n]
        )

    assert run(needed).df_denom[0, -1] == 1
    with pytest.raises(InsufficientDataError) as caught:
        run(needed - 1)
    message = str(caught.value)
    assert f"at least {needed} rows in all" in message
    assert "Lower max_order to 4" in message


def test_a_target_with_too_many_gaps_is_one_error():
    y = np.where(np.arange(60) % 2, 1.0 * np.arange(60), np.nan)
    with pytest.raises(InsufficientDataError, match=r"got 0 rows .* Supply more history"):
        granger(np.arange(60.0), y, max_order=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_order": 0}, "max_order"),
        ({"max_order": 2.5}, "max_order"),
        ({"max_order": 1, "rows": "all"}, "'common' or 'per order'"),
        ({"max_order": 1, "controls": np.ones(3)}, "same rows"),
        ({"max_order": 1, "controls": ["a"] * 20}, "controls must hold numbers"),
    ],
)
def test_bad_arguments_are_one_clear_error(arguments, message):
    with pytest.raises(LeadLagError, match=message):
        granger(np.arange(20.0) ** 2, np.sqrt(np.arange(20.0)), **arguments)
    with pytest.raises(ConfigurationError):
        granger(np.arange(20.0), np.arange(20.0), max_order=True)


def test_results_carry_their_hypotheses_and_labels_and_are_read_only():
    X, y = linked(50, np.random.default_rng(37))
    result = granger(pd.DataFrame(X, columns=["a", "b"]), pd.Series(y), max_order=2)
    assert result.labels == ("a", "b")
    assert result.rows == "common"
    assert "adds nothing" in result.null
    assert "helps to predict" in result.alternative
    for name in ("orders", "f_statistic", "p_value", "df_num", "df_denom", "best_order"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result, name)[...] = 0
