"""Figures as data: what is drawn, what is marked, what is said; and that they can be saved."""

import dataclasses
import json
import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.curves import Curves, moved
from leadlag.errors import LeadLagError
from leadlag.figures.lags import lag_profile
from leadlag.figures.series import trailing_mean
from leadlag.figures.style import BLUE, MIDDLE, ORANGE
from leadlag.ranking import Ranking
from tests.builders import (
    EVERY_ROLE,
    FEEDBACK,
    LEADING,
    NEGATIVE,
    QUIET,
    UNRELATED,
    index_of,
    make_evidence,
    make_panel,
    make_ranking,
)

Spec = dict[str, Any]


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return make_ranking()


def panels(spec: Spec) -> tuple[Spec, Spec]:
    upper, lower = spec["vconcat"]
    return upper, lower


def values(spec: Spec, layer: Spec) -> list[Spec]:
    data = layer.get("data", spec.get("data"))
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


def layers(spec: Spec, panel: Spec, mark: str) -> list[Spec]:
    return [layer for layer in panel["layer"] if layer["mark"]["type"] == mark]


def series(spec: Spec, name: str) -> pd.Series:
    rows = [row for row in values(spec, panels(spec)[1]) if row["series"] == name]
    index = pd.DatetimeIndex([row["at"] for row in rows])
    return pd.Series([row["value"] for row in rows], index=index, dtype=float).dropna()


# --- the lag profile ---------------------------------------------------------------------------


def test_the_profile_draws_the_evidence(ranking: Ranking):
    panel = make_panel()
    evidence = make_evidence(panel)
    at = panel.metrics.index("trial_starts")
    spec = ranking.plot("trial_starts").to_dict()
    dots = layers(spec, panels(spec)[0], "circle")[0]
    rows = values(spec, dots)
    assert [row["lag"] for row in rows] == list(range(-16, 17))
    np.testing.assert_allclose(
        [row["correlation"] for row in rows], evidence.profile[at], atol=1e-4
    )
    np.testing.assert_allclose([row["high"] for row in rows], evidence.band[at], atol=1e-4)
    assert all(row["low"] == -row["high"] for row in rows)


def test_the_lag_and_its_interval_are_marked(ranking: Ranking):
    spec = ranking.plot("trial_starts").to_dict()
    upper = panels(spec)[0]
    rows = values(spec, layers(spec, upper, "circle")[0])
    assert [row["lag"] for row in rows if row["mark"] == "chosen"] == [3]
    inside = [row for row in rows if row["mark"] == "inside"]
    assert all(abs(row["correlation"]) <= row["high"] for row in inside)
    outside = [row for row in rows if row["mark"] == "outside"]
    assert all(abs(row["correlation"]) > row["high"] for row in outside)
    (interval,) = layers(spec, upper, "rect")
    # Half a period either side, so that the lags 2 to 4 are wholly inside.
    assert values(spec, interval) == [{"from": 1.5, "to": 4.5}]


def test_colours_are_told_apart_by_every_eye(ranking: Ranking):
    spec = ranking.plot("trial_starts").to_dict()
    scale = layers(spec, panels(spec)[0], "circle")[0]["encoding"]["color"]["scale"]
    assert scale == {"domain": ["inside", "outside", "chosen"], "range": [MIDDLE, BLUE, ORANGE]}
    assert (BLUE, ORANGE) == ("#0072B2", "#D55E00")  # Okabe and Ito 2008


def test_the_axis_says_who_moves_first(ranking: Ranking):
    spec = ranking.plot("trial_starts").to_dict()
    x = layers(spec, panels(spec)[0], "circle")[0]["encoding"]["x"]
    first, second = x["title"]
    assert first == "lag in weeks"
    assert second.startswith("← revenue moves first")
    assert second.endswith("trial_starts moves first →")
    assert x["scale"]["domain"] == [-16.7, 16.7]


@pytest.mark.parametrize("metric", ["page_likes", "orders"])
def test_without_an_interval_nothing_is_shaded(ranking: Ranking, metric: str):
    spec = ranking.plot(metric).to_dict()
    rows = values(spec, layers(spec, panels(spec)[0], "circle")[0])
    chosen = [row["lag"] for row in rows if row["mark"] == "chosen"]
    assert chosen == ([0] if metric == "orders" else [])


def test_a_missing_correlation_is_left_out():
    chart = lag_profile(
        [-1, 0, 1], [0.1, float("nan"), 0.3], [0.2] * 3, metric="x", target="y", freq="D"
    )
    spec = chart.to_dict()
    rows = values(spec, spec["layer"][0])
    assert [row["correlation"] for row in rows] == [0.1, None, 0.3]
    json.dumps(spec, allow_nan=False)


