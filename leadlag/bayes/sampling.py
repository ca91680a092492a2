"""Sampling by NUTS from a compiled density: by nutpie where it is installed, else by PyMC."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.bayes.conditional import good_start
from leadlag.bayes.design import Design
from leadlag.bayes.trees import groups_of

__all__ = ["TUNE", "Draws", "draw", "draw_free_lags", "sampler_name"]

Floats = npt.NDArray[np.float64]
Density = Callable[[Floats], tuple[float, Floats]]

TUNE = 400
# Higher than the default 0.8: where the start of the response is in doubt the surface bends.
_TARGET_ACCEPT = 0.9
# Doublings of a path: two or three are the rule. A perfect predictor would take ten each time.
_DEPTH = 7
# Chains start so far apart, in standard deviations of the posterior.
_JITTER = 1.0


@dataclass(frozen=True, eq=False)
class Draws:
    """What the sampler returned.

    Parameters
    ----------
    values : dict of ndarray, each of shape (chains, draws, ...)
        The free parameters.
    diverging : ndarray of bool, shape (chains, draws)
    energy : ndarray, shape (chains, draws)
    pareto_k : float
        Heaviest tail of the weights by which draws were drawn again; -inf where none were.
    """

    values: dict[str, Floats]
    diverging: npt.NDArray[np.bool_]
    energy: Floats
    pareto_k: float = float("-inf")

    def taken(self, at: npt.NDArray[np.int64], pareto_k: float) -> Draws:
        """Some draws again, by their positions with the chains laid end to end.

        Parameters
        ----------
        at : ndarray of int, shape (chains * draws,)
        pareto_k : float

        Returns
        -------
        Draws
            The sampler's own record as it was.
        """
        values = {
            name: v.reshape(-1, *v.shape[2:])[at].reshape(v.shape)
            for name, v in self.values.items()
        }
        return Draws(values, self.diverging, self.energy, pareto_k)

    def flat(self) -> dict[str, Floats]:
        """The free parameters with the chains laid end to end."""
        return {name: v.reshape(-1, *v.shape[2:]) for name, v in self.values.items()}


def sampler_name() -> str:
    """Which package samples: "nutpie" or "pymc".

    Examples
    --------
    >>> sampler_name() in ("nutpie", "pymc")
    True
    """
    # One that is there but can't be loaded is of no use.
    try:
        import nutpie  # noqa: F401
    except ImportError:
        return "pymc"
    return "nutpie"


def draw(
    made: Design, *, draws: int, chains: int, seed: int, tune: int = TUNE, lead: bool = True
) -> Draws:
    """Sample the posterior of one metric.

    Parameters
    ----------
    made : Design
        The metric.
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
    from leadlag.bayes.density import log_density, log_density_around, packed, steps_around

    sums = packed(made, lead=lead).arguments()
    # Beside its peak a strong effect bends the surface so that chains would start too far apart,
    # some of them at another peak, hopelessly low, and stay there.
    begin = _peak(lambda point: log_density(point, **sums), good_start(made, made.sums(lead=lead)))
    steps = steps_around(begin, lambda point: log_density(point, **sums))
    arguments = (begin, steps, *sums.values())

    def density(point: Floats) -> tuple[float, Floats]:
        value, gradient = log_density_around(point, *arguments)
        return value, gradient

    return _sampled(density, begin, steps, ("log_spread", "log_shape"), draws, chains, seed, tune)


def draw_free_lags(made: Design, *, draws: int, chains: int, seed: int, tune: int = TUNE) -> Draws:
    """Sample the posterior of one metric under free lags with a smoothness prior.

    Parameters
    ----------
    made : Design
        The metric.
    draws, chains, seed, tune : int
        As :func:`draw` takes them.

    Returns
    -------
    Draws
    """
    from leadlag.bayes.density import steps_around
    from leadlag.bayes.free_lags import free_density, free_sums

    sums = free_sums(made)
    y = made.y * made.root()[:, None]
    own = np.linalg.lstsq(y[:, 1:], y[:, 0], rcond=None)[0]

    first = np.concatenate([[sums[-1], 0.0], own])
    begin = _peak(lambda point: free_density(point, *sums), first)
    steps = steps_around(begin, lambda point: free_density(point, *sums))

    def density(point: Floats) -> tuple[float, Floats]:
        try:
            value, gradient = free_density(begin + steps @ point, *sums)
        except np.linalg.LinAlgError:
            # A step far too long, met while the sampler adapts: it takes this for a divergence,
            # and would take an error for the end.
            return -np.inf, np.zeros(begin.size)
        return value, gradient @ steps

    return _sampled(density, begin, steps, ("log_size", "log_smooth"), draws, chains, seed, tune)


