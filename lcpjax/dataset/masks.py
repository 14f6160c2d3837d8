"""Masks of observed distances: blocks and entries hidden as in the study, and lost particles."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool

from lcpjax.array_types import PRNGKey
from lcpjax.errors import InputError

Observed = Bool[Array, "configurations particles particles"]
Pairs = Bool[Array, "*batch particles particles"]

OFF_DIAGONAL, DIAGONAL, ENTRIES, ROWS = "off_diagonal", "diagonal", "entries", "rows"

# Of training masks: the longest side of a window, the largest fraction of entries, the most rows and the fraction of
# their links that are kept.
_LONGEST, _LARGEST_FRACTION, _MOST_ROWS, _LINKS = 0.5, 0.8, 4, 0.1


class MaskFamily(NamedTuple):
    """One way to lose distances.

    - off_diagonal: those between the first ``size`` and the last ``size`` particles.
    - diagonal: those among ``size`` particles in the middle of the order.
    - entries: each with the probability ``size``.
    - rows: all of ``size`` particles, but ``num_links`` of each to particles that are not lost.
    """

    kind: str
    size: float
    num_links: int = 0

    @property
    def name(self) -> str:
        """In words.

        >>> MaskFamily(OFF_DIAGONAL, 12).name, MaskFamily(ENTRIES, 0.3).name, MaskFamily(ROWS, 1, 2).name
        ('off-diagonal 12 x 12', '30 % at random', '1 particle, 2 links')
        """
        number = f"{self.size:g}"
        if self.kind == ENTRIES:
            return f"{100 * self.size:g} % at random"
        if self.kind == ROWS:
            particles = "1 particle" if self.size == 1 else f"{number} particles"
            return f"{particles}, {self.num_links} link{'s' * (self.num_links != 1)}"
        return f"{self.kind.replace('_', '-')} {number} x {number}"


def masks_of(key: PRNGKey, family: MaskFamily, number: int, num_particles: int) -> Observed:
    """Observed distances, (number, particles, particles), the diagonal always; random ones differ between masks.

    Raises:
        InputError: a block, a fraction or a number of rows or links that ``num_particles`` particles do not have.
    """
    size, kind = family.size, family.kind
    if kind == ENTRIES and not 0 < size < 1:
        raise InputError(f"{kind} = {size:g}: must lie between 0 and 1")
    most = {OFF_DIAGONAL: num_particles // 2, DIAGONAL: num_particles, ROWS: num_particles - 1, ENTRIES: 1}[kind]
    if kind != ENTRIES and (not 1 <= size <= most or size != int(size)):
        raise InputError(f"{kind} = {size:g}: must be 1 to {most} particles")
    if kind == ROWS and not 0 <= family.num_links <= num_particles - size:
        raise InputError(f"num_links = {family.num_links}: must be 0 to {num_particles - size:g}")
    return _masks(key, family, number, num_particles)


@functools.partial(jax.jit, static_argnames=("family", "number", "num_particles"))
def _masks(key: PRNGKey, family: MaskFamily, number: int, num_particles: int) -> Observed:
    shape = (number, num_particles, num_particles)
    if family.kind == ENTRIES:
        return _observed(jax.random.uniform(key, shape) < family.size)
    size = int(family.size)
    if family.kind == ROWS:
        return _observed(_rows(key, size, family.num_links, number, num_particles))
    indices = jnp.arange(num_particles)
    if family.kind == OFF_DIAGONAL:
        missing = (indices < size)[:, None] & (indices >= num_particles - size)[None]
    else:
        first = (num_particles - size) // 2
        inside = (indices >= first) & (indices < first + size)
        missing = inside[:, None] & inside[None]
    return jnp.broadcast_to(_observed(missing | missing.T), shape)


def _rows(key: PRNGKey, num_rows: int, num_links: int, number: int, num_particles: int) -> Pairs:
    """Missing: whole rows, but for links to particles that stay."""
    which_key, link_key = jax.random.split(key)
    lost = _ranks(jax.random.uniform(which_key, (number, num_particles))) < num_rows
    # The smallest of random numbers, those of lost particles beyond all others.
    levels = jax.random.uniform(link_key, (number, num_particles, num_particles))
    levels = jnp.where(lost[:, None], 1.0, levels)
    links = _ranks(levels) < num_links
    return _either(lost) & ~_either_way(links & lost[:, :, None])


@functools.partial(jax.jit, static_argnames=("number", "num_particles"))
def mixed_masks(key: PRNGKey, number: int, num_particles: int) -> Observed:
    """Training masks of every kind, (number, particles, particles); a fifth of them hide nothing.

    Two fifths miss a window of rows and columns anywhere, of any size up to half of the
    particles; a fifth entries at random, up to 80 %; a fifth 1 to 4 particles but for a tenth of their distances.
    """
    kind_key, window_key, fraction_key, entry_key, row_key, link_key = jax.random.split(key, 6)
    kind = jax.random.randint(kind_key, (number, 1, 1), 0, 5)
    corners = jax.random.uniform(window_key, (number, 3, 1))
    sides = 1.0 + jnp.floor(_LONGEST * num_particles * corners[:, 0])
    firsts = jnp.floor((num_particles - sides[:, None] + 1.0) * corners[:, 1:])
    indices = jnp.arange(num_particles, dtype=jnp.float32)[None, None]
    inside = (indices >= firsts) & (indices < firsts + sides[:, None])
    window = inside[:, 0, :, None] & inside[:, 1, None, :]
    entries = jax.random.uniform(entry_key, (number, num_particles, num_particles)) < (
        _LARGEST_FRACTION * jax.random.uniform(fraction_key, (number, 1, 1))
    )
    count_key, which_key = jax.random.split(row_key)
    num_rows = jax.random.randint(count_key, (number, 1), 1, _MOST_ROWS + 1)
    lost = _ranks(jax.random.uniform(which_key, (number, num_particles))) < num_rows
    rows = _either(lost) & (jax.random.uniform(link_key, entries.shape) > _LINKS)
    missing = jnp.where(kind < 2, _either_way(window), jnp.where(kind == 2, entries, rows))
    return _observed(missing & (kind < 4))


def _ranks(numbers: Array) -> Array:
    """Rank of each number among those of the last axis, from 0."""
    return jnp.sum(numbers[..., None, :] < numbers[..., :, None], axis=-1)


def _either(lost: Bool[Array, "configurations particles"]) -> Pairs:
    return lost[:, :, None] | lost[:, None, :]


def _either_way(pairs: Pairs) -> Pairs:
    return pairs | jnp.swapaxes(pairs, -2, -1)


def _observed(missing: Pairs) -> Pairs:
    """Symmetric masks from the hidden entries above the diagonal."""
    return ~_either_way(jnp.triu(missing, 1))


def fraction_missing(observed: Observed) -> float:
    """Fraction of all pairs of particles."""
    first, second = np.triu_indices(observed.shape[-1], k=1)
    return float(1.0 - np.asarray(observed)[..., first, second].mean())
