"""Versions of a metric, from raw events to a recommendation; saves three pictures.

python examples/versions_of_retention.py [FOLDER]
"""

import sys
from pathlib import Path

import leadlag


def main(folder: Path) -> None:
    orders = leadlag.datasets.cdnow()
    kept = leadlag.retention(
        orders, user="customer_id", time="date", windows=(5, 30, 60, 90), as_of="1997-06-01"
    )
    kept.plot().save(str(folder / "cohorts.png"))

    world = leadlag.datasets.renewals(n_days=600, seed=11)
    found = leadlag.compare(
        world.data, world.target, world.versions, stamped="cohort", sizes="signups"
    )
    print(found)
    found.plot().save(str(folder / "frontier.png"))
    found.plot("profile").save(str(folder / "profiles.png"))


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out")
    out.mkdir(exist_ok=True)
    main(out)
