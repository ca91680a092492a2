"""Counts equal a brute-force twin and the published rates, whatever holds the log."""

import datetime
import html
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import leadlag
from leadlag import LeadLagError, retention
from tests.data.naive_retention import naive_retention

COLUMNS = [
    "cohort_start", "cohort_end", "window", "n", "retained", "rate", "low", "high",
    "available_at", "mature",
]  # fmt: skip
WHO = {"user": "user", "time": "time"}


def _log(seed: int = 0, n: int = 3000, users: int = 400, days: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    who = rng.integers(0, users, n)
    start = rng.integers(0, days, users)
    at = start[who] * 86400 + rng.exponential(20 * 86400, n).astype(int)
    times = pd.Timestamp("2026-01-05") + pd.to_timedelta(at, unit="s")
    log = pd.DataFrame({"user": who, "time": times, "spent": rng.integers(1, 9, n) / 2})
    return log[log["time"] < "2026-07-01"].reset_index(drop=True)


def _same(table: pd.DataFrame, twin: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    pd.testing.assert_frame_equal(
        table[twin.columns.tolist()], twin, check_dtype=False, check_exact=False, rtol=1e-12
    )


# --- the shared logs -----------------------------------------------------------------------------

SHARED = [
    ("events_cdnow.csv", "panel_cdnow_weekly.csv", "W", (0.0416, 0.1746, 0.2922)),
    ("events_apparel.csv", "panel_apparel_monthly.csv", "M", (0.0133, 0.0917, 0.2433)),
    (
        "events_homebrew_contributors.csv", "panel_homebrew_monthly.csv", "M",
        (0.1712, 0.2443, 0.2843),
    ),
]  # fmt: skip
LOG = {"user": "customer_id", "time": "date"}


@pytest.mark.requires_shared
@pytest.mark.parametrize(("events", "panel", "period", "published"), SHARED)
def test_counts_equal_the_twin_the_panels_and_the_published_rates(
    shared_data: Path, events: str, panel: str, period: str, published: tuple[float, ...]
):
    log = pd.read_csv(shared_data / events)
    kept = retention(log, **LOG, period=period)
    _same(kept.table, naive_retention(log, "customer_id", "date", (5, 30, 90), period))
    assert kept.overall["rate"].round(4).tolist() == list(published)
    from_file = retention(shared_data / events, **LOG, period=period)
    pd.testing.assert_frame_equal(from_file.table, kept.table)
    derived = pd.read_csv(shared_data / panel, parse_dates=["date"], index_col="date")
    wide = kept.wide("cohort")
    sizes = kept.wide("cohort", value="n")["retention_5d"].fillna(0)
    for window in (5, 30, 90):
        given = derived[f"repeat_{window}d"].reindex(wide.index)
        np.testing.assert_allclose(wide[f"retention_{window}d"], given, atol=1e-6)
    np.testing.assert_array_equal(sizes, derived["new"].reindex(wide.index))
    assert derived["new"].drop(wide.index).sum() == 0


@pytest.mark.requires_shared
@pytest.mark.parametrize(("events", "panel", "period", "published"), SHARED)
def test_moving_as_of_back_changes_no_value_that_was_mature(
    shared_data: Path, events: str, panel: str, period: str, published: tuple[float, ...]
):
    whole = retention(shared_data / events, **LOG, period=period).table
    keys = ["cohort_start", "window"]
    last = whole["available_at"].max()
    for part in (0.3, 0.6, 0.9):
        first = whole["cohort_start"].min()
        as_of = (first + part * (last - first)).normalize()
        then = retention(shared_data / events, **LOG, period=period, as_of=as_of).table
        assert (then["mature"] == (then["available_at"] <= as_of)).all()
        unknown = then.loc[~then["mature"], ["retained", "rate", "low", "high"]]
        assert unknown.isna().to_numpy().all()
        known = then[then["mature"]].merge(whole, on=keys, suffixes=("", "_later"))
        assert len(known) == then["mature"].sum()
        for column in ("n", "retained", "rate", "low", "high", "available_at"):
            assert known[column].equals(known[f"{column}_later"]), column


@pytest.mark.parametrize(("period", "latency"), [("D", 4), ("W-SAT", 0), ("M", 0), ("Q", 4)])
def test_what_was_known_on_any_day_is_known_the_same_later(period: str, latency: int):
    """Long or wide, dated by cohort or by availability: nothing that was there ever moves."""
    log = _log(3, n=1500)
    asked = {**WHO, "windows": (2, 14, 45), "period": period, "latency": latency}
    whole = retention(log, **asked)
    long = whole.table.set_index(["cohort_start", "window"])
    for as_of in pd.date_range("2026-01-10", "2026-06-28", freq="23D"):
        then = retention(log, **asked, as_of=as_of)
        known = then.table[then.table["mature"]].set_index(["cohort_start", "window"])
        pd.testing.assert_frame_equal(known, long.loc[known.index], check_dtype=False)
        assert then.table.loc[~then.table["mature"], "rate"].isna().all()
        # A log that ends there says the same as one that is read up to there.
        cut = retention(log[log["time"] < as_of + pd.Timedelta(days=1)], **asked, as_of=as_of)
        pd.testing.assert_frame_equal(cut.table, then.table)
        for stamped in ("cohort", "availability"):
            now, later = then.wide(stamped), whole.wide(stamped)
            there = now.stack().dropna()
            assert (there == later.stack().reindex(there.index)).all()
            assert now.index.max() <= as_of


# --- what holds the log --------------------------------------------------------------------------


def test_any_library_and_file_gives_the_same_counts(tmp_path: Path):
    log = _log()
    expected = retention(log, **WHO).table
    _same(expected, naive_retention(log, "user", "time", (5, 30, 90), "W"))
    log.to_csv(tmp_path / "log.csv", index=False)
    log.to_csv(tmp_path / "log.csv.gz", index=False)
    log.to_parquet(tmp_path / "log.parquet")
    folder = tmp_path / "parts"
    folder.mkdir()
    for part in range(3):
        log.iloc[part::3].to_parquet(folder / f"{part}.parquet")
    connection = duckdb.connect()
    connection.register("mine", log)
    doors = [
        pl.from_pandas(log), pl.from_pandas(log).lazy(), pa.Table.from_pandas(log),
        connection.sql("SELECT * FROM mine"), tmp_path / "log.csv", str(tmp_path / "log.csv.gz"),
        tmp_path / "log.parquet", folder, str(folder / "*.parquet"), log.set_index("time"),
        log.set_index(["user", "time"]),
    ]  # fmt: skip
    for door in doors:
        pd.testing.assert_frame_equal(retention(door, **WHO).table, expected)


@pytest.mark.parametrize(
    "as_user",
    [
        lambda user: user.astype("Int64"),
        lambda user: user.astype(float),
        lambda user: user.astype(str),
        lambda user: user.astype(str).astype("category"),
        lambda user: user.map(lambda number: (number, "x")),
        lambda user: user.astype(object).where(user % 2 == 0, user.astype(str)),
    ],
)
def test_users_may_be_anything(as_user):
    log = _log()
    expected = retention(log, **WHO).table
    pd.testing.assert_frame_equal(
        retention(log.assign(user=as_user(log["user"])), **WHO).table, expected
    )


def test_users_and_times_that_are_missing_are_left_out_and_said(tmp_path: Path):
    log = _log()
    holes = log.astype({"user": "Int64"})
    holes.loc[::50, "user"] = pd.NA
    holes.loc[3::70, "time"] = pd.NaT
    kept = retention(holes, **WHO)
    _same(kept.table, naive_retention(holes, "user", "time", (5, 30, 90), "W"))
    assert {"no_user", "no_time"} <= {notice.code for notice in kept.warnings}
    holes.to_parquet(tmp_path / "holes.parquet")
    holes.to_csv(tmp_path / "holes.csv", index=False)
    holes.assign(user=holes["user"].astype("float64")).to_parquet(tmp_path / "floats.parquet")
    for name in ("holes.parquet", "holes.csv", "floats.parquet"):
        pd.testing.assert_frame_equal(retention(tmp_path / name, **WHO).table, kept.table)


def test_leading_zeros_in_a_csv_tell_users_apart(tmp_path: Path):
    path = tmp_path / "log.csv"
    path.write_text("user,time\n07,2026-01-01\n7,2026-01-03\n07,2026-01-02\n", encoding="utf-8")
    kept = retention(path, **WHO, windows=1, period="D", as_of="2026-01-10")
    assert kept.table["n"].tolist() == [1, 1]
    assert kept.table["retained"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("seed", range(4))
def test_order_and_copies_of_events_change_nothing(seed: int):
    log = _log(seed)
    expected = retention(log, **WHO).table
    again = pd.concat([log, log.sample(frac=0.5, random_state=seed)])
    mixed = again.sample(frac=1.0, random_state=seed, ignore_index=True)
    pd.testing.assert_frame_equal(retention(mixed, **WHO).table, expected)
    assert len(retention(mixed, **WHO).table.drop_duplicates(["cohort_start", "window"])) == len(
        expected
    )


@pytest.mark.parametrize("period", ["D", "W", "W-SAT", "M", "Q", "Y"])
@pytest.mark.parametrize("latency", [0, 3])
def test_every_period_and_latency_equals_the_twin(period: str, latency: int):
    log = _log(5)
    twin = naive_retention(
        log, "user", "time", (1, 7, 45), period, as_of="2026-05-20", latency=latency
    )
    kept = retention(
        log, **WHO, windows=(1, 7, 45), period=period, as_of="2026-05-20", latency=latency
    )
    _same(kept.table, twin)


# --- days ----------------------------------------------------------------------------------------

NIGHT = [("a", "2026-03-01T22:30:00+00:00"), ("a", "2026-03-02T22:45:00+00:00"),
         ("b", "2026-03-01T23:30:00+00:00"), ("b", "2026-03-02T00:30:00+00:00")]  # fmt: skip


def _night(kind: str, tmp_path: Path) -> object:
    log = pd.DataFrame(NIGHT, columns=["user", "time"])
    aware = log.assign(time=pd.to_datetime(log["time"], utc=True))
    if kind == "text":
        return log
    if kind == "pandas":
        return aware
    if kind == "polars":
        return pl.from_pandas(aware)
    if kind == "pyarrow":
        return pa.Table.from_pandas(aware)
    path = tmp_path / f"log.{kind}"
    if kind == "csv":
        log.to_csv(path, index=False)
    else:
        aware.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["text", "pandas", "polars", "pyarrow", "csv", "parquet"])
def test_days_are_those_of_the_stated_zone(kind: str, tmp_path: Path):
    """In UTC both come back on the next day; in Berlin b's two events share a day."""
    log = _night(kind, tmp_path)
    utc = retention(log, **WHO, windows=1, period="D", as_of="2026-03-10", time_zone="UTC").table
    assert (utc["n"].sum(), utc["retained"].sum()) == (2, 2)
    berlin = retention(
        log, **WHO, windows=1, period="D", as_of="2026-03-10", time_zone="Europe/Berlin"
    ).table
    assert berlin["n"].tolist() == [1, 1]
    assert berlin["retained"].tolist() == [1.0, 0.0]
    plain = retention(log, **WHO, windows=1, period="D", as_of="2026-03-10").table
    pd.testing.assert_frame_equal(plain, utc)


def test_a_night_in_which_clocks_change_is_one_day():
    times = pd.to_datetime(["2026-03-28 23:30", "2026-03-30 00:10"]).tz_localize("Europe/Berlin")
    log = pd.DataFrame({"user": [1, 1], "time": times})
    kept = retention(log, **WHO, windows=(1, 2), period="D", as_of="2026-04-30")
    assert kept.table["retained"].tolist() == [0.0, 1.0]


def test_the_first_day_counts_only_where_it_is_asked_for():
    log = pd.DataFrame(
        {
            "user": ["a", "a", "b", "b", "c"],
            "time": pd.to_datetime(
                ["2026-01-01 10:00", "2026-01-01 10:05", "2026-01-01 10:00", "2026-01-01 10:00",
                 "2026-01-01 09:00"]
            ),
        }
    )  # fmt: skip
    usual = retention(log, **WHO, windows=3, as_of="2026-02-01")
    asked = retention(log, **WHO, windows=3, as_of="2026-02-01", day_zero=True)
    assert usual.table["retained"].tolist() == [0.0]
    assert asked.table["retained"].tolist() == [1.0]


def test_as_of_may_be_a_date_or_a_moment():
    log = _log()
    expected = retention(log, **WHO, as_of="2026-05-20").table
    for same in (datetime.date(2026, 5, 20), pd.Timestamp("2026-05-20"), "2026-05-21T09:00",
                 np.datetime64("2026-05-20")):  # fmt: skip
        pd.testing.assert_frame_equal(retention(log, **WHO, as_of=same).table, expected)


def test_a_value_is_known_on_the_day_it_says():
    log = _log()
    table = retention(log, **WHO, latency="2D").table
    row = table[table["mature"]].iloc[7]
    for days, mature in ((0, True), (-1, False)):
        as_of = row["available_at"] + pd.Timedelta(days=days)
        then = retention(log, **WHO, latency="2D", as_of=as_of).table
        same = (then["cohort_start"] == row["cohort_start"]) & (then["window"] == row["window"])
        assert then.loc[same, "mature"].tolist() == [mature]
    length = pd.to_timedelta(table["window"] + 2, unit="D")
    assert (table["available_at"] == table["cohort_end"] + length).all()


# --- definitions ---------------------------------------------------------------------------------


def test_active_on_a_day_equals_the_twin():
    log = _log(2)
    kept = retention(log, **WHO, windows=(1, 7), period="M", definition="active on")
    _same(kept.table, naive_retention(log, "user", "time", (1, 7), "M", exact=True))


def test_a_bracket_is_what_lies_between_and_windows_can_be_named():
    log = _log(3)
    kept = retention(
        log, **WHO, windows={"week 2": (8, 14)}, period="M", definition="bracket"
    ).table
    assert kept["window"].unique().tolist() == ["week 2"]
    by_day = [
        retention(log, **WHO, windows=day, period="M", definition="active on").table["retained"]
        for day in (8, 14)
    ]
    assert (kept["retained"].dropna() >= by_day[0][: kept["retained"].count()]).all()
    pair = retention(log, **WHO, windows=(8, 14), period="M", definition="bracket").table
    assert pair["window"].unique().tolist() == ["8-14"]
    np.testing.assert_array_equal(pair["retained"], kept["retained"])
    first = retention(log, **WHO, windows=[(1, 7)], period="M").table["retained"]
    usual = retention(log, **WHO, windows=7, period="M").table["retained"]
    np.testing.assert_array_equal(first, usual)


def test_still_subscribed_follows_the_newest_event(tmp_path: Path):
    log = pd.DataFrame(
        [
            ("stays", "2026-01-01", False),
            ("leaves", "2026-01-01", False),
            ("leaves", "2026-01-08", True),
            ("returns", "2026-01-01", False),
            ("returns", "2026-01-05", True),
            ("returns", "2026-01-20", False),
        ],
        columns=["user", "time", "over"],
    )
    log.to_csv(tmp_path / "log.csv", index=False)
    for door in (log, tmp_path / "log.csv"):
        kept = retention(
            door, **WHO, windows=(0, 6, 7, 19), period="D", as_of="2026-03-01",
            definition="still subscribed", ended="over",
        )  # fmt: skip
        assert kept.table["retained"].tolist() == [3.0, 2.0, 1.0, 2.0]


def test_values_are_added_up_over_the_same_days(tmp_path: Path):
    log = _log(4)
    kept = retention(log, **WHO, windows=(7, 30), period="M", value="spent").table
    first = log.groupby("user")["time"].transform("min").dt.normalize()
    age = (log["time"].dt.normalize() - first).dt.days
    cohort = first.dt.to_period("M").dt.start_time
    for window in (7, 30):
        total = log["spent"].where((age >= 1) & (age <= window), 0).groupby(cohort).sum()
        rows = kept[(kept["window"] == window) & kept["mature"]].set_index("cohort_start")
        np.testing.assert_allclose(rows["value"], total.reindex(rows.index))
        np.testing.assert_allclose(rows["value_per_user"], rows["value"] / rows["n"])
    assert kept.loc[~kept["mature"], ["value", "value_per_user"]].isna().to_numpy().all()
    log.to_csv(tmp_path / "log.csv", index=False)
    path = tmp_path / "log.csv"
    again = retention(path, **WHO, windows=(7, 30), period="M", value="spent").table
    pd.testing.assert_frame_equal(again, kept)


# --- wide ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["D", "W", "M"])
def test_a_wide_row_holds_only_what_was_known_when_it_ended(period: str):
    kept = retention(_log(6), **WHO, period=period, latency=1)
    cohort, known = kept.wide("cohort"), kept.wide(stamped="availability")
    assert cohort.attrs["stamped"] == "cohort"
    assert known.index.freq is not None
    table = kept.table.assign(window=[f"retention_{w}d" for w in kept.table["window"]])
    table = table.set_index(["cohort_start", "window"])
    for name, late in kept.maturation.items():
        shifted = cohort[name].dropna()
        there = known[name].dropna()
        # Months differ in length: the row of the newest value may not have begun.
        missing = len(shifted) - len(there)
        assert missing == 0 or (period == "M" and missing == 1)
        assert there.tolist() == shifted.tolist()[: len(there)]
        for (start, value), stamp in zip(shifted.items(), there.index, strict=False):
            assert (
                stamp.to_period(period).end_time.normalize()
                >= table.loc[(start, name), "available_at"]
            )
            assert value == table.loc[(start, name), "rate"]
            assert stamp == start + late * known.index.freq
    assert known.index[-1] <= pd.Timestamp(kept.settings["as_of"])


def test_rank_dates_a_declared_window_by_when_it_is_known():
    kept = retention(_log(7), **WHO, windows=(5, 30))
    declared = kept.catalog("cohort")
    assert declared["retention_30d"].window == "30D"
    assert declared["retention_30d"].stamped == "cohort"
    assert kept.versions == {"retention_5d": ("retention_5d", 1), "retention_30d":
                             ("retention_30d", 5)}  # fmt: skip


# --- who joined, and when the log began ----------------------------------------------------------


def test_a_log_that_begins_late_is_noticed_and_burned_in():
    rng = np.random.default_rng(0)
    joined = rng.integers(0, 700, 4000)
    life = rng.exponential(60, 4000)
    rows = [
        (user, day)
        for user, (start, length) in enumerate(zip(joined, life, strict=True))
        for day in start + np.unique(rng.integers(0, int(length) + 1, int(length / 4) + 1))
    ]
    whole = pd.DataFrame(rows, columns=["user", "day"])
    whole["time"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(whole["day"], unit="D")
    assert not [n for n in retention(whole, **WHO).warnings if n.code == "left_truncated"]
    late = whole[whole["time"] >= "2024-09-01"]
    kept = retention(late, **WHO)
    said = next(notice for notice in kept.warnings if notice.code == "left_truncated")
    burn_in = int(said.text.partition("burn_in=")[2].split()[0])
    assert 14 <= burn_in <= 120
    clean = retention(late, **WHO, burn_in=burn_in)
    assert not [n for n in clean.warnings if n.code == "left_truncated"]
    truth = retention(whole, **WHO).wide("cohort", value="n")["retention_30d"]
    excess = kept.wide("cohort", value="n")["retention_30d"] / truth
    left = clean.wide("cohort", value="n")["retention_30d"] / truth
    assert excess.loc["2024-09-02"] > 5
    assert left.dropna().between(1, 1.25).all()


def _lives(seed: int, users: int = 150) -> pd.DataFrame:
    """Users who join at one pace over 700 days and come every few days for about three months."""
    rng = np.random.default_rng(seed)
    joined, life = rng.integers(0, 700, users), rng.exponential(90, users)
    rows = [
        (user, day)
        for user, (start, length) in enumerate(zip(joined, life, strict=True))
        for day in start + np.unique(rng.integers(0, int(length) + 1, int(length / 4) + 1))
        if day < 700
    ]
    log = pd.DataFrame(rows, columns=["user", "day"])
    return log.assign(time=pd.Timestamp("2024-01-01") + pd.to_timedelta(log["day"], unit="D"))


def test_small_cohorts_that_begin_late_are_noticed_and_whole_ones_are_not():
    """Two new users a week: no single week shows an excess, the first weeks together do."""
    said = {}
    for part, since in (("whole", "2024-01-01"), ("late", "2024-09-01")):
        logs = [_lives(seed) for seed in range(12)]
        kept = [retention(log[log["time"] >= since], **WHO) for log in logs]
        said[part] = sum("left_truncated" in [n.code for n in one.warnings] for one in kept)
    assert said["whole"] <= 1
    assert said["late"] >= 11


@pytest.mark.requires_shared
@pytest.mark.parametrize(("since", "late"), [("2009-01-01", False), ("2014-01-01", True)])
def test_a_cut_log_of_few_contributors_is_noticed(shared_data: Path, since: str, late: bool):
    log = pd.read_csv(shared_data / "events_homebrew_contributors.csv", parse_dates=["date"])
    for period in ("W", "M"):
        kept = retention(log[log["date"] >= since], **LOG, period=period)
        said = [notice.text for notice in kept.warnings if notice.code == "left_truncated"]
        assert len(said) == late
        assert all("Some may have been there before the log begins" in text for text in said)


def test_the_real_orders_don_t_look_cut_off():
    kept = retention(leadlag.datasets.cdnow(), **LOG)
    assert kept.warnings == ()


def test_a_change_of_mix_is_taken_out():
    """Channel x keeps half, y a tenth; the share of y grows."""
    rows = []
    for week in range(10):
        for member in range(100):
            channel = "y" if member < 10 * week else "x"
            day = pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week)
            rows.append((f"{week}-{member}", day, channel))
            if member % 10 < (1 if channel == "y" else 5):
                rows.append((f"{week}-{member}", day + pd.Timedelta(days=3), channel))
    log = pd.DataFrame(rows, columns=["user", "time", "channel"])
    kept = retention(log, **WHO, windows=5, mix="channel", as_of="2026-06-01")
    assert kept.mix is not None
    assert kept.mix["rate"].tolist() == pytest.approx(0.5 - 0.04 * np.arange(10))
    np.testing.assert_allclose(kept.mix["rate_at_constant_mix"], 0.5 * 0.55 + 0.1 * 0.45)
    assert kept.mix["mix_shift"].is_monotonic_decreasing
    assert list(kept.table.columns) == COLUMNS


# --- what can't be counted -----------------------------------------------------------------------

LITTLE = pd.DataFrame({"user": [1, 1, 2], "time": ["2026-01-01", "2026-01-04", "2026-01-02"]})
BROKEN = [
    ({"user": "usr"}, "'usr' is not a column.*Did you mean 'user'"),
    ({"time": "when"}, "'when' is not a column"),
    ({"user": None}, "user= is not the name of a column"),
    ({"value": "spent"}, "'spent' is not a column"),
    ({"windows": ()}, "windows is empty"),
    ({"windows": (5, 5)}, "twice"),
    ({"windows": (-5,)}, "not a length of time"),
    ({"windows": 0}, "no day that counts"),
    ({"windows": "soon"}, "not a length of time"),
    ({"windows": [(9, 3)]}, "no day that counts"),
    ({"windows": "3M"}, "no whole number of days"),
    ({"windows": None}, "not a length of time"),
    ({"windows": {5: 30}}, "a window is called 5, and is another one.*'until day 30': 30"),
    ({"windows": {"5": 30}}, "a window is called 5, and is another one"),
    ({"windows": {7: (1, 7)}}, "a window is called 7, and is another one"),
    ({"windows": {True: 30}}, "a window's name is not text"),
    ({"windows": {None: 30}}, "a window's name is not text"),
    ({"windows": {" ": 30}}, "a window's name is empty"),
    ({"windows": (10**20,)}, "longer than any log"),
    ({"latency": 10**20}, "longer than any log"),
    ({"burn_in": "9999999D"}, "longer than any log"),
    ({"time": "user"}, "user and time are one column"),
    ({"mix": "chanel"}, "mix 'chanel' is not a column"),
    ({"mix": 5}, "mix= is not the name of a column"),
    ({"definition": "bracket", "windows": 5}, "a bracket needs two days"),
    ({"definition": "retruned by"}, "Did you mean 'returned by'"),
    ({"definition": "still subscribed"}, "needs to know which events end"),
    ({"ended": "user"}, "has a meaning for 'still subscribed' alone"),
    ({"period": "h"}, "is not a cohort's"),
    ({"period": 7}, "is not a cohort's"),
    ({"as_of": "2025-01-01"}, "no day of the log was over"),
    ({"as_of": "yesterday"}, "as_of can't be used"),
    ({"as_of": 20260101}, "as_of can't be used"),
    ({"as_of": pd.NaT}, "as_of can't be used"),
    ({"latency": -1}, "latency is not a length of time"),
    ({"latency": "1.5h"}, "no whole number of days"),
    ({"time_zone": "Mars/North"}, "time_zone is not known"),
    ({"burn_in": 400}, "no cohort began after burn_in"),
    ({"interval": "wald"}, "interval 'wald' is not known"),
    ({"interval": ["wilson"]}, "interval .* is not known"),
    ({"level": 95}, "level is out of range.*Write 0.95 for 95 %"),
    ({"level": "high"}, "level is out of range"),
    ({"day_zero": "yes"}, "day_zero is not a choice"),
    ({"memory": "much"}, "memory= or threads="),
    ({"memory": "-1GB"}, "memory= or threads="),
    ({"threads": 0}, "memory= or threads="),
    ({"threads": 10**9}, "memory= or threads="),
    ({"threads": 1.5}, "memory= or threads="),
    ({"value": ""}, "value '' is not a column"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN)
def test_wrong_arguments_are_one_clear_error(change: dict[str, object], said: str):
    with pytest.raises(LeadLagError, match=said):
        retention(LITTLE, **{**WHO, **change})


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (LITTLE.iloc[:0], "no rows"),
        (pd.DataFrame(columns=["user", "time"]), "no rows"),
        (LITTLE.assign(time=["2026-01-01", "soon", "later"]), "in 2 rows.*'soon'"),
        (LITTLE.assign(time=[1, 2, 3]), "holds no dates"),
        (LITTLE.assign(time=["2026-01-01", "2026-01-01T10:00Z", None]), "beside times without one"),
        (LITTLE.assign(user=[None, None, None]), "no event has both"),
        (LITTLE.assign(user=[[1], [2], [3]]), "can't be told apart"),
        (pd.concat([LITTLE, LITTLE["user"]], axis=1), "two columns of the events"),
        ([1, 2, 3], "the events are no log"),
        (None, "the events are no log"),
        ("nowhere.csv", "is not there"),
        ("", "the path of the events is empty"),
    ],
)
def test_logs_that_can_t_be_counted_are_one_clear_error(log: object, said: str):
    with pytest.raises(LeadLagError, match=said):
        retention(log, **WHO)


def test_files_that_can_t_be_counted_are_one_clear_error(tmp_path: Path):
    texts = {
        "empty.csv": ("", "'empty.csv' is empty"),
        "header.csv": ("user,time\n", "no rows"),
        "words.csv": ("user,time\n1,soon\n", "in 1 row.*'soon'"),
        "broken.parquet": ("this is no parquet", "can't be read as events"),
        "log.xlsx": ("x", "not a kind of file"),
        "twice.csv": ("user,time,user\n1,2026-01-01,3\n", "two columns .* called 'user'"),
    }
    for name, (text, said) in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(LeadLagError, match=said):
            retention(tmp_path / name, **WHO)


def test_where_no_file_is_it_says_so_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.csv").write_text("user,time\n1,2026-01-01\n", encoding="utf-8")
    said = {
        tmp_path / "empty": "empty' holds no Parquet file: need",
        tmp_path / "texts": "holds no Parquet file: got .csv files.*Pass the pattern '.*csv'",
        str(tmp_path / "none*.parquet"): "no file matches",
        tmp_path / "none*.csv": "no file matches",
        "s3://bucket/log.parquet": "are not on this machine.*Download them first",
    }
    for path, words in said.items():
        with pytest.raises(LeadLagError, match=words) as caught:
            retention(path, **WHO)
        assert "IO Error" not in str(caught.value)
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(LeadLagError, match=r"folder '\.' holds no Parquet file"):
        retention(".", **WHO)
    with pytest.raises(LeadLagError, match="can't be read from their library"):
        retention(pl.scan_parquet(tmp_path / "nowhere.parquet"), **WHO)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path):
    (tmp_path / "a1.csv").write_text("user,time\n1,2026-01-01\n", encoding="utf-8")
    text = "user,time\n1,2026-01-01\n2,2026-01-01\n"
    (tmp_path / "a[1].csv").write_text(text, encoding="utf-8")
    assert retention(tmp_path / "a[1].csv", **WHO).table["n"].tolist() == [2, 2, 2]


