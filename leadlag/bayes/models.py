"""One metric under one model: sampled, and everything else recovered from the draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.bayes.ahead import Draw
from leadlag.bayes.design import Design
from leadlag.bayes.recover import FreeLags, Recovered, recover, recover_free
from leadlag.bayes.robust import resampled
from leadlag.bayes.sampling import Draws, draw, draw_free_lags
from leadlag.bayes.tables import agree

__all__ = ["MODELS", "RIVALS", "Fit", "again", "fit_model", "kept_draws"]

Floats = npt.NDArray[np.float64]

RIVALS = ("leads", "no lead", "free lags")
# The model behind each choice of a kernel.
MODELS = {"delay": "leads", "free": "free lags"}
# Predictions and log densities are kept for so many draws of all chains together: a thousand say as
# much about a density as four thousand, at a quarter of the memory.
_KEPT = 1000
# Draws and chains of a fit on the first rows alone: it serves predictions, and no summary.
_AHEAD_DRAWS, _AHEAD_CHAINS = 250, 2


@dataclass(frozen=True, eq=False)
class Fit:
    """One model of one metric.

    Parameters
    ----------
    draws : Draws
    recovered : Recovered
    free : FreeLags or None
        Responses, under free lags.
    """

    draws: Draws
    recovered: Recovered
    free: FreeLags | None

    @property
    def agree(self) -> bool:
        """Whether chains agree and none diverged."""
        return agree(self.draws.values) and not self.draws.diverging.any()


def fit_model(
    made: Design, model: str, *, draws: int, chains: int, stream: np.random.Generator
) -> Fit:
    """Sample one model of one metric.

    Parameters
    ----------
    made : Design
        The metric.
    model : {"leads", "no lead", "free lags"}
    draws, chains : int
    stream : numpy.random.Generator

    Returns
    -------
    Fit
    """
    found = _sampled(made, model, draws, chains, stream)
    kept = kept_draws(draws, chains)
    # Student-t noise: every draw's density decides how much the draw counts.
    used = kept if made.weight is None else np.arange(draws * chains)
    free = None
    if model == "free lags":
        recovered, free = recover_free(made, found.flat(), stream, kept=used)
    else:
        recovered = recover(made, found.flat(), stream, kept=used, lead=model == "leads")
    if made.weight is not None:
        at, tail = resampled(made, recovered, chains, stream)
        found, recovered = found.taken(at, tail), recovered.taken(at, kept)
        free = None if free is None else free.taken(at[kept])
    return Fit(found, recovered, free)


def again(model: str, stream: np.random.Generator) -> Draw:
    """What samples the same model on fewer rows.

    Parameters
    ----------
    model : {"leads", "no lead", "free lags"}
    stream : numpy.random.Generator

    Returns
    -------
    callable
    """

    def sample(part: Design) -> dict[str, Floats]:
        return _sampled(part, model, _AHEAD_DRAWS, _AHEAD_CHAINS, stream).flat()

    return sample


def kept_draws(draws: int, chains: int) -> npt.NDArray[np.int64]:
    """Positions, chains laid end to end, of the draws whose predictions are kept.

    Parameters
    ----------
    draws, chains : int

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> kept_draws(4, 2)
    array([0, 1, 2, 3, 4, 5, 6, 7])
    """
    step = max(1, int(np.ceil(draws * chains / _KEPT)))
    each = np.arange(0, draws, step)
    return np.asarray(np.concatenate([chain * draws + each for chain in range(chains)]))


def _sampled(
    made: Design, model: str, draws: int, chains: int, stream: np.random.Generator
) -> Draws:
    seed = int(stream.integers(2**31))
    if model == "free lags":
        return draw_free_lags(made, draws=draws, chains=chains, seed=seed)
    return draw(made, draws=draws, chains=chains, seed=seed, lead=model == "leads")
