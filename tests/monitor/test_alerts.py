"""What fires, what does not, and what is over: each signal on data in which it was planted."""

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.monitor.alerts import RULES, Signal, alerts
from leadlag.monitor.changes import changes_between
from leadlag.monitor.movement import movement, shows_in
from leadlag.monitor.relation import rolling_lead, weakening
from leadlag.monitor.signals import signals, window_of
from leadlag.monitor.state import State

CATALOG = {
    "signups": {"kind": "product outcome", "counterweights": ["complaints"]},
    "complaints": {"kind": "sentiment", "aim": "down"},
}


def weeks(
    n: int = 220, *, breaks: int | None = None, jump: float = 0, worse: float = 0
) -> pd.DataFrame:
    """Revenue follows signups by 3 weeks up to the break; the last four weeks may jump."""
    rng = np.random.default_rng(8)
    signups, complaints, noise = rng.standard_normal((3, n))
    weight = np.where(np.arange(n) < (n if breaks is None else breaks), 1.0, 0.0)
    revenue = 100 + weight * np.r_[np.zeros(3), signups[:-3]] + 0.7 * noise
    signups[-4:] += jump
    complaints[-4:] += worse
    index = pd.date_range("2020-01-06", periods=n, freq="W-MON")
    columns = {"revenue": revenue, "signups": 10 + signups, "complaints": 20 + complaints}
    return pd.DataFrame(columns, index=index)


def state_of(frame: pd.DataFrame, **options: object) -> State:
    return leadlag.rank(frame, "revenue", max_lag=10, catalog=CATALOG, **options)._state()


def found(state: State, **options: object) -> dict[str, Signal]:
    given = {"led": {}, "ranks": {}, **options}
    return {one.kind: one for one in signals(state, [], **given)}


@pytest.fixture(scope="module")
def quiet() -> State:
    return state_of(weeks())


def test_in_quiet_weeks_nothing_is_above_its_line(quiet: State):
    told = found(quiet, ranks={"signups": [1, 1]}, led={"signups": 9})
    assert {"leader moved", "relation weakened", "rank changed"} <= set(told)
    for kind, one in told.items():
        assert one.value < RULES[kind].enter, one


def test_a_leader_that_jumps_is_told_with_its_direction():
    state = state_of(weeks(jump=-3))
    one = found(state)["leader moved"]
    assert one.value > RULES["leader moved"].enter
    assert one.text.startswith("signups fell by ")
    made = movement(state, "signups")
    assert made["z"] < -3
    assert made["now"] == pytest.approx(weeks(jump=-3)["signups"][-4:].mean())
    assert made["change"] == pytest.approx(made["now"] - made["before"])
    row = state.by_name["signups"]
    # From the first of the four weeks with the shortest lag to the last with the longest.
    last = weeks().index[-1]
    ends = int(row["lag_low"]) - 3, int(row["lag_high"])
    assert shows_in(state, row) == [str((last + pd.Timedelta(weeks=k)).date()) for k in ends]


def test_a_counterweight_is_breached_in_the_wrong_direction_only():
    assert found(state_of(weeks(worse=3)))["counterweight breached"].value > 3
    assert found(state_of(weeks(worse=-3)))["counterweight breached"].value == 0


def test_a_relation_that_ended_is_weaker_and_a_steady_one_is_not(quiet: State):
    row = {**quiet.by_name["signups"], "role": "leading"}
    window = window_of(row)
    steady = weakening(quiet, "signups", window)
    state = state_of(weeks(breaks=195))
    ended = weakening(state, "signups", window)
    assert steady is not None
    assert ended is not None
    line = RULES["relation weakened"]
    assert steady.evidence < line.leave
    assert ended.evidence > line.enter
    assert ended.since == pytest.approx(195, abs=5)
    # What ended is told by the lags of the run before, whatever became of its role since.
    told = found(state, led={"signups": 3}, windows={"signups": window})["relation weakened"]
    assert told.value == ended.evidence
    when = weeks().index[ended.since]
    assert f"probably since week of {when.day} {when:%B %Y}: what came since is" in told.text
    assert rolling_lead(state, row)[-1]["correlation"] < rolling_lead(quiet, row)[-1]["correlation"]


def test_a_lead_that_was_established_and_is_gone_is_told(quiet: State):
    state = state_of(weeks(breaks=0))
    assert found(state, led={"signups": 3})["lead lost"].subject == "signups"
    assert "lead lost" not in found(state, led={"signups": 2})


def test_a_rank_within_its_interval_is_no_signal(quiet: State):
    rank = quiet.by_name["signups"]["rank"]
    assert found(quiet, ranks={"signups": [rank, rank + 2]})["rank changed"].value == 0
    assert found(quiet, ranks={"signups": [rank + 1, rank + 2]})["rank changed"].value == 1