def test_values_that_are_no_numbers_are_one_clear_error_whatever_holds_them(tmp_path: Path):
    wrong = LITTLE.assign(spent=["1.5", "much", None])
    dates = LITTLE.assign(spent=pd.to_datetime(LITTLE["time"]))
    wrong.to_csv(tmp_path / "wrong.csv", index=False)
    wrong.to_parquet(tmp_path / "wrong.parquet")
    dates.to_parquet(tmp_path / "dates.parquet")
    connection = duckdb.connect()
    connection.register("mine", wrong)
    doors = [
        wrong, dates, tmp_path / "wrong.csv", tmp_path / "wrong.parquet",
        tmp_path / "dates.parquet", connection.sql("SELECT * FROM mine"),
    ]  # fmt: skip
    for door in doors:
        with pytest.raises(LeadLagError, match="value 'spent' is not a number"):
            retention(door, **WHO, value="spent")


def _doors(log: pd.DataFrame, folder: Path) -> dict[str, object]:
    """One log in whatever may hold it."""
    log.to_csv(folder / "log.csv", index=False)
    log.to_parquet(folder / "log.parquet")
    connection = duckdb.connect()
    connection.register("mine", log)
    return {
        "pandas": log,
        "polars": pl.from_pandas(log),
        "relation": connection.sql("SELECT * FROM mine"),
        "csv": folder / "log.csv",
        "parquet": folder / "log.parquet",
    }


