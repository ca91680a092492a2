"""Early behaviours: counts equal a twin; a threshold is judged on cohorts that come later."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadlag import LeadLagError, behaviours

WHO = {"user": "user", "time": "time"}


def _log(seed: int = 0, users: int = 1500, *, real: bool = True) -> pd.DataFrame:
    """Who uploads at least twice in the first three days comes back far more often, if `real`."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        start = pd.Timestamp("2026-01-05") + pd.Timedelta(days=int(rng.integers(0, 140)))
        rows.append((user, start + pd.Timedelta(hours=8), "visit"))
        uploads = int(rng.poisson(1.2))
        for _ in range(uploads):
            at = start + pd.Timedelta(hours=9 + float(rng.uniform(0, 60)))
            rows.append((user, at, "upload"))
        chance = (0.6 if uploads >= 2 else 0.2) if real else 0.35
        if rng.random() < chance:
            late = start + pd.Timedelta(days=int(rng.integers(8, 31)), hours=10)
            rows.append((user, late, "visit"))
    return pd.DataFrame(rows, columns=["user", "time", "kind"])


GRID = {"event": "kind", "did": "upload", "counts": (1, 2, 3), "days": (1, 3), "outcome": 30}


def test_counts_equal_a_plain_twin(tmp_path: Path):
    log = _log()
    found = behaviours(log, **WHO, **GRID, period="M", as_of="2026-06-30")
    first = log.groupby("user")["time"].transform("min").dt.normalize()
    age = (log["time"].dt.normalize() - first).dt.days
    cohort = first.groupby(log["user"]).first().dt.to_period("M").dt.start_time
    for count in (1, 2, 3):
        for days in (1, 3):
            such = (log["kind"] == "upload") & (age < days)
            reached = such.groupby(log["user"]).sum()
            twin = (reached >= count).groupby(cohort).agg(["sum", "count"])
            mine = found.table[(found.table["count"] == count) & (found.table["days"] == days)]
            assert mine["n"].tolist() == twin["count"].tolist()
            known = mine["mature"].to_numpy()
            assert mine["did"][known].tolist() == twin["sum"][known].tolist()
            assert mine.loc[~known, ["did", "rate"]].isna().to_numpy().all()
    log.to_parquet(tmp_path / "log.parquet")
    again = behaviours(tmp_path / "log.parquet", **WHO, **GRID, period="M", as_of="2026-06-30")
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.curve, found.curve)


def test_a_real_threshold_is_found_and_holds_on_later_cohorts():
    found = behaviours(_log(), **WHO, **GRID)
    assert found.chosen == (2, 3)
    row = found.curve[found.curve["chosen"]].iloc[0]
    assert row["low"] <= row["judged_phi"] <= row["high"]
    # With 20 and 60 % coming back, and about a third who reach it, phi is near .39.
    assert row["judged_phi"] == pytest.approx(0.39, abs=0.1)
    assert row["kept_if"] == pytest.approx(0.6, abs=0.08)
    assert row["kept_else"] == pytest.approx(0.2, abs=0.08)
    assert "at least 2 upload events in the first 3 days" in found.finding
    assert "experiment" in found.finding
    assert found.versions["did_2_in_3d"] == ("did_2_in_3d", 1)
    wide = found.wide(stamped="availability")
    assert wide.attrs["stamped"] == "availability"
    assert list(wide.columns) == list(found.versions)
    assert found.plot().to_dict()["description"] == found.finding


def test_the_best_of_many_is_not_believed_on_the_sample_that_chose_it():
    """Where nothing is behind it the chosen one looks best before, and like nothing after."""
    chosen, judged = [], []
    for seed in range(8):
        found = behaviours(_log(seed, users=400, real=False), **WHO, **GRID)
        row = found.curve[found.curve["chosen"]].iloc[0]
        chosen.append(row["chosen_phi"])
        judged.append(row["judged_phi"])
    assert np.mean(chosen) > 0.05
    assert abs(np.mean(judged)) < 0.04


def test_moving_as_of_back_changes_no_value_that_was_known():
    log = _log()
    whole = behaviours(log, **WHO, **GRID).table
    then = behaviours(log, **WHO, **GRID, as_of="2026-04-01").table
    keys = ["cohort_start", "count", "days"]
    both = then[then["mature"]].merge(whole, on=keys, suffixes=("", "_later"))
    assert len(both) == then["mature"].sum() > 20
    assert both["did"].equals(both["did_later"])
    assert both["n"].equals(both["n_later"])


