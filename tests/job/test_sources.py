"""Data from where they are: the same data make the same report, whatever holds them."""

import errno
import importlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from leadlag.errors import ConfigurationError, InputError, LeadLagError
from leadlag.job.config import Config, Output, Source
from leadlag.job.run import run_report
from leadlag.job.sources import read_source
from tests.report.conftest import weekly

QUERY = "SELECT * FROM weeks ORDER BY week"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    # As many digits as a float has: none of them may be lost on the way.
    frame = weekly(90)[["revenue", "signups", "features"]]
    frame.insert(0, "week", frame.index.strftime("%Y-%m-%d"))
    return frame.reset_index(drop=True)


@pytest.fixture(scope="module")
def folder(data: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("sources")
    data.to_csv(where / "weeks.csv", index=False)
    dated = data.assign(week=pd.to_datetime(data["week"]))
    for part in range(3):
        dated.iloc[part * 30 : part * 30 + 30].to_parquet(where / f"part-{part}.parquet")
    with duckdb.connect(str(where / "weeks.duckdb")) as connection:
        connection.execute("CREATE TABLE weeks AS SELECT * FROM dated")
    connection = sqlite3.connect(where / "weeks.sqlite")
    data.to_sql("weeks", connection, index=False)
    connection.close()
    data.to_parquet(where / "weeks.parquet")
    text = (
        "import pandas as pd\ndef load():\n"
        f"    return pd.read_parquet({str(where / 'weeks.parquet')!r})\n"
    )
    (where / "my_loader.py").write_text(text, encoding="utf-8")
    return where


SOURCES = {
    "csv": Source(kind="csv", path="weeks.csv"),
    "parquet": Source(kind="parquet", path="part-*.parquet"),
    "duckdb": Source(kind="duckdb", path="weeks.duckdb", query=QUERY),
    "duckdb on files": Source(kind="duckdb", query="SELECT * FROM 'part-*.parquet'"),
    "sqlite": Source(kind="sqlite", path="weeks.sqlite", query=QUERY),
    "python": Source(kind="python", function="my_loader:load"),
}


def config(folder: Path, source: Source, out: str) -> Config:
    return Config(
        source=source, target="revenue", time="week", output=Output(folder=out), folder=folder
    )


def page(folder: Path, name: str, source: Source) -> bytes:
    run_report(config(folder, source, f"out {name}"), progress=False)
    return (folder / f"out {name}" / "report.json").read_bytes()


@pytest.fixture(scope="module")
def expected(folder: Path) -> bytes:
    return page(folder, "csv", SOURCES["csv"])


@pytest.mark.parametrize("name", list(SOURCES)[1:])
def test_the_same_data_make_the_same_bytes(folder: Path, name: str, expected: bytes):
    assert page(folder, name, SOURCES[name]) == expected


@pytest.mark.parametrize("path", ["part-*.parquet", "deep/**/part-*.parquet"])
def test_a_pattern_means_the_same_in_any_folder(folder: Path, tmp_path: Path, path: str):
    """What signs the folder's own name has is nobody's pattern."""
    where = tmp_path / "week [1]"
    for part in range(3):
        at = where / "deep" / "2026" / str(part) if "deep" in path else where
        at.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / f"part-{part}.parquet", at)
    frame, _ = read_source(config(where, Source(kind="parquet", path=path), "x"))
    assert len(frame) == 90


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path, tmp_path: Path):
    shutil.copy(folder / "part-0.parquet", tmp_path / "part[0].parquet")
    frame, _ = read_source(config(tmp_path, Source(kind="parquet", path="part[0].parquet"), "x"))
    assert len(frame) == 30
    shutil.copy(folder / "weeks.csv", tmp_path / "weeks[0].csv")
    frame, _ = read_source(config(tmp_path, Source(kind="csv", path="weeks[0].csv"), "x"))
    assert len(frame) == 90


def test_a_function_may_import_its_neighbours_when_it_is_called(tmp_path: Path):
    (tmp_path / "calls_later.py").write_text(
        "def load():\n    import lazy_neighbour\n    return lazy_neighbour.frame()\n",
        encoding="utf-8",
    )
    (tmp_path / "lazy_neighbour.py").write_text(
        "import pandas as pd\ndef frame():\n    return pd.DataFrame({'week': [1, 2]})\n",
        encoding="utf-8",
    )
    before = list(sys.path)
    frame, _ = read_source(
        config(tmp_path, Source(kind="python", function="calls_later:load"), "x")
    )
    assert len(frame) == 2
    assert sys.path == before


