"""Everything that decides the configurations of every chain, in one frozen value."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from lcpjax.array_arguments import convert_numbers
from lcpjax.array_types import PerChain, PerConfiguration
from lcpjax.errors import InputError, did_you_mean
from lcpjax.runtime.jax_settings import key_of_seed, with_own_settings
from lcpjax.runtime.processes import call_in_every_process, num_processes, shared
from lcpjax.sampler import (
    MOVES,
    SAMPLER_VERSION,
    SWEEP_ORDERS,
    BurnIn,
    ChainProgram,
    Configurations,
    Ladder,
    MoveRules,
    chain_mesh,
    sample,
)
from lcpjax.sampler.blocks import BlockSettings, block_settings, configure_blocks
from lcpjax.sampler.equilibration import burn_in_of, observe_burn_in
from lcpjax.sampler.rules import LOCAL_SWEEPS_FACTOR
from lcpjax.sampler.streams import Stream
from lcpjax.sampler.version import LOCAL_MOVES_VERSION
from lcpjax.system import System


@dataclass(frozen=True)
class SamplingPlan:
    """An endless row of chains, of which any stretch can be sampled: chain c has gamma ``gammas[c % len(gammas)]``.

    A chain is bitwise the same however many others are sampled, so a set of
    chains can grow. Their number is therefore not in the plan.

    Args:
        gammas: take turns, so that any stretch of whole turns is balanced.
        num_sweeps: until a chain's first sample.
        step_size: in sigma; None: tuned for each chain.
        order: of the particles in a sweep, a name in ``SWEEP_ORDERS``.
        samples_per_chain: configurations taken from each chain.
        thinning: sweeps from one of them to the next.
        ladder: parallel tempering; None: none.
        kernel: a name in ``KERNELS``; they round differently, so it decides the last bits.
        moves: a name in ``MOVES``.
        nonlocal_fraction: of non-local sweeps; None: tuned for each chain.

    Raises:
        InputError: a value that cannot be.
    """

    system: System
    gammas: tuple[float, ...]
    seed: int
    num_sweeps: int
    step_size: float | None = None
    order: str = "sequential"
    samples_per_chain: int = 1
    thinning: int = 1
    ladder: Ladder | None = None
    kernel: str = "portable"
    moves: str = "mixed"
    nonlocal_fraction: float | None = None

    def __post_init__(self) -> None:
        convert_numbers(self)
        if self.order not in SWEEP_ORDERS:
            raise InputError(f"order = {self.order}: {did_you_mean(self.order, SWEEP_ORDERS)}")
        if self.moves not in MOVES:
            raise InputError(f"moves = {self.moves}: {did_you_mean(self.moves, MOVES)}")
        self.program.check_arguments(
            self.num_sweeps, self.samples_per_chain, self.thinning, self.step_size, self.nonlocal_fraction
        )

    @property
    def program(self) -> ChainProgram:
        """Program of every chain, on the default device."""
        rules = MoveRules(order=SWEEP_ORDERS[self.order], nonlocal_moves=MOVES[self.moves])
        return ChainProgram(self.system, rules, self.ladder, self.kernel)

    @property
    def num_mixed_sweeps(self) -> int:
        """Burn-in that mixed moves would take: the sweeps of a plan of mixed moves, a tenth of local ones."""
        return self.num_sweeps if self.moves == "mixed" else max(self.num_sweeps // LOCAL_SWEEPS_FACTOR, 1)

    @property
    def moves_per_chain(self) -> int:
        """Proposed moves of one chain, all replicas included."""
        num_sweeps = self.num_sweeps + (self.samples_per_chain - 1) * self.thinning
        return num_sweeps * self.system.num_particles * self.program.num_rungs

    @property
    def settings(self) -> dict[str, Any]:
        """All settings that decide the configurations, as plain values."""
        settings = dataclasses.asdict(self) | {"gammas": list(self.gammas), "sampler_version": SAMPLER_VERSION}
        if self.samples_per_chain == 1:
            del settings["thinning"]  # Of one sample a chain it decides nothing.
        if self.moves == "local":
            # Local chains are bitwise those of version 1, so their stored data keep their name.
            del settings["moves"], settings["nonlocal_fraction"]
            settings["sampler_version"] = LOCAL_MOVES_VERSION
        # Through JSON, so that they compare equal to what comes back from a file.
        return json.loads(json.dumps(settings))

    @property
    def key(self) -> str:
        """16 hexadecimal digits that encode ``settings``."""
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()[:16]

    def gamma(self, first_chain: int, num_chains: int) -> PerChain:
        """Gravity of a stretch of chains, (chains,), m g sigma / epsilon."""
        turn = np.arange(first_chain, first_chain + num_chains) % len(self.gammas)
        return jnp.asarray(np.asarray(self.gammas, np.float32)[turn])

    @with_own_settings
    def sample(
        self, first_chain: int, num_chains: int, on_moves: Callable[[int], None] | None = None
    ) -> Configurations:
        """A stretch of chains, (chains * samples_per_chain, ...), each chain's samples together, on the first device.

        Sampled on all devices of all processes there are, each with a stretch of its own.
        """
        stretches = _shared_out(first_chain, num_chains)
        arguments = [(self, *stretch, block_settings()) for stretch in stretches]
        own, *others = call_in_every_process(_sampled, arguments, on_moves=on_moves)
        if on_moves is not None:
            for _, number in stretches[1:]:
                on_moves(number * self.moves_per_chain)
        here = jax.local_devices()[0]
        return own if not others else jax.device_put(jax.tree.map(_joined, own, *others), here)

    @with_own_settings
    def follow_burn_in(
        self,
        num_superchains: int,
        chains_per_superchain: int,
        num_snapshots: int,
        on_moves: Callable[[int], None] | None = None,
    ) -> BurnIn:
        """Other chains of the same plan, observed over twice its sweeps, in all processes."""
        rows = _shared_out(0, len(self.gammas) * num_superchains * chains_per_superchain)
        sizes = num_superchains, chains_per_superchain, num_snapshots
        arguments = [(self, sizes, first, first + number, block_settings()) for first, number in rows]
        own, *others = call_in_every_process(_followed, arguments, on_moves=on_moves)
        if on_moves is not None:
            for _, number in rows[1:]:
                on_moves(2 * self.num_sweeps * number * self.system.num_particles * self.program.num_rungs)
        observed = tuple(np.concatenate(pieces, axis=1) for pieces in zip(own, *others, strict=True))
        return burn_in_of(observed, self.gammas, self.num_sweeps, num_superchains, num_snapshots)

    def compile(self, num_chains: int) -> None:
        """Compile what ``sample`` runs for so many chains, with one sweep a sample: their number is traced."""
        dataclasses.replace(self, num_sweeps=1, thinning=1).sample(0, num_chains)


@shared
@with_own_settings
def _sampled(
    plan: SamplingPlan,
    first_chain: int,
    num_chains: int,
    settings: BlockSettings,
    on_moves: Callable[[int], None] | None = None,
) -> Configurations:
    """A stretch of a plan's chains, sampled on this process's devices, on the first of them."""
    configure_blocks(settings)
    mesh = _mesh()
    sampled = sample(
        key_of_seed(plan.seed),
        plan.system,
        plan.gamma(first_chain, num_chains),
        num_sweeps=plan.num_sweeps,
        step_size=plan.step_size,
        first_chain=first_chain,
        on_moves=on_moves,
        samples_per_chain=plan.samples_per_chain,
        thinning=plan.thinning,
        nonlocal_fraction=plan.nonlocal_fraction,
        rules=plan.program.rules,
        ladder=plan.ladder,
        kernel=plan.kernel,
        mesh=mesh,
    )
    return sampled if mesh is None else jax.device_put(sampled, jax.local_devices()[0])


@shared
@with_own_settings
def _followed(
    plan: SamplingPlan,
    sizes: tuple[int, int, int],
    first: int,
    stop: int,
    settings: BlockSettings,
    on_moves: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, ...]:
    """What ``observe_burn_in`` gives of rows ``first`` to ``stop``, on the host."""
    configure_blocks(settings)
    return observe_burn_in(
        jax.random.fold_in(key_of_seed(plan.seed), Stream.EQUILIBRIUM_CHECK),
        dataclasses.replace(plan.program, mesh=_mesh()),
        plan.gammas,
        plan.num_sweeps,
        *sizes,
        plan.step_size,
        plan.nonlocal_fraction,
        on_moves,
        (first, stop),
    )


def _shared_out(first: int, number: int) -> list[tuple[int, int]]:
    """First chain and number of chains of each process that has any, as even as can be."""
    size = -(-number // num_processes())
    starts = range(first, first + number, max(size, 1))
    return [(start, min(size, first + number - start)) for start in starts] or [(first, 0)]


def _joined(*leaves: PerConfiguration) -> np.ndarray:
    return np.concatenate([np.asarray(leaf) for leaf in leaves])


def _mesh() -> Mesh | None:
    """This process's devices, where there are several."""
    return chain_mesh(jax.local_devices()) if jax.local_device_count() > 1 else None
