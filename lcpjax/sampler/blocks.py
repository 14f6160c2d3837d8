"""Blocks of chains that run together."""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Accepted, Configurations2D, PerChain, PerChainIndex
from lcpjax.sampler.chain_state import ThermodynamicState

# A GPU takes about as long for a block that fills it as for one that does not: an H100 holds 7 programs of 128 chains
# of N = 30 on each of its 132 multiprocessors.
BLOCK_SIZE = {"cpu": 512, "gpu": 65536}
"""Chains advanced by one call, by platform; the last block is filled up with chains that are discarded."""


class Block(NamedTuple):
    """Chains that one call advances, before their first sweep."""

    chain: PerChainIndex
    """(chains,), each chain's index in the whole run."""
    thermodynamic: ThermodynamicState
    step_size: PerChain
    """(chains,), in sigma."""
    positions: Configurations2D | None
    """(chains, particles, 2), in sigma; None: each chain's own uniform start."""
    is_kept: Accepted
    """(chains,): False for those that only fill the block."""


def block_size(num_rungs: int = 1) -> int:
    """Chains per block on this platform; a block holds whole ladders, so replicas make it smaller."""
    return max(BLOCK_SIZE.get(jax.default_backend(), BLOCK_SIZE["gpu"]) // num_rungs, 1)


def cut_into_blocks(
    first_chain: int,
    thermodynamic: ThermodynamicState,
    step_size: PerChain,
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
            None if positions is None else full(positions[rows]),
            jax.device_put(first + np.arange(size) < step_size.shape[0]),
        )
