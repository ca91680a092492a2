"""Names beside their dots: where each one stands so that none covers another."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Box", "Label", "place_labels", "text_width"]

# Left, top, right and bottom in pixels from the upper left corner.
Box = tuple[float, float, float, float]

FONT = 12
_HIGH = 15.0
# From a dot to its name; a name further off than this is tied to its dot by a line.
_GAP, _FAR = 10.0, 26.0
# What an overlap costs beside a pixel of distance: with a name most, with a thin line least.
_NAME, _MARK, _OUTSIDE = 4.0, 1.0, 1000.0


@dataclass(frozen=True)
class Label:
    """Where a name stands.

    Parameters
    ----------
    x, y : float, pixels
        The point at which it is set, its middle in height.
    align : str
        Which part of it stands there: "left", "right" or "center".
    tied : bool
        Whether it is so far from its dot that a line ties it to it.
    """

    x: float
    y: float
    align: str
    tied: bool


def text_width(text: str, size: float = FONT) -> float:
    """Estimate how wide a text is.

    Parameters
    ----------
    text : str
        One line.
    size : float, pixels
        Of the font.

    Returns
    -------
    float, pixels
        Rather too wide than too narrow.

    Examples
    --------
    >>> text_width("retention"), text_width("継続率")
    (64.8, 37.8)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return round(size * (0.6 * (len(text) - wide) + 1.05 * wide), 1)


def place_labels(
    dots: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    width: float,
    height: float,
    marks: Sequence[Box] = (),
) -> list[Label]:
    """Place every name near its dot, away from the other names, the dots and other marks.

    Parameters
    ----------
    dots : sequence of (float, float), pixels
        From the upper left corner.
    texts : sequence of str
        A name each.
    width, height : float, pixels
        The frame, which no name leaves as long as it fits.
    marks : sequence of Box
        What else is drawn.

    Returns
    -------
    list of Label

    Notes
    -----
    Greedy, the dots with the most neighbours first; each name takes the cheapest of the places
    around its dot, by overlap and distance.

    Examples
    --------
    >>> place_labels([(50.0, 50.0)], ["alone"], width=300, height=100)
    [Label(x=60.0, y=50.0, align='left', tied=False)]
    """
    taken = [*marks, *((x - 7, y - 7, x + 7, y + 7) for x, y in dots)]
    names: list[Box] = []
    out: dict[int, Label] = {}
    for i in sorted(range(len(dots)), key=lambda i: (-_crowd(dots, i), dots[i][1])):
        x, y = dots[i]
        wide = text_width(texts[i])
        tries = [
            (_box(x + dx, y + dy, align, wide), dx, dy, align) for dx, dy, align in _places(wide)
        ]
        costs = [
            _NAME * sum(_shared(box, other) for other in names)
            + _MARK * sum(_shared(box, other) for other in taken)
            + _OUTSIDE * _beyond(box, width, height)
            + (dx * dx + dy * dy) ** 0.5
            for box, dx, dy, _ in tries
        ]
        box, dx, dy, align = tries[costs.index(min(costs))]
        names.append(box)
        out[i] = Label(x + dx, y + dy, align, tied=abs(dy) > _FAR or abs(dx) > _FAR)
    return [out[i] for i in range(len(dots))]


def _places(wide: float) -> list[tuple[float, float, str]]:
    """Offsets from a dot, and which part of the name stands there."""
    out = []
    for dy in (-8.0, 0.0, 8.0):
        out += [(_GAP, dy, "left"), (-_GAP, dy, "right")]
    out += [(0.0, -18.0, "center"), (0.0, 18.0, "center")]
    for step in range(2, 24):
        for away in (_GAP, 2 * _GAP, 4 * _GAP, 8 * _GAP):
            for dy in (-_HIGH * step / 1.5, _HIGH * step / 1.5):
                out += [(away, dy, "left"), (-away, dy, "right")]
    for away in (3 * _GAP, 6 * _GAP, wide / 2, wide):
        for dy in (-8.0, 0.0, 8.0):
            out += [(away, dy, "left"), (-away, dy, "right")]
    return out


def _box(x: float, y: float, align: str, wide: float) -> Box:
    left = {"left": x, "right": x - wide, "center": x - wide / 2}[align]
    return left, y - _HIGH / 2, left + wide, y + _HIGH / 2


def _crowd(dots: Sequence[tuple[float, float]], i: int) -> int:
    x, y = dots[i]
    return sum(abs(x - a) < 100 and abs(y - b) < 30 for a, b in dots)


def _shared(a: Box, b: Box) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _beyond(box: Box, width: float, height: float) -> float:
    # A name may stand above the frame by its half: nothing is drawn there.
    return max(0.0, -box[0], box[2] - width, -_HIGH / 2 - box[1], box[3] - height)
