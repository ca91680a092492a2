"""Numbers that may be ranges: reading them from arguments, multiplying them, and their intervals.

Points are exact: a number counts as the decimal that it is written as, so that 5,000,000 x 0.07 is
350,000 and not a hair more, which rounding up would turn into one deal too many.
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Real
from typing import Any

from scipy import special

from leadlag.errors import ConfigurationError, shown

__all__ = ["Quantity", "chance_of", "is_number", "product", "read_quantity", "read_rate"]

# A range holds the middle 90 %: this many standard deviations on either side.
_SPREAD = 1.6448536269514722
# A fraction above this is a percentage by mistake: a business that more than triples in a year is
# rarer than a forgotten division by 100.
_LARGEST_GROWTH = 3
# No business counts in more digits, and floats end at 308.
_DIGITS = 100
_BEYOND = 10**_DIGITS


class Quantity(float):
    """A number with its interval; it computes and compares as the number.

    Attributes
    ----------
    low, high : float
        Where the middle 90 % lies, if each input's range holds its middle 90 % and the inputs are
        independent. Equal to the number where no input is a range.
    lowest, highest : float
        With every input at the end of its range that gives the smallest or largest number.

    Examples
    --------
    >>> deals = Quantity(40, low=33, high=50)
    >>> deals == 40, deals.low, deals.high, deals.is_range
    (True, 33.0, 50.0, True)
    """

    low: float
    high: float
    lowest: float
    highest: float

    def __new__(
        cls,
        value: float,
        *,
        low: float | None = None,
        high: float | None = None,
        lowest: float | None = None,
        highest: float | None = None,
    ) -> Quantity:
        """Put a number and its interval together; what is left out has no width."""
        made = super().__new__(cls, value)
        made.low = float(value if low is None else low)
        made.high = float(value if high is None else high)
        made.lowest = made.low if lowest is None else float(lowest)
        made.highest = made.high if highest is None else float(highest)
        return made

    @property
    def value(self) -> float:
        """The number alone."""
        return float(self)

    @property
    def interval(self) -> tuple[float, float]:
        """`low` and `high`."""
        return self.low, self.high

    @property
    def is_range(self) -> bool:
        """Whether the interval has a width."""
        return self.low < self.high

    @property
    def whole(self) -> int:
        """The number rounded up: nobody closes half a deal."""
        return math.ceil(self - 1e-9 * abs(self))

    def to_dict(self) -> dict[str, float]:
        """Write the number and its interval as plain values."""
        ends = ("low", "high", "lowest", "highest")
        return {"value": float(self), **{name: getattr(self, name) for name in ends}}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the interval, which float doesn't keep."""
        return _restored, (self.to_dict(),)

    def __repr__(self) -> str:
        """Write the number, and the interval where it has one."""
        number = f"{float(self):.10g}"
        return f"{number} [{self.low:.6g}, {self.high:.6g}]" if self.is_range else number


def read_quantity(name: str, given: object) -> tuple[Fraction, Fraction, Fraction]:
    """Read a number or a (low, high) range above zero.

    Parameters
    ----------
    name : str
        The argument, for a message.
    given : number or pair of numbers

    Returns
    -------
    tuple of Fraction
        Middle, low, high.

    Raises
    ------
    ConfigurationError
        If it is neither, not above zero, or a range whose ends are exchanged.

    Examples
    --------
    >>> [float(part) for part in read_quantity("average_sale", (20_000, 30_000))]
    [25000.0, 20000.0, 30000.0]
    """
    parts = _parts(given)
    if not parts:
        raise ConfigurationError(
            f"{name} is not a number",
            got=shown(given),
            need="a number above 0, or a range (low, high)",
            do=f"Pass {name} as a number, or as two of them",
        )
    if min(parts) <= 0:
        raise ConfigurationError(
            f"{name} is not above 0",
            got=shown(given),
            need="a number above 0, or a range (low, high) of such",
            do="Nothing can be planned backwards from 0 or less",
        )
    low, high = parts[0], parts[-1]
    if low > high:
        raise ConfigurationError(
            f"the range of {name} begins above its end",
            got=shown(given),
            need="(low, high)",
            do=f"Pass {name}=({parts[-1]}, {parts[0]})",
        )
    first, last = _exact(low), _exact(high)
    return (first + last) / 2, first, last


