"""Physical features of the particles that came before, for the next one; nothing here is learned.

Every function of the horizontal position is even in the distances, so that the mirror image x -> L - x
of a configuration has the mirror image of its surroundings. No gradient goes back to the positions.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lcpjax.array_types import ManyPositions
from lcpjax.system import System

Heights = Float[Array, "batch rows"]
Places = Float[Array, " places"]
Rows = Int[Array, " rows"]
Before = Bool[Array, "rows particles"]
AcrossToPlaces = Float[Array, "batch particles places"]
AtPlaces = Float[Array, "batch rows places"]
Fields = Float[Array, "batch rows places features"]
PerRow = Float[Array, "batch rows features"]

# Centres and widths of Gaussians of a distance across, of one upwards, and of one to the nearer side wall, in sigma.
ACROSS, ACROSS_WIDTH = (0.0, 0.45, 0.9, 1.35, 1.9, 2.6), 0.3
UP, UP_WIDTH = (0.0, 0.4, 0.8, 1.2, 1.8), 0.28
FROM_WALL, FROM_WALL_WIDTH = (0.0, 0.3, 0.6, 1.0, 1.5, 2.2, 3.0, 4.0), 0.3

# exp(-U / T) never below exp(-12): a place that noise may reach has a density.
HIGHEST_ENERGY = 12.0

# Fewer rows at once would leave out more pairs, but make larger programs.
_ROWS_AT_ONCE = 6


def before(rows: Rows, num_particles: int) -> Before:
    """Mask of the particles that come before those of the given indices."""
    return jnp.arange(num_particles)[None] < rows[:, None]


def log_boltzmann_factors(
    positions: ManyPositions, heights: Heights, places: Places, rows: Rows, system: System
) -> AtPlaces:
    """-U / T of one more particle at each place across at each row's height, softly above -12.

    U is its energy with the particles before it, by the system's pair potential.
    """
    squared_across = (places[None, None] - positions[..., 0, None]) ** 2
    num_parts = max(rows.size // _ROWS_AT_ONCE, 1)
    # Only part of the rows meets the particles before its last row: with rows in order that is half of all pairs.
    parts = zip(jnp.array_split(rows, num_parts), jnp.array_split(heights, num_parts, axis=1), strict=True)
    energies = [_energies(positions, squared_across, there, part, system) for part, there in parts]
    factors = -jnp.concatenate(energies, axis=1) / system.temperature
    return jax.lax.stop_gradient(jnp.logaddexp(jnp.maximum(factors, -4 * HIGHEST_ENERGY), -HIGHEST_ENERGY))


def _energies(
    positions: ManyPositions, squared_across: AcrossToPlaces, heights: Heights, rows: Rows, system: System
) -> AtPlaces:
    positions, squared_across, heights = jax.lax.stop_gradient((positions, squared_across, heights))
    squared_up = (heights[:, None] - positions[..., 1, None]) ** 2
    comes_before = before(rows, positions.shape[1])

    # One particle after the other: all pairs at once would be thirty times the memory, and ten times slower on a CPU.
    def add(particle: Int[Array, ""], energies: AtPlaces) -> AtPlaces:
        squared = squared_across[:, particle][:, None] + squared_up[:, particle][..., None]
        return energies + jnp.where(comes_before[:, particle][None, :, None], system.pair_energy_fn(squared), 0.0)

    nothing = jnp.zeros((*heights.shape, squared_across.shape[-1]))
    return jax.lax.fori_loop(0, jnp.max(rows), add, nothing)


def fields(positions: ManyPositions, heights: Heights, places: Places, before: Before) -> Fields:
    """Density of particles before, by distance across and below, at each place at each row's height.

    Sums over the particles of products of a Gaussian of the distance across and one of that upwards.
    """
    batch, particles = positions.shape[:2]
    across = _gaussians(jnp.abs(places[None, None] - positions[..., 0, None]), ACROSS, ACROSS_WIDTH)
    up = jnp.moveaxis(_upwards(positions, heights, before), -1, 2)
    sums = up.reshape(batch, -1, particles) @ across.reshape(batch, particles, -1)
    sums = sums.reshape(batch, heights.shape[1], len(UP), places.size, len(ACROSS))
    return jax.lax.stop_gradient(jnp.moveaxis(sums, 2, 3).reshape(batch, heights.shape[1], places.size, -1))


def of_particles(positions: ManyPositions, rows: Rows, system: System, *, knows_energies: bool = True) -> PerRow:
    """Fields, energy and wall at given particles, from those before; the height and the gap of each.

    Invariant under x -> L - x.

    Args:
        knows_energies: whether the energy is among them; else 0 in its place.
    """
    x, y = positions[:, rows, 0], positions[:, rows, 1]
    earlier = before(rows, positions.shape[1])
    across = jnp.abs(x[:, :, None] - positions[:, None, :, 0])
    near = jnp.einsum(
        "bijc,bija->bica", _upwards(positions, y, earlier), _gaussians(across, ACROSS, ACROSS_WIDTH)
    ).reshape(*y.shape, -1)
    pairs = system.pair_energy_fn(across**2 + (y[:, :, None] - positions[:, None, :, 1]) ** 2) / system.temperature
    energies = jnp.sum(jnp.where(earlier[None], pairs, 0.0), axis=-1) if knows_energies else jnp.zeros_like(y)
    gap = gap_scale(gaps(positions)[:, rows]) / 2
    own = jnp.stack([y * (5.0 / system.box_side), gap, jnp.tanh(energies / 4)], axis=-1)
    return jax.lax.stop_gradient(jnp.concatenate([near, from_wall(x, system.box_side), own], axis=-1))


def gaps(positions: ManyPositions) -> Heights:
    """Height of each particle above the one before, in sigma; of the first above the floor."""
    return jnp.diff(positions[..., 1], axis=-1, prepend=0.0)


def gap_scale(gap: Float[Array, "*any"]) -> Float[Array, "*any"]:
    """A gap in sigma on a scale that is linear below a hundredth and logarithmic above."""
    return jnp.arcsinh(100.0 * gap)


def from_wall(x: Float[Array, "*any"], box_side: float) -> Float[Array, "*any walls"]:
    """Gaussians of the distance to the nearer side wall."""
    return _gaussians(jnp.minimum(x, box_side - x), FROM_WALL, FROM_WALL_WIDTH)


def _upwards(positions: ManyPositions, heights: Heights, before: Before) -> Float[Array, "batch rows particles ups"]:
    up = _gaussians(heights[..., None] - positions[:, None, :, 1], UP, UP_WIDTH)
    return jnp.where(before[None, ..., None], up, 0.0)


def _gaussians(values: Float[Array, "*any"], centres: tuple[float, ...], width: float) -> Float[Array, "*any centres"]:
    around = np.asarray(centres, np.float32).reshape((1,) * values.ndim + (-1,))
    return jnp.exp(-0.5 * ((values[..., None] - around) / width) ** 2)
