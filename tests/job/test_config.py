"""What a configuration may say, and how it is told that it is wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadlag.errors import ConfigurationError, InputError, LeadLagError
from leadlag.job.config import Config, read_config
from leadlag.job.example import example
from leadlag.job.sources import read_source
from leadlag.monitor.alerts import RULES

GOOD = """
target = "revenue"
time = "week"
goal = {revenue = 1000.0}
[source]
kind = "csv"
path = "weeks.csv"
"""


def read(folder: Path, text: str) -> Config:
    file = folder / "leadlag.toml"
    file.write_text(text, encoding="utf-8")
    return read_config(file)


def test_paths_are_beside_the_file(tmp_path: Path):
    config = read(tmp_path, GOOD)
    assert config.targets == ["revenue"]
    assert config.beside("weeks.csv") == tmp_path.resolve() / "weeks.csv"
    assert config.alerts.rules() == dict(RULES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("time", "tiem"), "'tiem' is not a key. Did you mean 'time'?"),
        (GOOD.replace("path =", "pth ="), "'source.pth' is not a key. Did you mean 'path'?"),
        (GOOD + "[output]\nfoldr = 'x'\n", "'output.foldr' is not a key. Did you mean 'folder'?"),
        (GOOD.replace('target = "revenue"', ""), "'target' is missing"),
        (GOOD.replace('"csv"', '"cvs"'), "'source.kind' should be 'csv', 'parquet'"),
        (GOOD.replace('"csv"', '"postgresql"'), "got 'postgresql'. Did you mean 'postgres'?"),
        ("model = 'Full'\n" + GOOD, "'screen' or 'full', got 'Full'. Did you mean 'full'?"),
        (GOOD.replace("path = ", "query = "), "source: a csv source needs path"),
        (GOOD + "query = 'SELECT 1'\n", "source: a csv source has no query"),
        (GOOD + "time_zone = 'UTC'\n", "source: a csv source has no time_zone"),
        (
            GOOD.replace('"csv"', '"parquet"') + "time_zone = 'Europe/Berln'\n",
            "Did you mean 'Europe/Berlin'?",
        ),
        (
            GOOD.replace("{revenue", "{profit"),
            "goal.profit is of no target: revenue. Check the name",
        ),
        ("alpha = 2.0\n" + GOOD, "'alpha' should be below 1, got 2.0"),
        ("max_lag = 'long'\n" + GOOD, "'max_lag' should be a whole number, got 'long'"),
        ("folder = 'x'\n" + GOOD, "'folder' is not a key. It is one of [output]"),
        (GOOD + "[alerts.lines.'leader mvd']\n", "Did you mean 'leader moved'?"),
        (
            GOOD + "[alerts.lines.'leader moved']\nenter = 1.0\n",
            "leave lies above enter, got 1.5 and 1",
        ),
        (
            GOOD + "[alerts.lines.zzz]\n",
            "is no alert: need one of the kinds of alert: leader moved",
        ),
        (GOOD + "segment = 'land'\n", "'source.segment' is not a key. It is one of the whole file"),
        ("file = 'a.jsonl'\n" + GOOD, "'file' is not a key. It is one of [alerts]"),
        ("path = 'x'\n" + GOOD, "'path' is not a key. It is one of [source] and [experiments]"),
        ("zzz = 1\n" + GOOD, "'zzz' is not a key: need one of the keys: source, target, time"),
        (
            "metrics = ['a', 3]\n" + GOOD,
            "can't be used: 'metrics.1' should be text in quotes, got 3.",
        ),
        ("holidays = true\n" + GOOD, "should be text in quotes or a list in brackets, got True"),
        (
            "target = 'y'\nsource = 'postgresql://u:secret@h'",
            "'source' should be a table, got an address",
        ),
        (
            GOOD.replace("weeks.csv", "https://u:secret@h/x.csv"),
            "source: path is the name of a file",
        ),
        (
            GOOD.replace("weeks.csv", "C:\\users\\x.csv"),
            "Write the path with / or in single quotes",
        ),
        (
            GOOD + "[alerts]\nwebhook_env = 'https://x.y/secret'\n",
            "'alerts.webhook_env': it should be the name of an",
        ),
        ("target = [", "is not TOML"),
        (
            GOOD.replace('target = "revenue"', "target = 3"),
            "'target' should be text in quotes or a list in brackets, got 3",
        ),
        (GOOD.replace('target = "revenue"', "target = []"), "'target' is empty"),
        ("target = 'y'\nsource = 'weeks.csv'", "'source' should be a table, got 'weeks.csv'"),
        ("segment = ''\n" + GOOD, "'segment' is empty"),
        ("catalog = ''\n" + GOOD, "'catalog' is empty"),
        (GOOD + "[alerts]\nfile = ''\n", "'alerts.file' is empty"),
        (GOOD + f"[output]\nname = '{'ä' * 21}'\n", "output: name is longer than 40 bytes"),
        (GOOD + "[output]\nname = '..'\n", "'output.name' should be a name of letters, digits"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str):
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_mark_before_the_text_is_none_of_it(tmp_path: Path):
    file = tmp_path / "leadlag.toml"
    file.write_text(GOOD, encoding="utf-8-sig")
    assert read_config(file).target == "revenue"


def test_a_rate_is_one_column_over_another(tmp_path: Path):
    text = 'aggregate = {rate = ["orders", "visits"], orders = "sum"}\n' + GOOD
    assert read(tmp_path, text).aggregate == {"rate": ["orders", "visits"], "orders": "sum"}


def test_an_address_is_no_name_of_a_variable(tmp_path: Path):
    text = (
        'target="y"\n[source]\nkind="postgres"\nquery="SELECT 1"\ndsn_env="postgresql://u:pw@h/d"'
    )
    with pytest.raises(ConfigurationError, match="name of an environment variable") as caught:
        read(tmp_path, text)
    assert "pw" not in str(caught.value)


def test_all_problems_are_said_at_once(tmp_path: Path):
    with pytest.raises(
        ConfigurationError, match=r"(?s)'source.pth' is not a key.*'tiem' is not a key"
    ):
        read(tmp_path, GOOD.replace("time", "tiem").replace("path =", "pth ="))


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="leadlag init"):
        read_config(tmp_path / "none.toml")


def test_lines_of_alerts_can_be_moved_or_left_out(tmp_path: Path):
    text = (
        GOOD + "[alerts.lines.'leader moved']\nenter=5.0\n[alerts.lines.'rank changed']\non=false\n"
    )
    rules = read(tmp_path, text).alerts.rules()
    assert rules["leader moved"].enter == 5.0
    assert rules["leader moved"].leave == RULES["leader moved"].leave
    assert "rank changed" not in rules


@pytest.mark.parametrize(
    ("name", "header"), [("weeks.csv", "week"), ('we"eks.csv', 'we"ek\\n')], ids=["plain", "quotes"]
)
def test_what_init_writes_is_right(tmp_path: Path, name: str, header: str):
    data = tmp_path / name
    quoted = '"' + header.replace('"', '""') + '"'
    rows = "".join(f"2024-01-{day:02d},{day},{day**2}\n" for day in range(1, 29))
    data.write_text(f"{quoted},signups,revenue\n{rows}", encoding="utf-8")
    config = read(tmp_path, example(data))
    assert config.target == "revenue"
    assert config.time == header
    assert read(tmp_path, example(data, "signups")).target == "signups"


def test_init_takes_no_row_number_for_the_outcome(tmp_path: Path):
    rows = "".join(f"{day},{day**2 % 7}\n" for day in range(1, 29))
    (tmp_path / "plain.csv").write_text(f"period,creams\n{rows}", encoding="utf-8")
    assert read(tmp_path, example(tmp_path / "plain.csv")).target == "creams"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"1,234.56"', 'numbers as text such as "1,234.56"; write plain ones, such as 1234.56'),
        ("$12", 'numbers as text such as "$12"'),
        ("€ 5", 'numbers as text such as "€ 5"'),
        ("EUR 1.50", 'numbers as text such as "EUR 1.50"'),
        ("12 %", 'numbers as text such as "12 %"'),
        ("(40)", 'numbers as text such as "(40)"'),
        ("3.5k", 'numbers as text such as "3.5k"'),
        ("2024-01-05", 'text such as "2024-01-05"'),
        ("01.02.2024", 'text such as "01.02.2024"'),
        ("SKU-17", 'text such as "SKU-17"'),
        ("Chile", 'text such as "Chile"'),
        ("", "no value in any row"),
    ],
)
def test_init_says_which_columns_it_left_out(tmp_path: Path, value: str, said: str):
    rows = "".join(f"2024-01-{day:02d},{day},{value}\n" for day in range(1, 29))
    (tmp_path / "days.csv").write_text(f"day,signups,sales\n{rows}", encoding="utf-8")
    text = example(tmp_path / "days.csv")
    assert "28 rows, 1 column of numbers." in text
    assert f'# Left out, since they are no numbers:\n#   "sales": {said}' in text
    assert read(tmp_path, text).target == "signups"
    with pytest.raises(InputError) as caught:
        example(tmp_path / "days.csv", "sales")
    assert said in str(caught.value)


def test_init_shows_the_remark_among_numbers(tmp_path: Path):
    values = ["n/a?" if day == 7 else str(day) for day in range(1, 29)]
    rows = "".join(f"2024-01-{i + 1:02d},{i},{value}\n" for i, value in enumerate(values))
    (tmp_path / "days.csv").write_text(f"day,signups,sales\n{rows}", encoding="utf-8")
    assert '"sales": numbers as text, for "n/a?" is among them' in example(tmp_path / "days.csv")


DAYS = pd.date_range("2024-01-01", periods=28, freq="D")


def test_init_finds_dates_that_are_not_in_the_first_column(tmp_path: Path):
    frame = pd.DataFrame({"sales": range(28), "day": DAYS, "signups": range(28)})
    frame.assign(day=DAYS.strftime("%d.%m.%Y")).to_csv(tmp_path / "days.csv", index=False)
    config = read(tmp_path, example(tmp_path / "days.csv"))
    assert config.time == "day"
    two = frame.assign(exported=DAYS + pd.Timedelta(days=1), words="text")
    two.to_csv(tmp_path / "two.csv", index=False)
    text = example(tmp_path / "two.csv")
    assert '# The column that says when. Dates are in "exported" as well.' in text
    assert read(tmp_path, text).time == "day"


def test_init_makes_a_report_for_each_value_of_what_tells_the_rows_of_a_date_apart(tmp_path: Path):
    frame = pd.DataFrame({"day": DAYS, "sales": range(28), "note": "same"})
    pd.concat([frame.assign(land=name) for name in ("Chile", "Peru")]).to_csv(
        tmp_path / "long.csv", index=False
    )
    assert read(tmp_path, example(tmp_path / "long.csv")).segment == "land"
    frame.to_csv(tmp_path / "long.csv", index=False)
    assert read(tmp_path, example(tmp_path / "long.csv")).segment is None


@pytest.mark.parametrize(("header", "suffix"), [("day", "csv"), ("At, '''local'''", "parquet")])
def test_init_makes_a_row_a_period_of_events(tmp_path: Path, header: str, suffix: str):
    """What names a user is counted and never added up; days without an event are no gaps."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-03", periods=300, freq="D").repeat(2)[rng.random(600) < 0.5]
    log = pd.DataFrame({header: days, "user_id": np.arange(len(days)) % 40})
    log["amount"] = rng.integers(1, 100, len(days))
    log.insert(1, "user_name", "Ann")
    log.insert(1, "productId", [f"p{n // 4 % 3}" for n in range(len(days))])
    file = tmp_path / f"log.{suffix}"
    log.to_csv(file, index=False) if suffix == "csv" else log.to_parquet(file, index=False)
    config = read(tmp_path, example(file, out=tmp_path / "leadlag.toml"))
    assert (config.target, config.time, config.segment) == ("amount", "week", None)
    frame, time = read_source(config)
    weeks = log.set_index(header).resample("W-MON", closed="left", label="left")
    expected = pd.DataFrame({
        "events": weeks["amount"].count(), "productId count": weeks["productId"].nunique(),
        "user_id count": weeks["user_id"].nunique(), "amount": weeks["amount"].sum(),
    }).iloc[1:-1]  # fmt: skip
    assert frame.set_index(time).astype(float).equals(expected.astype(float).rename_axis("week"))
    with pytest.raises(LeadLagError, match="user_id count"):
        example(file, "user_id")


def test_init_takes_rows_that_are_twice_for_no_events(tmp_path: Path):
    frame = pd.DataFrame({"day": DAYS, "sales": range(28), "signups": range(28)})
    pd.concat([frame, frame.tail(3)]).to_csv(tmp_path / "days.csv", index=False)
    assert read(tmp_path, example(tmp_path / "days.csv")).source.kind == "csv"
