"""The words of a report: labels, one style of date, one size of a move, counts that agree."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag import Ranking
from leadlag.monitor.alerts import RULES
from leadlag.report.page import markdown, page, short_text
from leadlag.report.record import build_record, check_record
from leadlag.wording.amounts import amount, reading
from leadlag.wording.headline import only_noise, what_is_unknown, what_to_do
from tests.report.conftest import weekly

Record = dict[str, Any]

# Names that no sentence would have by chance.
COLUMNS = {
    "revenue": "xq_rev", "signups": "xq_sign", "complaints": "xq_compl", "other": "xq_other",
    "features": "xq_feat", "price": "xq_price", "copies": "xq_copies",
}  # fmt: skip
CATALOG: dict[str, Any] = {
    "xq_rev": {"kind": "business outcome", "unit": "EUR a week", "label": "Revenue", "aim": "up"},
    "xq_sign": {
        "kind": "product outcome", "owner": "Ann", "label": "Sign-ups", "form": "flow",
        "counterweights": ["xq_compl"],
    },
    "xq_compl": {"kind": "sentiment", "aim": "down", "label": "Complaints"},
    "xq_other": {"label": "Something else"},
    "xq_feat": {"kind": "output", "label": "Features shipped"},
    "xq_price": {"label": "Price"},
    "xq_copies": {"kind": "product outcome", "label": "Accounts"},
}  # fmt: skip


def named(n: int, *, fall: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = weekly(400)
    frame["price"] = 10 + rng.standard_normal(400)
    frame["copies"] = frame["signups"] + 4 * rng.standard_normal(400)
    frame = frame.iloc[:n].copy()
    frame.loc[frame.index[-4:], "signups"] -= fall
    frame.loc[frame.index[-4:], "complaints"] += fall
    return frame.rename(columns=COLUMNS)


def ranked(frame: pd.DataFrame) -> Ranking:
    return leadlag.rank(frame, "xq_rev", controls="xq_price", catalog=CATALOG, max_lag=10)


@pytest.fixture(scope="module")
def record() -> Record:
    before = build_record(ranked(named(200)))
    before = build_record(ranked(named(204)), before)
    revised = named(208, fall=30)
    revised.iloc[20:26, revised.columns.get_loc("xq_sign")] *= 1.2
    now = ranked(revised)
    told = leadlag.counterweights(
        revised, "xq_rev", "xq_sign", "xq_compl", margin=2.0, catalog=CATALOG
    )
    tradeoff = {
        "metric": "xq_sign", "counterweight": "xq_compl", "verdict": told.verdict,
        "text": told.text, "found": vars(told),
    }  # fmt: skip
    rng = np.random.default_rng(1)
    true = rng.standard_normal(60)
    effects = pd.DataFrame(
        {
            "xq_rev": true + 0.3 * rng.standard_normal(60), "xq_rev_se": 0.3,
            "xq_sign": true + 0.3 * rng.standard_normal(60), "xq_sign_se": 0.3,
        }
    )  # fmt: skip
    past = leadlag.experiments(effects, "xq_rev", noise_correlation=0.0).to_dict()
    return build_record(now, before, goal=1000.0, tradeoffs=[tradeoff], proxies=past)


@pytest.fixture(scope="module")
def text(record: Record) -> str:
    return page(record)


def shown(text: str) -> str:
    """What is read or heard on a page, but for what stands there as a column's name or a file."""
    text = re.sub(r"<(style|script|code|pre)>.*?</\1>", "", text, flags=re.S)
    return html.unescape(text)


def test_every_section_is_filled(record: Record):
    for part in ("leaders", "changes", "counterweights", "tradeoffs", "experiments", "detail"):
        assert record[part], part
    assert record["alerts"]["fired"]
    assert record["scoreboard"]["count"]
    assert record["proxies"]["supported"] == ["xq_sign"]


def test_columns_are_called_by_their_labels(text: str, record: Record):
    said = shown(text)
    assert "xq_" not in said, said[said.index("xq_") - 90 :][:180]
    for part in (markdown(record), short_text(record)):
        assert "xq" not in part
    for label in ("Sign-ups", "Complaints", "Price", "Accounts"):
        assert label in said
    told = [
        *record["headline"],
        *(one["text"] for one in record["alerts"]["fired"]),
        *(one["because"] for one in record["outlook"]["rows"]),
        *(one["text"] for one in record["tradeoffs"]),
        *(one["explain"] for one in record["detail"] if one["metric"]),
    ]
    assert "Sign-ups" in " ".join(told)
    assert "xq_" not in " ".join(told)
    # What programs read keeps the names of the columns.
    assert {one["metric"] for one in record["leaders"]} <= set(COLUMNS.values())
    assert record["names"]["xq_sign"] == "Sign-ups"


