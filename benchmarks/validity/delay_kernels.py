"""Which kernel serves when: one delay with a shape, or free lags under a smoothness prior.

    .venv/bin/python -m benchmarks.validity.delay_kernels --runs 10

Responses of six shapes, 200 periods, 12 lags, noise with memory. By world: how much better free
lags expect rows that were left out (PSIS-LOO), and how far each is from the true response.
"""

import argparse

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import leadlag

FloatArray = NDArray[np.float64]
MAX_LAG = 12
_LAGS = np.arange(1, MAX_LAG + 1)

WORLDS: dict[str, FloatArray] = {
    "one lag": np.where(_LAGS == 3, 0.8, 0.0),
    "fade": np.where(_LAGS >= 3, 0.5 * 0.6 ** np.maximum(_LAGS - 3, 0), 0.0),
    "hump": 1.2 * np.exp(-0.5 * ((_LAGS - 6) / 1.5) ** 2) / 3.76,
    "even over eight lags": np.where(_LAGS <= 8, 0.2, 0.0),
    "two peaks": np.where(_LAGS == 2, 0.5, 0.0) + np.where(_LAGS == 9, 0.5, 0.0),
    "up, then back": np.where(_LAGS <= 3, 0.3, 0.0)
    - np.where((_LAGS > 3) & (_LAGS <= 6), 0.3, 0.0),
}


def simulate(response: FloatArray, *, n: int, seed: int) -> pd.DataFrame:
    """A target that follows one metric by a given response."""
    rng = np.random.default_rng(seed)
    x, noise = rng.standard_normal((2, n + 50))
    for t in range(1, n + 50):
        noise[t] += 0.5 * noise[t - 1]
    y = np.convolve(x, np.concatenate([[0.0], response]))[: n + 50] + noise
    return pd.DataFrame({"y": y[50:], "x": x[50:]})


def measure(runs: int, *, n: int = 200, draws: int = 500) -> pd.DataFrame:
    """One row a world: gain of free lags, and the error of either response."""
    rows = []
    for world, response in WORLDS.items():
        gains, errors, sure = [], [], []
        for seed in range(runs):
            fit = leadlag.fit_lag_model(
                simulate(response, n=n, seed=seed), "y", max_lag=MAX_LAG, compare=True,
                draws=draws, seed=seed,
            )  # fmt: skip
            found = fit.comparison.iloc[0]
            gains.append(found["free_lags_difference"])
            sure.append(
                np.sign(gains[-1]) * (abs(gains[-1]) > 2 * found["free_lags_difference_se"])
            )
            free = fit.data["free_lags"]["response"].values.mean(axis=(0, 1, 2))
            posterior = fit.data["posterior"].to_dataset().isel(metric=0)
            arrived = posterior["arrived"].values
            shares = np.diff(arrived, axis=-1, prepend=0.0) / arrived[..., -1:]
            delay = (shares * posterior["effect_standardised"].values[..., None]).mean(axis=(0, 1))
            # From surprises of both sides to their own units, in which the world was made.
            unit = float(posterior["effect"].mean() / posterior["effect_standardised"].mean())
            unit /= float(fit.summary["typical_move"].iloc[0])
            errors.append([np.abs(unit * guess - response).sum() for guess in (delay, free)])
        of_delay, of_free = np.mean(errors, axis=0) / np.abs(response).sum()
        rows.append(
            {
                "world": world,
                "gain": np.nanmean(gains),
                "gain_se": np.nanstd(gains, ddof=1) / np.sqrt(runs),
                "free_wins": int((np.array(sure) > 0).sum()),
                "delay_wins": int((np.array(sure) < 0).sum()),
                "error_delay": of_delay,
                "error_free": of_free,
            }
        )
    return pd.DataFrame(rows).set_index("world")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    print(measure(arguments.runs).round(2).to_string())


if __name__ == "__main__":
    main()