DOORS = ["pandas", "polars", "relation", "csv", "parquet"]


@pytest.mark.parametrize("door", DOORS)
def test_an_infinite_value_is_one_clear_error_and_a_missing_one_is_none(tmp_path: Path, door: str):
    wrong = _doors(LITTLE.assign(spent=[1.0, np.inf, -np.inf]), tmp_path)[door]
    with pytest.raises(LeadLagError, match=r"spent' is infinite: got 2 such events.*zero"):
        retention(wrong, **WHO, value="spent")
    asked = {**WHO, "value": "spent", "windows": 5, "as_of": "2026-03-01"}
    fine = _doors(LITTLE.assign(spent=[np.nan, 3.0, np.nan]), tmp_path)[door]
    assert retention(fine, **asked).table["value"].tolist() == [3.0]
    empty = _doors(LITTLE.assign(spent=np.full(3, np.nan)), tmp_path)[door]
    found = retention(empty, **asked)
    assert found.table["value"].tolist() == [0.0]
    assert "no_value" in [notice.code for notice in found.warnings]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["2026-01-01T10:00+01:00", "2026-01-02T10:00", None], "beside times without one"),
        (["2026-01-01T10:00Z", "2026-01-02", None], "beside times without one"),
        (["infinity", "2026-01-02", "2026-01-03"], "in 1 row.*'infinity'"),
        (["2026-01-01 10:00 Europe/Berlin", None, None], "in 1 row.*Europe/Berlin"),
        (["2026-01-01 (BC)", None, None], "in 1 row.*BC"),
    ],
)
def test_text_that_is_no_time_of_one_clock_is_refused_whatever_holds_it(
    tmp_path: Path, door: str, times: list[str | None], said: str
):
    log = _doors(LITTLE.assign(time=pd.Series(times, dtype="str")), tmp_path)[door]
    with pytest.raises(LeadLagError, match=said):
        retention(log, **WHO)


