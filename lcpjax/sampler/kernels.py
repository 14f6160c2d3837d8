"""Compiled programs that advance a block through its sweeps, by name, on one device or on a mesh."""

import functools
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from lcpjax.errors import InputError
from lcpjax.sampler.advance import advance_chains
from lcpjax.sampler.blocks import largest_block_size
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, Tuning

_CHAINS = "chains"
_FIRST_CAPABILITY = 9


def chain_mesh(devices: list[jax.Device] | None = None) -> Mesh:
    """All devices, or those given, in one row that chains are distributed over."""
    return Mesh(np.asarray(devices or jax.devices()), (_CHAINS,))


def put_on_mesh(mesh: Mesh, per_chain: Any) -> Any:
    """Arrays with chains first, distributed over the mesh; every process must hold the same ones."""
    return jax.device_put(jax.tree.map(np.asarray, per_chain), NamedSharding(mesh, PartitionSpec(_CHAINS)))


def replicate(mesh: Mesh | None, scalars: Any) -> Any:
    """Numbers on every device of the mesh, or on the default device."""
    if mesh is None:
        return jax.device_put(scalars)
    return jax.device_put(jax.tree.map(np.asarray, scalars), NamedSharding(mesh, PartitionSpec()))


def check_kernel(program: ChainProgram) -> None:
    """Refuse a kernel that this machine does not run.

    Raises:
        InputError: the fused kernel with too many particles, in blocks of another size or on the wrong device.
    """
    if program.kernel != "fused":
        return
    device = jax.devices()[0]
    # NVIDIA's number, "9.0" for Hopper; AMD's devices have names there, and a CPU none.
    capability = str(getattr(device, "compute_capability", "")).partition(".")[0]
    if not capability.isdecimal() or int(capability) < _FIRST_CAPABILITY:
        raise InputError(f"kernel = fused: needs an NVIDIA GPU, Hopper or later; this is {device.device_kind}")
    # Imported here, because Pallas' GPU backend takes a second to load.
    from lcpjax.sampler.fused_kernel import TILE, most_particles_fused

    if program.system.num_particles > (most := most_particles_fused()):
        raise InputError(f"kernel = fused: takes at most {most} particles, not {program.system.num_particles}")
    if largest_block_size() % TILE:
        raise InputError(f"block_size = {largest_block_size()}: kernel = fused takes multiples of {TILE}")


def compiled(program: ChainProgram) -> Any:
    """``advance_chains`` of a program by its kernel, each device of its mesh with its own chains."""
    return _on_one_device(program) if program.mesh is None else _on_mesh(program)


def _on_one_device(program: ChainProgram) -> Any:
    if program.kernel == "portable":
        return functools.partial(advance_chains, program)
    # Imported here, because Pallas' GPU backend takes a second to load.
    from lcpjax.sampler.fused_kernel import advance_chains_fused

    return functools.partial(advance_chains_fused, program)


@functools.cache
def _on_mesh(program: ChainProgram) -> Any:
    """One compiled program for all devices; chains never meet, so nothing is sent between them."""
    chains, rows, everywhere = PartitionSpec(_CHAINS), PartitionSpec(None, _CHAINS), PartitionSpec()
    state: Any = (rows, rows, chains, chains, chains)
    numbers = (
        (everywhere, everywhere),
        ChainState(*state),
        chains,
        chains,
        everywhere,
        everywhere,
        Tuning(everywhere, everywhere),
    )
    sharded = jax.shard_map(
        _on_one_device(program),
        mesh=program.mesh,
        in_specs=numbers,
        out_specs=(ChainState(*state), chains),
        # The types of loops would need to say what varies over the mesh; results are compared in the tests instead.
        check_vma=False,
    )
    return jax.jit(sharded, donate_argnums=1)
