"""The programs that carry a block through its sweeps, by name, on one device or on a mesh of them."""

import functools
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from lcpjax.array_types import PerChain, PerChainIndex, Word
from lcpjax.errors import InputError
from lcpjax.sampler.advance import advance_chains
from lcpjax.sampler.metropolis import ChainState, ThermodynamicState
from lcpjax.sampler.rules import MoveRules
from lcpjax.sampler.tempering import Ladder
from lcpjax.system import System

KERNELS = ("portable", "fused")
"""portable: any device. fused: one launch of a Pallas kernel, NVIDIA GPUs from Hopper on, no ladders."""

_CHAINS = "chains"
_FIRST_CAPABILITY = 9


def chain_mesh(devices: list[jax.Device] | None = None) -> Mesh:
    """All devices, or those given, in one row that chains are dealt out to."""
    return Mesh(np.asarray(devices or jax.devices()), (_CHAINS,))


def put_on_mesh(mesh: Mesh, per_chain: Any) -> Any:
    """Arrays with chains first, dealt out over the mesh; every process must hold the same ones."""
    return jax.device_put(jax.tree.map(np.asarray, per_chain), NamedSharding(mesh, PartitionSpec(_CHAINS)))


def replicate(mesh: Mesh | None, scalars: Any) -> Any:
    """Numbers on every device of the mesh, or on the default device."""
    if mesh is None:
        return jax.device_put(scalars)
    return jax.device_put(jax.tree.map(np.asarray, scalars), NamedSharding(mesh, PartitionSpec()))


def check_kernel(kernel: str, ladder: Ladder | None, system: System) -> None:
    """Refuse a kernel that cannot do what is asked on this machine.

    Raises:
        InputError: a name there is none of, or a fused kernel with a ladder, too many particles or the wrong device.
    """
    if kernel not in KERNELS:
        raise InputError(f"kernel = {kernel}: allowed: {', '.join(KERNELS)}")
    if kernel == "fused" and ladder is not None:
        raise InputError("kernel = fused: makes no tempering ladders; use kernel = portable")
    if kernel != "fused":
        return
    device = jax.devices()[0]
    # NVIDIA's number, "9.0" for Hopper; AMD's devices have names there, and a CPU none.
    capability = str(getattr(device, "compute_capability", "")).partition(".")[0]
    if not capability.isdecimal() or int(capability) < _FIRST_CAPABILITY:
        raise InputError(f"kernel = fused: needs an NVIDIA GPU, Hopper or later; this is {device.device_kind}")
    # Imported here, because Pallas' GPU backend takes a second to load.
    from lcpjax.sampler.fused_kernel import most_particles_fused

    if system.num_particles > (most := most_particles_fused()):
        raise InputError(f"kernel = fused: takes at most {most} particles, not {system.num_particles}")


def advance_block(
    kernel: str,
    mesh: Mesh | None,
    system: System,
    rules: MoveRules,
    ladder: Ladder | None,
    key: tuple[Word, Word],
    state: ChainState,
    thermodynamic: ThermodynamicState,
    chain: PerChainIndex,
    first_sweep: Word,
    num_sweeps: Word,
    tune: jax.Array,
) -> tuple[ChainState, PerChain]:
    """What ``advance_chains`` returns, by the kernel of that name, each device of the mesh with its own chains."""
    about = (system, rules, ladder)
    advance = _kernel(kernel, *about) if mesh is None else _on_mesh(kernel, mesh, *about)
    return advance(key, state, thermodynamic, chain, first_sweep, num_sweeps, tune)


def _kernel(kernel: str, system: System, rules: MoveRules, ladder: Ladder | None) -> Any:
    if kernel == "portable":
        return functools.partial(advance_chains, system, rules, ladder)
    # Imported here, because Pallas' GPU backend takes a second to load.
    from lcpjax.sampler.fused_kernel import advance_chains_fused

    return functools.partial(advance_chains_fused, system, rules)


@functools.cache
def _on_mesh(kernel: str, mesh: Mesh, system: System, rules: MoveRules, ladder: Ladder | None) -> Any:
    """One compiled program for all devices; chains never meet, so nothing is sent between them."""
    chains, rows, everywhere = PartitionSpec(_CHAINS), PartitionSpec(None, _CHAINS), PartitionSpec()
    state: Any = (rows, rows, chains, chains)
    numbers = ((everywhere, everywhere), ChainState(*state), chains, chains, everywhere, everywhere, everywhere)
    sharded = jax.shard_map(
        _kernel(kernel, system, rules, ladder),
        mesh=mesh,
        in_specs=numbers,
        out_specs=(ChainState(*state), chains),
        # The types of loops would need to say what varies over the mesh; results are compared in the tests instead.
        check_vma=False,
    )
    return jax.jit(sharded, donate_argnums=1)
