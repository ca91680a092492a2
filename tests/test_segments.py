"""Every segment ranked: the same on any engine, failures kept apart, effects pooled."""

import json
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import leadlag
from leadlag.core.granger import granger
from leadlag.core.pooling import panel_granger, pool_effects
from leadlag.errors import LeadLagError

EFFECTS = {"DE": 1.0, "FR": 0.6, "NO": 0.8, "SE": 0.7}


def long_frame(effects: dict[str, float] = EFFECTS, *, n: int = 80, seed: int = 0) -> pd.DataFrame:
    """Visits precede revenue by two weeks in every country, likes are noise."""
    rng = np.random.default_rng(seed)
    parts = []
    for name, effect in effects.items():
        visits = rng.standard_normal(n + 2)
        parts.append(
            pd.DataFrame(
                {
                    "country": name,
                    "week": pd.date_range("2024-01-01", periods=n, freq="W-MON"),
                    "visits": 10 + visits[2:],
                    "likes": rng.standard_normal(n),
                    "revenue": effect * visits[:-2] + rng.standard_normal(n),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


OPTIONS: dict[str, Any] = {"by": "country", "time": "week", "max_lag": 4}


@pytest.fixture(scope="module")
def here() -> leadlag.Segments:
    return leadlag.rank_by(long_frame(), "revenue", **OPTIONS)


def same(one: leadlag.Segments, two: leadlag.Segments) -> bool:
    return json.dumps(one.to_dict()) == json.dumps(two.to_dict())


def test_every_segment_is_ranked_as_alone(here: leadlag.Segments):
    assert here.table.index.names == ["segment", "metric"]
    assert list(here.rankings) == sorted(EFFECTS)
    frame = long_frame()
    for name in ("DE", "SE"):
        alone = leadlag.rank(
            frame[frame["country"] == name].drop(columns="country"), "revenue", time="week",
            max_lag=4, seed=here.rankings[name].settings["seed"],
        )  # fmt: skip
        assert alone == here.rankings[name]
        part = here.table.loc[name][list(alone.table.columns)]
        pd.testing.assert_frame_equal(part, alone.table, check_names=False)
    assert (here.table["lag"].xs("visits", level="metric") == 2).all()
    assert here.failures.empty
    assert here.failures.index.name == "segment"


def test_the_engine_changes_no_byte(here: leadlag.Segments):
    frame = long_frame()
    assert same(leadlag.rank_by(frame, "revenue", engine=2, **OPTIONS), here)
    with ThreadPoolExecutor(2) as threads:
        assert same(leadlag.rank_by(frame, "revenue", engine=threads, **OPTIONS), here)


def test_a_dask_client_is_an_engine(here: leadlag.Segments):
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert same(leadlag.rank_by(long_frame(), "revenue", engine=client, **OPTIONS), here)


def test_neither_order_nor_company_changes_a_segment(here: leadlag.Segments):
    frame = long_frame()
    shuffled = frame.sample(frac=1, random_state=3)
    assert same(leadlag.rank_by(shuffled, "revenue", **OPTIONS), here)
    fewer = leadlag.rank_by(frame[frame["country"] != "FR"], "revenue", **OPTIONS)
    assert fewer.rankings["DE"] == here.rankings["DE"]
    other = leadlag.rank_by(frame, "revenue", seed=1, **OPTIONS)
    assert other.rankings["DE"].settings["seed"] != here.rankings["DE"].settings["seed"]


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_frames_of_any_library(convert: Any, here: leadlag.Segments):
    assert same(leadlag.rank_by(convert(long_frame()), "revenue", **OPTIONS), here)


def test_a_relation_and_a_lazy_frame(here: leadlag.Segments):
    import duckdb

    frame = long_frame()
    relation = duckdb.sql("select * from frame")
    assert same(leadlag.rank_by(relation, "revenue", progress=False, **OPTIONS), here)
    assert same(leadlag.rank_by(pl.from_pandas(frame).lazy(), "revenue", **OPTIONS), here)


def test_a_time_index_is_kept(here: leadlag.Segments):
    frame = long_frame().set_index("week")
    made = leadlag.rank_by(frame, "revenue", by="country", max_lag=4)
    pd.testing.assert_frame_equal(made.pooled, here.pooled)


def test_several_columns_make_one_key():
    frame = long_frame({"DE": 1.0, "SE": 1.0}).assign(plan="pro")
    made = leadlag.rank_by(frame, "revenue", by=["country", "plan"], time="week", max_lag=4)
    assert list(made.rankings) == ["DE / pro", "SE / pro"]
    numbers = frame.assign(country=frame["country"].map({"DE": 10, "SE": 9})).drop(columns="plan")
    made = leadlag.rank_by(numbers, "revenue", **OPTIONS)
    assert list(made.rankings) == [9, 10]


def test_a_failing_segment_stops_no_other(here: leadlag.Segments):
    bad = long_frame({"AA": 1.0}, n=9)
    constant = long_frame({"ZZ": 1.0}).assign(revenue=3.0)
    keyless = long_frame({"QQ": 1.0}).assign(country=None)
    made = leadlag.rank_by(pd.concat([long_frame(), bad, constant, keyless]), "revenue", **OPTIONS)
    assert list(made.failures.index) == ["AA", "ZZ"]
    assert list(made.failures.columns) == ["error", "message"]
    assert "too short" in made.failures.loc["AA", "message"]
    assert made.rankings == here.rankings
    assert made.warnings == ("80 rows have no value of country and are left out.",)
    assert "6 segments, 2 of which failed" in repr(made)


def test_all_failing_is_an_answer_but_a_wrong_argument_is_an_error():
    made = leadlag.rank_by(long_frame(n=9), "revenue", **OPTIONS)
    assert len(made) == 0
    assert len(made.failures) == 4
    assert made.table.index.names == ["segment", "metric"]
    assert "No segment could be ranked" in repr(made)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "revenu"}, "Did you mean 'revenue'"),
        ({"by": "county"}, "Did you mean 'country'"),
        ({"by": []}, "by names no column"),
        ({"by": 3}, "by names no column"),
        ({"by": "revenue"}, "can't be both by and"),
        ({"by": "week"}, "can't be both by and"),
        ({"engine": "dask"}, "engine is nothing that runs segments"),
        ({"engine": 0}, "engine is nothing that runs segments"),
        ({"engine": True}, "engine is nothing that runs segments"),
        ({"seed": -1}, "seed is not a seed"),
        ({"progress": "yes"}, "progress is not a choice"),
        ({"alpha": 2}, "alpha is not a level"),
        ({"metrics": ["visit"]}, "Did you mean 'visits'"),
        ({"max_lag": 0}, "max_lag"),
    ],
)
def test_what_can_t_be_done_says_why(changes: dict[str, Any], message: str):
    arguments = {"target": "revenue", **OPTIONS, **changes}
    with pytest.raises(LeadLagError, match=message):
        leadlag.rank_by(long_frame({"DE": 1.0, "SE": 1.0}), arguments.pop("target"), **arguments)


