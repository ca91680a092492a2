"""Amounts in the units of the data, with as many digits as their interval deserves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from leadlag.wording.numbers import missing

# Outside these a number has more zeros than anyone counts.
_SMALLEST, _LARGEST = 1e-4, 1e9
# From a hundred thousand on, a narrow column counts in thousands, then in millions.
_SHORT = ((1e6, 1e6, "M"), (1e5, 1e3, "k"))
_MOST_FIGURES = 4


def amount(value: float) -> str:
    """Write the size of one amount: two figures, three from a hundred on, commas at thousands.

    Parameters
    ----------
    value : float
        A number, NaN where missing.

    Returns
    -------
    str
        Without a sign; "" when missing.

    Examples
    --------
    >>> amount(0.1924), amount(75.76), amount(-10622.7), amount(3.41e-5), amount(0.0)
    ('0.19', '76', '10,600', '3.4e-05', '0')
    """
    if missing(value):
        return ""
    size = abs(float(value))
    return _Scale(_step(size, 3 if size >= 100 else 2), size).written(size)


def reading(value: float) -> str:
    """Write a value as it is read off a series: nearly in full, with its sign.

    Parameters
    ----------
    value : float
        A number, NaN where missing.

    Returns
    -------
    str
        "–" when missing.

    Examples
    --------
    >>> reading(88294.2), reading(0.35812), reading(-12.5), reading(float("nan"))
    ('88,294', '0.358', '−12.5', '–')
    """
    if missing(value):
        return "–"
    size = abs(float(value))
    if 1000 <= size < _LARGEST:
        text = f"{size:,.0f}"
    elif 10 <= size < 1000:
        text = f"{size:.2f}".rstrip("0").rstrip(".")
    else:
        text = f"{size:.3f}".rstrip("0").rstrip(".") if 0.01 <= size < 10 else amount(size)
    return f"−{text}" if value < 0 and text != "0" else text


def with_range(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Write the sizes of a number and of its interval, for a sentence.

    Parameters
    ----------
    value, low, high : float
        A number and its interval, none of them missing.

    Returns
    -------
    tuple of str
        Sizes, without signs: the digits that the interval deserves, two figures at least.

    Examples
    --------
    >>> with_range(3004.5, 2420.6, 3648.0), with_range(-0.3293, -0.4485, -0.2083)
    (('3,000', '2,420', '3,650'), ('0.33', '0.45', '0.21'))
    >>> with_range(12.3, -340.0, 367.0)
    ('12', '340', '370')
    """
    scale = _shared(value, low, high)
    sizes = (abs(float(number)) for number in (value, low, high))
    # An end near zero would be rounded away.
    first, *ends = (
        _Scale(min(scale.step, _step(size or scale.largest, 2)), scale.largest).written(size)
        for size in sizes
    )
    return first, ends[0], ends[1]


def interval_cell(value: float, low: float, high: float) -> str:
    """Write a number with its sign and its interval, for a narrow column.

    Parameters
    ----------
    value, low, high : float
        A number and its interval, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> interval_cell(3032.2, 2660.1, 3411.9), interval_cell(-0.3293, -0.4485, -0.2083)
    ('+3,030 [2,660, 3,410]', '−0.33 [−0.45, −0.21]')
    >>> interval_cell(2.51e7, 2.13e7, 2.89e7), interval_cell(float("nan"), 1.0, 2.0)
    ('+25.1M [21.3M, 28.9M]', '')
    """
    if missing(value):
        return ""
    if missing(low) or missing(high):
        return signed_cell(value)
    scale = _shared(value, low, high).shortened()
    first = scale.signed(value, plus="+")
    return f"{first} [{scale.signed(low)}, {scale.signed(high)}]"


def signed_cell(value: float) -> str:
    """Write a number with its sign, for a narrow column.

    Parameters
    ----------
    value : float
        A number, NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> signed_cell(325_400.0), signed_cell(-0.204), signed_cell(0.0)
    ('+325k', '−0.20', '0')
    """
    if missing(value):
        return ""
    size = abs(float(value))
    scale = _Scale(_step(size, 3 if size >= 100 else 2), size)
    return scale.shortened().signed(value, plus="+")


def share_cell(value: float) -> str:
    """Write a share such as a skill without its leading zero: two decimals.

    Parameters
    ----------
    value : float
        A share, mostly between -1 and 1; NaN where missing.

    Returns
    -------
    str

    Examples
    --------
    >>> share_cell(0.3286), share_cell(-0.009), share_cell(-1.204), share_cell(0.0012)
    ('.33', '−.01', '−1.20', '0')
    """
    if missing(value):
        return ""
    text = f"{abs(value):.2f}"
    if float(text) == 0:
        return "0"
    text = text[1:] if text.startswith("0") else text
    return f"−{text}" if value < 0 else text


@dataclass(frozen=True)
class _Scale:
    """How numbers that stand together are written: the last digit's worth, a unit, a notation."""

    step: float
    largest: float
    unit: float = 1.0
    letter: str = ""

    def shortened(self) -> _Scale:
        """In thousands or millions, where the largest number has so many."""
        for limit, unit, letter in _SHORT:
            if limit <= self.largest < _LARGEST:
                return _Scale(self.step, self.largest, unit, letter)
        return self

    def written(self, size: float) -> str:
        if self.largest and not _SMALLEST <= self.largest < _LARGEST:
            return f"{size:.2g}"
        rounded = round(size / self.step) * self.step / self.unit
        decimals = max(0, -math.floor(math.log10(self.step / self.unit) + 1e-9))
        return f"{rounded:,.{decimals}f}{self.letter}" if rounded else "0"

    def signed(self, value: float, *, plus: str = "") -> str:
        text = self.written(abs(float(value)))
        if text == "0":
            return text
        return f"{'−' if value < 0 else plus}{text}"


def _shared(value: float, low: float, high: float) -> _Scale:
    """Two figures of the interval's half width, but no more than four of the largest number."""
    largest = max(abs(float(value)), abs(float(low)), abs(float(high)))
    half = (float(high) - float(low)) / 2
    if half <= 0:
        return _Scale(_step(largest, 3), largest)
    return _Scale(max(_step(half, 2), _step(largest, _MOST_FIGURES)), largest)


def _step(size: float, figures: int) -> float:
    """What the last digit is worth when a number is written with so many figures."""
    return 10.0 ** (math.floor(math.log10(size)) - figures + 1) if size > 0 else 1.0
