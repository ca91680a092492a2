"""`components`: metrics that a target is made of by arithmetic, before any lead is claimed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from leadlag.core.identities import Identity, find_identities
from leadlag.data.panel import build_panel
from leadlag.errors import Exclusion

__all__ = ["Component", "Components", "components"]

_COLUMNS = ("kind", "with", "formula", "residual", "n")


@dataclass(frozen=True)
class Component:
    """One identity that a target is in.

    Parameters
    ----------
    kind : str
        "copy", "sum", "product", "ratio", "part of" or "flow → stock".
    metrics : tuple of str
        Those that take part.
    formula : str
        The identity, up to a constant.
    residual : float
        What it leaves of the target's changes, as a share of their scale; near 0 if exact.
    n : int
        Rows in which it could be checked.
    """

    kind: str
    metrics: tuple[str, ...]
    formula: str
    residual: float
    n: int


@dataclass(frozen=True, eq=False)
class Components:
    """Identities between a target and metrics.

    Parameters
    ----------
    target : str
    identities : tuple of Component
        Exact ones first.
    """

    target: str
    identities: tuple[Component, ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics that take part in any identity."""
        return tuple(name for one in self.identities for name in one.metrics)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the identities."""
        return tuple(one.kind for one in self.identities)

    @property
    def table(self) -> pd.DataFrame:
        """One row a metric that takes part: kind, with (the others), formula, residual, n."""
        rows = [
            (one.kind, ", ".join(m for m in one.metrics if m != name), one.formula, one.residual,
             one.n)
            for one in self.identities
            for name in one.metrics
        ]  # fmt: skip
        index = pd.Index(list(self.metrics), name="metric", dtype="str")
        return pd.DataFrame(rows, columns=list(_COLUMNS), index=index)

    def __len__(self) -> int:
        """Count the identities."""
        return len(self.identities)

    def __bool__(self) -> bool:
        """Whether any identity was found."""
        return bool(self.identities)

    def __repr__(self) -> str:
        """Write one identity a line."""
        if not self.identities:
            return f"{self.target}: no arithmetic identity was found"
        lines = [
            f"{one.kind}: {one.formula} ({one.n} rows, {100 * one.residual:.2g} % left)"
            for one in self.identities
        ]
        return "\n".join([f"{self.target} by arithmetic", *lines])


def components(data: object, target: str) -> Components:
    """Find metrics that a target is made of by arithmetic: they are no evidence of a lead.

    Parameters
    ----------
    data : dataframe
        pandas, polars, a pyarrow table, a DuckDB relation: one row a period, one column a metric.
    target : str
        The business outcome's column.

    Returns
    -------
    Components
        `.identities`, `.table` (one row a metric that takes part), `.metrics`, `.kinds`; false
        where there is none.

    Raises
    ------
    LeadLagError
        If the input as a whole or the target can't be used.

    Notes
    -----
    Sums and differences, products, ratios, parts of the target, and flows of which it is the stock;
    whatever the units, with rounding, gaps and shifts of level. The smallest share of a fifth of
    the rows may break an identity. See `leadlag.core.identities` for how they are found.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"orders": rng.poisson(200, 60), "basket": rng.normal(40, 4, 60),
    ...                       "visits": rng.poisson(9000, 60)})
    >>> frame["revenue"] = (frame["orders"] * frame["basket"]).round(2)
    >>> print(components(frame, "revenue").identities[0].formula)
    revenue = orders × basket
    """
    panel = build_panel(data, target, max_lag=1)
    copies = tuple(
        Component("copy", (name,), f"{target} = {name}", 0.0, len(panel))
        for name, reason in panel.excluded.items()
        if reason == Exclusion.COPY.sentence()
    )
    found = tuple(
        Component(
            kind=one.kind,
            metrics=tuple(panel.metrics[j] for j in one.columns),
            formula=_formula(one, panel.metrics, target),
            residual=one.residual,
            n=one.n_obs,
        )
        for one in find_identities(panel.y, panel.X, season=panel.season)
    )
    return Components(panel.target, copies + found)


def _formula(one: Identity, names: tuple[str, ...], target: str) -> str:
    members = [names[j] for j in one.columns]
    if one.kind == "part of":
        return f"{target} = {members[0]} + …"
    if one.kind == "flow → stock":
        if one.window:
            return f"{target} = {members[0]} over the last {one.window} periods"
        return f"change of {target} = {_signed(members, one.coefficients)}"
    if one.kind in ("product", "ratio"):
        above = [m for m, power in zip(members, one.coefficients, strict=True) if power > 0]
        below = [m for m, power in zip(members, one.coefficients, strict=True) if power < 0]
        under = f" / {' / '.join(below)}" if below else ""
        return f"{target} = {' × '.join(above) or '1'}{under}"
    return f"{target} = {_signed(members, one.coefficients)}"


def _signed(members: list[str], factors: tuple[float, ...]) -> str:
    size = abs(factors[0])
    text = ""
    for name, factor in zip(members, factors, strict=True):
        sign = " − " if factor < 0 else " + "
        # One common factor is a unit; a factor of its own is part of the formula.
        weight = "" if abs(abs(factor) / size - 1) < 0.02 else f"{abs(factor) / size:.3g} × "
        text += f"{sign}{weight}{name}"
    return text[3:] if text.startswith(" + ") else f"−{text[3:]}"
