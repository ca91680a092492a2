"""A test that is told how the panel was made: the yardstick, and what effect sizes are fixed by.

For each metric it is told the lag and shape of the response, the transform, the fixed terms, which
values are glitches, and where a relation breaks. What is left to find out is whether there is a
relation: one coefficient beside noise whose memory is known too, one t test. A metric without a
response is tested on another metric's shape. Where both directions are shown, the population gains
say which role it is.

    python -m benchmarks.validity.oracle [panels] [kinds]

prints its recall at q <= .10 by situation, which must lie between .85 and .98.
"""

import sys

import numpy as np
import pandas as pd
from scipy import special

from benchmarks.validity import scores
from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.core.roles import assign_roles
from leadlag.data.simulate import Simulated, simulate, situations

ALPHA = 0.10


def oracle(panel: Simulated, alpha: float = ALPHA) -> pd.DataFrame:
    """Role, lag and forward p of every metric, as `methods` give them."""
    told = panel.structure
    names = list(panel.truth.index)
    y, hole = _cleaned(told.prepared["target"].to_numpy(), told.terms)
    rows = []
    for name in names:
        x, gap = _cleaned(told.prepared[name].to_numpy(), told.terms)
        bent = told.link[name].bend(x / x.std()) if name in told.link else x
        kernel = told.forward[name]
        f = _response(bent - bent.mean(), kernel) * told.change.get(name, 1.0)
        phi, back_phi = told.whitening[name], told.back_whitening[name]
        forward = _t_test(y, hole, f, told.terms, kernel, phi)
        back = told.back.get(name, kernel)
        reverse = _t_test(x, gap, _response(y, back), told.terms, back, back_phi)
        white = [np.convolve(v, w)[: v.size] for v, w in ((y, phi), (x, back_phi))]
        rows.append((forward, reverse, _same_period(*white, hole | gap)))
    p = np.array(rows)
    q = [benjamini_hochberg(np.ascontiguousarray(p[:, i])) for i in range(3)]
    gains = [panel.truth[c].to_numpy(float) for c in ("gain_forward", "gain_reverse")]
    role = assign_roles(q[0], q[1], q[2], *gains, alpha=alpha)
    return pd.DataFrame(
        {"role": role, "lag": panel.truth["lag"], "low": np.nan, "high": np.nan, "order": -p[:, 0]},
        index=panel.truth.index,
    )


def _response(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Response over lags 1, 2, …"""
    return np.convolve(x, np.concatenate([[0.0], kernel[1:]]))[: x.size]


def _cleaned(values: np.ndarray, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Without the fixed terms, gaps interpolated, and where they were."""
    hole = ~np.isfinite(values)
    design = np.column_stack([np.ones(values.size), terms])
    solution = np.linalg.lstsq(design[~hole], values[~hole], rcond=None)[0]
    left = values - design @ solution
    at = np.arange(values.size)
    return np.interp(at, at[~hole], left[~hole]), hole


def _t_test(
    y: np.ndarray,
    hole: np.ndarray,
    f: np.ndarray,
    terms: np.ndarray,
    kernel: np.ndarray,
    phi: np.ndarray,
) -> float:
    """Two-sided p of f's coefficient beside noise that phi makes white."""
    n = y.size
    passed = np.cumsum(np.abs(kernel)) / np.abs(kernel).sum()
    memory = int(np.flatnonzero(np.abs(phi) > 0.02)[-1])
    start = min(int(np.argmax(passed >= 0.9)) + memory, n // 4)
    use = (np.arange(n) >= start) & ~hole
    design = np.column_stack([f, np.ones(n), terms])
    filtered = np.column_stack([np.convolve(c, phi)[:n] for c in design.T])[use]
    filtered_y = np.convolve(y, phi)[:n][use]
    solution, _, rank, _ = np.linalg.lstsq(filtered, filtered_y, rcond=None)
    left = filtered_y - filtered @ solution
    df = int(use.sum()) - int(rank)
    inverse = np.linalg.pinv(filtered.T @ filtered)
    t = solution[0] / np.sqrt(inverse[0, 0] * (left @ left) / df)
    return float(special.betainc(df / 2, 0.5, df / (df + t**2)))


def _same_period(a: np.ndarray, b: np.ndarray, hole: np.ndarray) -> float:
    """P of the correlation of two white series."""
    use = ~hole
    use[: a.size // 10] = False
    r = np.corrcoef(a[use], b[use])[0, 1]
    df = int(use.sum()) - 2
    return float(special.betainc(df / 2, 0.5, 1 - r**2))


def main(panels: int = 100, *kinds: str) -> None:
    outside = 0
    for kind in kinds or situations(held_out=True):
        found = {}
        for seed in range(panels):
            panel = simulate(kind, seed=seed, held_out=kind not in situations())
            found[seed] = scores.tally(panel.truth, oracle(panel))
        row = scores.summary(found)
        recall, fdr = row["recall"], row["fdr"]
        wrong = np.isfinite(recall.value) and not 0.85 <= recall.value <= 0.98
        outside += wrong
        print(
            f"{kind:24s} recall {recall.value:.3f} ({recall.error:.3f})  FDR {fdr.value:.3f}"
            f" ({fdr.error:.3f})  roles {row['role_accuracy'].value:.3f}{'  <--' if wrong else ''}",
            flush=True,
        )
    print(f"{outside} situations outside .85 to .98")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]), *sys.argv[2:])
