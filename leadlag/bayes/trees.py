"""One shape for both stacks: ArviZ 0 returns InferenceData, ArviZ 1 an xarray DataTree.

Everything behind this file sees an `xarray.DataTree`, which both versions of xarray have, and
datasets taken from it.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from leadlag.errors import ConfigurationError, InputError, shown

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "diagnose",
    "groups_of",
    "leave_one_out",
    "native",
    "read_tree",
    "smoothed_weights",
    "tree_of",
    "write_tree",
]

Floats = npt.NDArray[np.float64]


def groups_of(result: Any) -> dict[str, xr.Dataset]:
    """Datasets of a sampler's result, by group.

    Parameters
    ----------
    result : arviz.InferenceData or xarray.DataTree

    Returns
    -------
    dict of xarray.Dataset
    """
    if hasattr(result, "children"):
        return {name: node.to_dataset() for name, node in result.children.items()}
    return {name: result[name] for name in result.groups()}


def tree_of(groups: dict[str, xr.Dataset], attributes: dict[str, Any]) -> xr.DataTree:
    """Put datasets into one tree, a group each.

    Parameters
    ----------
    groups : dict of xarray.Dataset
    attributes : dict
        Of the root: plain numbers and text.

    Returns
    -------
    xarray.DataTree
    """
    import xarray as xr

    tree = xr.DataTree.from_dict(dict(groups))
    tree.attrs.update(attributes)
    return tree


def native(tree: xr.DataTree) -> Any:
    """A tree as the ArviZ that is installed takes it.

    Parameters
    ----------
    tree : xarray.DataTree

    Returns
    -------
    arviz.InferenceData or xarray.DataTree
        The first with ArviZ 0, the second from ArviZ 1 on. The first has the dimension "series" for
        "metric", a name that ArviZ 0 takes for its own table.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz as az

        # ArviZ 1 keeps the name for the tree, and warns of that.
        wanted: Any = getattr(az, "InferenceData", type(tree))
    if isinstance(tree, wanted):
        return tree
    groups = {
        name: node.to_dataset().rename({"metric": "series"}) for name, node in tree.children.items()
    }
    return wanted(attrs=dict(tree.attrs), warn_on_custom_groups=False, **groups)


def write_tree(tree: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a tree as netCDF.

    Parameters
    ----------
    tree : xarray.DataTree
    path : str or path

    Raises
    ------
    InputError
        If the file can't be written.
    """
    try:
        tree.to_netcdf(_path(path), engine="h5netcdf")
    except OSError as error:
        raise InputError(
            f"'{path}' can't be written",
            got=error.strerror or str(error),
            need="a folder that is there and may be written to",
            do="Name a folder that you may write to",
        ) from error


def read_tree(path: str | os.PathLike[str]) -> xr.DataTree:
    """Read a tree that `write_tree` wrote.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    xarray.DataTree
        In memory; the file is closed.

    Raises
    ------
    InputError
        If the file is missing or holds no tree.
    """
    import xarray as xr

    try:
        with xr.open_datatree(_path(path), engine="h5netcdf") as tree:
            return tree.load()
    except (OSError, KeyError) as error:
        raise InputError(
            f"'{path}' can't be read",
            got="no netCDF file" if os.path.exists(path) else "no such file",
            need="a netCDF file that LagModel.save wrote",
            do="Check the path, or fit and save again",
        ) from error


def _path(path: object) -> str:
    if isinstance(path, str | os.PathLike):
        return os.fspath(path)
    raise ConfigurationError(
        "the path of a lag model is not a path",
        got=shown(path),
        need="text or a pathlib.Path",
        do="Pass a file name such as 'fit.nc'",
    )


def diagnose(posterior: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset, xr.Dataset]:
    """R-hat, bulk and tail effective sample size of every variable.

    Parameters
    ----------
    posterior : xarray.Dataset
        With the dimensions "chain" and "draw".

    Returns
    -------
    r_hat, ess_bulk, ess_tail : xarray.Dataset
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz as az

        return az.rhat(posterior), az.ess(posterior), az.ess(posterior, method="tail")


def leave_one_out(log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Expected log density of each row if it had been left out, by smoothed importance sampling.

    Parameters
    ----------
    log_likelihood : ndarray, shape (chains, draws, n_rows)

    Returns
    -------
    elpd, pareto_k : ndarray, shape (n_rows,)

    References
    ----------
    Vehtari, A., Gelman, A. and Gabry, J. (2017). Practical Bayesian model evaluation using
    leave-one-out cross-validation and WAIC. *Statistics and Computing* 27, 1413–1432.
    """
    draws_last = np.moveaxis(log_likelihood, -1, 0).reshape(log_likelihood.shape[-1], -1)
    weights, pareto_k = smoothed_weights(-draws_last)
    elpd = np.logaddexp.reduce(weights + draws_last, axis=-1)
    return np.asarray(elpd, dtype=np.float64), pareto_k


def smoothed_weights(log_ratios: Floats) -> tuple[Floats, Floats]:
    """Pareto-smoothed importance weights.

    Parameters
    ----------
    log_ratios : ndarray, shape (n_rows, n_draws)
        Up to a constant for each row.

    Returns
    -------
    log_weights : ndarray, shape (n_rows, n_draws)
        Of each row add up to 1.
    pareto_k : ndarray, shape (n_rows,)
        Heaviness of the tail.

    References
    ----------
    Vehtari, A. et al. (2024). Pareto smoothed importance sampling. *Journal of Machine Learning
    Research* 25.
    """
    draws = log_ratios.shape[1]
    log_weights = np.full(log_ratios.shape, -np.log(draws))
    pareto_k = np.full(len(log_ratios), -np.inf)
    # Draws that all count the same have no tail to smooth, which ArviZ 1 refuses.
    uneven = np.ptp(log_ratios, axis=1) > 0
    if not uneven.any():
        return log_weights, pareto_k
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if importlib.util.find_spec("arviz_stats") is not None:
            from arviz_stats.base import array_stats

            # It takes log likelihoods, whose negatives are the log ratios of leaving a row out.
            found = array_stats.psislw(-log_ratios[uneven])
        else:
            import arviz as az

            found = az.psislw(log_ratios[uneven])
    log_weights[uneven], pareto_k[uneven] = found
    return log_weights, pareto_k
