"""A short name for the exact content of an array, computed where the array lies."""

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Floats
from lcpjax.sampler.random_numbers import threefry_2x32


@takes_arrays
def fingerprint(values: Floats) -> str:
    """16 hexadecimal digits that change with any bit of any value or with their order.

    The sum, modulo 2^32, of a hash of each value with its index. Only the two
    words of the result leave the device. It finds accidents, not attacks.

    >>> fingerprint(jnp.array([1.0, 2.0])) == fingerprint(jnp.array([2.0, 1.0]))
    False
    """
    first, second = jax.device_get(_hash_words(values))
    return f"{int(first):08x}{int(second):08x}"


@jax.jit
def _hash_words(values: Floats) -> tuple[jax.Array, jax.Array]:
    bits = jax.lax.bitcast_convert_type(values.astype(jnp.float32), jnp.uint32).reshape(-1)
    index = jnp.arange(bits.shape[0], dtype=jnp.uint32)
    first, second = threefry_2x32((jnp.uint32(0), jnp.uint32(0)), index, bits)
    return jnp.sum(first, dtype=jnp.uint32), jnp.sum(second, dtype=jnp.uint32)
