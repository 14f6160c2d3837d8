"""Everything that is known of a run's chains when their programs are compiled, in one frozen value."""

import math
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from lcpjax.array_types import PerChain
from lcpjax.errors import InputError
from lcpjax.sampler.rules import MoveRules
from lcpjax.sampler.tempering import Ladder
from lcpjax.sampler.tuning import largest_step_size
from lcpjax.system import System

# Close enough to each other that no potential of a fluid is finite only between two of them.
_NUM_DISTANCES = 1024

KERNELS = ("portable", "fused")
"""portable: any device. fused: one launch of a Pallas kernel, NVIDIA GPUs from Hopper on, no ladders."""


@dataclass(frozen=True)
class ChainProgram:
    """Fluid, move rules, ladder, kernel and mesh; not where chains start or how long they run.

    Args:
        rules: the order of a sweep and what a move is.
        ladder: parallel tempering: neighbouring columns of a block are rungs of ladders; None: all stand alone.
        kernel: a name in ``KERNELS``.
        mesh: devices that chains are dealt out to, whole blocks to each; None: the default device.

    Raises:
        InputError: a kernel there is none of, or the fused one with a ladder.
    """

    system: System
    rules: MoveRules = MoveRules()  # noqa: RUF009 frozen
    ladder: Ladder | None = None
    kernel: str = "portable"
    mesh: Mesh | None = None

    def __post_init__(self) -> None:
        if self.kernel not in KERNELS:
            raise InputError(f"kernel = {self.kernel}: allowed: {', '.join(KERNELS)}")
        if self.kernel == "fused" and self.ladder is not None:
            raise InputError("kernel = fused: makes no tempering ladders; choose kernel = portable")

    @property
    def num_rungs(self) -> int:
        """Replicas that stand for one chain."""
        return 1 if self.ladder is None else self.ladder.num_rungs

    @property
    def most_chains(self) -> int:
        """Largest number of chains: a replica's index is one 32-bit word of its random counter."""
        return 2**32 // self.num_rungs

    @property
    def most_sweeps(self) -> int:
        """Largest number of sweeps: a move's index is one 32-bit word of its random counter."""
        return (2**32 - 1) // self.system.num_particles

    def check_arguments(
        self,
        num_sweeps: int,
        samples_per_chain: int,
        thinning: int,
        step_size: float | PerChain | None,
        nonlocal_fraction: float | PerChain | None,
    ) -> None:
        """Refuse lengths, step sizes and fractions that no chain can have, before anything is compiled.

        Raises:
            InputError: a number below 1, more sweeps than there can be, a step size or a fraction out of range.
        """
        most = self.most_sweeps - (samples_per_chain - 1) * thinning
        numbers = {"samples_per_chain": samples_per_chain, "thinning": thinning, "num_sweeps": num_sweeps}
        for name, number in numbers.items():
            if number < 1:
                raise InputError(f"{name} = {number}: must be at least 1")
        if num_sweeps > most:
            raise InputError(f"num_sweeps = {num_sweeps}: must be at most {most}")
        if step_size is not None:
            steps, largest = np.asarray(step_size), largest_step_size(self.system)
            if (refused := steps[~((steps > 0) & (steps <= largest))]).size:
                allowed = f"at most {largest}" if refused[0] > 0 else "above 0"
                raise InputError(f"step_size = {refused[0].item()}: must be {allowed}")
        if nonlocal_fraction is not None:
            fractions = np.asarray(nonlocal_fraction)
            if (refused := fractions[~((fractions >= 0) & (fractions <= 1))]).size:
                raise InputError(f"nonlocal_fraction = {refused[0].item()}: must be from 0 to 1")
            if self.rules.nonlocal_moves is None and fractions.any():
                raise InputError(f"nonlocal_fraction = {fractions.max()}: moves = local has no non-local sweeps")

    def check_potential(self) -> None:
        """Refuse non-local moves of particles that have no place to go.

        Raises:
            InputError: a pair energy that is finite at no distance in the box.
        """
        if self.rules.nonlocal_moves is None or self.system.num_particles == 1:
            return
        distances = np.linspace(0.0, math.sqrt(2.0) * self.system.box_side, _NUM_DISTANCES + 1, dtype=np.float32)[1:]
        if not np.isfinite(np.asarray(self.system.pair_energy_fn(jnp.asarray(distances**2)))).any():
            raise InputError(
                f"pair_potential = {self.system.pair_potential}: finite at no distance in the box, and moves = mixed "
                "goes anywhere in it; choose moves = local or a potential that is finite somewhere"
            )
