"""Is the lag posterior calibrated? Truth drawn from the prior, then its rank in the posterior.

    .venv/bin/python -m benchmarks.validity.lag_calibration --runs 2000

Half of the pairs lead. The rank of the true lag (randomised, as a lag is a whole number) has to be
uniform (Talts et al. 2018), nine in ten of the 90 % intervals or more hold it, and among pairs with
the same `prob_leads` that share leads.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from leadlag import lag_posterior
from leadlag.core.lag_states import LEAD_SIZES, SAME_SIZES, state_kernels
from leadlag.core.lag_sums import whitened
from leadlag.data.simulate import simulate, situations

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """What simulations say about the closed form."""

    ranks: FloatArray
    covered: FloatArray
    prob_leads: FloatArray
    leads: NDArray[np.bool_]


def closed_form_ranks(
    runs: int, *, n: int = 160, max_lag: int = 10, own: float = 0.5, seed: int = 0
) -> Calibration:
    """Simulate from the prior and look the truth up in the posterior."""
    rng = np.random.default_rng(seed)
    kernels = state_kernels(max_lag)
    ranks, covered, probability, truth = [], [], [], []
    for _ in range(runs):
        x = rng.standard_normal(n)
        for t in range(1, n):
            x[t] += 0.6 * x[t - 1]
        news = whitened(x[None, :], int(min(10 * np.log10(n), (n - 2) // 8)))[0]
        leads, same = rng.random(2) < 0.5
        kernel = int(rng.integers(len(kernels.shapes)))
        # An effect goes on with the target's own past, or stands beside noise with a memory; the
        # prior is about the regressor that the noise meets.
        beside = rng.random() < 0.5
        push = np.zeros(n)
        if leads:
            f = np.convolve(news, kernels.shapes[kernel])[:n]
            push += _effect(rng, f, LEAD_SIZES, own * beside) * f
        if same:
            push += _effect(rng, news, SAME_SIZES, own * beside) * news
        noise = rng.standard_normal(n)
        y = noise if beside else noise + push
        for t in range(1, n):
            y[t] += own * y[t - 1]
        if beside:
            y += push
        found = lag_posterior(x, y, max_lag=max_lag)
        probability.append(found.prob_leads[0])
        truth.append(leads)
        if leads:
            lag = 1 + kernel // kernels.per_lag
            below = found.probability[0, : lag - 1].sum()
            ranks.append(below + rng.random() * found.probability[0, lag - 1])
            low, high = found.interval(0.9)
            covered.append(low[0] <= lag <= high[0])
    return Calibration(
        np.array(ranks), np.array(covered), np.array(probability), np.array(truth, dtype=np.bool_)
    )


def _effect(rng: np.random.Generator, f: FloatArray, sizes: tuple[float, ...], own: float) -> float:
    met = f[1:] - own * f[:-1]
    return float(np.sqrt(rng.choice(sizes) / np.mean(met**2)) * rng.standard_normal())


def laboratory(*, n: int = 240, seeds: int = 1) -> tuple[FloatArray, NDArray[np.bool_]]:
    """`prob_leads` of every metric in every situation, and whether it leads."""
    probability, leads = [], []
    for kind in situations():
        for seed in range(seeds):
            made = simulate(kind, n=n, seed=seed)
            truth = made.truth[made.truth["scored"].astype(bool)]
            found = lag_posterior(
                made.data[list(truth.index)].to_numpy(float),
                made.data["target"].to_numpy(float),
                max_lag=made.max_lag or 12,
            )
            known = np.isfinite(found.prob_leads)
            probability.append(found.prob_leads[known])
            leads.append(truth["role"].isin(("leading", "feedback")).to_numpy()[known])
    return np.concatenate(probability), np.concatenate(leads)


def uniformity(ranks: FloatArray, *, bins: int = 20) -> float:
    """P-value of the chi-squared test that ranks in [0, 1] are uniform."""
    counts = np.histogram(ranks, bins=bins, range=(0, 1))[0]
    expected = len(ranks) / bins
    return float(special.chdtrc(bins - 1, ((counts - expected) ** 2 / expected).sum()))


def reliability(prob_leads: FloatArray, leads: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Mean probability, share that leads and number of pairs, by decile of probability.

    Pairs are weighted so that half of them lead, as `prob_leads` assumes.
    """
    order = np.argsort(prob_leads, kind="stable")
    weight = np.where(leads, 0.5 / leads.mean(), 0.5 / (1 - leads.mean()))
    return [
        (
            float(np.average(prob_leads[part], weights=weight[part])),
            float(np.average(leads[part], weights=weight[part])),
            part.size,
        )
        for part in np.array_split(order, 10)
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1, help="panels a situation")
    arguments = parser.parse_args()
    found = closed_form_ranks(arguments.runs, seed=arguments.seed)
    print(f"{len(found.ranks)} pairs that lead: ranks uniform, p = {uniformity(found.ranks):.3f}; "
          f"90 % interval holds the lag in {found.covered.mean():.3f}")  # fmt: skip
    for title, cases in (
        ("from the prior", (found.prob_leads, found.leads)),
        ("in the laboratory", laboratory(seeds=arguments.seeds)),
    ):
        print(f"{title}\nprob_leads  share that leads  pairs")
        for mean, share, count in reliability(*cases):
            print(f"{mean:10.3f}  {share:16.3f}  {count:5d}")


if __name__ == "__main__":
    main()
