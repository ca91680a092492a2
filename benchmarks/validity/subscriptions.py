"""How often `compare` finds the usable leads of a subscription business, and what it recommends.

python -m benchmarks.validity.subscriptions --seeds 100 120
python -m benchmarks.validity.subscriptions --world log --seeds 100 120
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd

import leadlag

TOLERANCE = 3
DAYS = 600
RENEWAL = 120
LATE = "retention_90d"


@dataclass(frozen=True)
class World:
    """A table of versions, and the usable leads that it has."""

    data: pd.DataFrame
    target: str
    versions: dict[str, tuple[str, int]]
    leads: dict[str, int]
    sizes: str


def from_table(seed: int, stamped: str) -> World:
    """The rates of `leadlag.datasets.renewals`, 400 users a day."""
    world = leadlag.datasets.renewals(n_days=DAYS, seed=seed, stamped=stamped)
    return World(world.data, world.target, world.versions, world.usable_leads, "signups")


def from_log(seed: int, stamped: str) -> World:
    """Raw events, 250 users a day, through `retention` and `behaviours`."""
    events = simulated_log(seed)
    who = {"user": "user", "time": "at", "period": "D"}
    kept = leadlag.retention(
        events[events["kind"] != "renewal"],
        **who,
        windows={"retention_90d": (84, 90), "retention_30d": (24, 30), "retention_5d": (1, 5)},
        definition="bracket",
    )
    early = leadlag.behaviours(events, **who, event="kind", did="invite", counts=2, days=2)
    frame = kept.wide(stamped).join(early.wide(stamped), how="outer").asfreq("D")
    frame["joined"] = kept.wide("cohort", value="n")[LATE].reindex(frame.index)
    renewed = events.loc[events["kind"] == "renewal", "at"].dt.normalize().value_counts()
    frame["renewals"] = renewed.reindex(frame.index, fill_value=0).astype(float)
    versions = kept.versions | early.versions
    leads = {name: RENEWAL - late for name, (_, late) in versions.items()}
    # Before the first cohort's day 120 nobody could renew.
    return World(frame.iloc[RENEWAL:], "renewals", versions, leads, "joined")


def simulated_log(seed: int) -> pd.DataFrame:
    """Sign-ups, invitations in the first two days, visits, and renewals on day 120."""
    rng = np.random.default_rng([seed, 7])
    n = DAYS + RENEWAL
    quality = np.empty(n)
    quality[0] = 0.0
    for day in range(1, n):
        quality[day] = 0.6 * quality[day - 1] + 0.5 * rng.standard_normal()
    joined = rng.poisson(250 * (1 + 0.1 * np.sin(2 * np.pi * np.arange(n) / 7)))
    day = np.repeat(np.arange(n), joined)
    did = rng.random(day.size) < 1 / (1 + np.exp(0.5 - quality[day]))
    invites = np.where(did, 2 + rng.poisson(1.0, day.size), rng.integers(0, 2, day.size))
    day_30 = rng.random(day.size) < np.where(did, 0.55, 0.25)
    day_90 = day_30 & (rng.random(day.size) < np.where(did, 0.75, 0.5))
    visits = rng.random(day.size) < np.where(did, 0.55, 0.40), day_30, day_90
    renews = day_90 & (rng.random(day.size) < 0.85)
    user = np.arange(day.size)
    parts = [(user, day + 0.2 * rng.random(day.size), "signup")]
    inviting = np.repeat(user, invites)
    parts.append((inviting, day[inviting] + 0.25 + 1.7 * rng.random(inviting.size), "invite"))
    for back, (low, high) in zip(visits, ((2, 6), (24, 31), (84, 91)), strict=True):
        who = user[back]
        parts.append((who, day[who] + rng.uniform(low, high, who.size), "visit"))
    who = user[renews]
    parts.append((who, day[who] + RENEWAL + 0.5, "renewal"))
    who, when = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    kinds = np.repeat([part[2] for part in parts], [part[0].size for part in parts])
    at = pd.Timestamp("2023-01-02") + pd.to_timedelta((when * 86400).astype("int64"), unit="s")
    log = pd.DataFrame({"user": who, "at": at, "kind": kinds})
    return log[when < n].sample(frac=1, random_state=seed)


def ranked(world: World) -> str:
    """First row of a ranking of the cohort table as it stands."""
    data = world.data.drop(columns=world.sizes)
    return str(leadlag.rank(data, world.target, max_lag=RENEWAL).table.index[0])


def main() -> None:
    """Print one row a seed, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=("table", "log"), default="table")
    parser.add_argument("--seeds", type=int, nargs=2, default=(100, 120))
    asked = parser.parse_args()
    make = from_table if asked.world == "table" else from_log
    right = same = early = wrong = 0
    seeds = range(*asked.seeds)
    for seed in seeds:
        found = {}
        for stamped in ("cohort", "availability"):
            world = make(seed, stamped)
            found[stamped] = leadlag.compare(
                world.data, world.target, world.versions, stamped=stamped, sizes=world.sizes
            )
        leads = [one.table["usable_lead"] for one in found.values()]
        truth = pd.Series(world.leads)
        near = all(bool(((lead - truth).abs() <= TOLERANCE).all()) for lead in leads)
        advised = {one.recommended for one in found.values()}
        first = ranked(make(seed, "cohort"))
        right += near
        same += bool(leads[0].equals(leads[1]))
        early += not advised & {None, LATE}
        wrong += first == LATE
        print(seed, *[lead.tolist() for lead in leads], *advised, "rank:", first, flush=True)
    print(
        f"{len(seeds)} seeds, truth {list(world.leads.values())}: within {TOLERANCE} days under "
        f"both stampings {right}, equal under both {same}, an early version recommended {early}, "
        f"{LATE} first in a ranking on cohort dates {wrong}"
    )


if __name__ == "__main__":
    main()
