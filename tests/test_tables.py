"""The short table in a terminal and in a notebook: it fits, and what is cut is still of use."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlag.data.notice import Notice
from leadlag.ranking import Ranking
from leadlag.wording.amounts import amount, interval_cell, share_cell, with_range
from leadlag.wording.cells import CELLS, lag_text, shown_cells, why
from leadlag.wording.tables import terminal
from tests.builders import (
    COINCIDENT,
    EVERY_ROLE,
    FEEDBACK,
    LAGGING,
    LEADING,
    QUIET,
    make_ranking,
)

LONG = "weekly number of paying customers who opened the new billing page twice"
NAN = float("nan")


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return make_ranking()


# --- terminal ----------------------------------------------------------------------------------


def test_a_terminal_shows_the_eight_or_those_there_are(ranking: Ranking):
    assert [cell.heading for cell in shown_cells(list(ranking.table.columns))] == [
        "metric", "verdict", "lag [low–high]", "usable lead", "effect", "skill", "q", "why",
    ]  # fmt: skip
    without = [name for name in ranking.table.columns if name != "verdict"]
    assert [cell.heading for cell in shown_cells(without)] == [
        "metric", "role", "lag [low–high]", "usable lead", "effect", "skill", "q", "why",
    ]  # fmt: skip
    assert len(CELLS) == 9


def test_a_terminal_table_reads(ranking: Ranking):
    lines = repr(ranking).splitlines()
    assert lines[0] == (
        "What precedes revenue: 4 of 8 metrics (week of 2022-01-03 to 2025-06-09, lags in weeks)"
    )
    assert lines[1].split() == ["lag", "usable"]
    assert lines[2].split() == [
        "metric", "verdict", "[low–high]", "lead", "effect", "skill", "q", "why",
    ]  # fmt: skip
    assert re.split(r"  +", lines[3]) == [
        "trial_starts", "learn first", "3 [2–4]", "3", "+340 [210, 470]", ".12", "<.001",
        "predicts 17 %",
    ]  # fmt: skip
    assert lines[-1] == "… and 4 more: 2 none shown, 2 excluded"


@pytest.mark.parametrize("count", [1, 60])
def test_lines_fit_a_hundred_columns(count: int):
    truths = [
        dataclasses.replace(truth, name=f"{LONG} {i} {truth.name}")
        for i in range(count)
        for truth in (LEADING, FEEDBACK, LAGGING, COINCIDENT, QUIET)
    ]
    notices = [Notice("x", "words " * 60)] * 9
    ranking = make_ranking(truths, notices=notices, target=LONG, n=60, max_lag=8)
    assert max(map(len, repr(ranking).splitlines())) <= 100
    assert max(map(len, ranking.summary().splitlines())) <= 100


def test_many_rows_are_counted_not_shown():
    truths = [dataclasses.replace(QUIET, name=f"m{i}") for i in range(41)]
    ranking = make_ranking([*truths, *[t for t in EVERY_ROLE if t.role != "unrelated"]], n=60)
    text = repr(ranking)
    assert "… and 43 more: 41 none shown, 2 excluded" in text
    assert "m17" not in text
    many = [dataclasses.replace(LEADING, name=f"lead{i}") for i in range(20)]
    assert "… and 49 more: 8 leading, 41 none shown" in repr(
        make_ranking([*truths, *many], excluded={}, n=60)
    )


def test_with_one_role_left_out_the_line_is_short():
    truths = [dataclasses.replace(QUIET, name=f"m{i:02}") for i in range(46)]
    assert repr(make_ranking(truths, excluded={}, n=60)).endswith("\n… and 41 more: none shown")


def test_a_narrow_terminal_keeps_its_numbers(ranking: Ranking):
    rows = ranking.to_dict()["table"]
    text = terminal(rows, list(ranking.table.columns), ranking.settings, [], width=80)
    assert max(map(len, text.splitlines())) <= 80
    for number in ("−2 [−4, −1]", "+340 [210, 470]", ".12", ".048"):
        assert number in text
    # A reason cut to "pred…" would say nothing: it goes as a whole.
    assert "predicts" not in text
    assert "why" not in text


def test_intervals_of_negative_lags_read_without_a_riddle():
    assert lag_text({"lag": -2.0, "lag_low": -4.0, "lag_high": -1.0}) == "−2 [−4, −1]"
    assert lag_text({"lag": 0.0, "lag_low": 0.0, "lag_high": 0.0}) == "0"
    assert lag_text({"lag": None, "lag_low": None, "lag_high": None}) == ""


def test_q_is_left_out_where_it_is_not_about_what_the_row_says(ranking: Ranking):
    q = next(cell for cell in CELLS if cell.heading == "q")
    text = {row["metric"]: q.text(row) for row in ranking.to_dict()["table"]}
    assert (text["refunds"], text["orders"]) == ("", "")
    assert (text["active_users"], text["office_plants"]) == (".003", ".600")


# --- notebook ----------------------------------------------------------------------------------


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def test_a_notebook_table_is_well_formed_and_says_the_same(ranking: Ranking):
    reader = _Reader()
    reader.feed(ranking._repr_html_())
    assert reader.open == []
    assert reader.cells[:8] == [
        "metric", "verdict", "lag [low–high]", "usable lead", "effect", "skill", "q", "why",
    ]  # fmt: skip
    assert reader.cells[8:16] == [
        "trial_starts", "learn first", "3 [2–4]", "3", "+340 [210, 470]", ".12 [.04, .20]", "<.001",
        "predicts 17 %",
    ]  # fmt: skip


def test_names_are_escaped_and_nothing_is_loaded():
    nasty = dataclasses.replace(LEADING, name='<script>alert("x")</script>&')
    ranking = make_ranking(
        (nasty,), target="<b>y</b>", excluded={}, notices=[Notice("x", "<i>note</i>")]
    )
    html = ranking._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"https?:|url\(|src=|@import|<link", html)


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "cell"),
    [
        ((3032.0, 2660.4, 3412.0), "+3,030 [2,660, 3,410]"),
        ((-0.3293, -0.4485, -0.2083), "−0.33 [−0.45, −0.21]"),
        ((0.0997, -0.1253, 0.2466), "+0.10 [−0.13, 0.25]"),
        ((340.0, 210.0, 470.0), "+340 [210, 470]"),
        ((325_000.0, 281_000.0, 369_000.0), "+325k [281k, 369k]"),
        ((2.51e7, 2.13e7, 2.89e7), "+25.1M [21.3M, 28.9M]"),
        ((3.1e-5, 1.2e-5, 5.0e-5), "+3.1e-05 [1.2e-05, 5e-05]"),
        ((1.2e10, 0.7e10, 1.7e10), "+1.2e+10 [7e+09, 1.7e+10]"),
        ((1234567.0, 1234566.0, 1234568.0), "+1.235M [1.235M, 1.235M]"),
        ((5.0, 5.0, 5.0), "+5.00 [5.00, 5.00]"),
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((0.001, -300.0, 300.0), "0 [−300, 300]"),
        ((2.0, NAN, NAN), "+2.0"),
        ((NAN, NAN, NAN), ""),
    ],
)
def test_an_effect_has_the_digits_that_its_interval_deserves(numbers, cell: str):
    assert interval_cell(*numbers) == cell


def _number(text: str) -> float:
    """What a reader takes a cell's number to be."""
    unit = {"k": 1e3, "M": 1e6}.get(text[-1], 1.0)
    return float(text.rstrip("kM").replace("−", "-").replace(",", "")) * unit