def test_a_time_that_no_calendar_names_is_refused(tmp_path: Path):
    path = tmp_path / "log.parquet"
    query = "SELECT 1 AS user, TIMESTAMP 'infinity' AS time UNION SELECT 2, TIMESTAMP '2026-01-01'"
    duckdb.sql(f"COPY ({query}) TO '{path}'")
    with pytest.raises(LeadLagError, match="can't be read in 1 row: got 'infinity'"):
        retention(path, **WHO)
    late = np.array(["12026-01-01", "2026-01-01", "2026-01-02"], dtype="datetime64[us]")
    with pytest.raises(LeadLagError, match="can't be read in 1 row"):
        retention(LITTLE.assign(time=late), **WHO)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("over", "kept"),
    [
        (["no", "Yes", "no"], [1.0]),
        (["false", "true", None], [1.0]),
        ([0.0, 1.0, 0.0], [1.0]),
        ([0, 0, 0], [2.0]),
        ([0, 2, 0], None),
        (["no", "perhaps", "no"], None),
    ],
)
def test_what_ends_a_subscription_is_read_alike_whatever_holds_it(
    tmp_path: Path, door: str, over: list[object], kept: list[float] | None
):
    asked = {**WHO, "definition": "still subscribed", "ended": "over", "windows": 5}
    asked |= {"as_of": "2026-03-01"}
    log = _doors(LITTLE.assign(over=over), tmp_path)[door]
    if kept is None:
        with pytest.raises(LeadLagError, match="ended 'over' is not true or false: got '"):
            retention(log, **asked)
    else:
        assert retention(log, **asked).table["retained"].tolist() == kept


