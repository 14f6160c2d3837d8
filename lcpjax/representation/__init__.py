"""What a model sees: particle orderings, representations and their normalisation."""

from lcpjax.representation.as_given import AsGiven
from lcpjax.representation.distance_matrix import distance_matrix
from lcpjax.representation.input_checks import InputError, check_distances, check_positions
from lcpjax.representation.mirror import MIRRORS, canonical_image, mirror_image
from lcpjax.representation.normalisation import Normalisation, learn_normalisation
from lcpjax.representation.occupancy import OccupancyError, OccupancyGrid
from lcpjax.representation.ordering import ORDERINGS, order_particles
from lcpjax.representation.representation import REPRESENTATIONS, Representation, RepresentationError
from lcpjax.representation.template import learn_template

__all__ = [
    "MIRRORS",
    "ORDERINGS",
    "REPRESENTATIONS",
    "AsGiven",
    "InputError",
    "Normalisation",
    "OccupancyError",
    "OccupancyGrid",
    "Representation",
    "RepresentationError",
    "canonical_image",
    "check_distances",
    "check_positions",
    "distance_matrix",
    "learn_normalisation",
    "learn_template",
    "mirror_image",
    "order_particles",
]
