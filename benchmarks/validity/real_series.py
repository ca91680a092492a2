"""Published leads, known against found: every row of the table of known answers, nothing left out.

    python -m benchmarks.validity.real_series

The series are outside the repository: `LEADLAG_SHARED`, else shared/data beside the clone. Columns,
rows, `max_lag` and the default alpha are those of the table; one call a data set. A published sign
is compared with that of `correlation`, at the lag that was found.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

import leadlag
from benchmarks.validity import records
from benchmarks.validity.markdown import table
from leadlag import examine
from leadlag.core import direction, kernels

TITLE = "Real series"
_PATH = records.FOLDER / "known_answers.csv"
# What was chosen with these series in sight, beside the laboratory: each is left out again, and for
# each data set the choice is made by the others.
RULES = {
    "prior": "short delays before long ones in the prior of the lag",
    "form": "`correlation` in the form of the metric that meets the target's scale",
    "scan": "a weight of .12 instead of .20 for single lags of a metric's values",
}
_MORE_TO_THE_SCAN = (0.28, 0.28, 0.07, 0.11, 0.20, 0.03, 0.03)
# Answers that look at no data.
CONSTANTS = (("leading", 1, 1), ("leading", 1, -1), ("coincident", 0, 1), ("unrelated", None, 0))
# Data sets whose known rows are ranked among all their columns.
_ALL_COLUMNS = ("us_leading_a",)
COUNTS = ("role", "lag", "sign", "all")


def shared() -> Path:
    return Path(os.environ.get("LEADLAG_SHARED", records.REPOSITORY.parent / "shared" / "data"))


def found(folder: Path) -> pd.DataFrame:
    """One row a published pair: what is known, what was found, and what of it agrees."""
    known = pd.read_csv(folder / "known_answers.csv")
    rows = []
    for (name, target), answers in known.groupby(["data", "target"], sort=False):
        ranked = leadlag.rank(
            _frame(folder, name, answers), target,
            metrics=None if name in _ALL_COLUMNS else list(answers["metric"]),
            max_lag=int(answers["max_lag"].iloc[0]), progress=False,
        ).table  # fmt: skip
        for answer in answers.itertuples():
            row = ranked.loc[answer.metric]
            rows.append(
                {
                    "data": name, "target": target, "metric": answer.metric,
                    "known_role": answer.roles, "role": row["role"],
                    "known_lag": _span(answer.lag_low, answer.lag_high), "lag": row["lag"],
                    "low": row["lag_low"], "high": row["lag_high"], "known_sign": answer.sign,
                    "correlation": round(float(row["correlation"]), 3),
                    "p_value": float(f"{row['p_value']:.2g}"), "n": int(row["n"]),
                    "transform": row["transform"],
                    **_agrees(answer, row["role"], row["lag"], np.sign(row["correlation"])),
                }
            )  # fmt: skip
            for role, lag, sign in CONSTANTS:
                said = _agrees(answer, role, np.nan if lag is None else lag, sign)
                rows[-1] |= {f"{_constant(role, lag, sign)}: {k}": v for k, v in said.items()}
    return pd.DataFrame(rows)


@contextmanager
def _only(rules: tuple[str, ...]) -> Iterator[None]:
    """The package with some of the chosen rules taken back."""
    with ExitStack() as stack:
        if "prior" not in rules:
            stack.enter_context(mock.patch.object(kernels, "log_lag_prior", _flat))
        if "form" not in rules:
            stack.enter_context(mock.patch.object(examine.Pair, "series", _as_tested))
        if "scan" not in rules:
            stack.enter_context(mock.patch.object(direction, "_WEIGHTS", _MORE_TO_THE_SCAN))
        kernels.delay_kernels.cache_clear()
        yield
    kernels.delay_kernels.cache_clear()


def _flat(max_lag: int) -> np.ndarray:
    return np.full(max_lag, -np.log(max_lag))


def _as_tested(pair: examine.Pair, role: str) -> np.ndarray:
    return pair.metric.series


def leave_one_out(folder: Path) -> pd.DataFrame:
    """What is right under every choice of rules, and under the choice of the other data sets.

    Of choices that are right equally often the one with the fewest rules is made.
    """
    right: dict[tuple[str, ...], pd.Series] = {}
    for size in product([False, True], repeat=len(RULES)):
        rules = tuple(name for name, taken in zip(RULES, size, strict=True) if taken)
        with _only(rules):
            made = found(folder)
        right[rules] = made["all_right"]
    chosen = {}
    for name in made["data"].unique():
        rest = made["data"] != name
        rules = max(right, key=lambda taken: (right[taken][rest].sum(), -len(taken)))
        chosen[name] = "+".join(rules)
    out = made[["data", "metric"]].assign(chosen=made["data"].map(chosen))
    out["left_out_right"] = [
        bool(right[tuple(c.split("+")) if c else ()].iloc[i]) for i, c in enumerate(out["chosen"])
    ]
    for rules, agreed in right.items():
        out["right: " + ("+".join(rules) or "none")] = agreed
    return out


def _frame(folder: Path, name: str, answers: pd.DataFrame) -> pd.DataFrame:
    frame = pd.read_csv(folder / f"{name}.csv")
    if "date" not in frame:
        return frame.set_index("period")
    frame = frame.set_index(pd.to_datetime(frame.pop("date")))
    start, end = (v if isinstance(v, str) else None for v in answers.iloc[0][["start", "end"]])
    return frame.loc[start:end]


def _agrees(answer: object, role: str, lag: float, sign: float) -> dict[str, bool]:
    low, high, known = (getattr(answer, name) for name in ("lag_low", "lag_high", "sign"))
    made = {
        "role_right": role in str(getattr(answer, "roles")).split("|"),  # noqa: B009
        "lag_right": bool(pd.isna(low) or low <= lag <= high),
        "sign_right": bool(known == 0 or sign == known),
    }
    return {**made, "all_right": all(made.values())}


def _span(low: float, high: float) -> str:
    if pd.isna(low):
        return "any"
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def _constant(role: str, lag: int | None, sign: int) -> str:
    if lag is None:
        return f"always {role}"
    return f"always {role}, lag {lag}, {'positive' if sign > 0 else 'negative'}"


def collect(part: str) -> pd.DataFrame:
    """What was found last."""
    return pd.read_csv(_PATH) if part == "held-out" and _PATH.exists() else pd.DataFrame()


def section(made: pd.DataFrame) -> list[str]:
    cells = []
    for row in made.to_dict("records"):
        lag = "–" if pd.isna(row["lag"]) else f"{row['lag']:.0f}"
        if not pd.isna(row["low"]):
            lag += f" [{row['low']:.0f}, {row['high']:.0f}]"
        wrong = [name for name in ("role", "lag", "sign") if not row[f"{name}_right"]]
        sign = {1: "+", -1: "−"}.get(row["known_sign"], "any")
        correlation = "–" if pd.isna(row["correlation"]) else f"{row['correlation']:+.2f}"
        cells.append(
            [f"{row['data']}: {row['metric']} → {row['target']}", f"{row['n']}",
             row["known_role"].replace("|", " or "), row["role"], row["known_lag"], lag, sign,
             correlation.replace("-", "−"), ", ".join(wrong) if wrong else "as published"]
        )  # fmt: skip
    head = ["pair", "n", "known role", "found", "known lag", "found", "sign", "correlation", ""]
    answers = {"leadlag": ""} | {
        name: f"{name}: "
        for name in dict.fromkeys(c.split(": ")[0] for c in made if ": role_right" in c)
    }
    counts = [
        [name, *(f"{made[f'{prefix}{what}_right'].astype(bool).sum()}" for what in COUNTS)]
        for name, prefix in answers.items()
    ]
    return [
        f"All {len(made)} pairs with a published answer, one call a data set, default `alpha`;"
        " columns, rows, `max_lag` and what counts as right were fixed beforehand. A sign is that"
        " of `correlation` at the lag that was found.",
        "",
        *table(head, cells),
        "",
        f"How many of {len(made)} are right, beside answers that look at no data:",
        "",
        *table(["answer", "role", "lag", "sign", "all three"], counts),
        "",
        *_left_out(made),
    ]


def _left_out(made: pd.DataFrame) -> list[str]:
    """Leave-one-dataset-out figures of the rules that were chosen with the table in sight."""
    named = "; ".join(RULES.values())
    counts = ", ".join(
        f"{made[c].astype(bool).sum()} with {c.removeprefix('right: ').replace('+', ' and ')}"
        for c in made
        if c.startswith("right: ")
    )
    short = "/".join(RULES)
    left = made["left_out_right"].astype(bool).sum()
    return [
        f"Chosen with this table in sight, beside the laboratory ({short}): {named}. Right in all"
        f" three: {counts}. Leaving each data set out in turn, choosing by the others (fewest rules"
        f" where they tie), and judging the one left out: {left}"
        f" of {len(made)}.",
    ]


def main() -> None:
    made = found(shared())
    left_out = leave_one_out(shared()).drop(columns=["data", "metric"])
    made = pd.concat([made, left_out], axis=1)
    _PATH.parent.mkdir(parents=True, exist_ok=True)
    made.to_csv(_PATH, index=False)
    shown = made[["data", "metric", "known_role", "role", "known_lag", "lag", "low", "high",
                  "known_sign", "correlation", "p_value", "transform"]]  # fmt: skip
    print(shown.assign(right=made["all_right"]).to_string())
    print({what: int(made[f"{what}_right"].sum()) for what in COUNTS})
    print(made[["data", *left_out]].to_string())


if __name__ == "__main__":
    main()
