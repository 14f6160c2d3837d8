"""The fluid in equilibrium, sampled apart from the dataset: the reference of generated configurations."""

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan
from lcpjax.evaluation.samples.generated import Structure, structure_of
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.latent_codes import GroundTruth
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.diagnostics import largest_t
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.sampler.verification import Subject
from lcpjax.sampler.verification.gamma_slope import check_gamma_slopes
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.wall_sum_rule import check_wall_sum_rule
from lcpjax.system import System

from .settings import Settings


class EquilibriumFluid(NamedTuple):
    """Chains of their own, twice as long as the dataset's."""

    ground_truth: GroundTruth
    free_energy: FreeEnergy
    positions: dict[float, Configurations2D]
    """By gamma: those of the dataset and new ones, as many of each."""
    others: dict[float, Configurations2D]
    """As many other chains, by gamma: the noise floor."""
    structures: dict[float, Structure]
    """Of the former."""
    step_size: float
    """In sigma, of all chains from generated starts, and of those they are compared with."""
    nonlocal_fraction: float
    """Of the sweeps of these chains, where their moves are mixed."""

    @property
    def system(self) -> System:
        """Particles, box, temperature and pair potential."""
        return self.ground_truth.system

    @property
    def gammas(self) -> list[float]:
        """Those of the dataset, increasing."""
        return self.ground_truth.gammas.tolist()

    @property
    def num_of_each(self) -> int:
        """Number of configurations of each gamma."""
        return len(next(iter(self.positions.values())))

    @property
    def new_gammas(self) -> list[float]:
        """Gammas outside the training data."""
        return [gamma for gamma in self.positions if not np.isclose(gamma, self.ground_truth.gammas).any()]


def equilibrium_fluid(run: Run, ground_truth: GroundTruth) -> EquilibriumFluid:
    """Equilibrium configurations at the dataset's gammas and at new ones."""
    sizes: Settings = run.config.settings
    plan = build_sampling_plan(run.config)
    gammas = [*ground_truth.gammas.tolist(), *sizes.new_gammas]
    number, sweeps = run.config.evaluation.configurations_per_gamma, 2 * plan.num_sweeps
    moves = 2 * len(gammas) * number * sweeps * ground_truth.system.num_particles
    with run.folder.stage("equilibrium"), progress("sampling the fluid to compare with", moves, "moves") as advance:
        key = jax.random.fold_in(key_of_seed(Seed.REFERENCE_FLUID), Stream.COMPARING)
        gamma = jnp.tile(jnp.asarray(gammas, jnp.float32), 2 * number)
        sampled = sample(key, ground_truth.system, gamma, sweeps, on_moves=advance).positions
    all_of = {value: sampled[index :: len(gammas)] for index, value in enumerate(gammas)}
    _warn_unless_in_equilibrium(ground_truth, all_of, sweeps, run.folder)
    by_gamma, others = ({value: each[part::2] for value, each in all_of.items()} for part in (0, 1))
    structures = {value: structure_of(each, ground_truth.system.box_side) for value, each in by_gamma.items()}
    free_energy = fluid_free_energy(run)
    frozen = sizes.step_size, sizes.nonlocal_fraction
    return EquilibriumFluid(ground_truth, free_energy, by_gamma, others, structures, *frozen)


def _warn_unless_in_equilibrium(
    ground_truth: GroundTruth, positions: Mapping[float, Configurations2D], sweeps: int, run_folder: RunFolder
) -> None:
    """The wall sum rule at every gamma, and the slopes between them: new gammas were not checked with the dataset."""
    values = {gamma: np.asarray(each, np.float64) for gamma, each in positions.items()}
    chains = SampledChains(Subject("compared with", ground_truth.system, "sequential"), values)
    checks = check_wall_sum_rule(chains) + check_gamma_slopes(chains)
    # With few chains a standard error is not known well.
    broken = [check for check in checks if not abs(check.z) < largest_t(check.effective_sample_size)]
    if broken:
        fails = "; ".join(f"{check.name} at gamma {check.gamma}: {check.z:+.1f} standard errors" for check in broken)
        run_folder.warn(f"generated is compared with a fluid that is NOT IN EQUILIBRIUM after {sweeps} sweeps: {fails}")
