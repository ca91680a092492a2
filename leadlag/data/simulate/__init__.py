"""Simulated panels whose truth is known: the laboratory in which `rank` is tried.

========================  ==========================================================
`simulate(kind)`          one panel of a situation, with its truth
`situations()`            what there is, a line each
========================  ==========================================================
"""

from __future__ import annotations

import operator
import zlib

import numpy as np

from leadlag.data.simulate.kernels import Draw
from leadlag.data.simulate.panel import Simulated, finish
from leadlag.data.simulate.table import HELD_OUT, SITUATIONS
from leadlag.errors import ConfigurationError, unknown_name

__all__ = ["Simulated", "simulate", "situations"]

_LEAST_ROWS = 40


def situations(*, held_out: bool = False) -> dict[str, str]:
    """List the situations that can be simulated.

    Parameters
    ----------
    held_out : bool
        Also those that are kept for a final evaluation.

    Returns
    -------
    dict of str to str
        Name and description.

    Examples
    --------
    >>> from leadlag.data.simulate import situations
    >>> situations()["sharp_lead"]
    'leaders with their whole effect at one lag of 1 to 14'
    """
    table = {**SITUATIONS, **(HELD_OUT if held_out else {})}
    return {name: situation.description for name, situation in table.items()}


def simulate(
    kind: str, *, n: int | None = None, seed: int = 0, held_out: bool = False
) -> Simulated:
    """Simulate one panel of a situation, with its truth.

    Parameters
    ----------
    kind : str
        A name of `situations()`.
    n : int, optional, periods
        Number of rows; by default drawn from what is usual for the situation. Effects are sized
        for it: a longer panel has smaller ones, up to 85 % of the target in all.
    seed : int
        The same seed gives the same values.
    held_out : bool
        Draw the parameters from a second set of values, kept for a final evaluation.

    Returns
    -------
    Simulated
        `.data`, `.truth`, and what to pass to `rank`: `.options`.

    Raises
    ------
    ConfigurationError
        If there is no such situation, or `n` or `seed` can't be used.

    Notes
    -----
    The target is additive: with white shocks, delay kernels h and noise u::

        y[t] = sum_j b_j sum_k h_j[k] x_j[t - k] + u[t]

    Metrics that lag respond to y, coincident ones share its one-step surprises, feedback does both,
    the others share nothing. All of it is linear in independent white shocks, so the covariances at
    every lag are known, and with them the population gains: `truth` is the published rule on those
    (with 80 past values of both sides), no simulation involved. A bent response is its best line
    plus a remainder that is uncorrelated with the metric at every lag, whose covariances are known
    as well. Growth, seasons, gaps and glitches are put on top; the gains are of what is under them.
    Each effect is sized so that it is worth a drawn number of standard errors to a test that is
    told lag and shape.

    Examples
    --------
    >>> import leadlag
    >>> panel = leadlag.simulate("sharp_lead", seed=3)
    >>> panel.data.shape[1], panel.truth["role"].value_counts()["leading"]
    (13, np.int64(4))
    """
    table = {**SITUATIONS, **(HELD_OUT if held_out else {})}
    if kind not in table and kind in HELD_OUT:
        raise ConfigurationError(
            f"{kind!r} is kept for a final evaluation", do="Pass held_out=True for that"
        )
    if kind not in table:
        raise unknown_name(f"{kind!r} is not a kind of panel", kind, table, plural="Kinds")
    seed = _whole("seed", seed, least=0, do="Use seed=0")
    situation = table[kind]
    words = [seed, int(held_out), zlib.crc32(kind.encode())]
    draw = Draw(np.random.default_rng(words), held_out, situation.null)
    usual = draw.whole(situation.rows, situation.held_out_rows)
    if n is not None:
        usual = _whole("n, the number of rows,", n, least=_LEAST_ROWS, do="Ask for more rows")
    world, look = situation.build(draw, usual)
    return finish(kind, world, look)


def _whole(what: str, value: int, *, least: int, do: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        need = f"a whole number of {least} or more"
        raise ConfigurationError(f"{what} can't be used", got=repr(value), need=need, do=do)
    return number