class Dying(Executor):
    """Loses its second task."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        raise NotImplementedError

    def map(self, fn: Any, *iterables: Any, **_: Any) -> Any:
        for i, task in enumerate(iterables[0]):
            if i == 1:
                raise BrokenExecutor("out of memory")
            yield fn(task)


def test_a_worker_that_dies_leaves_failures(here: leadlag.Segments):
    made = leadlag.rank_by(long_frame(), "revenue", engine=Dying(), **OPTIONS)
    assert list(made.rankings) == ["DE"]
    assert made.rankings["DE"] == here.rankings["DE"]
    assert "the worker died: out of memory" in made.failures.loc["FR", "message"]


def test_effects_are_pooled_over_all_segments(here: leadlag.Segments):
    visits = here.pooled.loc["visits"]
    assert visits["n_segments"] == 4
    assert visits["n_leading"] >= 3
    assert visits["q_value"] < 0.001
    assert visits["dh_p_value"] < 1e-6
    truth = np.mean([e / 1.0 for e in EFFECTS.values()])
    assert visits["effect_low"] < truth < visits["effect_high"]
    likes = here.pooled.loc["likes"]
    assert likes["effect_low"] < 0 < likes["effect_high"]
    # Pulled towards the mean, and surer than alone.
    one = here.table.xs("visits", level="metric")
    assert one["pooled_effect"].std() <= one["standard_effect"].std()
    assert (one["pooled_high"] - one["pooled_low"] <= 2 * 1.7 * one["standard_error"]).all()
    assert (here.table["q_over_all"] >= here.table["p_value"]).all()


# --- the statistics ------------------------------------------------------------------------------


def test_pooling_holds_its_level_and_shrinks_towards_the_truth():
    rng = np.random.default_rng(0)
    held, nearer = [], []
    for _ in range(300):
        true = 0.3 + 0.2 * rng.standard_normal(12)
        error = rng.uniform(0.1, 0.3, 12)
        seen = true + error * rng.standard_normal(12)
        made = pool_effects(seen, error)
        held.append(made.low <= 0.3 <= made.high)
        nearer.append(np.mean((made.shrunk - true) ** 2) < np.mean((seen - true) ** 2))
    assert 0.85 < np.mean(held) < 0.95
    assert np.mean(nearer) > 0.85


def test_pooling_without_or_with_one_effect():
    none = pool_effects(np.full(3, np.nan), np.ones(3))
    assert (none.n, np.isnan(none.mean), none.shrunk.shape) == (0, True, (3,))
    one = pool_effects(np.array([np.nan, 2.0]), np.ones(2))
    assert (one.n, one.mean, one.shrunk[1]) == (1, 2.0, 2.0)
    assert one.low == pytest.approx(2 - 1.645, abs=1e-3)


def test_the_panel_test_of_dumitrescu_and_hurlin_holds_its_level():
    rng = np.random.default_rng(0)
    rejected = []
    for _ in range(150):
        tests = [granger(*rng.standard_normal((2, 60)), max_order=2) for _ in range(8)]
        f = np.array([one.f_statistic[0, -1] for one in tests])
        df = np.array([one.df_denom[0, -1] for one in tests], dtype=float)
        rejected.append(panel_granger(f, df, 2)[1] < 0.05)
    assert 0.01 < np.mean(rejected) < 0.12
    assert np.isnan(panel_granger(np.array([1.0]), np.array([3.0]), 2)[1])
