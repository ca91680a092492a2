"""Reports that have no page: each by its name, those with one reason together."""

from __future__ import annotations

from collections.abc import Sequence

from leadlag.errors import InsufficientDataError, LeadLagError

__all__ = ["Failure", "all_in_one", "sentences"]

# The report's name, where there are several; and why it has no page.
Failure = tuple[str | None, LeadLagError]


def sentences(failures: Sequence[Failure]) -> list[str]:
    """Say why reports have no page, one line a reason.

    Parameters
    ----------
    failures : sequence of (str or None, LeadLagError)

    Returns
    -------
    list of str

    Examples
    --------
    >>> short, empty = LeadLagError("too short", got="9 rows"), LeadLagError("no values")
    >>> sentences([("Chile", short), ("Fiji", empty), ("Peru", short)])
    ['Chile, Peru: too short: got 9 rows.', 'Fiji: no values.']
    """
    names: dict[str, list[str]] = {}
    for name, error in failures:
        names.setdefault(str(error), []).extend([name] if name is not None else [])
    return [
        f"{', '.join(dict.fromkeys(which))}: {text}" if which else text
        for text, which in names.items()
    ]


def all_in_one(failures: Sequence[Failure], *, what: str) -> LeadLagError:
    """Make one error of all, of the kind of the worst: too little data is the mildest.

    Parameters
    ----------
    failures : sequence of (str or None, LeadLagError)
        One at least.
    what : str
        What is wrong with several.

    Returns
    -------
    LeadLagError
        For the caller to raise.

    Examples
    --------
    >>> from leadlag.errors import ConfigurationError
    >>> short, wrong = InsufficientDataError("too short"), ConfigurationError("no such column")
    >>> error = all_in_one([("Chile", short), ("Fiji", wrong)], what="no report has a page")
    >>> print(type(error).__name__, error, sep=": ")
    ConfigurationError: no report has a page:
      Chile: too short.
      Fiji: no such column.
    """
    if len(failures) == 1 and failures[0][0] is None:
        return failures[0][1]
    worst = next(
        (type(error) for _, error in failures if not isinstance(error, InsufficientDataError)),
        InsufficientDataError,
    )
    told = sentences(failures)
    if len(told) == 1:
        return worst(told[0])
    return worst("\n  ".join([f"{what}:", *told]))
