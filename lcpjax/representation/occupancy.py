"""Images of configurations: the number of particles in each cell of a grid, and their positions in it.

An image forgets which particle is which. Where no cell holds two, its cells and offsets are the whole set of
positions; two in one cell are a count of 2 at the mean of both places.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from lcpjax.array_arguments import convert_numbers, takes_arrays
from lcpjax.array_types import Configurations2D, ManyPositions, Samples
from lcpjax.errors import InputError

Counts = Float[Array, "*batch rows columns"]
WithOffsets = Float[Array, "*batch rows columns 3"]

# In sides of a cell: rounded, a place at the side of one must not lie in the next.
_LARGEST_OFFSET = 0.5 - 1e-4


@dataclass(frozen=True)
class OccupancyGrid:
    """Square cells over the box; the first row is the lowest.

    Args:
        cells: along a side.
        box_side: in sigma.
        with_offsets: whether a cell also says where in it its particle is.

    Raises:
        InputError: no cells, or no box.

    >>> grid = OccupancyGrid(cells=2, box_side=10.0, with_offsets=True)
    >>> grid.represent(jnp.array([[[7.5, 3.75]]])).tolist()  # right, a quarter of a cell above its centre
    [[[[0.0, 0.0, 0.0], [1.0, 0.0, 0.25]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]]
    """

    cells: int
    box_side: float
    with_offsets: bool = False
    holds_distances: ClassVar[bool] = False

    def __post_init__(self) -> None:
        convert_numbers(self)
        if self.cells < 1:
            raise InputError(f"cells = {self.cells}: must be at least 1")
        if not (math.isfinite(self.box_side) and self.box_side > 0):
            raise InputError(f"box_side = {self.box_side}: must be above 0 and finite")

    @property
    def cell_side(self) -> float:
        """In sigma."""
        return self.box_side / self.cells

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one image."""
        return (self.cells, self.cells, 3) if self.with_offsets else (self.cells, self.cells)

    @takes_arrays
    def represent(self, rows: Configurations2D) -> Samples:
        """Images of positions, (configurations, particles, 2), in any order: of each cell the count, or (count, x, y).

        Offsets are from the cell's centre in sides of a cell, -1/2 to 1/2, and 0 where nobody is.
        """
        return with_offsets(rows, self) if self.with_offsets else counts(rows, self)

    @takes_arrays
    def positions(self, images: Samples, num_particles: int) -> ManyPositions:
        """Positions in sigma, (batch, particles, 2): the cells of the largest counts, and the offsets in them.

        Counts may be anything that grows with the probability of a particle. No cell is taken
        twice, and of equal ones the first; without offsets particles are at the centres, and no offset leads out of
        the cell.

        Raises:
            InputError: more particles than cells.
        """
        if num_particles > self.cells**2:
            raise InputError(f"cells = {self.cells}: {self.cells**2} cells cannot hold {num_particles} particles")
        flat = images.reshape(images.shape[0], self.cells**2, -1)
        _, chosen = jax.lax.top_k(flat[..., 0], num_particles)
        rows, columns = jnp.divmod(chosen, self.cells)
        centres = jnp.stack([columns, rows], axis=-1).astype(flat.dtype) + 0.5
        if self.with_offsets:
            offsets = jnp.take_along_axis(flat[..., 1:], chosen[..., None], axis=1)
            centres += jnp.clip(offsets, -_LARGEST_OFFSET, _LARGEST_OFFSET)
        return centres * self.cell_side


def counts(positions: ManyPositions, grid: OccupancyGrid) -> Counts:
    """Number of particles in each cell, (..., cells, cells)."""
    columns, rows = _one_hot(positions, grid)
    return jnp.einsum("...pr,...pc->...rc", rows, columns, precision=jax.lax.Precision.HIGHEST)


def with_offsets(positions: ManyPositions, grid: OccupancyGrid) -> WithOffsets:
    """Counts, and the mean offset of the particles of each cell from its centre, (..., cells, cells, 3)."""
    columns, rows = _one_hot(positions, grid)
    offsets = positions / grid.cell_side - _cells(positions, grid).astype(positions.dtype) - 0.5
    features = jnp.concatenate([jnp.ones_like(offsets[..., :1]), offsets], axis=-1)
    sums = jnp.einsum("...pr,...pc,...pk->...rck", rows, columns, features, precision=jax.lax.Precision.HIGHEST)
    number = sums[..., :1]
    return jnp.concatenate([number, sums[..., 1:] / jnp.maximum(number, 1.0)], axis=-1)


def _cells(positions: ManyPositions, grid: OccupancyGrid) -> Int[Array, "*batch particles 2"]:
    """Column and row of each particle's cell; one outside the box counts as at its wall."""
    return jnp.clip(jnp.floor(positions / grid.cell_side), 0, grid.cells - 1).astype(jnp.int32)


def _one_hot(positions: ManyPositions, grid: OccupancyGrid) -> tuple[Array, Array]:
    cells = jax.nn.one_hot(_cells(positions, grid), grid.cells, dtype=positions.dtype)
    return cells[..., 0, :], cells[..., 1, :]