sizes = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.tuples(sizes, sizes, sizes).map(sorted))
def test_a_cell_never_misstates_its_numbers(ends: list[float]):
    low, value, high = ends
    found = re.fullmatch(r"(\S+) \[(\S+), (\S+)\]", interval_cell(value, low, high))
    assert found is not None
    assert len(found[0]) <= 34
    # Two figures of the half width, or two of the number itself.
    slack = max(0.0501 * (high - low) / 2, 0.0501 * max(abs(low), abs(high)))
    for text, number in zip(found.groups(), (value, low, high), strict=True):
        assert abs(_number(text) - number) <= slack


@given(sizes)
def test_an_amount_is_within_a_twentieth(value: float):
    assert _number(amount(value)) == pytest.approx(abs(value), rel=0.0501)


def test_amounts_in_sentences_have_no_letters():
    assert with_range(2.51e7, 2.13e7, 2.89e7) == ("25,100,000", "21,300,000", "28,900,000")
    assert amount(10622.7) == "10,600"


def test_skills_are_as_short_as_q():
    assert [share_cell(v) for v in (0.33, -0.009, 0.001, 1.0, -1.2, NAN)] == [
        ".33", "−.01", "0", "1.00", "−1.20", "",
    ]  # fmt: skip


def test_reasons_say_most_in_few_words(ranking: Ranking):
    rows = {row["metric"]: row for row in ranking.to_dict()["table"]}
    assert why(rows["trial_starts"]) == "predicts 17 %"
    assert why(rows["active_users"]) == "both ways, 9 %"
    assert why(rows["orders"]) == "same period"
    assert why(rows["refunds"]) == "follows"
    assert why(rows["office_plants"]) == "could be chance"
    assert why(rows["trial_starts"] | {"redundant_with": "signups"}) == "beside signups"
    assert why(rows["trial_starts"] | {"usable_lead": 0.0}) == "known too late"
    assert why(rows["trial_starts"] | {"gain_forward": 0.002}) == "predicts <1 %"


@pytest.mark.parametrize("width", [80, 90, 100, 120])
def test_a_reason_is_whole_enough_or_absent(ranking: Ranking, width: int):
    rows = [row | {"redundant_with": "page_visits"} for row in ranking.to_dict()["table"]]
    lines = terminal(rows, list(ranking.table.columns), ranking.settings, [], width=width)
    assert max(map(len, lines.splitlines())) <= width
    if "why" in lines:
        assert re.search(r"beside ?\S*i?sits", lines)


def test_names_of_one_family_stay_apart_when_cut():
    names = [f"{LONG} {days} days" for days in (5, 30, 90)]
    ranking = make_ranking([dataclasses.replace(LEADING, name=name) for name in names])
    shown = [line.split("  ")[0] for line in repr(ranking).splitlines()[3:6]]
    assert len(set(shown)) == 3


def test_a_lag_of_one_leaves_out_its_interval_only_where_room_is_short():
    row = {"lag": -16.0, "lag_low": -16.0, "lag_high": -16.0}
    assert (lag_text(row), lag_text(row, short=True)) == ("−16 [−16, −16]", "−16")
