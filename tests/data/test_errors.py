"""Errors say what, got, need and do; they survive pickling; reasons read as sentences."""

import pickle

import pytest

from leadlag import errors
from leadlag.errors import Exclusion, LeadLagError, listing, unknown_name

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, LeadLagError)
]


def test_the_message_has_all_four_parts():
    error = LeadLagError("max_lag is too long", got=60, need="at most 43", do="Lower max_lag")
    assert str(error) == "max_lag is too long: got 60, need at most 43. Lower max_lag."
    assert (error.what, error.got, error.need, error.do) == (
        "max_lag is too long", "60", "at most 43", "Lower max_lag",
    )  # fmt: skip


def test_parts_that_are_left_out_leave_no_trace():
    assert str(LeadLagError("data has no rows")) == "data has no rows."
    assert str(LeadLagError("a", need="b")) == "a: need b."
    assert str(LeadLagError("a", got=0)) == "a: got 0."
    assert str(LeadLagError("a", do="Did you mean 'b'?")) == "a. Did you mean 'b'?"


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_a_value_error_and_pickles(kind):
    error = kind("what", got=[1, 2], need="need", do="do")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, ValueError)
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_an_unknown_name_suggests_the_nearest_whatever_its_case():
    options = ["revenue", "visits"]
    assert "Did you mean 'revenue'?" in str(unknown_name("x", "REVENU", options))
    assert "Did you mean" not in str(unknown_name("x", "zzz", options))
    assert "columns: there are none" in str(unknown_name("x", "zzz", []))


def test_an_unknown_name_lists_a_few_of_many():
    message = str(unknown_name("x", "c5", [f"c{i}" for i in range(50)], show=3))
    assert "c0, c1, c2 and 47 more" in message


def test_listing_counts_what_it_leaves_off():
    assert listing([], limit=2) == ""
    assert listing(["a", "b"], limit=2) == "a, b"
    assert listing(range(5), limit=2) == "0, 1 and 3 more"


@pytest.mark.parametrize("reason", Exclusion)
def test_reasons_read_as_part_of_a_sentence(reason):
    facts = {"got": 1, "need": 2, "lower": 3, "count": "4 infinite values", "value": 5, "kind": "x"}
    text = reason.sentence(**facts)
    assert text[0].islower()
    assert not text.endswith(".")
    assert "{" not in text