def read_rate(name: str, given: object, *, growth: bool = False) -> tuple[Fraction, ...]:
    """Read a rate as a fraction, a number or a (low, high) range.

    Parameters
    ----------
    name : str
        The argument, for a message.
    given : number or pair of numbers
    growth : bool
        Growth may exceed 1: a business can double.

    Returns
    -------
    tuple of Fraction
        Middle, low, high.

    Raises
    ------
    ConfigurationError
        If it is not a fraction; a percentage is told apart, with the fraction to pass.

    Examples
    --------
    >>> [float(part) for part in read_rate("win_rate", 0.25)]
    [0.25, 0.25, 0.25]
    >>> read_rate("win_rate", 25)
    Traceback (most recent call last):
    leadlag.errors.ConfigurationError: win_rate looks like a percentage: got 25, need a fraction
    between 0 and 1. Pass win_rate=0.25 for 25 %.
    """
    largest = _LARGEST_GROWTH if growth else 1
    parts = _parts(given)
    if parts and max(parts) > largest:
        need = f"a fraction, at most {largest}" if growth else "a fraction between 0 and 1"
        if max(parts) > (1000 if growth else 100):
            raise ConfigurationError(f"{name} is not a rate", got=shown(given), need=need)
        divided = [f"{float(_exact(part) / 100):g}" for part in parts]
        percents = " to ".join(f"{part:g}" for part in parts)
        fraction = divided[0] if len(divided) == 1 else f"({', '.join(divided)})"
        raise ConfigurationError(
            f"{name} looks like a percentage",
            got=shown(given),
            need=need,
            do=f"Pass {name}={fraction} for {percents} %",
        )
    return read_quantity(name, given)


def product(
    above: list[tuple[Fraction, ...]], below: list[tuple[Fraction, ...]] | None = None
) -> Quantity:
    """Multiply quantities and divide by others, with the interval of the result.

    Parameters
    ----------
    above, below : list of tuple of Fraction
        Middle, low and high of each factor and divisor.

    Returns
    -------
    Quantity

    Raises
    ------
    ConfigurationError
        If the result is too large or small for a float.

    Notes
    -----
    On the log scale errors add up. With u_i the log distance from factor i's middle to the end
    that raises the result, the upper end is ``value exp(sqrt(sum u_i^2))``, the lower likewise:
    exact for one range, and within a few points of 90 % for several.

    Examples
    --------
    >>> quarter = (Fraction(1, 4),) * 3
    >>> product([(Fraction(40),) * 3], [quarter])
    160
    """
    value, lowest, highest = Fraction(1), Fraction(1), Fraction(1)
    down, up = 0.0, 0.0
    # The end of a divisor that raises the result is its low one.
    factors = [*above, *((1 / mid, 1 / high, 1 / low) for mid, low, high in below or [])]
    for middle, low, high in factors:
        value, lowest, highest = value * middle, lowest * low, highest * high
        down += math.log(middle / low) ** 2
        up += math.log(high / middle) ** 2
    if not Fraction(1, _BEYOND) < lowest <= highest < _BEYOND:
        raise ConfigurationError(
            "the plan's numbers are beyond what can be counted",
            got=f"about 1e{len(str(int(highest))) - 1}" if highest >= 1 else "next to nothing",
            need=f"between 1e-{_DIGITS} and 1e{_DIGITS}",
            do="Check the units of revenue, average_sale and visit_cost",
        )
    return Quantity(
        float(value),
        low=max(float(value) * math.exp(-math.sqrt(down)), float(lowest)),
        high=min(float(value) * math.exp(math.sqrt(up)), float(highest)),
        lowest=float(lowest),
        highest=float(highest),
    )


def chance_of(have: Quantity, need: Quantity) -> float:
    """Probability that what one has is at least what one needs.

    Parameters
    ----------
    have, need : Quantity
        Above zero, independent; an interval holds the middle 90 %.

    Returns
    -------
    float

    Notes
    -----
    Both are taken as log-normal around their numbers: ``Phi(log(have / need) / s)``, s² the sum of
    their log variances.

    Examples
    --------
    >>> chance_of(Quantity(100, low=80, high=125), Quantity(100))
    0.5
    """
    spread = math.hypot(_log_sd(have), _log_sd(need))
    distance = math.log(have / need)
    if spread == 0:
        return 1.0 if distance >= 0 else 0.0
    return float(special.ndtr(distance / spread))


def _log_sd(one: Quantity) -> float:
    return math.log(one.high / one.low) / (2 * _SPREAD)


def is_number(value: Any) -> bool:
    """Tell a finite number from whatever else was passed for one; True and False are none.

    Parameters
    ----------
    value : object

    Returns
    -------
    bool

    Examples
    --------
    >>> is_number(2), is_number(True), is_number("2"), is_number(float("inf"))
    (True, False, False, False)
    """
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)


def _parts(given: object) -> list[float]:
    """One or two finite numbers, or nothing."""
    pair = isinstance(given, tuple | list) or type(given).__name__ == "ndarray"
    parts: list[Any] = list(given) if pair else [given]  # type: ignore[call-overload]
    if len(parts) != 1 + pair:
        return []
    if not all(map(is_number, parts)):
        return []
    return [part if isinstance(part, int) else float(part) for part in parts]


def _exact(number: float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _restored(parts: dict[str, float]) -> Quantity:
    value = parts.pop("value")
    return Quantity(value, **parts)