def test_everything_drawn_is_inside_the_frame():
    chart = lag_profile([-1, 0, 1], [-0.9, 0.1, 0.95], [0.2] * 3, metric="x", target="y", freq="D")
    dots = next(layer for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == "circle")
    low, high = dots["encoding"]["y"]["scale"]["domain"]
    assert low < -0.9
    assert high > 0.95


@pytest.mark.parametrize(
    ("freq", "longest", "ticks"),
    [
        ("D", 42, [-42, -35, -28, -21, -14, -7, 0, 7, 14, 21, 28, 35, 42]),
        ("M", 12, [-12, -9, -6, -3, 0, 3, 6, 9, 12]),
        ("h", 48, [-48, -36, -24, -12, 0, 12, 24, 36, 48]),
        ("W", 26, [-24, -20, -16, -12, -8, -4, 0, 4, 8, 12, 16, 20, 24]),
        ("M", 1, [-1, 0, 1]),
    ],
)
def test_ticks_are_where_people_count(freq: str, longest: int, ticks: list[int]):
    lags = range(-longest, longest + 1)
    flat = [0.0] * len(lags)
    spec = lag_profile(lags, flat, flat, metric="x", target="y", freq=freq).to_dict()
    dots = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "circle")
    assert dots["encoding"]["x"]["axis"]["values"] == ticks


# --- the series --------------------------------------------------------------------------------


def test_the_metric_is_moved_later_by_its_lag(ranking: Ranking):
    spec = ranking.plot("trial_starts").to_dict()
    line = series(spec, "trial_starts, 3 weeks later")
    target = series(spec, "revenue")
    assert line.index[-1] - target.index[-1] == pd.Timedelta(weeks=3)
    still = Ranking.from_evidence(*_with_lag(0), {}).plot("trial_starts").to_dict()
    unmoved = series(still, "trial_starts")
    pd.testing.assert_index_equal(line.index, unmoved.index + pd.Timedelta(weeks=3))
    np.testing.assert_array_equal(line.to_numpy(), unmoved.to_numpy())
    # The builder's metric is the target three weeks ahead: moved, the two agree.
    both = pd.concat([line, target], axis=1, sort=True).dropna()
    assert both.corr().iloc[0, 1] > 0.8


def _with_lag(lag: float) -> tuple[Any, Any]:
    panel = make_panel()
    at = panel.metrics.index("trial_starts")
    evidence = make_evidence(panel)
    lags = evidence.lag.copy()
    lags[at] = lag
    return panel, dataclasses.replace(evidence, lag=lags)


def test_a_lagging_metric_is_moved_earlier(ranking: Ranking):
    spec = ranking.plot("refunds").to_dict()
    line = series(spec, "refunds, 2 weeks earlier")
    assert series(spec, "revenue").index[-1] - line.index[-1] == pd.Timedelta(weeks=2)


def test_a_negative_relation_is_drawn_upside_down_and_says_so(ranking: Ranking):
    spec = ranking.plot("complaints").to_dict()
    line = series(spec, "complaints, 5 weeks later, upside down")
    both = pd.concat([line, series(spec, "revenue")], axis=1, sort=True).dropna()
    assert both.corr().iloc[0, 1] > 0.8


def test_lines_have_a_legend_and_names_of_their_own():
    name = "number of paying customers in the first region"
    alike = dataclasses.replace(QUIET, name=name + " now")
    spec = make_ranking((alike,), target=name + " later").plot(alike.name).to_dict()
    names = panels(spec)[1]["encoding"]["color"]["scale"]["domain"]
    assert len(set(names)) == 2
    assert {row["series"] for row in values(spec, panels(spec)[1])} == set(names)


def test_what_was_tested_in_differences_is_drawn_as_a_level():
    panel = make_panel((LEADING,))
    steps = np.random.default_rng(0).standard_normal(len(panel.y))
    steps[[0, 50]] = np.nan
    evidence = dataclasses.replace(
        make_evidence(panel, (LEADING,)), prepared_target=steps, target_transform="log difference"
    )
    drawn = Curves.from_evidence(panel, evidence).target
    assert np.flatnonzero(np.isnan(drawn)).tolist() == [0, 50]
    scale = np.diff(drawn)[1:49] / steps[2:50]
    np.testing.assert_allclose(scale, np.median(scale), rtol=0.2)
    assert np.nanmean(drawn) == pytest.approx(0, abs=1e-3)
    assert np.nanstd(drawn) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("span", [1, 2, 7])
