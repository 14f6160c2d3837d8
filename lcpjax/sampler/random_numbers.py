"""Random numbers that depend on (seed, chain, move) only.

Every number is a counter-based hash of the chain's index and the move's index
under the run's key. So a chain draws the same numbers whatever runs with it,
on any device, in any block. One hash of 64 bits serves one whole move.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Floats, PRNGKey, Word, WordPairs, Words

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_THRESHOLD_BITS = 23

LARGEST_THRESHOLD = math.log(2.0 ** (_THRESHOLD_BITS + 1))
"""No move that costs more than T times this is ever accepted: 16.6."""


class MoveNumbers(NamedTuple):
    """Random numbers of one move of one chain."""

    direction_x: Floats
    """Displacement in step sizes, uniform in (-1, 1) and exactly symmetric about 0."""
    direction_y: Floats
    """The same, upwards."""
    threshold: Floats
    """Exponential with mean 1; a move that costs less than T times this is accepted."""


def key_words(key: PRNGKey, purpose: int) -> tuple[Word, Word]:
    """Two words that encode the key and one purpose, so that no two purposes share a stream."""
    words = jax.random.bits(jax.random.fold_in(key, purpose), (2,), jnp.uint32)
    return words[0], words[1]


# Products and quotients, because Pallas' Mosaic GPU backend knows no shifts before jax 0.11. Every
# compiler makes shifts of them.
def shifted_up(words: Words, num_bits: int) -> Words:
    """The words with their bits shifted left: what leaves at the top is lost."""
    return words * jnp.uint32(1 << num_bits)


def shifted_down(words: Words, num_bits: int) -> Words:
    """The words with their bits shifted right: what leaves at the bottom is lost."""
    return words // jnp.uint32(1 << num_bits)


def threefry_2x32(key: tuple[Word, Word], first: Words, second: Words) -> tuple[Words, Words]:
    """Two random words for each counter (first, second): Threefry-2x32 with 20 rounds.

    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
    SC'11. Written out rather than taken from JAX because JAX's own lowering on a
    CPU is a loop that never fuses with what uses the bits.
    """
    schedule = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(_PARITY))
    first, second = first + schedule[0], second + schedule[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            first = first + second
            second = first ^ (shifted_up(second, rotation) | shifted_down(second, 32 - rotation))
        first = first + schedule[(group + 1) % 3]
        second = second + schedule[(group + 2) % 3] + jnp.uint32(group + 1)
    return first, second


def paired(words: tuple[Words, Words]) -> WordPairs:
    """Both words of every hash in one array, their bits as the two halves of a complex number.

    XLA compiles one loop on a CPU for each array that a program keeps, so two arrays of words would each be
    hashed anew (measured: 5 to 10 % of the sampler's time).
    """
    return jax.lax.complex(*(jax.lax.bitcast_convert_type(word, jnp.float32) for word in words))


def unpaired(pairs: WordPairs) -> tuple[Words, Words]:
    """The two words of each hash."""
    halves = jax.lax.real(pairs), jax.lax.imag(pairs)
    first, second = (jax.lax.bitcast_convert_type(half, jnp.uint32) for half in halves)
    return first, second


def derived_key(key: tuple[Word, Word], number: int) -> tuple[Word, Word]:
    """A key for random decisions that are not moves (see ``Decision``).

    Counter (2^32 - 1, 2^32 - 1) belongs to no move of any chain (see ``ChainProgram.most_sweeps``).
    """
    last = jnp.uint32(0xFFFFFFFF)
    return threefry_2x32(threefry_2x32(key, last, last), jnp.uint32(number), jnp.uint32(0))


def unit_interval(words: Words, num_bits: int) -> Floats:
    """Uniform in the open interval (0, 1), symmetric about 1/2, from the top bits of each word.

    At most 23 bits: with more, the halves that keep it open and symmetric round away in float32.
    """
    top = shifted_down(words, 32 - num_bits)
    return (top.astype(jnp.float32) + 0.5) * jnp.float32(2.0**-num_bits)


def move_numbers(words: tuple[Words, Words]) -> MoveNumbers:
    """Direction and acceptance threshold of one move, from one hash: 20 + 20 + 23 bits.

    20 bits leave steps on a grid of 2e-6 step sizes, about the spacing of
    float32 coordinates in a box of side 10.
    """
    direction_x, direction_y = (2.0 * unit_interval(word, 20) - 1.0 for word in words)
    rest = shifted_up(words[0], 20) | shifted_up(words[1] & jnp.uint32(0xFFF), 8)
    return MoveNumbers(direction_x, direction_y, -jnp.log(unit_interval(rest, _THRESHOLD_BITS)))
