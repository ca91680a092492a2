"""Whatever comes in, either a sound panel comes out or one error that was meant."""

import numpy as np
import pandas as pd
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadlag.data.panel import build_panel
from leadlag.errors import LeadLagError

ALIASES = ["h", "D", "B", "W-SUN", "W-WED", "2W-MON", "MS", "ME", "QE", "YS", "6h", "15min", "7h"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=3),
    st.dates(),
    st.decimals(allow_nan=True),
)
COLUMNS = ["y", "x", "odd", "rate_30d"]
CATALOG = {
    "y": {"form": "flow"},
    "x": {"form": "stock", "window": "30D", "stamped": "cohort"},
    "odd": {"form": "flow"},
    "rate_30d": {"form": "rate", "components": ["x", "y"]},
}


@st.composite
def _frames(draw):
    n = draw(st.integers(1, 160))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    kind = draw(st.sampled_from(["regular", "zone", "gappy", "twice", "random", "plain", "text"]))
    alias = draw(st.sampled_from(ALIASES))
    stamps = pd.date_range("2021-03-05", periods=n, freq=alias, unit="us")
    if kind == "zone":
        stamps = pd.date_range("2021-03-05", periods=n, freq=alias, tz="America/New_York")
    elif kind == "gappy":
        stamps = stamps[rng.random(n) < 0.8]
    elif kind == "twice":
        stamps = stamps.append(stamps[rng.integers(0, n, 3)])
    elif kind == "random":
        stamps = stamps + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s")
    elif kind == "plain":
        stamps = pd.RangeIndex(n)
    values = rng.normal(size=(len(stamps), 4)).cumsum(axis=0).round(3)
    values[rng.random(values.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    frame = pd.DataFrame(values, index=stamps, columns=COLUMNS)
    odd = draw(st.lists(SCALARS, min_size=1, max_size=4))
    if draw(st.booleans()):
        frame["odd"] = pd.Series([odd[i % len(odd)] for i in range(len(frame))], stamps, object)
    if kind == "text":
        frame.index = frame.index.astype(str)
    if draw(st.booleans()):
        frame = frame.sample(frac=1, random_state=1)
    return frame


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    _frames(),
    st.sampled_from(["y", "x", "odd", "none"]),
    st.fixed_dictionaries(
        {},
        optional={
            "freq": st.sampled_from(["h", "D", "B", "W", "W-TUE", "M", "Q", "Y", "2W"]),
            "aggregate": st.sampled_from(["sum", "last", "median", {"y": "sum"}, {"z": "sum"}]),
            "as_of": st.sampled_from(["2021-06-01", "2021-04-01 12:30", 50, "never"]),
            "holidays": st.sampled_from(["US", ["DE", "FR"], {"2021-05-01": "May"}, "XX"]),
            "max_lag": st.sampled_from([0, 1, 5, 100]),
            "metrics": st.sampled_from(["x", "*", ["odd", "rate*"]]),
            "controls": st.sampled_from(["odd", "x"]),
            "catalog": st.sampled_from([CATALOG, {"x": "traction"}, {"x": "tractions"}]),
        },
    ),
)
def test_a_sound_panel_or_one_error_that_was_meant(frame, target, options):
    try:
        panel = build_panel(frame, target, **options)
    except LeadLagError:
        return
    n = len(panel)
    assert n >= 5 * panel.max_lag >= 5
    assert panel.X.shape == (n, len(panel.metrics))
    assert panel.controls_values.shape == (n, len(panel.controls))
    assert panel.calendar.shape == (n, len(panel.calendar_names))
    assert len(panel.index) == n
    assert not np.isinf(panel.X).any()
    assert np.isfinite(panel.y).sum() >= panel.max_lag + 20
    assert np.isfinite(panel.X).sum(axis=0).min(initial=n) >= panel.max_lag + 20
    assert set(panel.metrics).isdisjoint(panel.excluded)
    assert {panel.target, *panel.metrics, *panel.controls, *panel.excluded} <= set(COLUMNS)
    assert len({panel.period_label(i) for i in range(n)}) == n
    if panel.freq != "period":
        assert panel.index.freq is not None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_frames())
def test_polars_and_pandas_agree_on_any_frame(frame):
    frame = frame[["y", "x"]].rename_axis("when").reset_index()
    outcomes = []
    for data in (frame, pl.from_pandas(frame)):
        try:
            panel = build_panel(data, "y", time="when")
            outcomes.append((panel.y.tobytes(), panel.X.tobytes(), panel.notices, panel.excluded))
        except LeadLagError as error:
            outcomes.append((type(error), str(error)))
    assert outcomes[0] == outcomes[1]
