"""Kinds of samples and latents, which networks can work on them, and the units at their interfaces."""

from typing import NamedTuple

from lcpjax.representation import Representation

ANYTHING, SQUARE_MATRICES, PARTICLE_COORDINATES = "anything", "square matrices", "particle coordinates"
SQUARE_IMAGES = "square images"
PARTICLE_MATRICES = "square matrices with a row for each particle"

VECTOR, PARTICLES = "a vector", "particles"
"""Kind of latents that a network takes: a vector of numbers, or positions of particles in sigma."""

NORMALISED, REDUCED_UNITS = "normalised samples", "reduced units"


class SampleLayout(NamedTuple):
    """Layout of samples that a network needs before it has seen one."""

    representation: str
    """A name in ``REPRESENTATIONS``."""
    num_particles: int
    box_side: float
    """In sigma."""
    temperature: float = 1.0
    """In epsilon / k_B."""
    pair_potential: str = "lennard_jones"
    """A name in ``PAIR_POTENTIALS``."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self._description().sample_shape(self.num_particles)

    @property
    def is_coordinates(self) -> bool:
        """Whether a sample is the positions themselves; two particles have a 2 x 2 matrix of distances too."""
        return self.shape == (self.num_particles, 2) and self._description().has_coordinates

    @property
    def num_anchors(self) -> int:
        """Number of rows of a square matrix after those of the particles.

        >>> SampleLayout("anchored_distances", 30, 10.0).num_anchors
        4
        """
        return self.shape[0] - self.num_particles

    def _description(self) -> Representation:
        return Representation(self.representation, box_side=self.box_side)


class ImageLayout(NamedTuple):
    """Layout of samples that are not particles."""

    shape: tuple[int, ...]
    num_particles: int = 0
    box_side: float = 1.0
    is_coordinates: bool = False
    num_anchors: int = -1


Layout = SampleLayout | ImageLayout


def is_of_kind(kind: str, layout: Layout) -> bool:
    """Whether samples are of the kind that a network reads or writes.

    >>> is_of_kind(SQUARE_MATRICES, SampleLayout("coordinates", 30, 10.0))
    False
    """
    if kind == PARTICLE_COORDINATES:
        return layout.is_coordinates
    is_image = isinstance(layout, ImageLayout)
    has_rows = len(layout.shape) == 2 or (len(layout.shape) == 3 and is_image)
    is_square = has_rows and layout.shape[0] == layout.shape[1] and not layout.is_coordinates
    return {
        ANYTHING: True,
        SQUARE_IMAGES: is_square and is_image,
        SQUARE_MATRICES: is_square,
        PARTICLE_MATRICES: is_square and layout.num_anchors >= 0,
    }[kind]