def test_a_module_called_as_one_that_is_installed_is_refused(tmp_path: Path):
    (tmp_path / "jinja2.py").write_text("def load():\n    return None\n", encoding="utf-8")
    assert importlib.import_module("jinja2").Environment
    source = config(tmp_path, Source(kind="python", function="jinja2:Environment"), "x")
    with pytest.raises(LeadLagError, match="'jinja2', is called as one that is installed") as e:
        read_source(source)
    assert "jinja2.py beside the configuration" in str(e.value)
    assert str(tmp_path) not in str(e.value)


def test_two_configurations_may_have_a_module_of_one_name(tmp_path: Path):
    for rows in (2, 3):
        folder = tmp_path / str(rows)
        folder.mkdir()
        code = (
            f"import pandas as pd\ndef load():\n    return pd.DataFrame({{'w': range({rows})}})\n"
        )
        (folder / "same_name.py").write_text(code, encoding="utf-8")
        source = Source(kind="python", function="same_name:load")
        frame, _ = read_source(config(folder, source, "x"))
        assert len(frame) == rows


# --- time zones: days are those of the zone that is named, on any machine ----------------------

ZONE = "Europe/Berlin"
MOMENTS = "SELECT * FROM moments ORDER BY day"


@pytest.fixture(scope="module")
def moments(folder: Path) -> pd.DataFrame:
    """Midnights in Berlin, which in UTC are still the day before."""
    days = pd.date_range("2026-01-01", periods=100, freq="D", tz=ZONE, name="day")
    frame = weekly(100)[["revenue", "signups"]].round(3).set_index(days).reset_index()
    frame.to_parquet(folder / "moments.parquet", index=False)
    with duckdb.connect(str(folder / "moments.duckdb")) as connection:
        connection.execute("CREATE TABLE moments AS SELECT * FROM frame")
    return frame


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock shows another time."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


IN_FILES = Source(kind="parquet", path="moments.parquet")
IN_DUCKDB = Source(kind="duckdb", path="moments.duckdb", query=MOMENTS)


def days_of(folder: Path, source: Source, zone: str | None = None) -> pd.Series:
    where = config(folder, source.model_copy(update={"time_zone": zone}), "x")
    frame, _ = read_source(where.model_copy(update={"time": "day"}))
    days: pd.Series = frame["day"]
    return days


@pytest.mark.usefixtures("elsewhere")
def test_days_are_those_of_the_zone_that_is_named(folder: Path, moments: pd.DataFrame):
    expected = moments["day"].tolist()
    for found in (days_of(folder, IN_FILES), days_of(folder, IN_DUCKDB, ZONE)):
        assert str(found.dt.tz) == ZONE
        assert found.tolist() == expected
    assert str(days_of(folder, IN_FILES, "UTC")[0]) == "2025-12-31 23:00:00+00:00"
    assert str(days_of(folder, IN_DUCKDB)[0]) == "2025-12-31 23:00:00+00:00"


