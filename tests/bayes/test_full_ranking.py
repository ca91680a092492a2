"""`rank(model="full")`: lag and effect from the lag model, everything else from the screen."""

import pandas as pd
import pytest

import leadlag
from leadlag import refine

# The group of the lag model's own tests: they share its compile.
pytestmark = [pytest.mark.xdist_group("lag_model"), pytest.mark.timeout(900)]
REPLACED = {"lag", "lag_low", "lag_high", "onset", "effect", "effect_low", "effect_high"}
FOLLOW = {"usable_lead", "correlation", "notes"}


@pytest.fixture(scope="module")
def frame():
    return leadlag.datasets.box_jenkins()


@pytest.fixture(scope="module")
def screen(frame):
    return leadlag.rank(frame, target="sales", max_lag=12)


@pytest.fixture(scope="module")
def full(frame):
    return leadlag.rank(frame, target="sales", max_lag=12, model="full")


def test_lag_and_effect_come_from_the_model_and_nothing_else_does(screen, full):
    kept = [c for c in screen.table.columns if c not in REPLACED | FOLLOW]
    pd.testing.assert_frame_equal(full.table[kept], screen.table[kept])
    row = full.table.loc["lead"]
    assert (row["lag"], row["onset"]) == (3, 3)
    assert row["lag_low"] <= row["lag"] <= row["lag_high"]
    assert row["effect_low"] < row["effect"] < row["effect_high"]
    assert row["effect"] != screen.table.loc["lead", "effect"]


def test_explain_says_whether_both_agree(screen, full):
    assert "full model" not in screen.explain("lead")
    assert "The full model agrees with the screen: lag 3 [3 to 3] against 3" in full.explain("lead")
    assert full.settings["model"] == "full"


def test_it_survives_a_file(full, tmp_path):
    full.save(tmp_path / "full.json")
    assert leadlag.load(tmp_path / "full.json") == full


def test_a_fit_that_did_not_converge_leaves_the_screens_values(frame, screen, monkeypatch):
    monkeypatch.setattr(refine, "_DRAWS", 20)
    with pytest.warns(leadlag.LeadLagWarning, match="lead did not converge"):
        found = leadlag.rank(frame, target="sales", max_lag=12, model="full")
    other = [c for c in screen.table.columns if c != "notes"]
    pd.testing.assert_frame_equal(found.table[other], screen.table[other])
    assert "The full model did not converge" in found.explain("lead")


def test_where_nothing_leads_nothing_is_fitted(frame):
    # The other way round: sales do not precede the leading series.
    found = leadlag.rank(frame, target="lead", max_lag=12, model="full")
    assert found.shortlist() == []
