import numpy as np
import pandas as pd
import pytest

from leadlag.data.panel import build_panel
from leadlag.data.prepare import prepare, terms_of

N = 210
RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.standard_normal(N))
NOISE = RNG.standard_normal(N)
COUNTS = RNG.poisson(3, N).astype(float)
WEEK = np.tile([3.0, 1, 0, 0, 0, -2, -2], N // 7)


def panel_of(freq="D", n=N, **columns):
    frame = pd.DataFrame({"y": NOISE[:n], "other": WALK[:n], **columns})
    controls = [name for name in columns if name.startswith("control")]
    if freq:
        frame.index = pd.date_range("2023-01-02", periods=n, freq=freq)
    return build_panel(frame, "y", controls=controls or None)


def prepared(column, panel=None):
    panel = panel or panel_of()
    return prepare(column, panel, terms_of(panel))


def design(terms, difference):
    return terms.difference if difference else terms.level


# --- which scale -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "transform"),
    [
        (NOISE, "level"),
        (WALK, "difference"),
        (np.exp(0.1 * WALK), "log difference"),
        (np.exp(NOISE), "log"),
        (NOISE + 0.05 * np.arange(N), "level"),
        (np.exp(NOISE + 0.02 * np.arange(N)), "log"),
        (WALK + 5 * WEEK, "difference"),
        (NOISE + 5 * WEEK, "level"),
    ],
    ids=[
        "noise", "walk", "growth", "skewed noise", "noise on a trend", "skewed noise on a trend",
        "walk with a week", "noise with a week",
    ],
)  # fmt: skip
def test_transform(column, transform):
    assert prepared(column).transform == transform


def test_the_decision_on_stationarity_can_be_replaced():
    panel = panel_of()
    seen = []

    def never(x):
        seen.append(x)
        return False

    assert prepare(NOISE, panel, terms_of(panel), check=never).transform == "difference"
    assert len(seen) == 1


@pytest.mark.parametrize("column", [NOISE, WALK], ids=["noise", "walk"])
def test_the_decision_does_not_see_the_calendar(column):
    panel = panel_of()
    seen = []
    pattern = panel.calendar @ np.random.default_rng(2).standard_normal(panel.calendar.shape[1])
    for series in (column, column + 20 * pattern):
        found = prepare(series, panel, terms_of(panel), check=lambda x: bool(seen.append(x)))
        seen[-1] = found.base * seen[-1]
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-8)


@pytest.mark.parametrize("column", [np.exp(0.1 * WALK), COUNTS, NOISE, WALK, np.exp(NOISE)])
@pytest.mark.parametrize("unit", [1e-3, 60.0, 1e3, 1e6])
def test_units_only_scale_or_shift_the_prepared_series(column, unit):
    before, after = prepared(column), prepared(unit * column)
    assert after.transform == before.transform
    scale = 1.0 if "log" in before.transform else unit
    np.testing.assert_allclose(after.series, scale * before.series, atol=1e-8 * scale)


def test_a_column_is_prepared_by_itself():
    few, many = panel_of(), panel_of(more=NOISE[::-1], still_more=WALK[::-1])
    np.testing.assert_array_equal(prepared(COUNTS, few).series, prepared(COUNTS, many).series)


# --- the prepared series -----------------------------------------------------------------------


@pytest.mark.parametrize("column", [NOISE, WALK, np.exp(0.1 * WALK)])
def test_series_is_orthogonal_to_what_is_held_constant(column):
    found = prepared(column)
    rows = found.fit.observed
    design = found.fit.terms[rows]
    inner = design.T @ found.series[rows]
    np.testing.assert_allclose(inner / np.linalg.norm(design, axis=0), 0, atol=1e-8)


@pytest.mark.parametrize("walk", [False, True], ids=["level", "difference"])
def test_a_calendar_pattern_leaves_no_trace(walk):
    """Any mixture of calendar terms and, in levels, a trend."""
    panel = panel_of()
    terms = terms_of(panel)
    column = WALK if walk else NOISE
    pattern = panel.calendar @ np.random.default_rng(1).standard_normal(panel.calendar.shape[1])
    with_pattern = column + 3 * pattern + (0 if walk else 0.3 * np.arange(N))
    before, after = prepare(column, panel, terms), prepare(with_pattern, panel, terms)
    assert after.transform == before.transform
    np.testing.assert_allclose(after.series, before.series, atol=1e-7)


