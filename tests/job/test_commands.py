"""`leadlag init`, `report` and `history`: what they write, say and return."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from leadlag.cli import app
from tests.report.conftest import weekly


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def write_weeks(folder: Path, n: int) -> None:
    frame = weekly(n)[["revenue", "signups", "other"]]
    frame.index.name = "week"
    frame.to_csv(folder / "weeks.csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_weeks(tmp_path, 100)
    assert call("init", "weeks.csv").exit_code == 0
    return tmp_path


def add(folder: Path, text: str) -> None:
    with (folder / "leadlag.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_report_goes_on_from_the_last_one(folder: Path):
    first = call("report", "--now", "2021-12-06")
    assert first.exit_code == 0, first.output
    assert "This is the first report" in first.stdout
    write_weeks(folder, 103)
    second = call("report", "--now", "2021-12-27")
    assert second.exit_code == 0, second.output
    assert "Since the report through week of 29 November 2021" in second.stdout
    record = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    assert record["scoreboard"]["count"] == 3
    page = (folder / "report" / "report.html").read_bytes()
    # The same data again: the same bytes, and no further run.
    assert call("report", "--now", "2021-12-27", "--quiet").stdout == ""
    assert (folder / "report" / "report.html").read_bytes() == page
    listed = call("history")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["run", "1", "2"]
    compared = call("history", "report", "--compare", "1", "2")
    assert "data through week of 2021-11-29 -> week of 2021-12-20 (new data)" in compared.stdout
    rows = json.loads(call("history", "leadlag.toml", "--compare", 1, 2, "--json").stdout)
    assert rows[0]["cause"] == "new data"


def test_check_runs_nothing(folder: Path):
    done = call("report", "--check")
    assert (done.exit_code, done.stdout) == (0, "leadlag.toml is right: revenue\n")
    assert not (folder / "report").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('path = "weeks.csv"', 'path = "wek.csv"', "source.path 'wek.csv' is not there"),
        ('target = "revenue"', 'target = "revenu"', "Did you mean 'revenue'?"),
        ('target = "revenue"', 'target = "revenue"\ncatalog = "none.toml"', "none.toml"),
        ('target = "revenue"', 'target = "revenue"\nsegment = "land"', "segment 'land' is not"),
        ('target = "revenue"', 'target = "revenue"\nmargin = {othr = 1.0}', "'othr' is not a"),
        (
            'target = "revenue"',
            'target = "revenue"\nsegment = "week"',
            "segment 'week' is the time",
        ),
        ('target = "revenue"', 'target = "revenue"\nsegment = "revenue"', "is the target"),
        ("[output]", '[experiments]\npath = "past.csv"\n[output]', "experiments.path 'past.csv'"),
    ],
)
def test_check_finds_what_a_run_would_stumble_over(folder: Path, old: str, new: str, said: str):
    text = (folder / "leadlag.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "leadlag.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    done = call("report", "--check")
    assert done.exit_code == 4, done.output
    assert said in done.stderr
    assert not (folder / "report").exists()


def test_check_says_which_variable_is_set_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ALERTS", raising=False)
    add(folder, 'webhook_env = "ALERTS"\n')
    done = call("report", "--check")
    assert done.exit_code == 0
    assert "The variable ALERTS of alerts.webhook_env is not set here." in done.stdout


def test_what_is_wrong_has_code_4(folder: Path):
    assert call("report", "none.toml").exit_code == 4
    assert call("report", "--no-such-option").exit_code == 4
    assert call("report", "--now", "tomorrow").exit_code == 4
    assert call("init", "weeks.csv").exit_code == 4
    assert call("init", "weeks.csv", "--target", "revenu", "--out", "b.toml").exit_code == 4
    assert call("history", "none").exit_code == 4
    add(folder, "[output2]\n")
    done = call("report")
    assert done.exit_code == 4
    assert "Did you mean 'output'?" in done.stderr


def test_what_init_writes_elsewhere_finds_the_data_from_there(folder: Path):
    (folder / "some/where").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "weeks.csv").rename(folder / "data/weeks.csv")
    for data in ("data/weeks.csv", folder / "data/weeks.csv"):
        out = folder / "some/where/else.toml"
        out.unlink(missing_ok=True)
        assert call("init", data, "--out", "some/where/else.toml").exit_code == 0
        assert "leadlag report else.toml" in out.read_text(encoding="utf-8")
        done = call("report", "some/where/else.toml", "--check")
        assert done.exit_code == 0, done.output
    assert call("init", "data/weeks.csv", "--out", "b.toml").exit_code == 0
    assert 'path = "data/weeks.csv"' in (folder / "b.toml").read_text(encoding="utf-8")


def test_what_breaks_has_code_1_and_leaves_what_was_there(folder: Path):
    loader = "import pandas as pd\ndef load():\n    return pd.read_csv('weeks.csv')\n"
    (folder / "breaking.py").write_text(loader, encoding="utf-8")
    text = (folder / "leadlag.toml").read_text(encoding="utf-8")
    source = 'kind = "python"\nfunction = "breaking:load"\n'
    text = text.replace('kind = "csv"\npath = "weeks.csv"\n', source)
    (folder / "leadlag.toml").write_text(text, encoding="utf-8")
    assert call("report", "--now", "2021-12-06").exit_code == 0
    before = {file.name: file.read_bytes() for file in (folder / "report").iterdir()}
    (folder / "weeks.csv").unlink()
    done = call("report", "--now", "2021-12-13")
    assert done.exit_code == 1
    assert isinstance(done.exception, FileNotFoundError)
    assert {file.name: file.read_bytes() for file in (folder / "report").iterdir()} == before


def test_too_little_data_has_code_3(folder: Path):
    write_weeks(folder, 15)
    done = call("report")
    assert done.exit_code == 3
    write_weeks(folder, 0)
    assert call("report").exit_code == 3
    assert not (folder / "report").exists()


class Web(BaseHTTPRequestHandler):
    posts: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Web.posts.append(json.loads(body))
        self.send_response(500 if self.path.endswith("broken") else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    Web.posts = []
    server = HTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret-token"
    server.shutdown()
    server.server_close()


def test_an_alert_has_code_2_and_is_told_once(
    folder: Path, web: str, monkeypatch: pytest.MonkeyPatch
):
    text = 'file = "alerts.jsonl"\nwebhook_env = "ALERTS"\n'
    add(folder, text + '[alerts.lines."leader moved"]\nenter = 0.01\nleave = 0.001\n')
    monkeypatch.setenv("ALERTS", web)
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 2, done.output
    assert "Alert: signups " in done.stdout
    told = [json.loads(line) for line in (folder / "alerts.jsonl").read_text().splitlines()]
    assert [one["kind"] for one in told] == ["leader moved"]
    assert Web.posts[0]["alerts"] == told
    # Still on a week later: that is no news.
    write_weeks(folder, 101)
    again = call("report", "--now", "2021-12-13")
    assert again.exit_code == 0, again.output
    assert len(Web.posts) == 1


def test_an_alert_that_cannot_be_posted_ends_no_report(
    folder: Path, web: str, monkeypatch: pytest.MonkeyPatch
):
    add(folder, 'webhook_env = "ALERTS"\n')
    monkeypatch.setenv("ALERTS", f"{web}/broken")
    late = call("report", "--now", "2022-02-07")
    assert late.exit_code == 2
    assert "Alert: revenue should have 8 more weeks by now." in late.stdout
    assert "Alerts were not posted to the address in ALERTS: 500." in late.stderr
    assert "secret-token" not in late.output
    assert (folder / "report" / "report.html").exists()


@pytest.mark.parametrize("address", ["http://[secret-token", "http://host:secret-token/x"])
def test_an_address_that_is_none_is_said_without_it(
    folder: Path, address: str, monkeypatch: pytest.MonkeyPatch
):
    add(folder, 'webhook_env = "ALERTS"\n')
    monkeypatch.setenv("ALERTS", address)
    late = call("report", "--now", "2022-02-07")
    assert late.exit_code == 2, late.output
    assert "Alerts were not posted to the address in ALERTS: " in late.stderr
    assert "secret" not in late.output


def test_where_the_file_of_alerts_fails_the_web_address_is_told(
    folder: Path, web: str, monkeypatch: pytest.MonkeyPatch
):
    add(folder, 'file = "none/alerts.jsonl"\nwebhook_env = "ALERTS"\n')
    monkeypatch.setenv("ALERTS", web)
    late = call("report", "--now", "2022-02-07")
    assert late.exit_code == 2, late.output
    assert "Alerts were not written to alerts.file 'none/alerts.jsonl': " in late.stderr
    assert [one["kind"] for one in Web.posts[0]["alerts"]] == ["stale data"]


@pytest.mark.parametrize("broken", ["", "n/a"])
def test_a_leader_that_becomes_unusable_is_an_alert(folder: Path, broken: str):
    assert call("report", "--now", "2021-12-06").exit_code == 0
    data = pd.read_csv(folder / "weeks.csv")
    data["signups"] = broken
    data.to_csv(folder / "weeks.csv", index=False)
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 2, done.output
    assert "Alert: signups was shown to lead before and can't be used now: " in done.stdout


def test_a_source_that_stops_alerts_once_and_then_is_still_late(folder: Path):
    codes = []
    for day in ("2021-12-06", "2022-01-03", "2022-01-10", "2022-01-10", "2022-01-24"):
        done = call("report", "--now", day)
        codes.append(done.exit_code)
    assert codes == [0, 2, 0, 0, 0]
    assert "Still on: revenue should have 6 more weeks by now." in done.stdout
    record = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    # Looking again is no further run in which a metric led.
    assert record["tracking"]["led"] == {"signups": 1}
    assert [line.split()[0] for line in call("history").stdout.splitlines()][1:] == list("1234")
    # Data that come and stop again are told again once the alert has rested.
    write_weeks(folder, 106)
    assert call("report", "--now", "2022-01-24").exit_code == 0
    write_weeks(folder, 107)
    assert call("report", "--now", "2022-01-31").exit_code == 0
    late = call("report", "--now", "2022-02-21")
    assert late.exit_code == 2
    assert "Alert: revenue should have" in late.stdout


def test_a_folder_that_cannot_be_made_names_its_key(folder: Path):
    (folder / "report").write_text("a file", encoding="utf-8")
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 4
    assert "output.folder" in done.stderr


def test_several_targets_and_segments_have_a_page_each(folder: Path):
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    config = config.replace('target = "revenue"', 'target = ["revenue", "signups"]')
    (folder / "leadlag.toml").write_text(config, encoding="utf-8")
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in (folder / "report").glob("*.html")) == [
        "report-revenue.html", "report-signups.html",
    ]  # fmt: skip
    record = json.loads((folder / "report" / "report-revenue.json").read_text(encoding="utf-8"))
    assert record["settings"]["alpha"] == 0.05


def test_a_segment_is_a_stream_of_its_own(folder: Path):
    frame = weekly(100)[["revenue", "signups"]]
    frame.index.name = "week"
    parts = [frame.assign(country=name) for name in ("Fr/ance", "Chile", "ä" * 300)]
    pd.concat(parts).to_csv(folder / "weeks.csv")
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    (folder / "leadlag.toml").write_text('segment = "country"\n' + config, encoding="utf-8")
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 0, done.output
    names = sorted(file.name for file in (folder / "report").glob("*.html"))
    assert names[0] == "report-Chile.html"
    assert names[1].startswith("report-Fr-ance-")
    assert names[2].startswith("report-äää")
    assert "revenue / Fr/ance" in call("history").stdout


def test_a_number_names_the_same_segment_where_another_row_has_none(folder: Path):
    frame = weekly(100)[["revenue", "signups"]].rename_axis("week")
    pd.concat([frame.assign(shop=number) for number in (1, 12)]).to_csv(folder / "weeks.csv")
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    (folder / "leadlag.toml").write_text('segment = "shop"\n' + config, encoding="utf-8")
    assert call("report", "--now", "2021-12-06").exit_code == 0
    later = weekly(101)[["revenue", "signups"]].rename_axis("week")
    parts = [*(later.assign(shop=number) for number in (1, 12)), later[:1].assign(shop=None)]
    pd.concat(parts).to_csv(folder / "weeks.csv")
    assert "shop" in pd.read_csv(folder / "weeks.csv").select_dtypes("float")
    done = call("report", "--now", "2021-12-13")
    assert "1 row has no value in the segment 'shop'" in done.stderr
    names = sorted(file.name for file in (folder / "report").glob("*.html"))
    assert names == ["report-1.html", "report-12.html"]
    record = json.loads((folder / "report" / "report-12.json").read_text(encoding="utf-8"))
    assert record["run"]["number"] == 2


@pytest.mark.parametrize("bad", ["A", "Z"])
def test_a_bad_segment_takes_no_other_one_away(folder: Path, bad: str):
    frame = weekly(100)[["revenue", "signups"]]
    frame.index.name = "week"
    parts = [frame.assign(country="M"), frame[:9].assign(country=bad), frame[:3]]
    pd.concat(parts).to_csv(folder / "weeks.csv")
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    (folder / "leadlag.toml").write_text('segment = "country"\n' + config, encoding="utf-8")
    add(folder, 'file = "alerts.jsonl"\n')
    done = call("report", "--now", "2022-02-07")
    assert done.exit_code == 3, done.output
    assert (folder / "report" / "report-M.html").exists()
    assert f"leadlag: {bad}: " in done.stderr
    assert "3 rows have no value in the segment 'country'" in done.stderr
    assert "stale data" in (folder / "alerts.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_where_all_segments_fail_each_is_told(folder: Path, options: tuple[str, ...]):
    frame = weekly(100)[["revenue", "signups"]]
    frame.index.name = "week"
    parts = [frame[:9].assign(country=name) for name in ("Chile", "Peru")]
    text = frame.assign(country="Fiji").astype({"revenue": str}).assign(revenue="n/a")
    pd.concat([*parts, text, frame[:7].assign(country="Iran")]).to_csv(folder / "weeks.csv")
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    (folder / "leadlag.toml").write_text('segment = "country"\n' + config, encoding="utf-8")
    done = call("report", "--now", "2021-12-06", *options)
    lines = done.stderr.splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["Chile, Peru", "Fiji", "Iran"]
    # What more data do not mend is the worst of it.
    assert done.exit_code == 4, done.output
    assert not (folder / "report").exists() or not list((folder / "report").glob("*.html"))


def test_a_target_that_fails_beside_another_one_is_named(folder: Path):
    data = pd.read_csv(folder / "weeks.csv")
    data["other"] = 1.0
    data.to_csv(folder / "weeks.csv", index=False)
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    config = config.replace('target = "revenue"', 'target = ["other", "revenue"]')
    (folder / "leadlag.toml").write_text(config, encoding="utf-8")
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 4, done.output
    assert "leadlag: other: " in done.stderr
    assert (folder / "report" / "report-revenue.html").exists()


def test_a_segment_without_values_is_refused(folder: Path):
    weekly(100)[["revenue", "signups"]].assign(country=None).rename_axis("week").to_csv(
        folder / "weeks.csv"
    )
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    (folder / "leadlag.toml").write_text('segment = "country"\n' + config, encoding="utf-8")
    for options in (("--check",), ()):
        done = call("report", *options)
        assert done.exit_code == 3, done.output
        assert "the segment 'country' has no values" in done.stderr


def test_past_experiments_are_read_and_shown(folder: Path):
    rng = np.random.default_rng(0)
    true, a, b = rng.standard_normal((3, 120))
    effects = pd.DataFrame(
        {
            "signups": true + 0.5 * a, "signups_se": 0.5, "revenue": true + 0.5 * b,
            "revenue_se": 0.5,
        }
    )  # fmt: skip
    effects.to_csv(folder / "past.csv", index=False)
    add(folder, '[experiments]\npath = "past.csv"\nnoise_correlation = 0.0\n')
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 0, done.output
    record = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    assert record["proxies"]["supported"] == ["signups"]
    assert record["proxies"]["n_experiments"] == 120
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "Changes that truly raised signups raised revenue: correlation" in page
    (folder / "past.csv").unlink()
    wrong = call("report", "--now", "2021-12-06")
    assert wrong.exit_code == 4
    assert "past.csv" in wrong.stderr


def test_trade_offs_are_examined_where_a_margin_is_named(folder: Path):
    catalog = (
        '[signups]\nkind = "product outcome"\ncounterweights = ["other"]\n[other]\naim = "up"\n'
    )
    (folder / "metrics.toml").write_text(catalog, encoding="utf-8")
    config = (folder / "leadlag.toml").read_text(encoding="utf-8")
    top = 'catalog = "metrics.toml"\nmargin = {other = 1.5}\n'
    (folder / "leadlag.toml").write_text(top + config, encoding="utf-8")
    done = call("report", "--now", "2021-12-06")
    assert done.exit_code == 0, done.output
    record = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    (one,) = record["tradeoffs"]
    assert (one["metric"], one["counterweight"]) == ("signups", "other")
    assert one["verdict"] in ("harm", "no harm within the margin", "underpowered")
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert f">{one['verdict']}</span>" in page
    (folder / "leadlag.toml").write_text("margin = {other = -1.0}\n" + config, encoding="utf-8")
    wrong = call("report", "--check")
    assert wrong.exit_code == 4
    assert "margin.other" in wrong.stderr
