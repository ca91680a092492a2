"""The page: all sections, every number, no network; texts of the data stay texts."""

import html
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import leadlag
from leadlag import Ranking
from leadlag.report.page import _NOT_TO_FOLLOW, markdown, page, short_text
from leadlag.report.record import build_record
from tests.report.conftest import weekly

Record = dict[str, Any]


class Reader(HTMLParser):
    """Tags, attributes and text of a page; complains about what is not closed."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.texts.append(data)


@pytest.fixture(scope="module")
def text(record: Record) -> str:
    return page(record)


def test_sections_stand_in_their_order_and_every_tag_is_closed(text: str):
    reader = Reader(text)
    assert reader.open == []
    heads = re.findall(r"<h2 id=\"s\d\">(\d)\.", text)
    assert heads == [str(i) for i in range(1, 10)]
    assert "Scoreboard: what earlier reports predicted" in text


def test_it_needs_no_network_and_is_small(text: str):
    for tag, attributes in Reader(text).tags:
        assert tag not in ("link", "iframe", "img", "object", "base"), tag
        for name in ("src", "href", "action", "xlink:href"):
            target = attributes.get(name)
            assert target is None or target.startswith("#"), target
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(http" not in text
    assert "@import" not in text
    assert len(text.encode()) < 1_500_000


def test_every_picture_has_a_text_and_every_id_is_its_own(text: str):
    reader = Reader(text)
    for tag, attributes in reader.tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_a_chart_stands_out_from_the_paper(text: str, scheme: str):
    style = text[text.index("<style>") : text.index("</style>")]
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in style.split("@media")[:2]
    )
    shown = light if scheme == "light" else {**light, **dark}
    mapped = dict(re.findall(r'svg \[(?:fill|stroke)="(#\w+)"\][^{]*\{ \w+: var\(--(\w+)\)', style))
    mapped["#4c78a8"] = "blue"
    # Grids and bands are meant to stay behind.
    drawn = set(re.findall(r'(?:fill|stroke)="(#\w{6})"', text)) - {"#EEEEEE", "#E2E2E2"}
    for colour in drawn:
        a, b = sorted((luminance(shown[mapped[colour]]), luminance(shown["paper"])))
        assert (b + 0.05) / (a + 0.05) >= 3, colour


def test_without_a_script_the_numbers_are_there(text: str, record: Record):
    said = " ".join(Reader(text).texts)
    for one in record["outlook"]["rows"]:
        assert one["label"] in said
    for one in record["leaders"]:
        assert one["label"] in said
        assert one["shows_text"] in said
    for point in record["detail"][0]["rolling"]:
        assert point["label"] in said
    assert record["run"]["id"] in said
    assert "1,000" in said


def test_each_leader_has_its_overlay_and_its_forecasts_as_tables_too(text: str, record: Record):
    leaders = [one for one in record["detail"] if one["metric"] is not None]
    assert [one["metric"] for one in leaders][:2] == ["signups", "complaints"]
    tables = text.split("<table")
    labels = {"signups": "Sign-ups"}
    for one in leaders:
        name = labels.get(one["metric"], one["metric"])
        overlay = next(
            t for t in tables if "Both lines of the overlay" in t and f">{name}, moved" in t
        )
        assert len(one["overlay"]["rows"]) > 100
        for point in one["overlay"]["rows"]:
            cells = [
                "–" if point[side] is None else f"{point[side]:.2f}".replace("-", "−")
                for side in ("target", "metric")
            ]
            row = "".join(f'<td class="n">{cell}</td>' for cell in cells)
            assert f'<tr><th scope="row">{point["label"]}</th>{row}</tr>' in overlay
        # The newest values of what leads lie past the target's end.
        assert one["overlay"]["rows"][-1]["target"] is None
        back = next(t for t in tables if f"with {name}<" in t)
        assert len(one["forecasts"]) == back.count("<tr>") - 1 == 52
        assert f'aria-label="Revenue: what came, and what was forecast with {name}' in text


def test_a_leader_forecasts_as_far_as_it_is_usable_and_better_with_it(record: Record):
    lags = {one["metric"]: one["usable_lead"] for one in record["leaders"]}
    for one in record["detail"][:2]:
        assert one["ahead"] == lags[one["metric"]]
        errors = {
            way: sum((row[way] - row["actual"]) ** 2 for row in one["forecasts"])
            for way in ("with", "alone")
        }
        assert errors["with"] < errors["alone"]


def test_fields_and_settings_are_written_for_people(text: str, record: Record):
    assert f"{record['settings']['unpredicted']}" not in text
    assert "beforeprint" in text
    assert "redundant_with" not in markdown(record)


def test_labels_stand_where_they_are_declared(text: str):
    assert "3. Where Revenue is going" in text
    assert "the mean of the last 4 weeks, and its change from as long before" in text
    assert '<td data-label="when this improves">Sign-ups</td>' in text
    assert "<summary>Sign-ups in detail</summary>" in text


def test_the_same_record_makes_the_same_bytes(text: str, record: Record):
    assert page(record) == text


EVIL = '<script>alert("1")</script>'


def test_what_the_data_say_is_never_markup():
    rename = {
        "signups": f"sign{EVIL}", "other": "a<b>&amp;\"'{{ 7*7 }}", "revenue": "rev<img src=x>",
    }  # fmt: skip
    frame = weekly(120).rename(columns=rename)
    entry = {"kind": "traction", "owner": f"Ann{EVIL}", "label": f"Up{EVIL}", "unit": "</style>"}
    ranking = leadlag.rank(frame, "rev<img src=x>", catalog={rename["signups"]: entry})
    record = build_record(ranking, title=f"Report{EVIL}")
    assert rename["signups"] in [one["metric"] for one in record["leaders"]]
    text = page(record)
    reader = Reader(text)
    assert reader.open == []
    tags = [tag for tag, _ in reader.tags]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert "b" not in [tag for tag, attributes in reader.tags if tag == "b" and attributes]
    assert text.count("</style>") == 1
    said = "".join(reader.texts)
    assert f"Report{EVIL}" in said
    assert f"Ann{EVIL}" in said
    assert "{{ 7*7 }}" in said
    assert "<script" not in markdown(record).replace("\\<script", "")


def test_other_forms_come_from_the_same_dict(record: Record):
    text = markdown(record)
    assert text.startswith("# What precedes Revenue\n")
    for one in record["leaders"]:
        assert f"| {one['label']} |" in text
    short = short_text(record)
    assert short.splitlines()[0] == "What precedes Revenue (data through week of 3 April 2023)"
    assert len(short.splitlines()) >= 4


def test_markdown_says_what_must_not_get_worse_and_what_not_to_follow(record: Record):
    trade = {"metric": "signups", "counterweight": "complaints", "verdict": "harm", "text": "Bad."}
    text = markdown({**record, "tradeoffs": [trade]})
    guards, rest = text.split("## Counterweights and trade-offs")[1].split("## What not to follow")
    assert "| complaints | Sign-ups | down |" in guards
    assert "- Sign-ups, complaints (harm): Bad." in guards
    told = rest.split("## Goals")[0]
    for one in [*record["others"]["not_shown"], *record["others"]["outputs"]]:
        assert one["metric"] in told
    assert all(one["question"] in told.replace("\\", "") for one in record["coach"])
    assert record["others"]["not_shown"]


def test_markdown_says_what_the_page_says(record: Record, text: str):
    said = " ".join("".join(Reader(text).texts).split())
    brief = " ".join(markdown(record).replace("\\", "").split())
    for _, heading, _ in _NOT_TO_FOLLOW:
        assert (f"{heading}: " in said) == (f"- {heading}: " in brief)
    sentence = said[said.index("Expected for ") :].split(" calendar.")[0]
    assert sentence.replace("\xa0", " ") in brief.replace("\xa0", " ")
    for line in record["method"]:
        assert line in brief
    due = {**record["scoreboard"], "count": 1, "inside": 1.0, "error": 2.0, "error_alone": 3.0}
    row = {"label": "week of 3 April 2023", "made": "2023-02-27", "expected": 50.0, "low": 40.0}
    due["shown"] = [{**row, "high": 60.0, "actual": 52.0, "inside": True}]
    scores = markdown({**record, "scoreboard": due}).split("## Scoreboard")[1]
    assert "Mean error 2 with the leaders, 3 without them." in scores
    assert "| 50 | 40 | 60 | 52 | yes |" in scores


def test_a_ranking_in_which_nothing_leads_has_a_page_too():
    ranking = leadlag.rank(weekly(90)[["other", "features"]], "other")
    text = page(build_record(ranking))
    assert "No leading indicator was shown." in text
    assert "This is the first run." in text


def test_what_is_not_declared_is_shown_as_an_entry_of_the_catalogue_file(tmp_path: Path):
    frame = weekly(120).rename(columns={"signups": "sign ups <7d>"})
    record = build_record(leadlag.rank(frame, "revenue"))
    step = {one["metric"]: one for one in record["experiments"]}["sign ups <7d>"]
    text = page(record)
    assert "in the catalogue" in step["step"]
    assert "catalog=" not in json.dumps([record["experiments"], record["detail"]])
    (tmp_path / "metrics.toml").write_text(step["declare"] + "\n", encoding="utf-8")
    assert leadlag.Catalog.read(tmp_path / "metrics.toml")["sign ups <7d>"].window == "7D"
    assert html.escape(step["declare"], quote=True).replace("&quot;", "&#34;") in text


def test_goals_say_what_is_open_and_which_experiment_would_tell(record: Record, text: str):
    one = {step["metric"]: step for step in record["experiments"]}["signups"]
    assert one["verdict"] in ("assign", "learn first")
    assert "Sign-ups" in one["goal"]
    assert bool(one["open"]) == (one["verdict"] == "learn first")
    assert one["experiment"].startswith("Change one thing that should ")
    assert "and compare Revenue" in one["experiment"]
    said = " ".join(" ".join(Reader(text).texts).split())
    for words in (one["goal"], one["experiment"], *one["open"]):
        assert words in said
    assert one["experiment"].split(" (")[0] in markdown(record)


def test_plain_periods_and_a_loaded_ranking_have_the_same_page(ranking: Ranking):
    frame = weekly(100).reset_index(drop=True)
    counted = leadlag.rank(frame, "revenue")
    text = page(build_record(counted))
    assert "period 100" in text
    loaded = Ranking.from_dict(counted.to_dict())
    assert page(build_record(loaded)) == text
