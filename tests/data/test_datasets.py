"""The shipped data are the published ones, and the simulated business behaves as its truth says."""

import dataclasses
import hashlib
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadlag.data import datasets
from leadlag.errors import ConfigurationError

KINDS = {
    "business outcome",
    "product outcome",
    "traction",
    "sentiment",
    "output",
    "unclassified",
}


# --- real data ---------------------------------------------------------------------------------


def test_us_leading_has_every_month_once():
    us = datasets.us_leading()
    assert list(us.columns) == [
        "INDPRO",
        "PAYEMS",
        "PERMIT",
        "CLAIMSx",
        "T10YFFM",
        "UEMPMEAN",
        "BUSLOANS",
        "CUSR0000SAS",
        "FEDFUNDS",
    ]
    expected = pd.date_range("1959-01-01", "2025-12-01", freq="MS")
    assert us.index.tolist() == expected.tolist()
    assert int(us.isna().sum().sum()) == 16
    assert us["PERMIT"].first_valid_index() == pd.Timestamp("1960-01-01")
    assert us.loc["1959-01-01", "INDPRO"] == 21.9998
    assert us.loc["2025-12-01", "FEDFUNDS"] == 3.72


def test_box_jenkins_reproduces_the_published_transfer_function():
    series = datasets.box_jenkins()
    assert series.shape == (150, 2)
    assert series.index.tolist() == list(range(1, 151))
    change = series.diff()
    lead = {k: change["lead"].shift(k) for k in range(13)}
    past = change["sales"].shift(1)
    beta = _least_squares(change["sales"], past, *(lead[k] for k in range(7)))[1:]
    assert beta[3] == pytest.approx(4.751, abs=0.0006)
    assert np.abs(beta[:3]).max() < 0.1
    # Without the past of sales the response itself shows: nothing before 3, then a decay of .72.
    beta = _least_squares(change["sales"], *lead.values())
    assert np.abs(beta[:3]).max() < 0.1
    assert beta[3] == pytest.approx(4.82, abs=0.1)
    assert beta[4] / beta[3] == pytest.approx(0.72, abs=0.03)


def _least_squares(y: pd.Series, *columns: pd.Series) -> np.ndarray:
    """Coefficients of the columns, with a constant, on the rows where all are known."""
    design = pd.concat([y, *columns], axis=1).dropna().to_numpy()
    x = np.column_stack([design[:, 1:], np.ones(len(design))])
    return np.linalg.lstsq(x, design[:, 0], rcond=None)[0][:-1]


def test_cdnow_has_the_published_orders_and_repeat_rates():
    orders = datasets.cdnow()
    assert orders.shape == (69_659, 4)
    assert not orders.isna().any().any()
    first = orders.groupby("customer_id")["date"].transform("min")
    assert orders["customer_id"].nunique() == 23_570
    assert first.min() == pd.Timestamp("1997-01-01")
    assert first.max() == pd.Timestamp("1997-03-25")
    assert orders["date"].max() == pd.Timestamp("1998-06-30")
    assert orders["revenue"].sum() == pytest.approx(2_500_315.63)
    later = orders[orders["date"] > first]
    wait = (later["date"] - first[later.index]).dt.days.groupby(later["customer_id"]).min()
    shares = [(wait <= window).sum() / 23_570 for window in (5, 30, 90)]
    assert shares == pytest.approx([0.0416, 0.1746, 0.2922], abs=5e-5)


