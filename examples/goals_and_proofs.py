"""A funnel with a trap, and proxies over past experiments: run it, or read `docs/funnel.md`."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import leadlag


def main(folder: Path) -> None:
    rng = np.random.default_rng(4)
    weeks = pd.date_range("2023-01-02", periods=130, freq="W-MON")
    visits = rng.poisson(3000 * np.exp(0.15 * rng.standard_normal(130)))
    easier = 0.25 * rng.standard_normal(130) + 0.4 * (np.arange(130) > 70)  # the form's ease
    opt_ins = rng.binomial(visits, 0.05 * np.exp(easier))
    sales = rng.binomial(opt_ins, 0.2 * np.exp(-easier))  # easier forms bring people who buy less
    frame = pd.DataFrame({"visits": visits, "opt_ins": opt_ins, "sales": np.roll(sales, 2)}, weeks)
    made = leadlag.funnel(frame.iloc[2:], ["visits", "opt_ins", "sales"])
    print(made)
    made.plot().save(str(folder / "funnel.png"), scale_factor=2)

    rng = np.random.default_rng(0)
    true = rng.standard_normal(150)  # what each change truly does to the outcome
    noise = rng.standard_normal(150)  # both metrics are measured on the same users
    effects = pd.DataFrame(
        {
            "revenue": true + 0.8 * noise + 0.6 * rng.standard_normal(150),
            "revenue_se": 1.0,
            "activation": true + 0.5 * rng.standard_normal(150),
            "activation_se": 0.5,
            "clicks": rng.standard_normal(150) + 0.8 * noise + 0.6 * rng.standard_normal(150),
            "clicks_se": 1.0,
        }
    )
    shown = leadlag.experiments(
        effects, "revenue", noise_correlation={"activation": 0.0, "clicks": 0.64}
    )
    print(shown)
    shown.plot("clicks").save(str(folder / "experiments.png"), scale_factor=2)


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out")
    out.mkdir(exist_ok=True)
    main(out)