def _peak(density: Density, begin: Floats) -> Floats:
    """The highest point of a density near another."""
    from scipy.optimize import minimize

    def down(point: Floats) -> tuple[float, Floats]:
        value, gradient = density(point)
        return -value, -gradient

    return np.asarray(minimize(down, begin, jac=True, method="BFGS").x)


def _sampled(
    density: Density,
    begin: Floats,
    steps: Floats,
    names: tuple[str, str],
    draws: int,
    chains: int,
    seed: int,
    tune: int,
) -> Draws:
    """Sample along the axes of the posterior: the noise filter's parts depend on one another."""
    with warnings.catch_warnings():
        # ArviZ announces its next version at import, PyTensor a BLAS that is not used here, and
        # PyMC says in many words what `converged` and our own warning say in one.
        warnings.simplefilter("ignore")
        sample = _by_nutpie if sampler_name() == "nutpie" else _by_pymc
        groups = groups_of(sample(density, begin.size, draws, chains, seed, tune))
    stats = groups["sample_stats"]
    sampled = np.asarray(groups["posterior"]["point"].values)
    if sampled.shape[:2] != (chains, draws):
        # Interrupted, both samplers hand back what they have.
        raise KeyboardInterrupt
    point = begin + sampled @ steps.T
    return Draws(
        values={names[0]: point[..., 0], names[1]: point[..., 1], "phi": point[..., 2:]},
        diverging=np.asarray(stats["diverging"].values, dtype=np.bool_),
        energy=np.asarray(stats["energy"].values, dtype=np.float64),
    )


def _by_nutpie(density: Density, size: int, draws: int, chains: int, seed: int, tune: int) -> Any:
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    model = from_pyfunc(
        ndim=size,
        make_logp_fn=lambda: density,
        make_expand_fn=lambda *_: _as_it_is,
        expanded_dtypes=[np.dtype(np.float64)],
        expanded_shapes=[(size,)],
        expanded_names=["point"],
        make_initial_point_fn=lambda chain_seed: _near_zero(size, chain_seed),
    )
    return nutpie.sample(
        model,
        draws=draws,
        tune=tune,
        chains=chains,
        seed=seed,
        target_accept=_TARGET_ACCEPT,
        maxdepth=_DEPTH,
        progress_bar=False,
    )


def _as_it_is(point: Floats) -> dict[str, Floats]:
    return {"point": point}


def _by_pymc(density: Density, size: int, draws: int, chains: int, seed: int, tune: int) -> Any:
    import pymc as pm

    from leadlag.bayes.model import around

    with around(density, size), _silent("pymc"):
        return pm.sample(
            draws=draws,
            tune=tune,
            chains=chains,
            # Chains in processes of their own would each load and compile again.
            cores=1,
            random_seed=seed,
            initvals=[{"point": _near_zero(size, seed + chain)} for chain in range(chains)],
            nuts_sampler="pymc",
            nuts={"target_accept": _TARGET_ACCEPT, "max_treedepth": _DEPTH},
            progressbar=False,
            compute_convergence_checks=False,
            # Nothing is left to compile but the sum around the density.
            compile_kwargs={"mode": "FAST_COMPILE"},
        )


@contextmanager
def _silent(package: str) -> Iterator[None]:
    """Keep a package's progress notes from standard error; its warnings still come."""
    logger = logging.getLogger(package)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _near_zero(size: int, seed: int) -> Floats:
    """A chain's own start."""
    return _JITTER * np.random.default_rng(seed).standard_normal(size)
