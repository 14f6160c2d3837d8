"""The fluid in equilibrium, sampled apart from the dataset: what generated configurations are held to."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan
from lcpjax.config import Config
from lcpjax.evaluation import Structure, structure_of
from lcpjax.report import RunFolder, progress
from lcpjax.road.entropy import fluid_free_energy
from lcpjax.road.latents.codes import Facts
from lcpjax.sampler import sample
from lcpjax.sampler.thermodynamic_integration import FreeEnergy

# Not the dataset's chains, which models have learnt from.
_SEED = 6


class EquilibriumFluid(NamedTuple):
    """Chains of their own, twice as long as the dataset's."""

    facts: Facts
    free_energy: FreeEnergy
    positions: dict[float, Configurations2D]
    """By gamma: those of the dataset and new ones, as many of each."""
    structures: dict[float, Structure]
    """Of them."""
    step_size: float
    """In sigma, of all chains that start from something generated, and of those they are compared with."""

    @property
    def num_of_each(self) -> int:
        """How many configurations there are of each gamma."""
        return len(next(iter(self.positions.values())))

    @property
    def new_gammas(self) -> list[float]:
        """Those that no model has learnt from."""
        return [gamma for gamma in self.positions if not np.isclose(gamma, self.facts.gammas).any()]


def equilibrium_fluid(config: Config, facts: Facts, run_folder: RunFolder) -> EquilibriumFluid:
    """Equilibrium configurations at the dataset's gammas and at new ones."""
    sizes, plan = config.evaluation.generation, build_sampling_plan(config)
    gammas = [*facts.gammas.tolist(), *sizes.new_gammas]
    number, sweeps = sizes.configurations_per_gamma, 2 * plan.num_sweeps
    moves = len(gammas) * number * sweeps * facts.system.num_particles
    with run_folder.stage("equilibrium"), progress("sampling the fluid to compare with", moves, "moves") as advance:
        key, gamma = jax.random.key(_SEED), jnp.tile(jnp.asarray(gammas, jnp.float32), number)
        positions = sample(key, facts.system, gamma, sweeps, on_moves=advance).positions
    by_gamma = {value: positions[index :: len(gammas)] for index, value in enumerate(gammas)}
    structures = {value: structure_of(each, facts.system.box_side) for value, each in by_gamma.items()}
    return EquilibriumFluid(facts, fluid_free_energy(config, run_folder), by_gamma, structures, sizes.step_size)
