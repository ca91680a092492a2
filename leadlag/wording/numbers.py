"""Numbers of the table as people read them: lags, statistics, chances."""

import math
from typing import Any


def missing(value: Any) -> bool:
    """Tell whether a number of the table is missing.

    Parameters
    ----------
    value : float, pandas.NA or None
        A cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> missing(float("nan")), missing(None), missing(0)
    (True, True, False)
    """
    try:
        return math.isnan(value)
    except TypeError:
        # None and pandas.NA are not numbers; both stand for a missing one.
        return True


def plain(value: float) -> str:
    """Write a count or a lag without a needless decimal point; "" when missing.

    Parameters
    ----------
    value : float
        A number, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> plain(3.0), plain(-2.25), plain(float("nan"))
    ('3', '−2.2', '')
    """
    if missing(value):
        return ""
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    return with_minus(text)


def figures(value: float) -> str:
    """Write a statistic with two significant figures, large ones in full; "" when missing.

    Parameters
    ----------
    value : float
        A number, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> figures(0.1234), figures(1.23e-11), figures(0.0), figures(-12345.6)
    ('0.12', '1.2e-11', '0', '−12,000')
    """
    if missing(value):
        return ""
    text = f"{value:.2g}"
    return with_minus(f"{float(text):,.0f}" if 100 <= abs(float(text)) < 1e9 else text)


def with_minus(number: str) -> str:
    """Write a number's sign as a minus, as wide as a plus; the hyphen of an exponent stays.

    Parameters
    ----------
    number : str
        A number as Python writes it.

    Returns
    -------
    str

    Examples
    --------
    >>> with_minus("-0.29"), with_minus("-3.4e-05"), with_minus("+3")
    ('−0.29', '−3.4e-05', '+3')
    """
    return f"−{number[1:]}" if number.startswith("-") else number


def chance(letter: str, value: float) -> str:
    """Write a p or a q in a sentence: two significant figures, "< 0.001" below that.

    Parameters
    ----------
    letter : str
        "p" or "q".
    value : float
        A probability, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> chance("q", 0.0421), chance("p", 1e-9)
    ('q = 0.042', 'p < 0.001')
    """
    return f"{letter} < 0.001" if value < 0.001 else f"{letter} = {figures(value)}"


def probability(value: float) -> str:
    """Write a probability for a narrow column: three decimals, "<.001" below that.

    Parameters
    ----------
    value : float
        A probability, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> probability(0.0421), probability(1e-9), probability(1.0)
    ('.042', '<.001', '1')
    """
    if missing(value):
        return ""
    if value < 0.001:
        return "<.001"
    # .9996 would round up to a probability of one that nobody measured.
    return "1" if value >= 1 else f"{min(value, 0.999):.3f}".lstrip("0")