@pytest.mark.parametrize("name", ["us_leading", "box_jenkins", "cdnow"])
def test_files_have_the_checksum_that_their_provenance_states(name: str):
    text = datasets.provenance(name)
    found = re.search(r"File: ([a-z_.]+),\s+SHA-256 ([0-9a-f]{64})", text)
    assert found is not None
    file, checksum = found.groups()
    content = resources.files(datasets.__name__).joinpath(file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == checksum


def test_every_shipped_file_is_accounted_for():
    folder = Path(str(resources.files(datasets.__name__)))
    text = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
    shipped = {path.name for path in folder.iterdir() if ".csv" in path.name}
    assert shipped == {
        "us_leading.csv",
        "box_jenkins.csv",
        "cdnow.csv.gz",
        "subscription_truth.csv",
    }
    assert all(f"File: {name}," in text for name in shipped - {"subscription_truth.csv"})
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 500_000


def test_provenance_says_source_and_terms_and_suggests_a_name():
    for name in ("us_leading", "box_jenkins", "cdnow", "subscription"):
        text = datasets.provenance(name)
        assert "- Source: " in text
        assert "- Terms: " in text
        assert "## " not in text
    assert "Copyright (c) 2015" in datasets.provenance("cdnow")
    with pytest.raises(ConfigurationError, match="Did you mean 'us_leading'"):
        datasets.provenance("us_leeding")


def test_loading_twice_gives_frames_that_share_nothing():
    first = datasets.box_jenkins()
    first.loc[1, "sales"] = -1.0
    assert datasets.box_jenkins().loc[1, "sales"] == 200.1


@pytest.mark.requires_shared
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("us_leading", "us_leading_a.csv"),
        ("box_jenkins", "bjsales.csv"),
        ("cdnow", "events_cdnow.csv"),
    ],
)
def test_shipped_values_are_those_of_the_source(shared_data: Path, name: str, file: str):
    ours = getattr(datasets, name)()
    if name != "cdnow":
        ours = ours.reset_index()
    source = pd.read_csv(shared_data / file, parse_dates=["date"] if "date" in ours else None)
    pd.testing.assert_frame_equal(ours, source, check_index_type=False)


# --- the simulated business --------------------------------------------------------------------

SEEDS = range(6)
LAGS = np.arange(-80, 43)


def _innovations(values: np.ndarray, calendar: np.ndarray, order: int = 8) -> np.ndarray:
    """What a series' own past and the calendar do not say, by one regression."""
    past = [np.r_[np.full(k, np.nan), values[:-k]] for k in range(1, order + 1)]
    design = np.column_stack([calendar, *past])
    rows = np.isfinite(design).all(axis=1)
    beta = np.linalg.lstsq(design[rows], values[rows], rcond=None)[0]
    out = np.full(values.size, np.nan)
    out[rows] = values[rows] - design[rows] @ beta
    return out


def _calendar(index: pd.DatetimeIndex) -> np.ndarray:
    """Weekdays, a line, and the holidays with a week after them."""
    weekday = np.eye(7)[index.day_of_week]
    fixed = np.isin(100 * index.month + index.day, [101, 704, 1224, 1225, 1226])
    autumn = (index.month == 11) & (
        ((index.day_of_week == 3) & (index.day >= 22) & (index.day <= 28))
        | ((index.day_of_week == 4) & (index.day >= 23) & (index.day <= 29))
    )
    dips = (fixed | autumn).astype(float)
    after = [np.r_[np.zeros(k), dips[: dips.size - k]] for k in range(9)]
    return np.column_stack([weekday, np.linspace(-1, 1, len(index)), *after])


def _prepared(column: pd.Series) -> np.ndarray:
    values = column.to_numpy(dtype=float)
    return np.log(values) if (values > 0).all() else values


@pytest.fixture(scope="module")
def profiles() -> pd.DataFrame:
    """Correlation of innovations with revenue's, lag by metric, averaged over the seeds."""
    total = 0.0
    for seed in SEEDS:
        business = datasets.subscription(seed=seed)
        calendar = _calendar(business.data.index)
        y = _innovations(_prepared(business.data["revenue"]), calendar)
        rows = {}
        for metric in business.truth.index:
            x = _innovations(_prepared(business.data[metric]), calendar)
            pairs = [(x[: x.size - k], y[k:]) if k >= 0 else (x[-k:], y[:k]) for k in LAGS]
            known = [np.isfinite(a) & np.isfinite(b) for a, b in pairs]
            rows[metric] = [
                np.corrcoef(a[i], b[i])[0, 1] for (a, b), i in zip(pairs, known, strict=True)
            ]
        total = total + pd.DataFrame(rows, index=LAGS)
    return total / len(SEEDS)


