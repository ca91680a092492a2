"""The catalogue: what can be declared, how mistakes are caught, files there and back."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.catalog import Catalog, Metric, as_catalog
from leadlag.data.duration import Duration, parse_duration, to_periods
from leadlag.data.metric import AIMS, FORMS, KINDS, STAMPS
from leadlag.errors import CatalogError, ConfigurationError

FULL = Metric(
    "product outcome",
    label="Retention, 90 days",
    group="Retention",
    aim="up",
    unit="share of the cohort",
    form="rate",
    window="90D",
    latency=2,
    stamped="cohort",
    owner="Growth",
    controllable_by=("Onboarding", "Search"),
    stage="retention",
    value_moment="second order",
    components=("kept", "started"),
    counterweights=("refunds",),
)


def test_fields_are_positional_in_the_documented_order():
    metric = Metric("sentiment", "CSAT", "Care", "up", "points", "stock", 4, 1, "availability",
                    "Care", "Care", "serve", True, ["a"], ["b"])  # fmt: skip
    assert metric == Metric(
        kind="sentiment", label="CSAT", group="Care", aim="up", unit="points", form="stock",
        window=4, latency=1, stamped="availability", owner="Care", controllable_by="Care",
        stage="serve", value_moment=True, components=("a",), counterweights=("b",),
    )  # fmt: skip


def test_nothing_need_be_declared():
    assert Metric().kind == "unclassified"
    assert Metric().to_dict() == {"kind": "unclassified"}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_may_be_written_with_any_case_and_joints(kind):
    for written in (
        kind,
        kind.upper(),
        kind.replace(" ", "_"),
        kind.replace(" ", "-"),
        f" {kind} ",
    ):
        assert Metric(written).kind == kind


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "sentimant"}, "need one of the choices: business outcome"),
        ({"kind": "sentimant"}, "Did you mean 'sentiment'?"),
        ({"kind": None}, "kind None is not known"),
        ({"form": "flows"}, "Did you mean 'flow'?"),
        ({"stamped": "cohorts"}, "Did you mean 'cohort'?"),
        ({"aim": "upward"}, "need one of the choices: up, down, hold"),
        ({"label": 3}, "label is not text: got 3"),
        ({"owner": ["a"]}, "owner is not text"),
        ({"window": "ninety"}, "window is not a length of time: got 'ninety'"),
        ({"latency": -1}, "latency is not a length of time: got -1"),
        ({"window": datetime.timedelta(days=-1)}, "window is not a length of time"),
        ({"components": [1]}, "components is not a list of names: got [1]"),
        ({"counterweights": 7}, "counterweights is not a list of names"),
        ({"controllable_by": {"a": 1}}, "controllable_by is not a list of names"),
        ({"value_moment": 3.5}, "value_moment is neither true, false nor text: got 3.5"),
    ],
)
def test_mistakes_are_caught(fields, says):
    with pytest.raises(CatalogError) as caught:
        Metric(**fields)
    assert says in str(caught.value)


def test_lengths_of_time_are_kept_as_text_or_periods():
    assert Metric(window="  90 days ").window == "90 days"
    assert Metric(window=datetime.timedelta(days=90)).window == "90D"
    assert Metric(window=datetime.timedelta(hours=36)).window == "36h"
    assert Metric(window=5).window == 5


def test_metrics_are_frozen_and_hashable():
    with pytest.raises(AttributeError):
        FULL.kind = "output"
    assert len({FULL, FULL}) == 1


@pytest.mark.parametrize(
    "entry", ["sentiment", {"kind": "sentiment"}, Metric("sentiment"), Metric(kind="Sentiment")]
)
def test_an_entry_is_a_kind_a_dict_or_a_metric(entry):
    assert Catalog({"csat": entry})["csat"] == Metric("sentiment")


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        ({"csat": "sentimant"}, "catalogue entry 'csat': kind 'sentimant' is not known"),
        ({"csat": {"knd": "sentiment"}}, "'knd' is not a field of a metric"),
        ({"csat": {"knd": "sentiment"}}, "Did you mean 'kind'?"),
        ({"csat": 3}, "catalogue entry 'csat' can't be read: got int"),
        ({True: "sentiment"}, "a name in the catalogue is not text: got True"),
        (["csat"], "a catalogue is not a mapping: got list"),
    ],
)
def test_a_wrong_entry_is_named(metrics, says):
    with pytest.raises(CatalogError) as caught:
        Catalog(metrics)
    assert says in str(caught.value)


def test_a_catalogue_is_a_mapping():
    catalog = Catalog({"b": "output", "a": "traction"})
    assert list(catalog) == ["b", "a"]
    assert len(catalog) == 2
    assert catalog.get("c") is None
    assert catalog == Catalog({"a": "traction", "b": "output"})
    assert catalog != Catalog({"a": "traction"})
    assert "traction" in repr(catalog)


@pytest.mark.parametrize("suffix", ["toml", "yaml", "yml", "TOML"])
def test_files_there_and_back(tmp_path, suffix):
    catalog = Catalog({"retention_90d": FULL, "csat": "sentiment", 'a.b "c"': Metric()})
    path = tmp_path / f"metrics.{suffix}"
    catalog.write(path)
    assert Catalog.read(path) == catalog
    assert as_catalog(str(path)) == as_catalog(path) == catalog


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAMES = st.lists(_TEXT, max_size=3).map(tuple)
_METRICS = st.builds(
    Metric,
    kind=st.sampled_from(KINDS),
    label=st.none() | _TEXT,
    aim=st.none() | st.sampled_from(AIMS),
    form=st.none() | st.sampled_from(FORMS),
    window=st.none() | st.integers(1, 400) | st.sampled_from(["90D", "2 weeks", "1.5h"]),
    stamped=st.none() | st.sampled_from(STAMPS),
    controllable_by=st.none() | _TEXT | _NAMES,
    value_moment=st.none() | st.booleans() | _TEXT,
    components=_NAMES,
    counterweights=_NAMES,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_TEXT, _METRICS, max_size=4), st.sampled_from(["toml", "yaml"]))
def test_any_catalogue_survives_its_file(tmp_path_factory, metrics, suffix):
    path = tmp_path_factory.mktemp("catalogue") / f"metrics.{suffix}"
    catalog = Catalog(metrics)
    catalog.write(path)
    assert Catalog.read(path) == catalog


def test_a_dict_there_and_back():
    catalog = Catalog({"retention_90d": FULL, "csat": "sentiment"})
    assert Catalog(catalog.to_dict()) == catalog


def test_a_file_may_give_the_kind_alone(tmp_path):
    (tmp_path / "m.toml").write_text('csat = "sentiment"\n[visits]\nkind = "traction"\n')
    (tmp_path / "m.yaml").write_text("csat: sentiment\nvisits:\n  kind: traction\n")
    wanted = Catalog({"csat": "sentiment", "visits": "traction"})
    assert Catalog.read(tmp_path / "m.toml") == Catalog.read(tmp_path / "m.yaml") == wanted


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("m.toml", "csat = ", "is not TOML"),
        ("m.yaml", "a: [", "is not YAML"),
        ("m.yaml", "- csat\n", "holds no tables: got list"),
        ("m.yaml", "on: sentiment\n", "is not text: got True"),
        ("m.toml", '[csat]\nkind = "sentimant"', "catalogue entry 'csat': kind 'sentimant'"),
        ("m.json", "{}", "is neither TOML nor YAML: got .json"),
        ("metrics", "", "got no suffix"),
    ],
)
def test_a_file_that_is_not_well_formed_is_an_error(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    with pytest.raises(CatalogError) as caught:
        Catalog.read(tmp_path / name)
    assert says in str(caught.value)


def test_a_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(CatalogError, match=r"can't be read: got .*, need .* file.* Check the path"):
        Catalog.read(tmp_path / "none.toml")


def test_an_empty_file_is_an_empty_catalogue(tmp_path):
    for name in ("m.toml", "m.yaml"):
        (tmp_path / name).write_text("")
        assert len(Catalog.read(tmp_path / name)) == 0


@pytest.mark.parametrize(
    ("written", "duration"),
    [
        (0, Duration(0.0, "period")),
        ("90D", Duration(90.0, "D")),
        ("90d", Duration(90.0, "D")),
        ("4 weeks", Duration(4.0, "W")),
        ("3M", Duration(3.0, "M")),
        ("1.5h", Duration(1.5, "h")),
        (datetime.timedelta(days=2), Duration(2.0, "D")),
    ],
)
def test_durations_are_read(written, duration):
    assert parse_duration(written) == duration


@pytest.mark.parametrize(
    ("duration", "days", "periods"),
    [
        (Duration(3.0, "M"), 365.2425 / 12, 3.0),
        (Duration(1.0, "Y"), 365.2425 / 4, 4.0),
        (Duration(2.0, "W"), 1.0, 14.0),
        (Duration(36.0, "h"), 1.0, 1.5),
        (Duration(5.0, "period"), None, 5.0),
    ],
)
def test_durations_in_periods_are_exact_where_they_can_be(duration, days, periods):
    assert to_periods(duration, days) == periods


def test_days_have_no_length_in_plain_periods():
    with pytest.raises(ConfigurationError, match="got 90D, need an integer number of periods"):
        to_periods(Duration(90.0, "D"), None)


# --- stages, forms, dbt ------------------------------------------------------------------------


def test_stages_have_one_spelling_and_may_be_your_own():
    assert Metric(stage="Retain").stage == "retention"
    assert Metric(stage=" Activation ").stage == "activation"
    assert Metric(stage="serve").stage == "serve"


def test_a_windowed_value_counts_at_the_end_of_a_coarser_period():
    assert Metric(form="windowed").form == "windowed"


PROJECT = """
models:
  - name: weeks
    columns:
      - name: csat
        meta: {leadlag: sentiment, pii: false}
      - name: signups
        config: {meta: {leadlag: {kind: traction, form: flow}}}
      - name: customer_id
        meta: {owner: Data}