def test_values_of_other_kinds_and_sums_beyond_a_number_are_one_clear_error():
    odd = [pd.to_timedelta([1, 2, 3], unit="D"), [1j, 2j, 3j], [[1], [2], [3]]]
    for values in odd:
        with pytest.raises(LeadLagError, match="value 'spent' is not a number"):
            retention(LITTLE.assign(spent=values), **WHO, value="spent")
    log = pd.concat([LITTLE.assign(spent=1.7e308)] * 2)
    with pytest.raises(LeadLagError, match="add up to more than a number can hold"):
        retention(log, **WHO, value="spent", windows=5)


def test_a_text_file_says_nothing_in_the_words_that_pandas_knows(tmp_path: Path):
    text = "user,time,spent\n1,2026-01-01,NA\n1,2026-01-04,\nNULL,2026-01-02,3\n2,nan,2\n"
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    path = tmp_path / "log.csv"
    asked = {**WHO, "value": "spent", "windows": 5, "as_of": "2026-03-01"}
    found, twin = retention(path, **asked), retention(pd.read_csv(path), **asked)
    pd.testing.assert_frame_equal(found.table, twin.table)
    assert found.table["n"].tolist() == [1]
    assert [n.text for n in found.warnings] == [n.text for n in twin.warnings]


def test_a_first_day_without_times_of_day_can_t_be_counted_and_that_is_said():
    asked = retention(LITTLE, **WHO, windows=3, as_of="2026-02-01", day_zero=True)
    assert [notice.code for notice in asked.warnings] == ["ends_early", "day_zero_dates"]


