"""Pictures of versions: names that are told apart, and nothing that is not there."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from leadlag.figures.labels import place_labels, text_width
from leadlag.figures.versions import frontier, profiles

SETTINGS = {"target": "renewals", "freq": "D", "mature": "retention_90d"}
LONG = "share of new users who finish at least {} lessons within their first week"
NAMES = ["Wiederkehr", "удержание", "継続率", 'day 3 "ñ" <b>&\'\\', "回访率", "plain"]


def _rows(names: list[str], leads: list[float], worths: list[float]) -> list[dict[str, object]]:
    return [
        {
            "name": name, "usable_lead": lead, "fidelity": worth, "accuracy": worth,
            "fidelity_low": worth - 0.1, "fidelity_high": worth + 0.1, "fidelity_ceiling": 0.9,
            "frontier": i == 0 and lead > 0, "lag": lead + 5, "lag_high": lead + 5,
            "only_by_cohort": False,
        }
        for i, (name, lead, worth) in enumerate(zip(names, leads, worths, strict=True))
    ]  # fmt: skip


def _boxes(spec: dict[str, object]) -> list[tuple[float, float, float, float]]:
    """Names in pixels, as they are drawn."""
    x, y = (spec["layer"][0]["encoding"][side]["scale"]["domain"] for side in "xy")
    wide, high = spec["width"], spec["height"]
    out = []
    for layer in spec["layer"]:
        if layer["mark"]["type"] != "text" or "stroke" in layer["mark"]:
            continue
        for row in spec["datasets"][layer["data"]["name"]]:
            across = wide * (row["x"] - x[0]) / (x[1] - x[0])
            down = high * (y[1] - row["y"]) / (y[1] - y[0])
            size = text_width(row["text"])
            left = across - {"left": 0, "center": size / 2, "right": size}[row["align"]]
            out.append((left, down - 6, left + size, down + 6))
    return out


@pytest.mark.parametrize("count", [1, 4, 12])
@pytest.mark.parametrize("names", [[LONG.format(i) for i in range(12)], NAMES * 2])
def test_names_of_near_versions_cover_neither_one_another_nor_the_frame(
    count: int, names: list[str]
):
    rng = np.random.default_rng(count)
    leads = (100 + 4 * rng.random(count)).tolist()
    spec = frontier(_rows(names[:count], leads, [0.5] * count), SETTINGS).to_dict()
    boxes = _boxes(spec)
    assert len(boxes) == count
    for a, b in combinations(boxes, 2):
        apart = max(b[0] - a[2], a[0] - b[2], b[1] - a[3], a[1] - b[3])
        assert apart > -1e-6
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert right <= spec["width"]
        assert top >= -10
        assert bottom <= spec["height"]


def test_a_name_stays_beside_its_dot_where_there_is_room():
    spots = place_labels([(50, 50), (400, 150)], ["one", "two"], width=600, height=300)
    for (x, y), spot in zip([(50, 50), (400, 150)], spots, strict=True):
        assert np.hypot(spot.x - x, spot.y - y) < 20
        assert not spot.tied


def test_no_dot_lies_on_an_axis_or_outside_the_frame():
    rows = _rows(["a", "b", "c"], [0.0, 30.0, 12.0], [0.0, -4.0, 1.0])
    spec = frontier(rows, SETTINGS).to_dict()
    layers = {layer["mark"]["type"]: layer for layer in spec["layer"]}
    dots = spec["datasets"][layers["circle"]["data"]["name"]]
    encoding = layers["circle"]["encoding"]
    for row in dots:
        for side, field in (("x", "lead"), ("y", "drawn")):
            low, high = encoding[side]["scale"]["domain"]
            margin = 0.01 * (high - low)
            assert low + margin < row[field] < high - margin
        assert row["low"] is None or row["low"] >= encoding["y"]["scale"]["domain"][0]
    # What lies lower than there is room for is told in words.
    assert next(row["text"] for row in dots if row["name"] == "b") == "b (−400 %)"


@pytest.mark.parametrize("leads", [[0.0], [1.0, 2.0], [-30.0, 8.0], [4000.0, 10.0]])
def test_ticks_are_whole_periods_and_few(leads: list[float]):
    rows = _rows([f"v{i}" for i in range(len(leads))], leads, [0.5] * len(leads))
    spec = frontier(rows, SETTINGS).to_dict()
    ticks = next(
        layer["encoding"]["x"]["axis"]
        for layer in spec["layer"]
        if "axis" in layer["encoding"].get("x", {})
    )
    assert 3 <= len(ticks["values"]) <= 16
    assert all(float(tick).is_integer() for tick in ticks["values"])


def test_the_legend_has_what_is_there_and_the_subtitle_what_is_not():
    rows = _rows(["a", "b"], [9.0, 3.0], [0.5, 0.6]) + _rows(["c"], [np.nan], [0.3])
    spec = frontier(rows, SETTINGS).to_dict()
    assert "known too late" not in json.dumps(spec)
    assert "No lead can be drawn for c." in " ".join(spec["title"]["subtitle"])
    late = frontier(_rows(["a", "b"], [9.0, -3.0], [0.5, 0.6]), SETTINGS).to_dict()
    assert "known too late" in json.dumps(late)


def test_a_leader_by_cohort_alone_has_no_place_and_an_open_lag_no_verdict():
    """Of Homebrew a ring stood at a lag of 2 to which nothing in the line pointed."""
    wide = {"usable_lead": 0.0, "lag": 2.0, "lag_high": 22.0}
    rows = [row | wide for row in _rows(["a"], [0.0], [0.5])]
    table = pd.DataFrame({"a": [0.1, -0.05, 0.0]}, index=[-1, 0, 1])
    seeming = [row | {"only_by_cohort": True} for row in rows]
    assert [layer["mark"]["type"] for layer in frontier(seeming, SETTINGS).to_dict()["layer"]] == [
        "text"
    ]
    spec = profiles(table, seeming, SETTINGS).to_dict()
    assert spec["datasets"][spec["layer"][3]["data"]["name"]] == []
    assert "Ring" not in " ".join(spec["title"]["subtitle"])
    assert "perhaps known too late" in json.dumps(frontier(rows, SETTINGS).to_dict())
    ringed = profiles(table, rows, SETTINGS).to_dict()
    assert "Ring: the lead found" in " ".join(ringed["title"]["subtitle"])


def test_of_versions_at_one_place_each_is_a_ring_around_the_ones_over_it():
    rows = _rows(["a", "b", "c", "d"], [9.0, 9.0, 9.0, 4.0], [0.5, 0.5, 0.5, 0.6])
    spec = frontier(rows, SETTINGS).to_dict()
    dots = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "circle")
    values = spec["datasets"][dots["data"]["name"]]
    sizes = [row["size"] for row in values]
    assert len({row["size"] for row in values if row["name"] in "abc"}) == 3
    # What is drawn first lies below.
    assert sizes == sorted(sizes, reverse=True)
    assert dots["encoding"]["size"]["scale"] is None
    many = frontier(_rows([*"abcdefghijkl"], [9.0] * 12, [0.5] * 12), SETTINGS).to_dict()
    dots = next(layer for layer in many["layer"] if layer["mark"]["type"] == "circle")
    sizes = [row["size"] for row in many["datasets"][dots["data"]["name"]]]
    assert max(sizes) < 6 * min(sizes)
    table = pd.DataFrame({name: [0.0, 0.4, 0.1] for name in "abc"}, index=[8, 9, 10])
    rings = profiles(table, rows[:3], SETTINGS).to_dict()
    assert "a, b and c are known earliest, 9 days before" in " ".join(rings["title"]["text"])
    found = rings["datasets"][rings["layer"][3]["data"]["name"]]
    assert len({row["size"] for row in found}) == 3


def test_many_versions_on_the_frontier_are_counted_in_the_title():
    rows = [row | {"frontier": True} for row in _rows([LONG.format(i) for i in range(3)],
            [9.0, 5.0, 3.0], [0.5, 0.6, 0.7])]  # fmt: skip
    title = " ".join(frontier(rows, SETTINGS).to_dict()["title"]["text"])
    assert title == "3 of 3 versions are on the frontier of earliness and fidelity"


def test_where_there_is_nothing_no_axis_is_made_up():
    rows = _rows(["a", "b"], [np.nan, np.nan], [np.nan, np.nan])
    for chart in (frontier(rows, SETTINGS), profiles(pd.DataFrame(), rows, SETTINGS)):
        spec = chart.to_dict()
        assert [layer["mark"]["type"] for layer in spec["layer"]] == ["text"]
        assert set(spec["layer"][0]["encoding"]) == {"x", "y", "text"}
        assert set(spec["layer"][0]["encoding"]["x"]) == {"value"}


@pytest.mark.parametrize("count", [1, 8, 12])
def test_profiles_tell_their_versions_apart_and_ring_their_leads(count: int):
    names = [LONG.format(i) for i in range(count)]
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(60, count)), index=range(-10, 50), columns=names)
    leads = [float(lead) for lead in range(count)]
    spec = profiles(table, _rows(names, leads, [0.5] * count), SETTINGS).to_dict()
    line, rings = spec["layer"][2], spec["layer"][3]
    found = spec["datasets"][rings["data"]["name"]]
    assert [row["lead"] for row in found] == leads
    for row, name in zip(found, names, strict=True):
        assert row["correlation"] == pytest.approx(table.loc[row["lead"], name], abs=1e-3)
    # No rule stands over a line at its lead.
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rule", "rule", "line", "point"]
    colours = line["encoding"]["color"]["scale"]["range"]
    dashes = line["encoding"].get("strokeDash", {"scale": {"range": [[]] * count}})
    looks = [
        (colour, *dash) for colour, dash in zip(colours, dashes["scale"]["range"], strict=True)
    ]
    shown = line["encoding"]["color"]["scale"]["domain"]
    assert len(set(looks)) == len(set(shown)) == count
    assert line["encoding"]["color"]["legend"]["columns"] == 1
