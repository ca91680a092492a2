"""Which monthly US series precede industrial production, 1959 to 2019?

Run it with `make demo`. It prints the ranking, what was found for each of the top metrics, and the
path of a picture.
"""

from pathlib import Path

import leadlag

TARGET = "INDPRO"
TOP = 3


def main() -> None:
    # The months of 2020 outweigh all others in these series; the study ends before them.
    us = leadlag.datasets.us_leading().loc["1959":"2019"]
    ranking = leadlag.rank(us, target=TARGET)
    print(ranking)

    table = ranking.table
    leaders = table.index[table["role"].isin(["leading", "feedback"])][:TOP]
    for metric in leaders:
        print()
        print(f"{metric}: {ranking.explain(metric)}")

    picture = Path("out") / "us_leading.png"
    picture.parent.mkdir(exist_ok=True)
    best = str(leaders[0]) if len(leaders) else None
    ranking.plot(best).save(picture)
    print()
    print(f"Picture: {picture}")


if __name__ == "__main__":
    main()