def test_where_metrics_come_and_go_a_place_is_no_signal(quiet: State):
    rank = quiet.by_name["signups"]["rank"]
    gone = {"metric": "visits", "field": "metric", "before": "leading", "after": "absent",
            "cause": "definition changed"}  # fmt: skip
    broken = {"metric": "visits", "field": "role", "before": "leading", "after": "excluded",
              "cause": "new data"}  # fmt: skip
    usable = {**broken, "before": "excluded", "after": "leading"}
    weaker = {**broken, "after": "unrelated"}
    for change, kinds in ((gone, []), (broken, []), (usable, []), (weaker, ["rank changed"])):
        told = signals(quiet, [change], led={}, ranks={"signups": [rank + 1, rank + 1]})
        assert [one.kind for one in told if one.kind == "rank changed"] == kinds


@pytest.mark.parametrize("name", ["revenue", "signups"])
def test_a_column_that_only_repeats_itself_is_stale(name: str):
    frame = weeks()
    frame.loc[frame.index[-6:], name] = 12.0
    one = found(state_of(frame))["stale data"]
    text = f"{name} has been 12 for 6 weeks"
    assert (one.subject, one.value, one.text) == (name, 6.0, text)


def test_a_count_that_often_repeats_is_not_stale():
    frame = weeks()
    frame["signups"] = frame["signups"].round()
    frame.loc[frame.index[-5:], "signups"] = frame["signups"].median()
    assert "stale data" not in found(state_of(frame))


def test_a_leader_without_its_newest_values_is_partial():
    frame = weeks()
    frame.loc[frame.index[-5:], "signups"] = np.nan
    one = found(state_of(frame))["partial data"]
    assert (one.subject, one.value) == ("signups", 5)


def test_a_definition_that_changed_is_told_at_once(quiet: State):
    frame = weeks()
    frame["signups"] = frame["signups"].rolling(5, min_periods=1).mean()
    now = state_of(frame)
    told = signals(now, changes_between(quiet, now), led={}, ranks={})
    fired = alerts(None, told)["fired"]
    assert [(one["kind"], one["subject"]) for one in fired] == [("definition changed", "signups")]


def test_all_that_is_defined_otherwise_is_told_and_nothing_that_follows(quiet: State):
    catalog = {
        **CATALOG,
        "signups": {**CATALOG["signups"], "window": 3, "latency": 2, "stamped": "cohort"},
    }
    now = leadlag.rank(weeks(), "revenue", max_lag=10, catalog=catalog)._state()
    changes = changes_between(quiet, now)
    followed = {c["field"] for c in changes if c["cause"] == "definition changed"}
    assert followed & {"skill", "tier", "lag", "effect"}
    (one,) = [s for s in signals(now, changes, led={}, ranks={}) if s.kind == "definition changed"]
    assert one.text == (
        "signups: window it is counted over was –, is 3; delay of its values was –, is 2; "
        "dated by was –, is cohort"
    )


def test_a_definition_that_changes_back_is_told_again():
    told, before = [], None
    for value in (1.0, 1.0, 0.0, 1.0):
        before = alerts(before, [Signal("definition changed", "x", value, "")])
        told.append(len(before["fired"]))
        assert before["on"] == []
    assert told == [1, 1, 0, 1]


def test_an_alert_fires_once_and_rests_before_it_may_again():
    def run(before: object, value: float) -> dict[str, object]:
        return alerts(before, [Signal("leader moved", "x: y", value, "")])  # type: ignore[arg-type]

    history = [run(None, 4.0)]
    for value in (4.0, 2.0, 0.5, 4.0, 4.0, 4.0, 4.0, 4.0):
        history.append(run(history[-1], value))
    assert [len(one["fired"]) for one in history] == [1, 0, 0, 0, 0, 0, 0, 0, 1]  # type: ignore[arg-type]


def test_a_kind_that_was_left_out_is_forgotten():
    before = alerts(None, [Signal("leader moved", "x", 9.0, "")])
    rules = {kind: rule for kind, rule in RULES.items() if kind != "leader moved"}
    assert alerts(before, [], rules=rules) == {"fired": [], "on": [], "states": {}}
    again = [Signal("leader moved", "x", 9.0, "")]
    assert alerts(before, again, rules=rules) == {"fired": [], "on": [], "states": {}}


def test_kinds_that_are_not_looked_at_stay_as_they_were():
    before = alerts(None, [Signal("lead lost", "x", 1.0, ""), Signal("leader moved", "x", 9.0, "")])
    late = Signal("stale data", "y", 2.0, "")
    now = alerts(before, [Signal("lead lost", "x", 1.0, ""), late], only=("stale data",))
    assert [one["kind"] for one in now["fired"]] == ["stale data"]
    assert now["states"]["lead lost: x"] == before["states"]["lead lost: x"]
    assert [one["kind"] for one in now["on"]] == ["leader moved"]


def test_a_metric_of_both_signs_has_a_change_and_no_share_of_it():
    frame = weeks(jump=-3)
    made = movement(state_of(frame), "signups")
    assert made["share"] == pytest.approx(made["change"] / made["before"])
    made = movement(state_of(frame.assign(signups=frame["signups"] - 10)), "signups")
    assert made["share"] is None
    assert made["change"] == pytest.approx(made["now"] - made["before"])
