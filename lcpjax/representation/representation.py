"""The interface of every representation: ordered positions in, samples for a model out."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_arguments import convert_numbers, takes_arrays
from lcpjax.array_types import Configurations2D, DistanceMatrix, Floats, ManyPositions, Samples
from lcpjax.errors import InputError, did_you_mean
from lcpjax.representation.anchored_distances import anchored_distances, coordinates_from_anchors
from lcpjax.representation.distance_matrix import distance_matrix
from lcpjax.representation.input_checks import check_positions
from lcpjax.representation.mirror import MIRRORS, canonical_image, mirror_image
from lcpjax.representation.ordering import ORDERINGS, TEMPLATE, order_particles
from lcpjax.representation.template import learn_template


class RepresentationSpec(NamedTuple):
    """One way to describe a configuration."""

    represent: Callable[[ManyPositions, float], Samples]
    """From ordered positions and the side of the box to samples."""
    coordinates: Callable[[Samples, float], ManyPositions] | None
    """The inverse; None where information is lost."""
    distances: Callable[[Samples], DistanceMatrix]
    """Distances between particles that a sample contains or implies."""
    holds_distances: bool
    """Whether a sample's entries are distances."""


REPRESENTATIONS: dict[str, RepresentationSpec] = {
    "coordinates": RepresentationSpec(
        represent=lambda positions, box_side: positions,
        coordinates=lambda samples, box_side: samples,
        distances=distance_matrix,
        holds_distances=False,
    ),
    "distance_matrix": RepresentationSpec(
        represent=lambda positions, box_side: distance_matrix(positions),
        coordinates=None,
        distances=lambda samples: samples,
        holds_distances=True,
    ),
    "anchored_distances": RepresentationSpec(
        represent=anchored_distances,
        coordinates=coordinates_from_anchors,
        distances=lambda samples: samples[..., :-4, :-4],
        holds_distances=True,
    ),
}


@dataclass(frozen=True)
class Representation:
    """Ordering of the particles and their representation.

    Args:
        name: a name in ``REPRESENTATIONS``.
        ordering: a name in ``ORDERINGS``, or ``template``.
        template: of that ordering, learned from the training set: a place for each particle, in sigma.
        box_side: in sigma; where the corners of anchored distances are, and twice where the mirror is.
        mirror: a name in ``MIRRORS``: what is done about x -> L - x, before particles are ordered.

    Raises:
        InputError: an unknown name.
    """

    name: str = "distance_matrix"
    ordering: str = "height"
    template: tuple[tuple[float, float], ...] = ()
    box_side: float = 10.0
    mirror: str = "keep"

    def __post_init__(self) -> None:
        convert_numbers(self)
        if self.name not in REPRESENTATIONS:
            raise InputError(f"name = {self.name}: {did_you_mean(self.name, REPRESENTATIONS)}")
        if self.ordering not in (names := (*ORDERINGS, TEMPLATE)):
            raise InputError(f"ordering = {self.ordering}: {did_you_mean(self.ordering, names)}")
        if self.mirror not in MIRRORS:
            raise InputError(f"mirror = {self.mirror}: {did_you_mean(self.mirror, MIRRORS)}")

    @property
    def lacks_template(self) -> bool:
        """Whether it must learn before it can order."""
        return self.ordering == TEMPLATE and not self.template

    @takes_arrays
    def learn(self, positions: Floats) -> "Representation":
        """The same, with what its ordering learns from the training set as sampled, (configurations, particles, 2).

        Raises:
            InputError: not configurations, or none, or a coordinate that is not finite.
        """
        if self.ordering != TEMPLATE:
            return self
        template = np.asarray(learn_template(self._chosen_image(self.augmented(positions)))).tolist()
        return dataclasses.replace(self, template=tuple((x, y) for x, y in template))

    @takes_arrays
    def order(self, positions: Floats) -> ManyPositions:
        """The positions in the model's own particle order, and its own image; (..., particles, 2), in sigma.

        Raises:
            InputError: its template was not learned, or is of another number of particles.
            InputError: no coordinates, or some that are not finite.
        """
        template = jnp.asarray(self.template, jnp.float32) if self.template else None
        return order_particles(self._chosen_image(positions), self.ordering, template)

    def _chosen_image(self, positions: Floats) -> Floats:
        if self.mirror != "canonical":
            return positions
        check_positions(positions, "mirror = canonical")
        return canonical_image(positions, self.box_side)

    @takes_arrays
    def augmented(self, positions: Floats) -> Configurations2D:
        """The training set, (configurations, particles, 2), with its mirror images after it if ``mirror`` says so.

        Raises:
            InputError: no coordinates, or some that are not finite.
        """
        if self.mirror != "augmented":
            return positions
        check_positions(positions, "mirror = augmented")
        return jnp.concatenate([positions, mirror_image(positions, self.box_side)])

    @takes_arrays
    def represent(self, ordered: ManyPositions) -> Samples:
        """Samples of positions that are already in order, in reduced units."""
        return REPRESENTATIONS[self.name].represent(ordered, self.box_side)

    @property
    def holds_distances(self) -> bool:
        """Whether a sample's entries are distances."""
        return REPRESENTATIONS[self.name].holds_distances

    @property
    def has_coordinates(self) -> bool:
        """Whether ``coordinates`` gives them back."""
        return REPRESENTATIONS[self.name].coordinates is not None

    @takes_arrays
    def coordinates(self, samples: Samples) -> ManyPositions:
        """Positions that samples describe, (..., particles, 2), in sigma, in the model's order.

        Raises:
            InputError: distances alone leave position, angle and mirror open.
        """
        found = REPRESENTATIONS[self.name].coordinates
        if found is None:
            raise InputError(f"name = {self.name}: gives no coordinates back; anchored_distances does")
        return found(samples, self.box_side)

    @takes_arrays
    def distances(self, samples: Samples) -> DistanceMatrix:
        """Distances between particles that samples contain or imply, (..., particles, particles), in sigma."""
        return REPRESENTATIONS[self.name].distances(samples)

    @takes_arrays
    def of(self, positions: Floats) -> Samples:
        """Samples of positions in any order: ordered, then represented."""
        return self.represent(self.order(positions))

    def sample_shape(self, num_particles: int) -> tuple[int, ...]:
        """Shape of one sample.

        >>> Representation("distance_matrix").sample_shape(30)
        (30, 30)
        """
        one = jax.ShapeDtypeStruct((1, num_particles, 2), jnp.float32)
        return jax.eval_shape(self.represent, one).shape[1:]
