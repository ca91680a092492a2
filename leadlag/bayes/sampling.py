"""Sampling: one compile for every metric of the same shape, by nutpie where it is installed."""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.bayes.conditional import good_start
from leadlag.bayes.design import Design
from leadlag.bayes.model import build
from leadlag.bayes.trees import groups_of

__all__ = ["Draws", "Sampler", "sampler_for"]

Floats = npt.NDArray[np.float64]

TUNE = 500
# What is sampled. Everything else follows from it.
_FREE = ("log_spread", "log_shape", "phi")
# Higher than the default 0.8: where the start of the response is in doubt the surface bends.
_TARGET_ACCEPT = 0.95
_JITTER = 0.1


@dataclass(frozen=True, eq=False)
class Draws:
    """What the sampler returned.

    Parameters
    ----------
    values : dict of ndarray, each of shape (chains, draws, ...)
        The free parameters.
    diverging : ndarray of bool, shape (chains, draws)
    energy : ndarray, shape (chains, draws)
    """

    values: dict[str, Floats]
    diverging: npt.NDArray[np.bool_]
    energy: Floats


@dataclass
class Sampler:
    """A compiled model that takes new data.

    Parameters
    ----------
    order, room : int, periods
        The shape that it was compiled for: order of the noise, and the longest lag of all.
    """

    order: int
    room: int
    _compiled: Any = field(default=None, repr=False)
    _model: Any = field(default=None, repr=False)

    def draw(
        self,
        made: Design,
        *,
        draws: int,
        chains: int,
        seed: int,
        tune: int = TUNE,
        lead: bool = True,
    ) -> Draws:
        """Sample the posterior of one metric.

        Parameters
        ----------
        made : Design
            The metric; its order is that of the sampler, its longest lag that or less.
        draws, chains, seed : int
            How many draws a chain, how many chains, and the seed.
        tune : int
            Draws that adapt the sampler and are thrown away.
        lead : bool
            False: the model in which the metric does not lead.

        Returns
        -------
        Draws
        """
        begin = good_start(made, made.sums(lead=lead))
        data = made.padded(self.room, lead=lead)
        if self._model is None:
            self._model = build(data, order=self.order, max_lag=self.room)
        with warnings.catch_warnings():
            # ArviZ announces its next version at import, PyTensor a BLAS that is not used here, and
            # PyMC says in many words what `converged` and our own warning say in one.
            warnings.simplefilter("ignore")
            found = (
                self._by_nutpie(data, begin, draws, chains, seed, tune)
                if importlib.util.find_spec("nutpie") is not None
                else self._by_pymc(data, begin, draws, chains, seed, tune)
            )
            groups = groups_of(found)
        stats = groups["sample_stats"]
        return Draws(
            values={
                name: np.asarray(groups["posterior"][name].values, dtype=np.float64)
                for name in _FREE
            },
            diverging=np.asarray(stats["diverging"].values, dtype=np.bool_),
            energy=np.asarray(stats["energy"].values, dtype=np.float64),
        )

    def _by_nutpie(
        self, data: dict[str, Floats], begin: Floats, draws: int, chains: int, seed: int, tune: int
    ) -> Any:
        import nutpie

        if self._compiled is None:
            self._compiled = nutpie.compile_pymc_model(self._model, backend="numba")
        # Compiled PyMC models do not take nutpie's `init_mean`: they bring a function of their own.
        model = replace(
            self._compiled.with_data(**data),
            initial_point_func=lambda chain_seed: _near(begin, chain_seed),
        )
        return nutpie.sample(
            model,
            draws=draws,
            tune=tune,
            chains=chains,
            seed=seed,
            target_accept=_TARGET_ACCEPT,
            progress_bar=False,
        )

    def _by_pymc(
        self, data: dict[str, Floats], begin: Floats, draws: int, chains: int, seed: int, tune: int
    ) -> Any:
        import pymc as pm

        with self._model:
            pm.set_data(data)
            return pm.sample(
                draws=draws,
                tune=tune,
                chains=chains,
                # Chains in processes of their own would each compile again.
                cores=1,
                random_seed=seed,
                initvals=[_named(_near(begin, seed + chain)) for chain in range(chains)],
                nuts_sampler="pymc",
                target_accept=_TARGET_ACCEPT,
                progressbar=False,
                compute_convergence_checks=False,
                compile_kwargs={"mode": "NUMBA"},
            )


def _near(begin: Floats, seed: int) -> Floats:
    """A chain's own start."""
    return np.asarray(begin + _JITTER * np.random.default_rng(seed).standard_normal(begin.size))


def _named(point: Floats) -> dict[str, Any]:
    return {"log_spread": point[0], "log_shape": point[1], "phi": point[2:]}


_SAMPLERS: dict[tuple[int, int], Sampler] = {}
# Room for lags: one compile serves every shorter search. Weekly and daily data by default need 26
# and 42, monthly 12, quarterly 8.
_ROOMS = (12, 30, 48)


def sampler_for(order: int, max_lag: int) -> Sampler:
    """The sampler for a shape: compiled once in a process, since compiled models can't be pickled.

    Parameters
    ----------
    order, max_lag : int, periods

    Returns
    -------
    Sampler

    Examples
    --------
    >>> sampler_for(3, 12) is sampler_for(3, 8)
    True
    """
    room = next((room for room in _ROOMS if room >= max_lag), max_lag)
    return _SAMPLERS.setdefault((order, room), Sampler(order, room))
