"""The command line as people and schedulers use it: files in, table out, codes to go by."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import leadlag
from leadlag.cli import Code, app
from leadlag.errors import LeadLagError
from leadlag.files import read_file

DOCS = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
FAST = ("--max-lag", "4")


def business(n: int = 120) -> pd.DataFrame:
    """Visits precede revenue by two periods; likes are noise."""
    rng = np.random.default_rng(6)
    visits = rng.standard_normal(n + 2)
    return pd.DataFrame(
        {
            "revenue": 100 + 3 * visits[:n] + rng.standard_normal(n),
            "visits": 50 + visits[2:],
            "likes": 20 + rng.standard_normal(n),
            "plan": "basic",
        },
        index=pd.date_range("2023-01-02", periods=n, freq="W-MON", name="week"),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weeks.csv"
    business().to_csv(path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


# --- a run -------------------------------------------------------------------------------------


def test_a_csv_file_in_a_table_out(file: Path):
    done = run("rank", file, "--target", "revenue", *FAST)
    assert done.exit_code == Code.RAN
    lines = done.stdout.splitlines()
    first = next(line for line in lines if line.startswith("visits"))
    assert first.split()[:3] == ["visits", "learn", "first"]
    assert any(line.startswith("likes") and "too few data" in line for line in lines)
    assert max(map(len, lines)) <= 100
    assert done.stderr == ""


def test_the_table_is_that_of_rank(file: Path, tmp_path: Path):
    out = tmp_path / "ranking.json"
    done = run("rank", file, "--target", "revenue", *FAST, "--out", out)
    assert done.exit_code == Code.RAN
    ranking = leadlag.load(out)
    direct = leadlag.rank(business(), "revenue", max_lag=4)
    pd.testing.assert_frame_equal(ranking.table, direct.table)
    assert done.stdout.rstrip("\n") == repr(ranking)


def test_json_is_what_out_writes(file: Path, tmp_path: Path):
    out = tmp_path / "ranking.json"
    done = run("rank", file, "--target", "revenue", *FAST, "--json", "--out", out)
    assert done.stdout == out.read_text(encoding="utf-8")
    values = json.loads(done.stdout)
    assert values == leadlag.load(out).to_dict()
    assert values["table"][0]["metric"] == "visits"
    assert values["settings"]["alpha"] == 0.1


def test_every_kind_of_output_in_one_run(file: Path, tmp_path: Path):
    names = ["r.json", "r.csv", "r.png", "r.svg", "r.html"]
    outs = [part for name in names for part in ("--out", tmp_path / name)]
    done = run("rank", file, "--target", "revenue", *FAST, "--quiet", *outs)
    assert (done.exit_code, done.stdout, done.stderr) == (Code.RAN, "", "")
    table = pd.read_csv(tmp_path / "r.csv", index_col="metric")
    assert table.index.tolist() == ["visits", "likes", "plan"]
    assert table.at["visits", "lag"] == 2
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert "visits precedes revenue by 2 weeks" in (tmp_path / "r.svg").read_text(encoding="utf-8")


def test_parquet_keeps_its_dates(tmp_path: Path):
    path = tmp_path / "weeks.parquet"
    business().to_parquet(path)
    done = run("rank", path, "--target", "revenue", *FAST, "--json")
    values = json.loads(done.stdout)
    assert values["settings"]["freq"] == "W"
    assert values["table"][0]["lag"] == 2


def test_options_reach_the_ranking(file: Path):
    done = run(
        "rank", file, "--target", "revenue", "--metric", "vis*", "--control", "likes",
        "--time", "week", "--as-of", "2025-03-01", "--alpha", "0.05", "--seed", "7",
        "--holidays", "US", *FAST, "--json",
    )  # fmt: skip
    values = json.loads(done.stdout)
    assert [row["metric"] for row in values["table"]] == ["visits"]
    settings = values["settings"]
    assert (settings["alpha"], settings["seed"], settings["max_lag"]) == (0.05, 7, 4)
    assert settings["controls"] == ["likes"]
    assert settings["n"] < 120


def test_a_coarser_frequency_is_aggregated_as_said(tmp_path: Path):
    rng = np.random.default_rng(0)
    days = pd.date_range("2022-01-03", periods=7 * 60, freq="D", name="day")
    wide = pd.DataFrame(rng.poisson(50, (len(days), 3)), days, ["orders", "visits", "buyers"])
    path = tmp_path / "days.csv"
    wide.assign(rate=wide["buyers"] / wide["visits"]).to_csv(path)
    every = ("--aggregate", "orders=sum", "--aggregate", "visits=sum", "--aggregate", "buyers=sum")
    rank = ("rank", path, "--target", "orders", "--freq", "W", *FAST, "--json")
    done = run(*rank, *every, "--aggregate", "rate=buyers/visits")
    assert json.loads(done.stdout)["settings"]["freq"] == "W"
    assert json.loads(done.stdout)["settings"]["n"] == 60
    assert json.loads(run(*rank, "--aggregate", "mean").stdout)["settings"]["n"] == 60


def test_a_catalogue_declares_kinds(file: Path, tmp_path: Path):
    catalog = tmp_path / "metrics.toml"
    catalog.write_text('visits = "traction"\n')
    done = run("rank", file, "--target", "revenue", "--catalog", catalog, *FAST, "--json")
    assert json.loads(done.stdout)["table"][0]["kind"] == "traction"


# --- exit codes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--target", "revenu"), "Did you mean 'revenue'?"),
        (("--target", "revenue", "--metric", "vizits"), "visits"),
        (("--target", "revenue", "--time", "wek"), "wek"),
        (("--target", "revenue", "--alpha", "7"), "alpha"),
        (("--target", "revenue", "--aggregate", "x=", "--freq", "M"), "NAME=HOW"),
        (("--target", "revenue", "--catalog", "none.toml"), "none.toml"),
        (("--target", "revenue", "--aggregate", "sum"), "Pass --freq as well, such as --freq W"),
        (("--target", "revenue", "--aggregate", "sum"), "--aggregate is given without --freq"),
        (("--target", "revenue", "--freq", "h"), "--freq h is finer"),
        (("--target", "revenue", "--max-lag", "99"), "Lower --max-lag"),
        (("--target", "revenue", "--as-of", "soon"), "--as-of can't be used"),
        (("--target", "revenue", "--out", "table.xlsx"), "need .json, .csv, .png, .svg, .html"),
        (("--target", "revenue", "--out", "no/folder/table.csv"), "Make the folder first"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_with_code_4(file: Path, arguments, message: str):
    done = run("rank", file, *arguments)
    assert done.exit_code == Code.WRONG
    assert done.stdout == ""
    assert done.stderr.startswith("leadlag: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_too_little_data_is_code_3(tmp_path: Path):
    path = tmp_path / "short.csv"
    business(8).to_csv(path)
    done = run("rank", path, "--target", "revenue")
    assert done.exit_code == Code.INSUFFICIENT
    assert done.stderr.startswith("leadlag: ")


def test_nothing_usable_is_code_3_and_still_says_why(tmp_path: Path):
    path = tmp_path / "useless.csv"
    business()[["revenue", "plan"]].to_csv(path)
    done = run("rank", path, "--target", "revenue")
    assert done.exit_code == Code.INSUFFICIENT
    assert "holds text" in done.stdout
    assert "no column could be ranked" in done.stderr


def test_a_command_that_can_t_be_understood_is_code_2(file: Path):
    assert run("rank", file).exit_code == Code.USAGE  # no target
    assert run("rank", file, "--target", "revenue", "--tarot", "x").exit_code == Code.USAGE
    assert run("rank", file, "--target", "revenue", "--max-lag", "soon").exit_code == Code.USAGE


def test_the_process_returns_the_code(tmp_path: Path):
    command = [sys.executable, "-m", "leadlag", "rank", "none.csv", "--target", "y"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=Path(leadlag.__file__).parent.parent,
        check=False,
    )
    assert done.returncode == Code.WRONG
    assert done.stderr == (
        "leadlag: file 'none.csv' is not there: got no such file, need a CSV or Parquet file. "
        "Check the path.\n"
    )


def test_a_log_that_knows_no_dash_does_not_break_it(file: Path):
    done = subprocess.run(
        [sys.executable, "-m", "leadlag", "rank", str(file), "--target", "revenue", *FAST],
        capture_output=True,
        cwd=Path(leadlag.__file__).parent.parent,
        env={"PYTHONIOENCODING": "latin-1"},
        check=False,
    )
    assert done.returncode == Code.RAN, done.stderr
    assert b"[low?high]" in done.stdout


def test_help_and_version_load_nothing_heavy():
    program = (
        "import sys\nfrom leadlag.cli import main\nsys.argv = ['leadlag', 'rank', '--help']\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert stop.code == 0\n"
        "print([m for m in ('altair', 'pyarrow.parquet', 'leadlag.files') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=Path(leadlag.__file__).parent.parent,
        check=True,
    )
    assert done.stdout.endswith("[]\n")
    version = run("--version")
    assert version.exit_code == 0
    assert version.stdout.startswith("leadlag")


# --- files -------------------------------------------------------------------------------------


def written(tmp_path: Path, text: str, name: str = "data.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("day,x\n2024-01-01,1.5\n2024-01-02,2.5\n", [1.5, 2.5]),
        ("day;x\n2024-01-01;1,5\n2024-01-02;2,5\n", [1.5, 2.5]),
        ("day;x\n2024-01-01;1.5\n2024-01-02;2.5\n", [1.5, 2.5]),
        ("day\tx\n2024-01-01\t1.5\n2024-01-02\t2.5\n", [1.5, 2.5]),
        ("day|x\n2024-01-01|1\n2024-01-02|2\n", [1, 2]),
        ('\ufeffday,x\n2024-01-01,"1"\n2024-01-02,"2"\n', [1, 2]),
        ('"day","x, in all"\n2024-01-01,1\n2024-01-02,2\n', [1, 2]),
    ],
)
def test_delimited_text_of_every_kind(tmp_path: Path, text: str, values: list[float]):
    frame, time = read_file(written(tmp_path, text))
    assert time == "day"
    assert frame.iloc[:, 1].tolist() == values
    assert frame.columns[0] == "day"


@pytest.mark.parametrize(
    ("stamps", "second"),
    [
        (["01/31/2024", "02/29/2024", "03/31/2024"], "2024-02-29"),
        (["31/01/2024", "29/02/2024", "31/03/2024"], "2024-02-29"),
        (["31.01.2024", "29.02.2024", "31.03.2024"], "2024-02-29"),
        (["2024/01/31", "2024/02/29", "2024/03/31"], "2024-02-29"),
        (["Jan 2024", "Feb 2024", "Mar 2024"], "2024-02-01"),
        # Day first, these are three days of January; month first, three months in a row.
        ([f"{m}/1/{y}" for y in (2022, 2023) for m in range(1, 13)], "2022-02-01"),
        ([f"1/{m}/{y}" for y in (2022, 2023) for m in range(1, 13)], "2022-02-01"),
    ],
)
def test_dates_as_spreadsheets_write_them(tmp_path: Path, stamps: list[str], second: str):
    text = "when,x\n" + "".join(f"{stamp},1\n" for stamp in stamps)
    frame, time = read_file(written(tmp_path, text))
    assert time == "when"
    assert frame["when"][1] == pd.Timestamp(second)


def test_dates_that_can_be_read_in_two_ways_are_not_guessed(tmp_path: Path):
    path = written(tmp_path, "when,x\n01/02/2024,1\n02/03/2024,2\n03/04/2024,3\n")
    with pytest.raises(LeadLagError, match=r"day first or the month first.*2026-01-31"):
        read_file(path)


@pytest.mark.parametrize(
    ("header", "time"), [("2024-W01,1", "a"), ("2024-Q1,1", "a"), ("5,1", None), ("north,1", None)]
)
def test_the_first_column_is_the_time_only_if_it_is_one(
    tmp_path: Path, header: str, time: str | None
):
    assert read_file(written(tmp_path, f"a,b\n{header}\n"))[1] == time


def test_the_index_that_pandas_writes_is_the_time(tmp_path: Path):
    path = tmp_path / "frame.csv"
    pd.DataFrame({"y": [1.0, 2.0], "x": [3.0, 4.0]}).to_csv(path)
    assert read_file(path)[1] == "Unnamed: 0"


@pytest.mark.parametrize("order", [["week", "revenue", "visits"], ["revenue", "visits", "week"]])
def test_dates_come_before_the_numbers_of_rows(tmp_path: Path, order: list[str]):
    path = tmp_path / "weeks.csv"
    business().reset_index()[order].to_csv(path)
    frame, time = read_file(path)
    assert (time, list(frame.columns)) == ("week", order)
    run_through = leadlag.rank(frame, "revenue", time=time, max_lag=4)
    assert run_through.settings["freq"] == "W"


def test_numbers_of_rows_are_the_time_where_there_are_no_dates(tmp_path: Path):
    path = tmp_path / "weeks.csv"
    business().reset_index(drop=True)[["revenue", "visits"]].to_csv(path)
    assert read_file(path)[1] == "Unnamed: 0"


def test_two_columns_of_dates_are_asked_about(tmp_path: Path):
    path = tmp_path / "weeks.csv"
    frame = business().reset_index()
    frame.assign(until=frame["week"])[["revenue", "week", "until"]].to_csv(path)
    with pytest.raises(LeadLagError, match="several columns could be the time: got week, until"):
        read_file(path)


def test_packed_files_are_read(tmp_path: Path):
    path = tmp_path / "weeks.csv.gz"
    business().to_csv(path)
    frame, time = read_file(path)
    assert (time, len(frame)) == ("week", 120)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty"),
        ("latin.csv", "tag,größe\n2024-01-01,1\n".encode("latin-1"), "is not UTF-8"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "line 3 of .* has more fields"),
        ("wide.csv", b"a,b\n1,2,3\n4,5,6\n", "line 2 of .* has more fields"),
        ("wide16.csv", "a,b\n1,2\n".encode("utf-16"), "is not UTF-8 text: got zero bytes"),
        ("wide16le.csv", "a,b\n1,2\n".encode("utf-16-le"), "is not UTF-8 text.*UTF-16"),
        ("not.parquet", b"nothing", "can't be read as Parquet"),
        ("not.csv.gz", b"nothing", "can't be read as packed CSV"),
        ("table.xlsx", b"PK", "not a kind of file"),
    ],
)
def test_files_that_can_t_be_read_are_one_clear_error(
    tmp_path: Path, name: str, content: bytes, message: str
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LeadLagError, match=message) as caught:
        read_file(path)
    assert all((caught.value.what, caught.value.got, caught.value.need, caught.value.do))


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(LeadLagError, match="is not a file"):
        read_file(tmp_path)


# --- docs --------------------------------------------------------------------------------------


def test_every_option_and_exit_code_is_documented():
    from typer.main import get_command

    text = DOCS.read_text(encoding="utf-8")
    commands = get_command(app).commands.values()  # type: ignore[attr-defined]
    options = {
        name
        for command in commands
        for parameter in command.params
        for name in parameter.opts
        if name[0] == "-"
    }
    documented = set(re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE))
    assert options - {"--help"} == documented
    for command in commands:
        assert f"leadlag {command.name} " in text
    for code in Code:
        assert re.search(rf"^\| {code.value} \|", text, re.MULTILINE), code


# --- funnel and experiments ---------------------------------------------------------------------


def weeks_of_a_funnel(path: Path) -> Path:
    rng = np.random.default_rng(0)
    visits = rng.poisson(2000 * np.exp(0.15 * rng.standard_normal(80)))
    forms = rng.binomial(visits, 0.05 * np.exp(0.2 * rng.standard_normal(80)))
    frame = pd.DataFrame({"visits": visits, "forms": forms, "sales": rng.binomial(forms, 0.2)})
    frame.index = pd.date_range("2024-01-01", periods=80, freq="W-MON", name="week")
    frame.to_csv(path)
    return path


def test_funnel_prints_what_the_library_prints_and_draws_it(tmp_path: Path):
    file = weeks_of_a_funnel(tmp_path / "weeks.csv")
    stages = ["--stage", "visits", "--stage", "forms:0", "--stage", "sales:0"]
    picture = tmp_path / "funnel.svg"
    done = run("funnel", str(file), *stages, "--out", str(picture))
    frame = pd.read_csv(file, parse_dates=["week"], index_col="week")
    made = leadlag.funnel(frame, {"visits": None, "forms": 0, "sales": 0})
    assert (done.exit_code, done.output) == (0, f"{made!r}\n")
    assert "made" in picture.read_text(encoding="utf-8")
    values = json.loads(run("funnel", str(file), *stages, "--json").output)
    assert values["residual"] == 0
    (bars,) = made.plot().to_dict()["datasets"].values()
    assert bars[-2]["end"] == pytest.approx(bars[-1]["end"])
    with pytest.raises(LeadLagError, match="no change"):
        leadlag.funnel({"visits": 10, "sales": 1}, ["visits", "sales"]).plot()


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        (["visits", "form"], "Did you mean 'forms'"),
        (["visits", "sales:late"], "NAME:DELAY"),
        (["visits:0", "visits:1"], "named twice"),
        (["sales"], "Pass --stage visits --stage opt_ins --stage sales."),
    ],
)
def test_funnel_says_what_is_wrong(tmp_path: Path, stages: list[str], says: str):
    file = weeks_of_a_funnel(tmp_path / "weeks.csv")
    done = run("funnel", str(file), *[part for one in stages for part in ("--stage", one)])
    assert done.exit_code == Code.WRONG
    assert says in done.output


def test_a_column_with_a_colon_in_its_name_can_be_a_stage(tmp_path: Path):
    file = weeks_of_a_funnel(tmp_path / "weeks.csv")
    pd.read_csv(file).rename(columns={"forms": "forms:2"}).to_csv(file, index=False)
    done = run("funnel", str(file), "--stage", "visits", "--stage", "forms:2", "--stage", "sales:0")
    assert done.exit_code == 0, done.output
    assert "forms:2: " in done.stdout


def test_experiments_prints_what_the_library_prints_and_draws_it(tmp_path: Path):
    rng = np.random.default_rng(0)
    true = rng.standard_normal(60)
    frame = pd.DataFrame({"clicks": true + 0.4 * rng.standard_normal(60), "clicks_se": 0.4})
    frame["revenue"], frame["revenue_se"] = true + 0.4 * rng.standard_normal(60), 0.4
    file, picture = tmp_path / "effects.csv", tmp_path / "effects.svg"
    frame.to_csv(file, index=False)
    call = ("experiments", str(file), "--target", "revenue", "--noise", "clicks=0")
    done = run(*call, "--out", str(picture))
    made = leadlag.experiments(frame, "revenue", noise_correlation={"clicks": 0.0})
    assert (done.exit_code, done.output) == (0, f"{made!r}\n")
    assert "true effects" in picture.read_text(encoding="utf-8")
    drawn = made.plot().to_dict()
    lines = drawn["datasets"][drawn["layer"][-1]["data"]["name"]]
    slopes = {one["line"]: one["y"] for one in lines}
    assert slopes["true effects"] > slopes["estimates as they are"]
    with pytest.raises(LeadLagError, match="clicks"):
        made.plot("click")
    wrong = run("experiments", str(file), "--target", "revenue", "--noise", "much")
    assert (wrong.exit_code, "METRIC=0.4" in wrong.output) == (Code.WRONG, True)
    assert "Did you mean" in run("experiments", str(file), "--target", "revenu").output


# --- coach -------------------------------------------------------------------------------------


def test_coach_prints_findings_with_their_question():
    done = run("coach", "Deliver an Android app")
    assert done.exit_code == Code.RAN
    assert done.stdout.startswith("error (output): 'Deliver an Android app' is an output")
    assert "What would success look like" in done.stdout
    words = run("coach", "Deliver", "an", "Android", "app")
    assert words.stdout == done.stdout


def test_coach_reads_a_catalogue_and_writes_json(tmp_path: Path):
    path = tmp_path / "metrics.toml"
    path.write_text('csat = "sentiment"\n', encoding="utf-8")
    found = json.loads(run("coach", "--catalog", path, "--json").stdout)["findings"]
    assert next((one["metric"], one["code"]) for one in found) == ("csat", "sentiment_alone")


@pytest.mark.parametrize("arguments", [(), ("orders", "--catalog", "x.toml"), ("%",)])
def test_coach_says_what_it_needs(arguments: tuple[str, ...]):
    done = run("coach", *arguments)
    assert done.exit_code == Code.WRONG
    assert done.stderr.startswith("leadlag: ")


# --- plan --------------------------------------------------------------------------------------

PLAN = ("plan", "--revenue", "5000000", "--average-sale", "25000", "--acceptance-rate", "0.4")


@pytest.mark.parametrize(
    ("growth", "win", "form"), [("0.2", "0.25", "0.01"), ("20%", "25%", "1 %")]
)
def test_plan_works_back_to_visits(growth: str, win: str, form: str):
    done = run(*PLAN, "--growth", growth, "--win-rate", win, "--form-rate", form)
    assert done.exit_code == 0
    for step, whole in {
        "deals": "40",
        "accepted": "160",
        "forms": "400",
        "visits": "40,000",
    }.items():
        assert re.search(rf"^  {step} +{whole} ", done.output, re.MULTILINE), done.output


def test_plan_says_what_a_percentage_should_have_been():
    done = run(*PLAN, "--growth", "0.2", "--win-rate", "25", "--form-rate", "0.01")
    assert done.exit_code == Code.WRONG
    assert "Pass --win-rate 0.25 for 25 %" in done.output
    much = run(*PLAN, "--growth", "much", "--win-rate", "0.25", "--form-rate", "0.01")
    assert (much.exit_code, "a range LOW:HIGH" in much.output) == (Code.WRONG, True)
