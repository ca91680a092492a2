"""Data from a PostgreSQL server: one statement that may only read, and errors without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from leadlag.errors import ConfigurationError, InputError, LeadLagError
from leadlag.job.config import Source

__all__ = ["read_postgres"]

_FORM = "postgresql://user:password@host/db"
# What the driver says of a connection, and what it means; its own words name the user.
_SAID: tuple[tuple[str, str, str], ...] = (
    ("authentication failed|no password supplied", "it refuses the user or the password",
     "Check both in {name}"),
    ("no pg_hba.conf entry|SSL|certificate", "it lets nobody in from here in this way",
     "Ask for an entry in its pg_hba.conf, or set sslmode in {name}"),
    ("database .* does not exist", "it has no such database", "Check the database in {name}"),
    ("role .* does not exist", "it does not know the user", "Check the user in {name}"),
    ("translate host name|resolve|not known|getaddrinfo", "no server has this name",
     "Check the host in {name}"),
    ("refused|No such file", "nothing listens there",
     "Check host and port in {name}, and that the server runs"),
    ("timeout|timed out|unreachable", "it does not answer",
     "Check host and port in {name}, and that this machine may reach the server"),
    ("too many (clients|connections)|starting up|shutting down|recovery",
     "it lets nobody in just now", "Try again later"),
)  # fmt: skip


def read_postgres(source: Source, zone: str) -> pd.DataFrame:
    """Read what a query gives.

    Parameters
    ----------
    source : Source
        Its variable holds the address of the server.
    zone : str
        The time zone whose days count.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    LeadLagError
        If it can't be read. What it says never holds the address, the user or the password.

    Notes
    -----
    The query is one statement, in a transaction that may only read: the extended protocol, which a
    pipeline uses, takes no second statement that could end that transaction.
    """
    name = source.dsn_env or ""
    # Where the variable was filled from a file, a line end is behind it.
    address = os.environ.get(name, "").strip()
    if not address:
        raise ConfigurationError(
            f"the environment variable {name} is not set",
            need=f"the address of the PostgreSQL server, such as {_FORM}",
            do=f"Set {name} where the job runs; it is never printed or stored",
        )
    try:
        import psycopg
    except ImportError as error:
        raise ConfigurationError(
            "PostgreSQL can't be read without its driver",
            got="no package psycopg",
            do="Install it: pip install 'leadlag[postgres]'",
        ) from error
    try:
        connection = psycopg.connect(address)
    except (psycopg.Error, UnicodeError) as error:
        raise _unreachable(name, address, str(error)) from None
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
            with connection.pipeline():
                cursor.execute((source.query or "").encode())
            if cursor.description is None:
                raise InputError("the query gives no rows", do="Write a SELECT")
            names = [column.name for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=names)
    except psycopg.errors.SyntaxError as error:
        raise InputError(
            "the query can't be read by PostgreSQL",
            got=error.diag.message_primary or type(error).__name__,
            need="one SELECT",
            do="Try the query in psql",
        ) from None
    except psycopg.Error as error:
        # The driver may repeat the address: only the server's own words are passed on.
        said = error.diag.message_primary
        raise InputError(
            "the source can't be read with PostgreSQL",
            got=said or f"the connection to {_place(address)} ended ({type(error).__name__})",
            do="Try the query in psql" if said else "Try again later",
        ) from None


def _unreachable(name: str, address: str, said: str) -> LeadLagError:
    """What can be told of a connection that was not made."""
    place = _place(address)
    if not place:
        return ConfigurationError(
            f"the address in {name} can't be read",
            need=f"{_FORM}, with %40 for @, %3A for : and %2F for / in user and password",
            do=f"Mend {name} where the job runs",
        )
    for pattern, words, advice in _SAID:
        if re.search(pattern, said, re.IGNORECASE):
            return InputError(
                f"PostgreSQL can't be reached at {place}", got=words, do=advice.format(name=name)
            )
    return InputError(
        f"PostgreSQL can't be reached at {place}",
        do=f"Try the address in {name} with psql from this machine",
    )


def _place(address: str) -> str:
    """Host, port and database of an address; "" where a password may have got among them."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts: Mapping[str, Any] = conninfo_to_dict(address)
    except (psycopg.Error, UnicodeError):
        return ""
    host = parts.get("host") or parts.get("hostaddr") or os.environ.get("PGHOST") or "this machine"
    port = parts.get("port") or os.environ.get("PGPORT") or 5432
    database = parts.get("dbname") or os.environ.get("PGDATABASE")
    # A sign in a password that ought to be escaped ends it early; the rest is taken for a host.
    plain = re.fullmatch(r"[\w.,:%/\[\]-]+", str(host)) and re.fullmatch(r"[\d,]+", str(port))
    if not plain or re.search(r"[@/]", str(database or "")):
        return ""
    return f"host {host}, port {port}" + (f", database {database}" if database else "")
