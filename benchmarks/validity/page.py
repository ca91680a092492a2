"""Results to docs/validity.md: computes nothing, measures nothing.

python -m benchmarks.validity.page
"""

import json
from pathlib import Path

import pandas as pd

from benchmarks.validity.collect import PARTS, RESULTS, STUDIES
from benchmarks.validity.markdown import number, table
from benchmarks.validity.methods import TITLES
from benchmarks.validity.scores import COLUMNS
from benchmarks.validity.scores import TITLES as SCORES
from benchmarks.validity.tables import LEAST_PANELS
from leadlag.data.simulate import situations
from leadlag.data.simulate.lessons import LESSONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validity.md"
_INTRODUCTION = """\
# How far verdicts can be trusted

Situations whose truth is known ([`leadlag.simulate`](api.md)), every method on the same panels, the
same scores for all. This page is generated (`make validity`): the numbers come from
`benchmarks/validity/results`, and say what was measured, good or bad.

A **false discovery** is a metric called leading or feedback that is neither; FDR is their mean
share among those called so, nominally .10. **Recall** is the share of true leaders that are
called so, **role accuracy** the share of metrics with the right role, by the rule of
[methods](methods.md#6-across-metrics) on population values; cases within .05 of a cut, and gains
too small for any sample to tell, are not scored. The **oracle** is told lag, shape, transform,
fixed terms, glitches and breaks, and tests one coefficient. Effect sizes were fixed by its recall
alone, between .85 and .98. The held-out part draws its parameters from other values than those
used while tuning, and has situations of its own; what was changed after seeing it is in
`benchmarks/validity/LOG.md`. Standard errors, in parentheses, are clustered by panel. A goal
**holds** where the estimate less two standard errors is inside its bound: with few panels that is
easily said, so look at the standard error as well.
"""


def read(name: str) -> pd.DataFrame:
    path = RESULTS / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=True) if path.exists() else pd.DataFrame()


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(PAGE.parents[1]))


def page() -> str:
    """The whole page."""
    about = json.loads((RESULTS / "about.json").read_text(encoding="utf-8"))
    lines = [*_INTRODUCTION.splitlines(), ""]
    lines.append(
        f"Measured with leadlag {about['leadlag']}, Python {about['python']}, NumPy"
        f" {about['numpy']}, SciPy {about['scipy']}, {about['machine']}."
    )
    scored = {part: made for part in PARTS if not (made := read(f"scores-{part}")).empty}
    for part, made in scored.items():
        lines += ["", f"## {part.capitalize()} part", "", *_means(made), "", *_goals(part)]
    part, made = next(iter(scored.items()))
    lines += ["", f"## Situation by situation ({part} part)"]
    for kind in dict.fromkeys(made["situation"]):
        lines += ["", *_situation(kind, made[made["situation"] == kind])]
    for name, study in STUDIES.items():
        result = read(name)
        lines += ["", f"## {study.TITLE}", ""]
        if result.empty:
            lines.append("Not measured in the run behind this page.")
        else:
            lines += study.section(result)
            if result["part"].iloc[0] != PARTS[0]:
                lines += ["", f"({result['part'].iloc[0].capitalize()} part.)"]
    return "\n".join(lines).rstrip() + "\n"


def _means(made: pd.DataFrame) -> list[str]:
    cells = []
    for method, part in made.groupby("method", sort=False):
        panels = f"{part['panels'].sum()} ({part['panels'].min()} to {part['panels'].max()})"
        means = [number(part[c].mean()) for c in COLUMNS]
        seconds = number(part["seconds"].mean())
        cells.append([TITLES[str(method)], f"{len(part)}", panels, *means, seconds])
    head = ["method", "situations", "panels (each)", *(SCORES[c] for c in COLUMNS), "seconds"]
    tried = set(made["method"])
    lines = [
        "Means over the situations in which a method was run. The row of leadlag has `rank` as it"
        " is, or its tests without skill and rank intervals (roles and lags are the same); its"
        " NDCG comes from the former alone where there is any. Seconds are a panel's, on a busy"
        " machine.",
        "",
        *table(head, cells),
    ]
    if "pcmci" not in tried:
        lines += ["", "PCMCI (tigramite) was not run here; see `METHODS` in `methods.py`."]
    return lines


def _goals(part: str) -> list[str]:
    made = read(f"goals-{part}")
    cells = []
    for name, goal in made.groupby("name", sort=False):
        each, mean = goal[goal["situation"] != "mean"], goal[goal["situation"] == "mean"]
        said = each["verdict"].value_counts()
        missed = each[each["verdict"] == "missed"].sort_values("value", ascending=False)
        beyond = each[each["value"] > each["bound"]].sort_values("value", ascending=False)
        named = [f"`{r.situation}` {r.value:+.2f}" for r in [*missed.itertuples()]]
        worst = [f"`{r.situation}` {r.value:+.2f}" for r in [*beyond.itertuples()][:6]]
        on_average = "–"
        if not mean.empty:
            one = mean.iloc[0]
            value = number(one["value"], one["error"], digits=3)
            on_average = f"{value} ≤ {one['bound']}: {one['verdict']}"
        if each.empty:
            cells.append([str(name), "–", "–", "–", "–", "–", on_average])
            continue
        cells.append(
            [str(name), f"≤ {each['bound'].iloc[0]}", f"{said.get('holds', 0)} of {len(each)}",
             ", ".join(named) or "–", f"{said.get('open', 0)}",
             f"{len(beyond)}: {', '.join(worst)}" if worst else "0", on_average]
        )  # fmt: skip
    head = [
        "goal", "in each", "holds in", "missed in", "open", "estimates beyond, the farthest",
        "on average",
    ]  # fmt: skip
    few = (
        f"Open: fewer than {LEAST_PANELS} panels, which give no standard error worth the name."
        " The oracle is taken on the panels that leadlag has seen."
    )
    return ["Goals:", "", *table(head, cells), "", few]


def _situation(kind: str, made: pd.DataFrame) -> list[str]:
    lesson = LESSONS[kind.removeprefix("null_")]
    described = situations(held_out=True)[kind]
    lines = [f"### {kind.replace('_', ' ')}", "", f"`{kind}`: {described}."]
    if not kind.startswith("null_"):
        lines += ["", lesson]
    cells = [
        [TITLES[row["method"]], f"{row['panels']}",
         *(number(row[c], row[f"{c}_se"]) for c in COLUMNS)]
        for row in made.to_dict("records")
    ]  # fmt: skip
    return [*lines, "", *table(["method", "panels", *(SCORES[c] for c in COLUMNS)], cells)]


if __name__ == "__main__":
    main()
