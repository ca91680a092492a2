"""Holidays as people state them, turned into days by name."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.errors import ConfigurationError, unknown_name

__all__ = ["holiday_dates"]

Days = npt.NDArray[np.int64]
CODE = re.compile(r"[A-Za-z]{2,4}(-[A-Za-z0-9]+)?")
# "Christmas Day (observed)" is Christmas Day: people are off on both.
REMARK = re.compile(r"\s*\([^()]*\)$")
UNNAMED = "holiday"


def holiday_dates(holidays: object, years: range) -> dict[str, Days]:
    """Read what was passed as ``holidays=``.

    Parameters
    ----------
    holidays : str, iterable or mapping
        Country codes ("US", "DE-BY") or markets ("NYSE"); dates; pairs (date, name); a mapping of
        dates to names, or of names to dates.
    years : range
        The years that are needed.

    Returns
    -------
    dict of str to ndarray of int
        Name to sorted days, counted from 1970-01-01.

    Raises
    ------
    ConfigurationError
        If a code isn't known or a date can't be read.

    Examples
    --------
    >>> holiday_dates({"2024-12-25": "Christmas"}, range(2024, 2025))
    {'Christmas': array([20082])}
    """
    named: dict[str, set[int]] = {}
    if isinstance(holidays, str):
        holidays = [holidays]
    if isinstance(holidays, Mapping):
        pairs = _from_mapping(holidays)
    elif isinstance(holidays, Iterable):
        items = list(holidays)
        codes = [item for item in items if isinstance(item, str) and CODE.fullmatch(item.strip())]
        pairs = []
        for code in codes:
            prefix = f"{code} " if len(codes) > 1 else ""
            pairs += [(day, prefix + name) for day, name in _from_code(code.strip(), years)]
        pairs += [_pair(item) for item in items if item not in codes]
    else:
        raise _unreadable(holidays)
    for day, names in pairs:
        # The calendars join holidays that fall on one day with a semicolon.
        for name in names.split("; "):
            named.setdefault(REMARK.sub("", name).strip() or UNNAMED, set()).add(day)
    return {name: np.array(sorted(days), dtype=np.int64) for name, days in sorted(named.items())}


def _from_code(code: str, years: range) -> list[tuple[int, str]]:
    # The calendars of the world take a tenth of a second to load: only those who ask pay for it.
    import holidays as calendars

    country, _, part = code.partition("-")
    country = country.upper()
    countries = calendars.list_supported_countries()
    try:
        if country in countries:
            found = calendars.country_holidays(
                country, subdiv=part.upper() or None, years=years, language="en_US"
            )
        elif country in calendars.list_supported_financial():
            found = calendars.financial_holidays(country, years=years)
        else:
            # Each country has a code of three letters as well, which would list it twice.
            known = [
                *calendars.list_supported_countries(include_aliases=False),
                *calendars.list_supported_financial(include_aliases=False),
            ]
            raise unknown_name(
                f"holidays code '{code}' is not known", country, known, plural="Codes"
            )
    except NotImplementedError as error:
        parts = countries[country]
        raise unknown_name(
            f"holidays code '{code}' has no such part", part, parts, plural=f"Parts of {country}"
        ) from error
    return [(_day(date), str(name)) for date, name in found.items()]


def _from_mapping(holidays: Mapping[Any, Any]) -> list[tuple[int, str]]:
    pairs: list[tuple[int, str]] = []
    for key, value in holidays.items():
        if isinstance(value, str) and not _is_date(value):
            pairs.append((_day(key), value))
        elif isinstance(value, Iterable) and not isinstance(value, str):
            pairs += [(_day(date), str(key)) for date in value]
        else:
            pairs.append((_day(value), str(key)))
    return pairs


def _pair(item: object) -> tuple[int, str]:
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return _day(item[0]), str(item[1])
    return _day(item), UNNAMED


def _is_date(value: str) -> bool:
    return re.match(r"\d{4}-\d{2}", value) is not None


def _day(value: object) -> int:
    if isinstance(value, (str, datetime.date, np.datetime64)):
        try:
            moment = pd.Timestamp(value)
        except ValueError as error:
            raise _unreadable(value) from error
        if not pd.isna(moment):
            return int(np.datetime64(moment.date(), "D").astype(np.int64))
    raise _unreadable(value)


def _unreadable(value: object) -> ConfigurationError:
    return ConfigurationError(
        "holidays can't be read",
        got=repr(value),
        need="a country code such as 'US' or 'DE-BY', a list of them, or dates with names",
        do='Write dates as {"2024-12-25": "Christmas"}',
    )
