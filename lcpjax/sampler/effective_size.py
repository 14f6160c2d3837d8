"""What an effective configuration costs: autocorrelations of the two slowest quantities along long chains."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_arguments import takes_concrete_arrays
from lcpjax.array_types import PRNGKey
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.diagnostics import LongChains, long_chains
from lcpjax.sampler.rules import LOCAL_MOVES
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.tempering import Ladder
from lcpjax.system import System

KINDS: Mapping[str, Mapping[str, Any]] = {
    "local": {"rules": LOCAL_MOVES},
    "mixed": {},
    "tempered": {"ladder": Ladder((1.0, 1.25, 1.6), (1.0, 1.0, 1.0))},
}
"""Chains that are compared: the study's moves, the default ones, and those on a ladder of temperatures."""
MORE_SWEEPS = {"local": 10, "mixed": 1, "tempered": 1}
"""Local moves take about ten times the sweeps, to equilibrium and between effective configurations."""
QUANTITIES = ("pair_energy", "sum_of_heights")


class LongRun(NamedTuple):
    """Long chains of one gamma and one quantity."""

    gamma: float
    quantity: str
    chains: LongChains
    sweeps_per_effective_configuration: float
    """Of one chain, by its integrated autocorrelation time; a ladder's sweep moves every rung."""


@takes_concrete_arrays("call it outside, where it compiles its own programs")
@with_own_settings
def follow_long_chains(
    key: PRNGKey,
    system: System,
    gammas: Sequence[float],
    num_chains: int,
    num_sweeps: int,
    samples_per_chain: int,
    thinning: int,
    on_moves: Callable[[int], None] | None = None,
    **options: Any,
) -> list[LongRun]:
    """Autocorrelation of the pair energy and of sum y along chains in equilibrium, by gamma.

    Args:
        num_chains: of each gamma.
        num_sweeps: burn-in.
        thinning: sweeps from one of a chain's samples to the next; much smaller than what is measured.
        options: of ``sample``: rules, ladder, step_size, nonlocal_fraction, kernel.
    """
    gamma = jnp.repeat(jnp.asarray(gammas, jnp.float32), num_chains)
    configurations = sample(
        key,
        system,
        gamma,
        num_sweeps,
        on_moves=on_moves,
        samples_per_chain=samples_per_chain,
        thinning=thinning,
        **options,
    )
    heights = jnp.sum(configurations.positions[..., 1], axis=1)
    energies = configurations.energy - configurations.gamma * heights
    shape = (len(gammas), num_chains, samples_per_chain)
    values = (np.asarray(each, np.float64).reshape(shape) for each in jax.device_get((energies, heights)))
    by_quantity = dict(zip(QUANTITIES, values, strict=True))
    runs = []
    for row, of_gamma in enumerate(gammas):
        for quantity, of_chains in by_quantity.items():
            result = long_chains(of_chains[row])
            sweeps = num_chains * samples_per_chain * thinning / result.effective_sample_size
            runs.append(LongRun(of_gamma, quantity, result, sweeps))
    return runs
