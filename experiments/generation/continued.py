"""Chains continued from the training set: sweeps to the next independent configuration."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.array_types import Configurations2D
from lcpjax.evaluation.samples.observables import observables
from lcpjax.sampler import MOVES, Configurations

from .reference_fluid import EquilibriumFluid
from .warm_start import TOGETHER, chains_of, first_of_each_gamma, swept

QUANTITIES = ("pair_energy", "mean_height")
# Fewer have no correlation worth the name.
_FEWEST = 4


def continued_rows(
    fluid: EquilibriumFluid, training_set: Configurations, snapshots: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each kind of moves and gamma, of chains that begin in equilibrium and so need no burn-in.

    - moves, gamma, number of chains.
    - sweeps_per_effective_configuration: twice the integral of the autocorrelation over sweeps, of the slower of pair
      energy and sum of heights, at least 1. By the trapezoidal rule over the snapshots, to the first at which the
      correlation over chains with the start lies within two standard errors of 0, which adds about a tenth; inf if
      none does. slower: which.

    Args:
        snapshots: numbers of sweeps, increasing.
    """
    first = first_of_each_gamma(fluid, training_set, fluid.num_of_each)
    number = len(first) // len(fluid.gammas)
    if number < _FEWEST:
        return []
    rows = []
    for moves in MOVES:
        needed = _independent_after(fluid, first, [sweeps for sweeps in snapshots if sweeps > 0], moves)
        for gamma, of_gamma in zip(fluid.gammas, needed, strict=True):
            slower = int(np.argmax(of_gamma))
            ids = {"moves": moves, "gamma": gamma, "number": number}
            rows.append(ids | {"sweeps_per_effective_configuration": of_gamma[slower], "slower": QUANTITIES[slower]})
    return rows


def _independent_after(
    fluid: EquilibriumFluid, first: Configurations2D, later: Sequence[int], moves: str
) -> Float64[np.ndarray, "gammas quantities"]:
    """Sweeps between independent values; chains end when all are known."""
    num_gammas, positions, done = len(fluid.gammas), first, 0
    chains, values, needed = chains_of(fluid, moves, len(first) // num_gammas), [_values(first, fluid)], np.empty(0)
    for number, begin in enumerate(range(0, len(later), TOGETHER)):
        some = later[begin : begin + TOGETHER]
        seen, _ = swept(chains, positions, [sweeps - done for sweeps in some], number)
        positions, done = jnp.asarray(seen[-1]), some[-1]
        values += [_values(each, fluid) for each in seen]
        sweeps = [0, *later[: len(values) - 1]]
        by_gamma = np.split(np.stack(values), num_gammas, axis=1)
        needed = np.array(
            [
                [integrated_autocorrelation(sweeps, own[..., each]) for each in range(len(QUANTITIES))]
                for own in by_gamma
            ]
        )
        if np.isfinite(needed).all():
            break
    return needed


def integrated_autocorrelation(sweeps: Sequence[int], values: Float64[np.ndarray, "snapshots chains"]) -> float:
    """Sweeps between independent values: 2 int_0^inf rho(t) dt, rho the correlation over chains with the first values.

    At least 1; inf where no correlation is within two standard errors of 0.

    Args:
        sweeps: of the snapshots, from 0.
    """
    correlations = [float(np.corrcoef(values[0], each)[0, 1]) for each in values]
    small = [index for index, each in enumerate(correlations) if abs(each) < 2.0 / np.sqrt(values.shape[1])]
    if not small:
        return np.inf
    kept = slice(None, small[0] + 1)
    return max(2.0 * float(np.trapezoid(correlations[kept], sweeps[kept])), 1.0)


def _values(positions: jax.Array | np.ndarray, fluid: EquilibriumFluid) -> np.ndarray:
    found = jax.device_get(observables(jnp.asarray(positions), fluid.system))
    return np.stack([np.asarray(getattr(found, name), np.float64) for name in QUANTITIES], axis=1)
