"""What a model sees: particle orderings, representations and their normalisation."""

from lcpjax.representation.as_given import AsGiven
from lcpjax.representation.distance_matrix import distance_matrix
from lcpjax.representation.normalisation import Normalisation, learn_normalisation
from lcpjax.representation.ordering import ORDERINGS, order_particles
from lcpjax.representation.representation import REPRESENTATIONS, Representation, RepresentationError
from lcpjax.representation.template import learn_template

__all__ = [
    "ORDERINGS",
    "AsGiven",
    "REPRESENTATIONS",
    "Normalisation",
    "Representation",
    "RepresentationError",
    "distance_matrix",
    "learn_normalisation",
    "learn_template",
    "order_particles",
]
