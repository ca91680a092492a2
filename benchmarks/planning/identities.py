"""How often `leadlag.components` finds a planted identity, and one where there is none.

Panels of eight metrics; each is left as it is, rounded to four figures, counted in thousands, or
has 3 % of its values missing, in turn. Prints one line a kind, with Wilson intervals at 95 %, and
clean panels with a leader, a coincident metric and a shared weekly pattern:
`python benchmarks/planning/identities.py [repetitions [first seed [rows]]]`.
"""

import sys

import numpy as np
import pandas as pd

import leadlag
from leadlag.core.proportion import wilson_interval


def memory(rng, n, phi=0.6):
    out = rng.normal(size=n)
    for t in range(1, n):
        out[t] += phi * out[t - 1]
    return out


def metrics(rng, n):
    return np.column_stack(
        [
            np.exp(rng.normal(3, 1)) * np.abs(10 + 0.8 * memory(rng, n, rng.uniform(0, 0.9)))
            for _ in range(8)
        ]
    )


def stock(X):
    X[:, 3] *= X[:, 0].mean() / X[:, 3].mean()
    return 50 * X[:, 0].mean() + np.cumsum(X[:, 0] - X[:, 3])


def trailing(X):
    y = np.convolve(X[:, 0], np.ones(7))[: len(X)]
    y[:6] = np.nan
    return y


def kept(rng, X):
    """A stock that loses 5 % a day, and gains the flow."""
    y = np.full(len(X), 20 * X[:, 0].mean())
    for t in range(1, len(X)):
        y[t] = y[t - 1] * (0.95 + 0.001 * rng.normal()) + X[t, 0]
    return y


def whole(rng, X):
    rest = memory(rng, len(X)) * X[:, 0].std() + 6 * X[:, 0].std()
    return X[:, 0] + np.abs(rest)


KINDS = {  # the target, who is in it, what it is called
    "sum": (lambda rng, X: X[:, 0] + X[:, 3] + X[:, 5], {0, 3, 5}, "sum"),
    "difference": (lambda rng, X: X[:, 0] - X[:, 3], {0, 3}, "sum"),
    "product": (lambda rng, X: X[:, 0] * X[:, 3] / 100, {0, 3}, "product"),
    "ratio": (lambda rng, X: X[:, 0] / X[:, 3], {0, 3}, "ratio"),
    "flows in and out of a stock": (lambda rng, X: stock(X), {0, 3}, "flow → stock"),
    "flow into a trailing sum": (lambda rng, X: trailing(X), {0}, "flow → stock"),
    "flow into a leaking stock": (kept, {0}, "flow → stock"),
    "part of the whole": (whole, {0}, "part of"),
}


def rounded(values):
    return np.round(values, 3 - int(np.floor(np.log10(np.nanmean(np.abs(values))))))


def lossy(rng, values):
    return np.where(rng.random(values.shape) < 0.03, np.nan, values)


def treated(rng, how, y, X, kind):
    if how == 1 and "→" not in kind:  # the digits that rounding takes are what a flow adds
        return rounded(y), np.column_stack([rounded(x) for x in X.T])
    if how == 2:
        return y / 1000, X
    if how == 3:
        return lossy(rng, y), lossy(rng, X)
    return y, X


def framed(y, X):
    columns = {f"m{j}": x for j, x in enumerate(X.T)}
    index = pd.date_range("2024-01-01", periods=len(y))
    return pd.DataFrame({"outcome": y, **columns}, index=index)


def found(frame):
    table = leadlag.components(frame, "outcome")
    return {(one.kind, frozenset(one.metrics)) for one in table.identities}


def clean(rng, n):
    X = metrics(rng, n)
    week = 1 + 0.3 * np.sin(2 * np.pi * np.arange(n) / 7)
    X *= week[:, None]
    scaled = (X - X.mean(0)) / X.std(0)
    y = memory(rng, n, 0.5) + 0.5 * scaled[:, 1]
    y[3:] += 0.8 * scaled[:-3, 0]
    return framed((20 + y) * week, X)


def share(hits):
    low, high = wilson_interval(np.array(float(sum(hits))), np.array(float(len(hits))), level=0.95)
    return f"{np.mean(hits):5.3f} [{low:.3f}, {high:.3f}]"


def main(repetitions: int, first: int, n: int) -> None:
    total = []
    for name, (made_of, members, kind) in KINDS.items():
        hits = []
        for i in range(first, first + repetitions):
            rng = np.random.default_rng([5, i])
            X = metrics(rng, n)
            y = made_of(rng, X)
            frame = framed(*treated(rng, i % 4, y, X, kind))
            hits.append((kind, frozenset(f"m{j}" for j in members)) in found(frame))
        total += hits
        print(f"{name:30} found {share(hits)}", flush=True)
    print(f"{'all':30} found {share(total)}")
    raised = [
        bool(found(clean(np.random.default_rng([6, i]), n)))
        for i in range(first, first + 2 * repetitions)
    ]
    print(f"{'clean panels':30} raise {share(raised)}", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:4]]
    main(*given, *[100, 0, 240][len(given) :])
