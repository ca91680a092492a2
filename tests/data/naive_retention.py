"""Retention in plain pandas: slow, obvious, and by another road than the package's SQL."""

import pandas as pd


def naive_retention(
    events: pd.DataFrame,
    user: str,
    time: str,
    windows: tuple[int, ...],
    period: str,
    *,
    as_of: str | None = None,
    latency: int = 0,
    exact: bool = False,
) -> pd.DataFrame:
    """One row a cohort and window; `exact` counts activity on day N itself."""
    log = events[[user, time]].dropna()
    days = pd.to_datetime(log[time]).dt.normalize()
    last = days.max() if as_of is None else pd.Timestamp(as_of)
    rows = []
    active: dict[object, set[pd.Timestamp]] = {}
    for who, day in zip(log[user], days, strict=True):
        if day <= last:
            active.setdefault(who, set()).add(day)
    people = [(min(seen).to_period(period), min(seen), seen) for seen in active.values()]
    for cohort in sorted({cohort for cohort, _, _ in people}):
        members = [(first, seen) for mine, first, seen in people if mine == cohort]
        end = cohort.end_time.normalize()
        for window in windows:
            known = end + pd.Timedelta(days=window + latency)
            kept = 0
            for first, seen in members:
                ages = [(day - first).days for day in seen]
                kept += any(age == window if exact else 1 <= age <= window for age in ages)
            mature = known <= last
            rows.append(
                {
                    "cohort_start": cohort.start_time,
                    "cohort_end": end,
                    "window": window,
                    "n": len(members),
                    "retained": float(kept) if mature else float("nan"),
                    "rate": kept / len(members) if mature else float("nan"),
                    "available_at": known,
                    "mature": mature,
                }
            )
    return pd.DataFrame(rows)