@pytest.mark.usefixtures("elsewhere")
def test_postgresql_gives_the_days_of_the_zone_that_is_named(
    server: str, folder: Path, moments: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    import psycopg

    with psycopg.connect(server) as connection:
        connection.execute("CREATE TABLE moments (day timestamptz, revenue float, signups float)")
        for row in moments.itertuples(index=False):
            connection.execute("INSERT INTO moments VALUES (%s, %s, %s)", tuple(row))
    monkeypatch.setenv("MOMENTS_DSN", server)
    source = Source(kind="postgres", dsn_env="MOMENTS_DSN", query=MOMENTS)
    assert days_of(folder, source, ZONE).tolist() == moments["day"].tolist()
    assert str(days_of(folder, source)[0]) == "2025-12-31 23:00:00+00:00"
    written = []
    for number, one in enumerate((source, IN_DUCKDB, IN_FILES)):
        where = config(folder, one.model_copy(update={"time_zone": ZONE}), f"zone {number}")
        run_report(where.model_copy(update={"time": "day"}), progress=False)
        written.append((folder / f"zone {number}" / "report.json").read_bytes())
    assert len(set(written)) == 1


def test_files_of_several_zones_are_refused_unless_one_is_named(
    folder: Path, moments: pd.DataFrame
):
    (folder / "zones").mkdir()
    for number, zone in enumerate((ZONE, "Asia/Tokyo")):
        part = moments.iloc[number * 50 : number * 50 + 50]
        part = part.assign(day=part["day"].dt.tz_convert(zone))
        part.to_parquet(folder / "zones" / f"{number}.parquet", index=False)
    source = Source(kind="parquet", path="zones/*.parquet")
    with pytest.raises(InputError, match="several time zones for column 'day'"):
        days_of(folder, source)
    assert days_of(folder, source, ZONE).tolist() == moments["day"].tolist()


# --- a real PostgreSQL server, where its programs are installed ---------------------------------

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a server that lives as long as the tests; it listens on a socket in its folder."""
    pytest.importorskip("psycopg")
    if not PROGRAMS:
        pytest.skip("PostgreSQL's server is not installed")
    programs = PROGRAMS[-1].parent
    root = os.geteuid() == 0
    user = "postgres" if root else None
    home = Path(tempfile.mkdtemp(prefix="leadlag-pg-"))
    if root:
        shutil.chown(home, "postgres", "postgres")
    options = {"check": True, "capture_output": True, "user": user, "cwd": home}
    try:
        make = [programs / "initdb", "-D", home / "db", "-U", "leadlag", "--auth=trust", "-N"]
        subprocess.run(make, **options)  # type: ignore[call-overload]
        arguments = ["-D", home / "db", "-k", home, "-c", "listen_addresses=", "-c", "fsync=off"]
        process = subprocess.Popen(
            [programs / "postgres", *arguments], user=user, cwd=home,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            for _ in range(100):
                if (home / ".s.PGSQL.5432").exists():
                    break
                time.sleep(0.1)
            yield f"postgresql://leadlag:sesame@/postgres?host={home}"
        finally:
            process.terminate()
            process.wait(20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("numbers", ["double precision", "numeric"])
def test_postgresql_makes_the_same_bytes(
    server: str, folder: Path, data: pd.DataFrame, expected: bytes, numbers: str,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    import psycopg

    with psycopg.connect(server) as connection:
        connection.execute("DROP TABLE IF EXISTS weeks")
        connection.execute(
            f"CREATE TABLE weeks (week date, revenue {numbers}, signups {numbers}, features int)"
        )
        for row in data.itertuples(index=False):
            # As text, of which the server makes numbers: a float would come with 15 digits.
            connection.execute("INSERT INTO weeks VALUES (%s, %s, %s, %s)", tuple(map(str, row)))
    monkeypatch.setenv("WEEKS_DSN", server)
    source = Source(kind="postgres", dsn_env="WEEKS_DSN", query=QUERY)
    assert page(folder, f"postgres {numbers}", source) == expected
    with pytest.raises(InputError, match='relation "none" does not exist') as caught:
        read_source(config(folder, source.model_copy(update={"query": "SELECT * FROM none"}), "x"))
    assert "sesame" not in str(caught.value)


WRITES = {
    "DROP TABLE kept": "read-only transaction",
    "WITH gone AS (DELETE FROM kept RETURNING *) SELECT * FROM gone": "read-only transaction",
    "SELECT nextval('numbers')": "read-only transaction",
    "SELECT 1; DROP TABLE kept": "multiple commands",
    "SELECT 1; COMMIT; DROP TABLE kept": "multiple commands",
    "COMMIT; DROP TABLE kept; SELECT 1": "multiple commands",
    "COMMIT; BEGIN READ WRITE; DROP TABLE kept; COMMIT; SELECT 1": "multiple commands",
    "DO $$ BEGIN COMMIT; DROP TABLE kept; END $$": "invalid transaction termination",
    "SELECT set_config('transaction_read_only', 'off', false), lose()": "read-write mode",
    "SET TRANSACTION READ WRITE": "read-write mode",
    "COMMIT": "gives no rows",
}


def test_a_query_may_only_read(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    import psycopg

    with psycopg.connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        connection.execute("CREATE SEQUENCE numbers")
        connection.execute(
            "CREATE FUNCTION lose() RETURNS int LANGUAGE sql AS 'DELETE FROM kept RETURNING 1'"
        )
    monkeypatch.setenv("KEPT_DSN", server)
    source = Source(kind="postgres", dsn_env="KEPT_DSN", query="SELECT * FROM kept;")
    for query, said in WRITES.items():
        with pytest.raises(InputError, match=said):
            read_source(config(folder, source.model_copy(update={"query": query}), "x"))
    frame, _ = read_source(config(folder, source, "x"))
    assert frame["number"].tolist() == [1]
    none, _ = read_source(
        config(folder, source.model_copy(update={"query": "SELECT 1 WHERE false"}), "x")
    )
    assert len(none) == 0


def test_a_server_that_lets_nobody_in_is_named_without_the_user(
    server: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    host = server.partition("host=")[2]
    for address, said in {
        server.replace("/postgres?", "/nowhere?"): f"host {host}, port 5432, database nowhere: "
        "got it has no such database. Check the database in LOST_DSN.",
        server.replace("leadlag:", "nobody:"): "got it does not know the user.",
        f"{server}/none": "got nothing listens there. Check host and port in LOST_DSN",
        "postgresql://me:sesame@no.such.host.invalid:7777/db": "host no.such.host.invalid, "
        "port 7777, database db: got no server has this name. Check the host in LOST_DSN.",
        "postgresql://me:ses/ame@127.0.0.1:1/db": "the address in LOST_DSN can't be read",
        "postgresql://me:ses@ame@127.0.0.1:1/db": "the address in LOST_DSN can't be read",
        "sesame": "the address in LOST_DSN can't be read",
        # A byte that is not UTF-8, as the environment hands it over.
        "postgresql://me:sesame\udcff@127.0.0.1:1/db": "the address in LOST_DSN can't be read",
        " postgresql://me:sesame@127.0.0.1:1/db\n": "port 1, database db: got nothing listens",
    }.items():
        monkeypatch.setenv("LOST_DSN", address)
        source = Source(kind="postgres", dsn_env="LOST_DSN", query="SELECT 1")
        with pytest.raises(LeadLagError) as caught:
            read_source(config(folder, source, "x"))
        assert said in str(caught.value)
        for secret in ("nobody", "sesame", "ame@", "ses@", "ses/", "me:", "postgresql://me"):
            assert secret not in str(caught.value)


def test_a_secret_is_read_from_the_environment_alone(folder: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("psycopg")
    source = Source(kind="postgres", dsn_env="WEEKS_DSN", query=QUERY)
    monkeypatch.delenv("WEEKS_DSN", raising=False)
    with pytest.raises(ConfigurationError, match="environment variable WEEKS_DSN is not set"):
        read_source(config(folder, source, "x"))
    monkeypatch.setenv("WEEKS_DSN", "postgresql://me:sesame@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(InputError) as caught:
        read_source(config(folder, source, "x"))
    assert "got nothing listens there" in str(caught.value)
    assert "host 127.0.0.1, port 1, database none" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source(kind="csv", path="none.csv"), "is not there"),
        (Source(kind="csv", path="week*.csv"), "SELECT * FROM 'week*.csv'"),
        (Source(kind="parquet", path="none-*.parquet"), "'none-*.parquet' names no file"),
        (
            Source(
                kind="sqlite", path="weeks.sqlite", query="SELECT a.*, b.* FROM weeks a, weeks b"
            ),
            "several columns of one name: got 'week', 'revenue', 'signups', 'features', need",
        ),
        (Source(kind="parquet", path="weeks.csv"), "Check source.path"),
        (Source(kind="duckdb", query="SELEC 1"), "syntax error"),
        (Source(kind="sqlite", path="weeks.sqlite", query="SELECT * FROM none"), "no such table"),
        (Source(kind="sqlite", path="none.sqlite", query="SELECT 1"), "is not there"),
        (Source(kind="python", function="my_loader:none"), "has no function 'none'"),
        (Source(kind="python", function="no_such_module_here:load"), "can't be imported"),
        (Source(kind="python", function="my_loader"), "need 'module:function'"),
        (Source(kind="python", function="../my_loader:load"), "need 'module:function'"),
        (Source(kind="python", function=".my_loader:load"), "need 'module:function'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_one_error(folder: Path, source: Source, said: str):
    sys.modules.pop("my_loader", None)
    with pytest.raises((InputError, ConfigurationError)) as caught:
        read_source(config(folder, source, "x"))
    assert said in str(caught.value)


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "weeks.csv")

    (tmp_path / "weeks.csv").touch()
    monkeypatch.setattr(pd, "read_csv", refuse)
    config = Config(source=Source(kind="csv", path="weeks.csv"), target="y", folder=tmp_path)
    with pytest.raises(InputError, match=r"can't be read: got Permission denied, need the right"):
        read_source(config)