def test_labels_that_two_columns_share_are_told_apart():
    catalog = {**CATALOG, "xq_copies": {"kind": "product outcome", "label": "Sign-ups"}}
    ranking = leadlag.rank(named(200), "xq_rev", catalog=catalog, max_lag=10)
    record = build_record(ranking)
    labels = [one["label"] for one in record["leaders"]]
    assert "Sign-ups (xq_sign)" in labels
    assert len(labels) == len(set(labels))


def test_one_style_of_date(text: str, record: Record):
    for said in (shown(text), markdown(record), short_text(record), " ".join(record["headline"])):
        assert re.findall(r"\d{4}-\d\d", said) == []
    assert "week of 25 December 2023" in text
    # In the order in which the texts have it, on the axes as well.
    assert re.findall(r">[A-Z][a-z]{2} \d\d<", text) == []


def sizes(record: Record, metric: str) -> Iterator[str]:
    """Sizes that follow the words "typical move" where a metric is spoken of."""
    texts = [one["explain"] for one in record["detail"] if one["metric"] == metric]
    for one in record["experiments"]:
        if one["metric"] == metric:
            texts += [one["experiment"], one["goal"], one["step"], *one["open"]]
    texts += [one["text"] for one in record["tradeoffs"] if one["metric"] == metric]
    for text in texts:
        yield from re.findall(r"(?i)typical move(?: up)? \(([^)]*)\)", text)


def test_a_metric_has_one_size_of_a_move(record: Record, text: str):
    found = list(sizes(record, "xq_sign"))
    assert len(found) >= 2
    assert len(set(found)) == 1
    size = {one["metric"]: one["typical_move"] for one in record["leaders"]}["xq_sign"]
    assert found[0] == amount(size)
    assert "its past moves" not in text
    assert "usual move" not in text


def test_what_is_usual_means_the_same_in_a_tag_and_in_an_alert(record: Record, text: str):
    moved = {one["metric"]: one["movement"] for one in record["leaders"]}["xq_sign"]
    told = {(one["kind"], one["subject"]): one for one in record["alerts"]["fired"]}
    alert = told["leader moved", "xq_sign"]
    assert alert["value"] == abs(moved["z"]) > RULES["leader moved"].enter
    size = f"{abs(moved['z']):.1f}"
    assert f"{size} times its usual change" in alert["text"]
    assert f'<span class="tag warn">{size}\xa0times its usual change</span>' in text


def test_only_a_change_beyond_nine_in_ten_of_the_past_has_a_tag():
    record = build_record(ranked(named(200)))
    shown = [*record["leaders"], *record["counterweights"]]
    unusual = [one["movement"]["unusual"] for one in shown]
    assert unusual == [abs(one["movement"]["z"]) > 1.645 for one in shown]
    assert False in unusual
    assert page(record).count("its usual change</span>") == sum(unusual)


def test_counts_of_what_was_not_shown_agree(record: Record, text: str):
    count = len(record["others"]["not_shown"])
    ranked_ = sum(row["role"] != "excluded" for row in record["table"])
    assert f"{count} of {ranked_} metric" in record["headline"][2]
    assert f"Not shown to lead (not the same as useless): {count}<" in text
    rows = [{"role": role} for role in ("leading", "lagging", "coincident", "unrelated")]
    assert what_is_unknown(rows, [], "revenue").startswith("1 of 4 metrics was not shown")


def test_settings_and_fields_stand_in_words(text: str):
    for word, key in (
        ("longest lead searched", "max_lag"), ("share of named leads that may be false", "alpha"),
        ("share of the target that no metric here predicts", "unpredicted"),
    ):  # fmt: skip
        row = re.search(rf"<tr><th scope=\"row\">{word}</th><td>(.*?)</td>(.*?)</tr>", text)
        assert row is not None
        assert f"<code>{key}</code>" in row[2]
        assert row[1].endswith(("weeks", " %"))
    for key in ("redundant_with", "max_lag", "q_value"):
        assert key not in shown(text)


