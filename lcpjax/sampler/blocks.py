"""Blocks of chains that run together."""

import math
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Accepted, Configurations2D, PerChain, PerChainIndex
from lcpjax.errors import InputError
from lcpjax.runtime.device import num_host_threads
from lcpjax.sampler.chain_state import ThermodynamicState

# Of a CPU never a multiple of 1,024: rows of positions that lie a multiple of 4 kB apart drive each other out of the
# first cache. Moves a second of processor time (Zen 4, N = 30), in units of those with 544 chains: 1.3, 1.6, 1.8, 1.9;
# with 2,048 or 8,192 chains 1.3 and 1.5, with 16,416 1.1.
# An H100 holds 7 programs of 128 chains of N = 30 on each of its 132 multiprocessors.
BLOCK_SIZES = {"cpu": (544, 1056, 2080, 4128, 8224), "gpu": tuple(2**power for power in range(9, 17))}
"""Numbers of chains advanced by one call, by platform; few, so that few programs are compiled."""
_MULTIPLES = {"cpu": 32, "gpu": 128}
"""Chains of a block are a multiple of it: whole vectors, or whole programs of the fused kernel."""
_CALL_IN_CHAINS = {"cpu": 600, "gpu": 2**14}
"""A call takes as much longer as so many more chains would (measured on a CPU: 8 microseconds a move)."""
_ARRAYS_PER_COORDINATE = 5
"""Of a block at its peak: x, y, their successors, and the random words of a sweep."""


class BlockSettings(NamedTuple):
    """How chains are cut into blocks; affects run time, never a result."""

    block_size: int | None = None
    """Most chains of a block; None: this platform's."""
    host_threads: int | None = None
    """Blocks that a CPU advances at once; None: one a core."""


_settings = BlockSettings()


def configure_blocks(settings: BlockSettings) -> None:
    """Use these settings in the whole process."""
    global _settings
    _settings = settings


def block_settings() -> BlockSettings:
    """Settings in use."""
    return _settings


def num_block_threads() -> int:
    """Blocks that are advanced at once."""
    return _settings.host_threads or num_host_threads()


class Block(NamedTuple):
    """Chains that one call advances, before their first sweep."""

    chain: PerChainIndex
    """(chains,), each chain's index in the whole run."""
    thermodynamic: ThermodynamicState
    step_size: PerChain
    """(chains,), in sigma."""
    nonlocal_fraction: PerChain
    """(chains,): probability that a sweep is a non-local one."""
    positions: Configurations2D | None
    """(chains, particles, 2), in sigma; None: each chain's own uniform start."""
    is_kept: Accepted
    """(chains,): False for those that only fill the block."""


def largest_block_size() -> int:
    """Most chains, or replicas of them, that one call advances."""
    return _settings.block_size or _of_platform(BLOCK_SIZES)[-1]


def block_size(num_chains: int, num_rungs: int = 1) -> int:
    """Chains per block that get so many done first; the last block is filled up with chains that are discarded.

    A block holds whole ladders, so replicas make it smaller.
    """
    num_replicas = num_chains * num_rungs
    largest, call = largest_block_size(), _of_platform(_CALL_IN_CHAINS)

    def cost(size: int) -> int:
        return _num_rounds(num_replicas, size) * (size + call)

    sizes = [*(size for size in _of_platform(BLOCK_SIZES) if size < largest), largest]
    # Few programs for few chains; for many, one of their own is worth its compilation.
    if largest / 2 < (even := _even_size(num_replicas, largest)) < largest:
        sizes.append(even)
    size = min(sizes, key=cost)
    # Whole vectors of replicas.
    return size if num_rungs == 1 else max(size // num_rungs // 16 * 16, 1)


def _num_rounds(num_replicas: int, size: int) -> int:
    """How often every thread advances a block."""
    return math.ceil(math.ceil(num_replicas / size) / num_block_threads())


def _even_size(num_replicas: int, largest: int) -> int:
    """The smallest block that needs no more rounds than the largest one does: nearly nothing is filled up."""
    multiple = _of_platform(_MULTIPLES)
    num_blocks = _num_rounds(num_replicas, largest) * num_block_threads()
    size = math.ceil(num_replicas / num_blocks / multiple) * multiple
    # See BLOCK_SIZES.
    return size + multiple if jax.default_backend() == "cpu" and size % 512 == 0 else size


def _of_platform(by_platform: Mapping[str, Any]) -> Any:
    return by_platform.get(jax.default_backend(), by_platform["gpu"])


def check_memory(size: int, num_particles: int, num_blocks: int) -> None:
    """Refuse blocks that the host's memory cannot hold; a GPU says so itself.

    Raises:
        InputError: naming the block's size, and what there is.
    """
    num_blocks = min(num_blocks, num_block_threads())
    if jax.default_backend() != "cpu" or not hasattr(os, "sysconf"):
        return
    needed = size * num_particles * 2 * _ARRAYS_PER_COORDINATE * 4 * num_blocks
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise InputError(
            f"block_size = {size}: {num_blocks} blocks of {num_particles} particles take "
            f"{needed / 2**30:.0f} GiB, there are {memory / 2**30:.0f}; take a smaller block_size"
        )


def cut_into_blocks(
    first_chain: int,
    thermodynamic: ThermodynamicState,
    step_size: PerChain,
    nonlocal_fraction: PerChain,
    positions: Configurations2D | None,
    size: int,
) -> Iterator[Block]:
    """Full blocks; the last is filled up with copies of its first chain."""

    def full(rows: jax.Array) -> jax.Array:
        filler = jnp.broadcast_to(rows[:1], (size - rows.shape[0], *rows.shape[1:]))
        return jnp.concatenate([rows, filler])

    for first in range(0, step_size.shape[0], size):
        rows = slice(first, first + size)
        # Beyond the last index numbers start again at 0: fillers may do that, nobody keeps them.
        chain = ((first_chain + first + np.arange(size, dtype=np.int64)) % 2**32).astype(np.uint32)
        yield Block(
            jax.device_put(chain),
            ThermodynamicState(full(thermodynamic.gamma[rows]), full(thermodynamic.temperature[rows])),
            full(step_size[rows]),
            full(nonlocal_fraction[rows]),
            None if positions is None else full(positions[rows]),
            jax.device_put(first + np.arange(size) < step_size.shape[0]),
        )