@pytest.mark.parametrize("column", [NOISE, WALK])
def test_missing_stays_missing(column):
    column = column.copy()
    column[:10] = column[100:103] = column[-1] = np.nan
    found = prepared(column)
    missing = np.isnan(found.series)
    assert missing[np.isnan(column)].all()
    # A difference behind a gap is data: it holds all that happened meanwhile.
    assert missing.sum() == np.isnan(column).sum() + found.differenced


def test_a_difference_looks_back():
    step = np.where(np.arange(N) >= 120, 50.0, 0.0)
    found = prepared(WALK + step)
    assert found.transform == "difference"
    assert np.nanargmax(np.abs(found.series)) == 120


def test_the_level_fit_is_there_whatever_the_transform():
    walk, noise = prepared(WALK), prepared(NOISE)
    assert noise.level_fit is noise.fit
    # Fitted divided by a power of two, `base`, which keeps squares of any values in range.
    np.testing.assert_allclose(walk.base * walk.level_fit.series, WALK)
    np.testing.assert_allclose(walk.base * walk.fit.series[1:], np.diff(WALK))


@pytest.mark.parametrize("n", [45, 80, 210])
def test_own_lags_leave_room(n):
    panel = panel_of(n=n)
    found = prepare(NOISE[:n], panel, terms_of(panel))
    assert 1 <= found.max_order <= n / 8


# --- what is held constant ---------------------------------------------------------------------


def test_terms_have_words_and_a_row_for_each_period():
    panel = panel_of()
    terms = terms_of(panel)
    assert terms.names[0] == "trend"
    assert terms.names[-1] == "own past"
    assert set(panel.calendar_names) <= set(terms.names)
    assert len(terms.level) == len(terms.difference) == N
    np.testing.assert_array_equal(terms.level[:, 0], 1)
    np.testing.assert_array_equal(terms.difference[:, 0], 1)


@pytest.mark.parametrize(("freq", "n"), [("D", N), ("W-MON", N), ("MS", N), ("QS", 100), (None, N)])
def test_terms_leave_most_of_the_rows(freq, n):
    terms = terms_of(panel_of(freq, n))
    for difference in (False, True):
        columns = design(terms, difference)
        assert np.isfinite(columns).all()
        assert columns.shape[1] < n / 3


def test_a_control_enters_with_its_own_past():
    panel = panel_of(control_spend=COUNTS)
    terms = terms_of(panel)
    plain = terms_of(panel_of())
    extra = terms.level.shape[1] - plain.level.shape[1]
    assert extra >= 2
    assert any("control_spend" in name and "last" in name for name in terms.names)
    # Behind the depth of its past, the control and each of its lags are fitted exactly.
    for lag in range(extra):
        shifted = np.r_[np.full(lag, np.nan), COUNTS[: N - lag]]
        rows = np.isfinite(terms.level).all(axis=1)
        residual = np.linalg.lstsq(terms.level[rows], shifted[rows], rcond=None)[1]
        fitted = (
            terms.level[rows] @ np.linalg.lstsq(terms.level[rows], shifted[rows], rcond=None)[0]
        )
        assert residual.size == 0 or residual[0] < 1e-12
        np.testing.assert_allclose(fitted, shifted[rows], atol=1e-8)


def test_rows_without_a_control_are_not_used():
    spend = COUNTS.copy()
    spend[100:105] = np.nan
    found = prepared(NOISE, panel_of(control_spend=spend))
    assert not found.fit.observed[100:105].any()
    assert found.fit.observed[150:].all()


def test_a_season_that_moves_is_held_constant():
    """The weekly swing grows threefold: fixed dummies would leave its change in."""
    rng = np.random.default_rng(5)
    n = 420
    swing = np.tile([3.0, 1, 0, 0, 0, -2, -2], n // 7) * np.linspace(1, 3, n)
    frame = pd.DataFrame(
        {"y": rng.standard_normal(n), "x": rng.standard_normal(n)},
        index=pd.date_range("2023-01-02", periods=n),
    )
    panel = build_panel(frame, "y")
    found = prepare(swing + 0.3 * rng.standard_normal(n), panel, terms_of(panel))
    late = found.series[-140:].reshape(-1, 7).mean(axis=0)
    assert np.ptp(late) < 0.2 * np.ptp(swing[-7:])