def test_each_related_metric_peaks_at_its_true_lag_with_its_true_sign(profiles: pd.DataFrame):
    truth = datasets.subscription(n_days=1).truth
    related = truth[truth["role"] != "unrelated"]
    for metric, row in related.iterrows():
        peak = profiles[metric].abs().idxmax()
        assert peak == row["lag"], metric
        assert np.sign(profiles.loc[peak, metric]) == row["sign"], metric
        # Far above what 123 lags of noise reach: 4 380 days, so 5 standard errors are .076.
        assert abs(profiles.loc[peak, metric]) > 0.15, metric


def test_unrelated_metrics_have_no_peak(profiles: pd.DataFrame):
    for metric in ("page_views", "features_shipped"):
        assert profiles[metric].abs().max() < 0.076, metric


def test_nothing_but_the_true_delay_links_a_leader_to_revenue(profiles: pd.DataFrame):
    """No leader correlates with earlier revenue, and no follower with later revenue."""
    truth = datasets.subscription(n_days=1).truth
    for metric in truth.index[truth["role"] == "leading"]:
        assert profiles.loc[:-1, metric].abs().max() < 0.076, metric
    for metric in truth.index[truth["role"] == "lagging"]:
        assert profiles.loc[1:, metric].abs().max() < 0.076, metric


def test_the_vanity_metric_looks_better_than_the_true_leaders():
    data = datasets.subscription().data
    plain = data.corr()["revenue"]
    assert plain["page_views"] > 0.7
    assert plain["page_views"] > plain[["traffic", "signups", "activation_rate"]].max()


def test_columns_are_complete_and_stay_in_their_range():
    business = datasets.subscription()
    data, truth = business.data, business.truth
    assert list(data.columns) == [business.target, *truth.index]
    assert data.index.equals(pd.date_range("2023-01-02", periods=730, freq="D"))
    assert not data.isna().any().any()
    rates = data[["activation_rate", "retention_5d", "retention_30d", "retention_90d"]]
    assert ((rates > 0) & (rates < 1)).all().all()
    # Nested: of one cohort, whoever is active after 90 days was after 30, and after 5.
    assert (data["retention_30d"] <= data["retention_5d"].shift(25)).iloc[25:].all()
    assert (data["retention_90d"] <= data["retention_30d"].shift(60)).iloc[60:].all()
    counts = data.drop(columns=["revenue", "satisfaction", *rates.columns])
    assert (counts >= 0).all().all()
    assert all(kind == np.int64 for kind in counts.dtypes)


def test_the_week_and_the_holidays_show():
    data = datasets.subscription().data
    by_day = data["revenue"].groupby(data.index.day_of_week).mean()
    assert by_day[5] < 0.95 * by_day[0]
    christmas = data.loc["2023-12-25", "traffic"]
    assert christmas < 0.85 * data.loc["2023-12-18", "traffic"]


def test_it_says_that_it_is_simulated():
    business = datasets.subscription(n_days=30)
    assert business.data.attrs["simulated"] is True
    assert datasets.us_leading().attrs["simulated"] is False
    assert "simulated" in (datasets.subscription.__doc__ or "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        business.target = "traffic"  # type: ignore[misc]


def test_truth_speaks_the_words_of_the_ranking():
    truth = datasets.subscription(n_days=1).truth
    assert set(truth["role"]) == {"leading", "coincident", "lagging", "unrelated"}
    assert set(truth["kind"]) <= KINDS
    assert (truth.loc[truth["role"] == "leading", "lag"] > 0).all()
    assert (truth.loc[truth["role"] == "lagging", "lag"] < 0).all()
    assert (truth.loc[truth["role"] == "coincident", "lag"] == 0).all()
    assert truth.loc[truth["role"] == "unrelated", "lag"].isna().all()
    assert truth["why"].str.endswith(".").all()


def test_the_same_seed_gives_the_same_values_and_another_does_not():
    one, same, other = (datasets.subscription(n_days=60, seed=seed).data for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert not np.allclose(one["revenue"], other["revenue"])


@pytest.mark.parametrize("bad", [{"n_days": 0}, {"n_days": 10.5}, {"seed": -1}, {"seed": "x"}])
def test_a_bad_argument_is_one_clear_error(bad: dict[str, int]):
    with pytest.raises(ConfigurationError, match=r"can't be used: got .*, need a whole number"):
        datasets.subscription(**bad)