metrics:
  - name: retention_90d
    label: Retention, 90 days
    meta: {kind: product outcome, window: 90D, stamped: cohort, docs: elsewhere}
"""


def test_dbt_meta_is_taken_over(tmp_path):
    path = tmp_path / "schema.yml"
    path.write_text(PROJECT, encoding="utf-8")
    catalog = Catalog.from_dbt(path)
    assert list(catalog) == ["csat", "signups", "retention_90d"]
    assert catalog["csat"].kind == "sentiment"
    assert catalog["signups"].form == "flow"
    assert catalog["retention_90d"] == Metric(
        "product outcome", label="Retention, 90 days", window="90D", stamped="cohort"
    )
    manifest = {"nodes": {"model.x.weeks": {"name": "weeks", "columns": {"csat": {
        "name": "csat", "meta": {"leadlag": {"kind": "sentiment"}}}}}}}  # fmt: skip
    assert Catalog.from_dbt(manifest) == Catalog({"csat": "sentiment"})


def test_a_name_declared_twice_in_yaml_is_an_error(tmp_path):
    path = tmp_path / "metrics.yaml"
    path.write_text("csat: sentiment\ncsat: output", encoding="utf-8")
    with pytest.raises(CatalogError, match="'csat' twice"):
        Catalog.read(path)
    for text in ("just words", "- a\n- b"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogError, match="holds no tables"):
            Catalog.read(path)


def test_a_dbt_project_is_read_from_its_folder(tmp_path):
    """Properties files in the layout of public projects, beside files of other kinds."""
    files = {
        "dbt_project.yml": "name: shop\nmodels: {shop: {+materialized: view, meta: {team: x}}}",
        "packages.yml": "packages: [{package: dbt-labs/dbt_utils, version: 1.0.0}]",
        ".github/workflows/ci.yml": "on: push\njobs: {}",
        "models/marts/_marts.yml": PROJECT,
        "models/staging/__sources.yaml": "sources: [{name: crm, tables: [{name: nps, columns: "
        "[{name: nps, meta: {leadlag: sentiment, metabase.semantic_type: type/Score}}]}]}]",
        "models/empty.yml": "# nothing yet",
        "dbt_packages/other/schema.yml": "models: [{name: a, meta: {leadlag: wrong}}]",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    catalog = Catalog.from_dbt(tmp_path)
    assert sorted(catalog) == ["csat", "nps", "retention_90d", "signups"]
    (tmp_path / "bare").mkdir()
    with pytest.raises(CatalogError, match="no dbt properties file"):
        Catalog.from_dbt(tmp_path / "bare")


@pytest.mark.parametrize(
    ("project", "says"),
    [
        ({"version": 2}, "no dbt properties file or manifest"),
        ({"models": [{"name": "a", "meta": {"leadlag": "sentimant"}}]}, "Did you mean 'sentiment'"),
        ({"models": [{"name": "a", "meta": {"leadlag": {"knd": "output"}}}]}, "'knd' is not"),
        ({"models": [{"name": "a", "meta": {"leadlag": "output"}},
                     {"name": "a", "meta": {"leadlag": "sentiment"}}]}, "in two ways"),
        ({"models": "x"}, "'models' of the dbt project can't be read: got 'x'"),
        ({"models": [{"name": "weeks", "columns": "csat"}]}, "'columns' of the dbt project can't"),
        ({"metrics": ["csat"]}, "'metrics' of the dbt project can't be read"),
        ("missing.yml", "can't be read"),
    ],
)  # fmt: skip
def test_a_wrong_dbt_project_is_one_clear_error(project, says):
    with pytest.raises(CatalogError, match=says):
        Catalog.from_dbt(project)


@pytest.mark.parametrize("path", [None, 3, ["metrics.toml"]])
def test_a_path_that_is_none_is_an_error_of_ours(path: object):
    with pytest.raises(CatalogError, match="path"):
        Catalog.read(path)  # type: ignore[arg-type]
    with pytest.raises(CatalogError, match="path"):
        Catalog({"a": "sentiment"}).write(path)  # type: ignore[arg-type]


def test_a_folder_that_is_not_there_is_an_error_of_ours(tmp_path):
    with pytest.raises(CatalogError, match="can't be written"):
        Catalog({"a": "sentiment"}).write(tmp_path / "nowhere" / "metrics.toml")


@pytest.mark.parametrize("source", [None, 3, [1]])
def test_a_dbt_project_is_a_path_or_a_dict(source: object):
    with pytest.raises(CatalogError, match="no dbt project"):
        Catalog.from_dbt(source)  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", [3, True, ["sentiment"]])
def test_a_dbt_entry_that_declares_nothing_is_not_dropped(entry: object):
    column = {"name": "csat", "meta": {"leadlag": entry}}
    with pytest.raises(CatalogError, match="csat"):
        Catalog.from_dbt({"models": [{"name": "weeks", "columns": [column]}]})


def test_a_mark_before_the_text_is_none_of_it(tmp_path: Path):
    """Some editors on Windows write one."""
    for name, text in (("m.toml", 'csat = "sentiment"\r\n'), ("m.yaml", "csat: sentiment\r\n")):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert Catalog.read(tmp_path / name)["csat"].kind == "sentiment"
