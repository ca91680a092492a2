"""What the target is made of: where data and catalogue differ, and what changed since."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag import Ranking
from leadlag.report.page import page
from leadlag.report.record import build_record

WEEKS = pd.date_range("2022-01-03", periods=90, freq="W-MON")
SUM = "In the data, revenue is a sum of new with old; the catalogue does not say so"


def made(catalog: dict[str, Any] | None, *, n: int = 90, broken: bool = False) -> Ranking:
    rng = np.random.default_rng(5)
    new, old, other, e = rng.normal(100, 10, (4, 90))
    revenue = 3 * e if broken else new + 2 * old
    frame = pd.DataFrame(
        {"revenue": revenue, "new": new, "old": 2 * old, "other": other}, index=WEEKS
    )
    return leadlag.rank(frame.iloc[:n], "revenue", catalog=catalog, max_lag=6)


def notes(catalog: dict[str, Any] | None, **options: Any) -> list[str]:
    record = build_record(made(catalog, **options))
    return [one["text"] for one in record["warnings"] if one["code"] == "identity"]


def entry(*components: str) -> dict[str, Any]:
    return {"revenue": {"kind": "business outcome", "components": list(components)}}


def test_what_the_catalogue_does_not_say_is_a_warning_on_the_page():
    record = build_record(made(entry()))
    (text,) = [one["text"] for one in record["warnings"] if one["code"] == "identity"]
    assert text.startswith(SUM)
    assert text in page(record)
    assert notes(entry("new"))[0].startswith(SUM)


@pytest.mark.parametrize("catalog", [None, entry("new", "old")])
def test_nothing_differs_from_no_catalogue_or_from_a_right_one(catalog: dict[str, Any] | None):
    assert notes(catalog) == []


def test_what_the_data_do_not_show_is_a_warning():
    assert notes(entry("new", "old"), broken=True) == [
        "The catalogue declares new and old as components of revenue; no identity with what is in "
        "the data was found."
    ]


def fired(before: Ranking, now: Ranking) -> list[str]:
    record = build_record(now, build_record(before))
    return [one["text"] for one in record["alerts"]["fired"] if one["kind"] == "definition changed"]


def test_an_identity_that_came_or_went_is_an_alert():
    whole, broken = made(None), made(None, broken=True, n=88)
    assert (
        "new: in the data, revenue is a sum of new with old; in the run before it was not"
        in fired(broken, whole)
    )
    assert any("no longer holds that revenue is a sum of" in text for text in fired(whole, broken))
    assert fired(made(None, n=88), whole) == []