def test_another_order_within_noise_is_told_as_noise():
    a, b = (
        {"metric": name, "verdict": "assign", "owner": None, "lag": 3.0, "usable_lead": 3.0}
        for name in ("visits", "signups")
    )
    rank = {"metric": "visits", "field": "rank", "before": 1, "after": 2, "cause": "noise"}
    assert only_noise([a, b], [b, a], [rank])
    said = what_to_do([b, a], "revenue", "W", [a, b])
    assert "The last report said to assign visits and signups; the difference is within noise." in (
        said
    )
    for cause in ("new data", "revised data", "definition changed", "method changed"):
        assert not only_noise([a, b], [b, a], [{**rank, "cause": cause}])
    # Who is gone from the data is no noise, whoever stands in the place now.
    gone = {"metric": "visits", "field": "metric", "before": "leading", "after": "absent",
            "cause": "definition changed"}  # fmt: skip
    assert not only_noise([a, b], [b], [gone])
    assert not only_noise([], [a], [rank])


def near_equals(n: int) -> pd.DataFrame:
    """Two leaders of the same strength at the same lead: which is first is chance."""
    rng = np.random.default_rng(6)
    a, b, noise = rng.standard_normal((3, 400))
    revenue = 100 + 2 * noise
    revenue[3:] += 2 * (a[:-3] + b[:-3])
    index = pd.date_range("2020-01-06", periods=400, freq="W-MON")
    columns = {"revenue": revenue, "visits": 50 + a, "signups": 20 + b}
    return pd.DataFrame(columns, index=index).iloc[:n]


def test_leaders_that_swap_places_within_noise_are_told_on_the_page():
    catalog = {name: {"kind": "product outcome"} for name in ("visits", "signups")}
    before, now = (
        leadlag.rank(near_equals(n), "revenue", catalog=catalog, max_lag=8) for n in (158, 166)
    )
    record = build_record(now, build_record(before))
    assert [one["metric"] for one in record["leaders"]] == ["visits", "signups"]
    assert {c["cause"] for c in record["changes"] if c["field"] == "rank"} == {"noise"}
    told = "The last report said to assign signups and visits; the difference is within noise."
    assert record["headline"][1].endswith(told)
    for text in (page(record), markdown(record), short_text(record)):
        assert told in text
    assert "within noise" not in build_record(now, build_record(now))["headline"][1]


def test_a_leader_that_left_the_data_is_told_and_goes_on_being_told(record: Record):
    gone = named(212).drop(columns="xq_sign")
    first = build_record(ranked(gone), record)
    line = "Sign-ups was shown to lead in 3 earlier reports and is no longer in the data."
    assert "Sign-ups (leading) is no longer in the data" in first["headline"][0]
    fired = [one for one in first["alerts"]["fired"] if one["subject"] == "xq_sign"]
    assert [one["kind"] for one in fired] == ["definition changed"]
    assert fired[0]["text"].startswith("Sign-ups is no longer in the data")
    assert line in page(first)
    assert ">not there<" in page(first)
    # The run after it has nothing to compare it with, and is told all the same.
    second = build_record(ranked(named(216).drop(columns="xq_sign")), json.loads(json.dumps(first)))
    assert second["others"]["gone"] == [{"metric": "xq_sign", "led": 3}]
    assert line in page(second)
    assert line in markdown(second)
    back = build_record(ranked(named(220)), second)
    assert back["others"]["gone"] == []


def test_a_record_of_the_version_before_has_its_labels(record: Record):
    old = {**record, "schema_version": 3, "others": dict(record["others"])}
    del old["names"], old["others"]["gone"]
    made = check_record(old)
    assert made["names"] == record["names"]
    assert made["others"]["gone"] == []


def test_a_change_without_a_share_is_told_in_units():
    """A spread that rises from 0.08 to 0.56 has not risen by 600 %."""
    now = named(200, fall=3.0)
    now["xq_sign"] -= now["xq_sign"].median()
    made = build_record(ranked(now))
    one = next(o for o in made["leaders"] if o["metric"] == "xq_sign")
    assert one["movement"]["share"] is None
    change = one["movement"]["change"]
    told = f"{'−' if change < 0 else '+'}{reading(abs(change))}"
    row = next(line for line in markdown(made).splitlines() if line.startswith("| Sign-ups |"))
    assert f"| {told} |" in row
    assert f", {told}" in html.unescape(page(made))
