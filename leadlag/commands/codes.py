"""What the process returns, and how an error is said on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from leadlag.errors import InsufficientDataError, LeadLagError

__all__ = ["Code", "code_of", "codes"]


class Code(IntEnum):
    """What the process returns."""

    RAN = 0
    BROKE = 1
    USAGE = 2
    INSUFFICIENT = 3
    WRONG = 4


@contextmanager
def codes(as_options: Callable[[str], str]) -> Iterator[None]:
    """Say what leadlag refuses on one line of standard error, and leave with its code.

    Parameters
    ----------
    as_options : callable
        Names the options of the command where a message names arguments of the library.

    Raises
    ------
    typer.Exit
        With `Code.INSUFFICIENT` or `Code.WRONG`.

    Examples
    --------
    >>> try:
    ...     with codes(str.upper):
    ...         raise LeadLagError("max_lag is too long")
    ... except typer.Exit as left:
    ...     int(left.exit_code)
    4
    """
    try:
        yield
    except LeadLagError as error:
        typer.echo(f"leadlag: {as_options(str(error))}", err=True)
        raise typer.Exit(code_of(error)) from error


def code_of(error: LeadLagError) -> Code:
    """What the process returns for something that leadlag refuses.

    Parameters
    ----------
    error : LeadLagError

    Returns
    -------
    Code

    Examples
    --------
    >>> code_of(LeadLagError("max_lag is too long")).name
    'WRONG'
    """
    return Code.INSUFFICIENT if isinstance(error, InsufficientDataError) else Code.WRONG