def test_the_trailing_mean_is_pandas_own(span: int):
    values = np.random.default_rng(0).standard_normal(40)
    values[[0, 3, 10, 11, 12, 13, 14]] = np.nan
    expected = pd.Series(values).rolling(span, min_periods=1).mean()
    found = trailing_mean(values, span)
    known = np.isfinite(found)
    np.testing.assert_allclose(found[known], expected[known])
    # Only where less than half is known does it stay silent.
    share = pd.Series(np.isfinite(values)).rolling(span, min_periods=1).mean()
    assert (known == (share >= 0.5)).all()


@pytest.mark.parametrize("count", [-5, 0, 1, 40])
@pytest.mark.parametrize(
    ("freq", "alias"),
    [("h", "h"), ("D", "D"), ("B", "B"), ("W", "W-SUN"), ("M", "M"), ("Q", "Q"), ("Y", "Y")],
)
def test_periods_move_as_pandas_moves_them(freq: str, alias: str, count: int):
    index = index_of(freq, 12)
    found = moved(index, freq, count)
    if freq == "B":
        expected = index + count * pd.offsets.BDay()
    else:
        expected = (index.to_period(alias) + count).to_timestamp()
    assert list(found) == list(expected)


def test_plain_periods_move_by_their_step():
    assert moved(pd.RangeIndex(0, 20, 5), "period", 2).tolist() == [10, 15, 20, 25]


# --- words on the figure -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("trial_starts", "trial_starts precedes revenue by 3 weeks"),
        ("active_users", "active_users precedes revenue by 1 week, and follows it too"),
        ("orders", "orders moves in the same week as revenue"),
        ("refunds", "refunds follows revenue by 2 weeks"),
        ("page_likes", "No lead of page_likes over revenue was shown"),
    ],
)
def test_the_title_states_the_finding(ranking: Ranking, metric: str, title: str):
    spec = ranking.plot(metric).to_dict()
    assert " ".join(spec["title"]["text"]) == title
    assert spec["description"].startswith(title + ".")
    assert len(spec["description"]) > 100


def test_a_lag_that_is_not_the_highest_bar_is_explained(ranking: Ranking):
    how = " ".join(ranking.plot("trial_starts").to_dict()["title"]["subtitle"])
    assert "90 % interval" in how
    assert "highest bar" not in how
    # The builder's wave is three weeks ahead; evidence that says four is not its peak.
    spec = Ranking.from_evidence(*_with_lag(4), {}).plot("trial_starts").to_dict()
    assert "need not be the highest bar." in " ".join(spec["title"]["subtitle"])
    assert "followed by 340 more revenue" in spec["description"]


def test_an_effect_against_the_correlation_is_explained():
    panel, evidence = _with_lag(4)
    against = dataclasses.replace(
        evidence,
        effect=-evidence.effect,
        effect_low=-evidence.effect_high,
        effect_high=-evidence.effect_low,
    )
    spec = Ranking.from_evidence(panel, against, {}).plot("trial_starts").to_dict()
    assert "the highest bar, nor have its sign." in " ".join(spec["title"]["subtitle"])


def test_long_names_are_wrapped_and_cut():
    name = "weekly number of paying customers who opened the new billing page " * 2
    ranking = make_ranking((dataclasses.replace(LEADING, name=name),))
    spec = ranking.plot().to_dict()
    assert all(len(line) <= 78 for line in spec["title"]["text"])
    x = layers(spec, panels(spec)[0], "circle")[0]["encoding"]["x"]
    assert len(x["title"]) < 100


# --- the default, and the overview -------------------------------------------------------------


def test_the_default_is_the_first_that_leads(ranking: Ranking):
    assert ranking.plot().to_json() == ranking.plot("trial_starts").to_json()


def test_with_nothing_leading_the_default_is_an_overview():
    spec = make_ranking((UNRELATED, QUIET)).plot().to_dict()
    assert " ".join(spec["title"]["text"]) == "None of 2 metrics was shown to precede revenue"
    assert "No leading indicator was shown" in " ".join(spec["title"]["subtitle"])
    assert "office_plants (q = 0.6)" in spec["description"]
    dots = layers(spec, spec, "circle")[0]
    rows = values(spec, dots)
    assert len(rows) == 4
    assert {row["gain"] for row in rows} == {0.001}
    # Noise must not fill the frame as if it were a finding.
    assert dots["encoding"]["x"]["scale"]["domain"] == [0.0, 0.05]


def test_an_overview_draws_the_largest_gains_and_counts_the_rest():
    many = [dataclasses.replace(QUIET, name=f"m{i:02}", forward=i / 100) for i in range(40)]
    spec = make_ranking(many, n=60).plot().to_dict()
    dots = layers(spec, spec, "circle")[0]
    assert dots["encoding"]["y"]["sort"] == [f"m{i}" for i in range(39, 24, -1)]
    assert "The 15 largest gains of 40." in " ".join(spec["title"]["subtitle"])


