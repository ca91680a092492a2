"""What a ranking says to arguments and files that it can't use."""

import pytest

from leadlag.errors import LeadLagError
from leadlag.loading import load
from leadlag.ranking import Ranking
from tests.builders import make_ranking


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return make_ranking()


WRONG = {
    "explain": lambda r: r.explain(["complaints"]),
    "plot": lambda r: r.plot(["complaints"]),
    "explain a dict": lambda r: r.explain({}),
    "shortlist of text": lambda r: r.shortlist("a"),
    "shortlist of a half": lambda r: r.shortlist(1.5),
    "shortlist of yes": lambda r: r.shortlist(True),
    "shortlist of less than none": lambda r: r.shortlist(-1),
    "save": lambda r: r.save(5),
    "load": lambda r: load(5),
    "load nothing": lambda r: load(None),
    "a list": lambda r: Ranking.from_dict([]),
    "nothing": lambda r: Ranking.from_dict(None),
    "rows of text": lambda r: Ranking.from_dict(r.to_dict() | {"table": ["a"]}),
    "a table of text": lambda r: Ranking.from_dict(r.to_dict() | {"table": "a"}),
    "notices of text": lambda r: Ranking.from_dict(r.to_dict() | {"warnings": ["a"]}),
    "curves of text": lambda r: Ranking.from_dict(r.to_dict() | {"curves": {"metrics": 1}}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_argument_is_one_error_of_four_parts(ranking: Ranking, kind: str):
    with pytest.raises(LeadLagError) as caught:
        WRONG[kind](ranking)
    assert all((caught.value.what, caught.value.got, caught.value.need, caught.value.do))


@pytest.mark.parametrize("part", ["settings", "warnings", "table", "curves"])
def test_a_ranking_without_a_part_is_refused(ranking: Ranking, part: str):
    values = ranking.to_dict()
    del values[part]
    with pytest.raises(LeadLagError, match=f"not a complete ranking: got no '{part}'"):
        Ranking.from_dict(values)


def test_a_ranking_without_a_setting_or_a_column_is_refused(ranking: Ranking):
    for name in ranking.settings.keys() - {"seed", "model", "time"}:
        values = ranking.to_dict()
        del values["settings"][name]
        with pytest.raises(LeadLagError, match=f"settings without {name}"):
            Ranking.from_dict(values)
    for name in ranking.to_dict()["table"][2]:
        values = ranking.to_dict()
        del values["table"][2][name]
        with pytest.raises(LeadLagError, match=f"row 2 of the table without {name}"):
            Ranking.from_dict(values)


def test_a_folder_that_is_not_there_is_named_and_no_scratch_file(tmp_path, ranking: Ranking):
    with pytest.raises(LeadLagError) as caught:
        ranking.save(tmp_path / "none" / "ranking.json")
    assert str(tmp_path / "none" / "ranking.json") in str(caught.value)
    assert ".ranking.json." not in str(caught.value)