def test_one_user_and_one_event_is_a_cohort_that_is_not_mature():
    kept = retention(LITTLE.iloc[:1], **WHO)
    assert kept.table["n"].tolist() == [1, 1, 1]
    assert not kept.table["mature"].any()
    assert kept.table["rate"].isna().all()
    assert [notice.code for notice in kept.warnings] == ["none_mature"]
    assert kept.wide("availability").isna().to_numpy().all()
    with pytest.raises(LeadLagError, match="stamped 'date' is not known"):
        kept.wide("date")


def test_where_nothing_is_known_it_says_when_there_will_be_something():
    text = repr(retention(LITTLE, **WHO, windows=(5, 30)))
    assert "Empty DataFrame" not in text
    assert text.endswith("The first is known on 2026-01-09: 5 days, cohort of 2025-12-29.")


def test_a_number_names_the_window_of_that_many_days():
    found = retention(LITTLE, **WHO, windows={5: 5, np.int64(7): "1W", "early": 2})
    assert list(found.maturation) == ["retention_5d", "retention_7d", "early"]


def test_a_catalogue_needs_a_stamping_and_a_relation_its_connection():
    with pytest.raises(LeadLagError, match="stamped None is not known"):
        retention(LITTLE, **WHO).catalog(None)
    connection = duckdb.connect()
    relation = connection.sql("SELECT 1 AS user, DATE '2026-01-01' AS time")
    connection.close()
    with pytest.raises(LeadLagError, match="relation can't be read"):
        retention(relation, **WHO)


