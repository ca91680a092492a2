"""Rankings and records that every test of the report reads."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag import Ranking
from leadlag.report.record import build_record


def weekly(n: int = 170, seed: int = 3) -> pd.DataFrame:
    """Revenue follows signups by 3 weeks and complaints, upside down, by 5."""
    rng = np.random.default_rng(seed)
    signups, complaints, other = rng.standard_normal((3, 400))
    revenue = 900 + 0.5 * np.arange(400) + 12 * rng.standard_normal(400)
    revenue[5:] += 20 * signups[2:-3] - 15 * complaints[:-5]
    frame = pd.DataFrame(
        {
            "revenue": revenue,
            "signups": 100 + 10 * signups,
            "complaints": 40 + 5 * complaints,
            "other": other,
            "features": rng.poisson(3, 400),
        },
        index=pd.date_range("2020-01-06", periods=400, freq="W-MON"),
    )
    return frame.iloc[:n]


CATALOG: dict[str, Any] = {
    "revenue": {"kind": "business outcome", "unit": "EUR", "label": "Revenue", "aim": "up"},
    "signups": {
        "kind": "product outcome", "owner": "Ann", "label": "Sign-ups", "form": "flow",
        "counterweights": ["complaints"],
    },
    "complaints": {"kind": "sentiment", "aim": "down"},
    "features": "output",
}  # fmt: skip


@pytest.fixture(scope="session")
def earlier() -> Ranking:
    return leadlag.rank(weekly(164), "revenue", catalog=CATALOG)


@pytest.fixture(scope="session")
def ranking() -> Ranking:
    return leadlag.rank(weekly(170), "revenue", catalog=CATALOG)


@pytest.fixture(scope="session")
def record(ranking: Ranking, earlier: Ranking) -> dict[str, Any]:
    return build_record(ranking, build_record(earlier), goal=1000.0)
