"""Which monthly US series precede industrial production, 1959 to 2019?

Run it with `make demo`. It prints the ranking, what was found for each of the top metrics, and the
path of a picture.
"""

import textwrap
from pathlib import Path

import leadlag

TARGET = "INDPRO"
TOP = 3
WIDTH = 88

SERIES = {
    "PERMIT": "building permits",
    "CLAIMSx": "initial claims for unemployment insurance",
    "T10YFFM": "ten-year Treasury yield minus the federal funds rate",
    "FEDFUNDS": "federal funds rate",
    "PAYEMS": "payroll employment",
    "CUSR0000SAS": "consumer prices of services",
    "UEMPMEAN": "mean duration of unemployment",
    "BUSLOANS": "commercial and industrial loans",
}


def main() -> None:
    print("Which monthly US series precede industrial production (INDPRO)?")
    for name, meaning in SERIES.items():
        print(f"  {name:<12} {meaning}")
    print()

    # The months of 2020 outweigh all others in these series; the study ends before them.
    us = leadlag.datasets.us_leading().loc["1959":"2019"]
    ranking = leadlag.rank(us, target=TARGET)
    print(ranking)

    leaders = ranking.shortlist(TOP)
    for metric in leaders:
        print()
        print(textwrap.fill(ranking.explain(metric), WIDTH, break_on_hyphens=False))

    picture = Path("out") / "us_leading.png"
    picture.parent.mkdir(exist_ok=True)
    ranking.plot(leaders[0] if leaders else None).save(picture)
    print()
    print(f"Picture: {picture}")


if __name__ == "__main__":
    main()