def test_copies_count_once_where_times_tell_them_apart():
    log = pd.DataFrame({"user": [1, 1, 2], "time": ["2026-01-05 10:00"] * 3})
    grid = {"counts": 2, "days": 1, "outcome": 5, "as_of": "2026-02-01"}
    assert behaviours(log, **WHO, **grid).table["did"].tolist() == [0.0]
    dates = log.assign(time="2026-01-05")
    assert behaviours(dates, **WHO, **grid).table["did"].tolist() == [1.0]


def test_the_curve_shows_both_samples_where_they_agree_and_says_what_has_no_number():
    found = behaviours(_log(users=300), **WHO, **{**GRID, "did": None, "event": None})
    spec = found.plot().to_dict()
    rings, dots = spec["layer"][3], spec["layer"][4]
    assert rings["mark"]["size"] > 2 * dots["mark"]["size"]
    assert rings["encoding"]["fill"]["scale"]["range"][0] == "transparent"
    # Everyone has an event on the first day.
    untold = spec["datasets"][spec["layer"][5]["data"]["name"]]
    assert {row["threshold"] for row in untold} >= {"at least 1 event in the first day"}
    assert "in later cohorts" in spec["title"]["text"][0]
    empty = behaviours(_log(users=60), **WHO, **GRID, period="Y").plot().to_dict()
    assert len(empty["layer"]) == 1
    assert "axis" not in str(empty["layer"][0]["encoding"])


def test_it_prints_within_the_lines_of_a_terminal():
    found = behaviours(_log(), **WHO, **GRID)
    assert max(map(len, repr(found).splitlines())) <= 100
    assert " ".join(found.finding.split()) in " ".join(repr(found).split())
    alone = behaviours(_log(), **WHO, **{**GRID, "counts": 2, "days": 3})
    assert "other" not in alone.finding.replace("of the others", "")
    pair = behaviours(_log(), **WHO, **{**GRID, "counts": (2, 3), "days": 3})
    assert "The other threshold does not do as well within that interval." in pair.finding


def test_behaviours_of_two_logs_are_no_parts_of_one_another():
    few, many = (behaviours(_log(users=n), **WHO, **GRID).versions for n in (300, 400))
    inner, outer = few["did_2_in_1d"].counted, few["did_1_in_3d"].counted
    assert inner.within(outer)
    assert not inner.within(many["did_1_in_3d"].counted)


def test_too_few_cohorts_choose_nothing():
    found = behaviours(_log(users=60), **WHO, **GRID, period="Q")
    assert found.chosen is None
    assert "No threshold could be judged" in found.finding
    assert "No threshold could be judged" in repr(found)
    assert "and 30 users are needed in either." in found.finding


def test_where_all_or_none_reach_a_threshold_it_says_so():
    found = behaviours(_log(), **WHO, **{**GRID, "counts": 500})
    assert found.chosen is None
    assert ") to choose on" in found.finding
    assert "no threshold is reached by some (2 % at least) and missed by some" in found.finding


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"did": None}, "event= and did= go together"),
        ({"event": "sort"}, "'sort' is not a column"),
        ({"counts": 0}, "counts has no number"),
        ({"counts": ()}, "counts has no number"),
        ({"days": -1}, "days is not a length of time"),
        ({"outcome": 2}, "outcome ends before the first days do"),
        ({"choose_on": 1.5}, "choose_on is not a share"),
        ({"level": None}, "level is out of range"),
        ({"counts": "2W"}, "counts has what is no number of events: got '2W'.*days="),
        ({"counts": (1, 2.5)}, "counts has what is no number of events"),
        ({"counts": True}, "counts has what is no number of events"),
        ({"period": "h"}, "is not a cohort's"),
        ({"user": "who"}, "'who' is not a column"),
    ],
)
def test_wrong_arguments_are_one_clear_error(change: dict[str, object], said: str):
    with pytest.raises(LeadLagError, match=said):
        behaviours(_log(users=30), **{**WHO, **GRID, **change})


def test_a_kind_that_never_happens_is_said():
    found = behaviours(_log(users=200), **WHO, **{**GRID, "did": "it's"})
    assert [notice.code for notice in found.warnings] == ["last_day", "never"]
    assert (found.table["did"].dropna() == 0).all()