def test_the_last_day_of_a_log_with_clock_times_is_named():
    log = LITTLE.assign(time=pd.to_datetime(LITTLE["time"]) + pd.Timedelta(hours=9))
    assert "last_day" in [notice.code for notice in retention(log, **WHO).warnings]
    assert "09:00 on 2026-01-04" in retention(log, **WHO).warnings[0].text


def test_the_picture_hatches_what_is_not_known():
    spec = retention(_log(), **WHO, period="M").plot().to_dict()
    data = spec["datasets"]
    open_cells, strokes = (data[spec["layer"][at]["data"]["name"]] for at in (1, 2))
    assert len(open_cells) > 0
    assert all(cell["rate"] is None for cell in open_cells)
    for cell in open_cells:
        inside = [
            line for line in strokes
            if cell["left"] <= line["left"] < line["right"] <= cell["right"]
            and cell["top"] <= line["bottom"] < line["top"] <= cell["bottom"]
        ]  # fmt: skip
        assert len(inside) > 10
    assert "not known yet" in spec["title"]["subtitle"][0]


def test_the_picture_names_windows_and_their_days_over_the_columns(tmp_path: Path):
    names = {"habit": 7, "a window that is called by far too many words " * 2: (8, 30), 45: 45}
    chart = retention(_log(), **WHO, period="M", windows=names).plot()
    axis = chart.to_dict()["layer"][0]["encoding"]["x"]["axis"]
    for words in ("habit", "days 1–7", "days 8–30", "45 days", "…"):
        assert words in axis["labelExpr"], words
    assert chart.to_dict()["layer"][0]["encoding"]["color"]["legend"] is None
    for windows in (range(15, 181, 15), 30, {"it's \\ “so”": 5}):
        retention(_log(), **WHO, windows=windows).plot().save(str(tmp_path / "drawn.svg"))
    text = (tmp_path / "drawn.svg").read_text(encoding="utf-8")
    assert "it's \\ “so”" in html.unescape(text)


def test_of_many_cohorts_the_newest_are_printed_and_the_others_counted():
    many = repr(retention(_log(), **WHO, windows=(5, 30)))
    assert "; the newest 12 of 23 cohorts" in many
    assert "newest" not in repr(retention(_log(), **WHO, windows=(5, 30), period="M"))
