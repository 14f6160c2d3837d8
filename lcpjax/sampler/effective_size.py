"""What an effective configuration costs: autocorrelations of the two slowest quantities along long chains."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_arguments import takes_concrete_arrays
from lcpjax.array_types import PRNGKey
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES, LongChains, long_chains
from lcpjax.sampler.rules import LOCAL_MOVES, LOCAL_SWEEPS_FACTOR, MoveRules
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.tempering import Ladder
from lcpjax.system import System


class SamplingMethod(NamedTuple):
    """Moves, and a ladder if there is one, whose long chains are compared with others'."""

    rules: MoveRules
    ladder: Ladder | None = None
    sweeps_factor: int = 1
    """So many times the sweeps of the default moves, to equilibrium and between effective configurations."""

    @property
    def num_rungs(self) -> int:
        """Replicas that a sweep moves."""
        return 1 if self.ladder is None else self.ladder.num_rungs


METHODS: Mapping[str, SamplingMethod] = {
    "local": SamplingMethod(LOCAL_MOVES, sweeps_factor=LOCAL_SWEEPS_FACTOR),
    "mixed": SamplingMethod(MoveRules()),
    "tempered": SamplingMethod(MoveRules(), Ladder((1.0, 1.25, 1.6), (1.0, 1.0, 1.0))),
}
"""The study's moves, the default ones, and those on a ladder of temperatures."""
QUANTITIES = ("pair_energy", "sum_of_heights")
_BURN_INS = 6
"""A long chain goes on for so many times its burn-in."""


class LongRunSizes(NamedTuple):
    """Length of long chains, and their samples."""

    num_sweeps: int
    """Burn-in."""
    samples_per_chain: int
    thinning: int
    """Sweeps from one of a chain's samples to the next; much smaller than what is measured."""


def long_run_sizes(method: SamplingMethod, num_sweeps: int, most_samples: int) -> LongRunSizes:
    """Six times the burn-in of the method after it, cut into samples.

    Args:
        num_sweeps: burn-in of the default moves.
        most_samples: of a chain; fewer where so many sweeps are not made.

    >>> long_run_sizes(METHODS["local"], num_sweeps=300, most_samples=600)
    LongRunSizes(num_sweeps=3000, samples_per_chain=600, thinning=30)
    """
    burn_in = method.sweeps_factor * num_sweeps
    samples = max(min(most_samples, _BURN_INS * burn_in), FEWEST_SAMPLES)
    return LongRunSizes(burn_in, samples, max(_BURN_INS * burn_in // samples, 1))


class LongRun(NamedTuple):
    """Long chains of one gamma and one quantity."""

    gamma: float
    quantity: str
    chains: LongChains
    sweeps_per_effective_configuration: float
    """Of one chain, by its integrated autocorrelation time; a ladder's sweep moves every rung. nan: nothing varies."""


@takes_concrete_arrays("call it outside, where it compiles its own programs")
@with_own_settings
def follow_long_chains(
    key: PRNGKey,
    system: System,
    gammas: Sequence[float],
    num_chains: int,
    sizes: LongRunSizes,
    on_moves: Callable[[int], None] | None = None,
    **options: Any,
) -> list[LongRun]:
    """Autocorrelation of the pair energy and of sum y along chains in equilibrium, by gamma.

    Args:
        num_chains: of each gamma.
        options: of ``sample``: rules, ladder, step_size, nonlocal_fraction, kernel.
    """
    gamma = jnp.repeat(jnp.asarray(gammas, jnp.float32), num_chains)
    configurations = sample(key, system, gamma, on_moves=on_moves, **sizes._asdict(), **options)
    heights = jnp.sum(configurations.positions[..., 1], axis=1)
    energies = configurations.energy - configurations.gamma * heights
    shape = (len(gammas), num_chains, sizes.samples_per_chain)
    values = (np.asarray(each, np.float64).reshape(shape) for each in jax.device_get((energies, heights)))
    by_quantity = dict(zip(QUANTITIES, values, strict=True))
    runs = []
    for row, of_gamma in enumerate(gammas):
        for quantity, of_chains in by_quantity.items():
            result = long_chains(of_chains[row])
            # One particle has no pair energy, which makes no configuration effective.
            size = result.effective_sample_size or math.nan
            sweeps = result.num_samples * sizes.thinning / size
            runs.append(LongRun(of_gamma, quantity, result, sweeps))
    return runs