# --- as files ----------------------------------------------------------------------------------


def test_pictures_are_saved_without_a_browser(tmp_path, ranking: Ranking):
    chart = ranking.plot()
    for suffix in ("png", "svg", "html", "json"):
        chart.save(tmp_path / f"chart.{suffix}")
    png = (tmp_path / "chart.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert 700 <= width <= 800
    assert 400 <= height <= 800
    svg = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "trial_starts precedes revenue by 3 weeks" in svg
    assert json.loads((tmp_path / "chart.json").read_text())["description"]


@pytest.mark.parametrize("truth", EVERY_ROLE, ids=[truth.name for truth in EVERY_ROLE])
def test_every_role_is_a_valid_chart(truth: Any):
    spec = make_ranking((truth,), freq="M", n=60).plot(truth.name).to_dict(validate=True)
    json.dumps(spec, allow_nan=False)


@pytest.mark.parametrize("freq", ["h", "D", "B", "W", "M", "Q", "Y", "period"])
def test_every_frequency_is_a_valid_chart(freq: str):
    spec = make_ranking((FEEDBACK,), freq=freq, n=50, max_lag=8).plot().to_dict()
    x = panels(spec)[1]["encoding"]["x"]
    assert x["type"] == ("quantitative" if freq == "period" else "temporal")
    if freq == "h":
        # Without its zone a browser would read the hour in its own.
        assert all(row["at"].endswith("Z") for row in values(spec, panels(spec)[1]))


def test_the_same_ranking_gives_the_same_specification():
    assert make_ranking().plot().to_json() == make_ranking().plot().to_json()


def test_a_year_of_hours_is_thinned_to_what_the_eye_can_see():
    spec = make_ranking((NEGATIVE,), freq="h", n=8760, max_lag=8).plot().to_dict(validate=False)
    assert 500 < len(values(spec, panels(spec)[1])) / 2 < 1500
    # The newest value is what a reader looks for.
    last = index_of("h", 8760)[-1] + pd.Timedelta(hours=5)
    line = series(spec, "complaints, 5 hours later, upside down")
    assert line.index[-1] == last.tz_localize("UTC")


def test_an_empty_series_is_an_empty_line():
    panel = make_panel((QUIET,))
    evidence = make_evidence(panel, (QUIET,))
    empty = dataclasses.replace(
        evidence,
        prepared=np.full_like(evidence.prepared, np.nan),
        profile=np.full_like(evidence.profile, np.nan),
        band=np.full_like(evidence.band, np.nan),
    )
    spec = Ranking.from_evidence(panel, empty, {}).plot("office_plants").to_dict()
    json.dumps(spec, allow_nan=False)
    assert len(series(spec, "office_plants")) == 0


# --- releases ----------------------------------------------------------------------------------


def test_releases_are_marked_and_called_non_causal():
    ranking = make_ranking((LEADING,))
    chart = ranking.plot("trial_starts", releases={"2023-05-01": "New site", "1999-01-01": "Old"})
    spec = chart.to_dict()
    assert "Before and after is not causal" in " ".join(spec["title"]["subtitle"])
    text = json.dumps(spec)
    assert "New site" in text
    assert "Old" not in text  # before the data begin
    assert all(f'"value": "{word}"' in text for word in ("before", "after"))
    plain = ranking.plot("trial_starts").to_dict()
    assert "causal" not in " ".join(plain["title"]["subtitle"])
    assert ranking.plot(releases=["2023-05-01"]).to_dict()["title"] == spec["title"]


@pytest.mark.parametrize("wrong", [["soon"], [3], "when", [None]])
def test_a_release_that_is_no_date_is_one_clear_error(wrong: object):
    with pytest.raises(LeadLagError, match="a release is not a date"):
        make_ranking((LEADING,)).plot("trial_starts", releases=wrong)


def test_a_name_that_no_picture_can_hold_is_drawn_as_it_can():
    """A line break from a spreadsheet, and signs that end the renderer's process."""
    rng = np.random.default_rng(0)
    x, e = rng.standard_normal((2, 120))
    frame = pd.DataFrame({"net\nrevenue": np.r_[0, 0, x[:-2]] + 0.4 * e, "sign\x00ups\x0b": x})
    chart = leadlag.rank(frame, "net\nrevenue", max_lag=6).plot()
    text = json.dumps(chart.to_dict())
    assert "net revenue" in text
    assert "sign ups " in text
    for sign in ("\\n", "\\u0000", "\\u000b"):
        assert sign not in text
