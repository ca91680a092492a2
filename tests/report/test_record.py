"""The run record: what is in it, what goes on from run to run, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

import leadlag
from leadlag import Ranking
from leadlag.errors import ConfigurationError, InputError
from leadlag.report.record import SCHEMA_VERSION, build_record, check_record, run_id

Record = dict[str, Any]


def test_it_holds_every_section_as_plain_values(record: Record):
    assert json.loads(json.dumps(record)) == record
    assert record["schema_version"] == SCHEMA_VERSION
    assert list(record)[2:] == [
        "title", "run", "target", "warnings", "headline", "names", "outlook", "leaders", "changes",
        "counterweights", "tradeoffs", "others", "coach", "experiments", "proxies", "scoreboard",
        "alerts", "method", "settings", "detail", "table", "tracking", "ranking",
    ]  # fmt: skip
    assert len(record["headline"]) == 3


def test_the_same_rankings_make_the_same_record(record: Record, ranking: Ranking, earlier: Ranking):
    again = build_record(
        Ranking.from_dict(json.loads(json.dumps(ranking.to_dict()))),
        json.loads(json.dumps(build_record(earlier))),
        goal=1000.0,
    )
    assert json.dumps(again) == json.dumps(record)


def test_leaders_say_how_they_move_when_it_shows_and_who_owns_them(record: Record):
    first = {one["metric"]: one for one in record["leaders"]}["signups"]
    assert first["label"] == "Sign-ups"
    assert first["owner"] == "Ann"
    assert first["movement"]["periods"] == 4
    assert first["shows_text"].endswith("2023")
    assert record["counterweights"][0]["counterweight"] == "complaints"
    assert [one["metric"] for one in record["others"]["outputs"]] == ["features"]


def test_the_scoreboard_settles_what_the_run_before_predicted(record: Record, earlier: Ranking):
    board = record["scoreboard"]
    promised = earlier.outlook()
    assert board["count"] == 6
    assert [one["expected"] for one in board["settled"]] == promised["expected"][:6].tolist()
    first = board["settled"][0]
    assert first["made"] == "week of 2023-02-20"
    assert first["inside"] == (first["low"] <= first["actual"] <= first["high"])
    assert len(board["open"]) == len(promised) - 6 + len(record["outlook"]["rows"])
    # A ranking without its record has predicted as well.
    assert build_record(Ranking.from_dict(record["ranking"]), earlier)["scoreboard"] == board


def test_runs_are_counted_and_named_by_their_content(
    record: Record, ranking: Ranking, earlier: Ranking
):
    assert record["run"] == {
        "id": run_id(ranking), "previous": run_id(earlier), "made": None, "number": 2,
    }  # fmt: skip
    assert record["tracking"]["led"]["signups"] == 2


def test_a_first_report_says_so(earlier: Ranking):
    record = build_record(earlier)
    assert record["headline"][0].startswith("This is the first report")
    assert record["changes"] == []
    assert record["scoreboard"]["count"] == 0


def test_both_files_are_written_and_a_record_is_a_previous(
    ranking: Ranking, earlier: Ranking, tmp_path: Path
):
    leadlag.write_report(earlier, tmp_path / "old.html")
    made = leadlag.write_report(ranking, tmp_path / "new.html", previous=tmp_path / "old.json")
    assert json.loads((tmp_path / "new.json").read_text(encoding="utf-8")) == made
    earlier.save(tmp_path / "ranking.json")
    again = leadlag.write_report(
        ranking, str(tmp_path / "again.html"), previous=str(tmp_path / "ranking.json")
    )
    assert again["changes"] == made["changes"]
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "new.html").read_bytes()


def test_what_is_no_record_is_refused(ranking: Ranking, record: Record, tmp_path: Path):
    with pytest.raises(InputError, match="this is not a run record"):
        check_record({"schema_version": 1})
    with pytest.raises(InputError, match="another version: got schema_version 99"):
        check_record({**record, "schema_version": 99})
    with pytest.raises(ConfigurationError, match="previous is not a run"):
        leadlag.write_report(ranking, tmp_path / "a.html", previous=3)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="is not a ranking"):
        leadlag.write_report("ranking", tmp_path / "a.html")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="is that of its run record"):
        leadlag.write_report(ranking, tmp_path / "a.json")
    with pytest.raises(InputError, match="can't be read"):
        leadlag.write_report(ranking, tmp_path / "a.html", previous=tmp_path / "none.json")
    with pytest.raises(InputError, match="Make the folder first"):
        leadlag.write_report(ranking, tmp_path / "none" / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_a_record_of_an_older_version_goes_on(ranking: Ranking, earlier: Ranking):
    old = build_record(earlier)
    expected = build_record(ranking, old)
    del old["tradeoffs"], old["proxies"], old["tracking"]["windows"]
    old["experiments"] = [{k: one[k] for k in ("metric", "step")} for one in old["experiments"]]
    old["schema_version"] = 1
    assert check_record(old)["schema_version"] == SCHEMA_VERSION
    assert build_record(ranking, old) == expected
