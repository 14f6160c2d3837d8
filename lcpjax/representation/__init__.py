"""Inputs of a model: particle orderings, representations and their normalisation."""

from .distance_matrix import distance_matrix as distance_matrix
from .identity import Identity as Identity
from .input_checks import check_distances as check_distances
from .input_checks import check_positions as check_positions
from .mirror import MIRRORS as MIRRORS
from .mirror import canonical_image as canonical_image
from .mirror import mirror_image as mirror_image
from .normalisation import Normalisation as Normalisation
from .normalisation import learn_normalisation as learn_normalisation
from .occupancy import OccupancyGrid as OccupancyGrid
from .ordering import ORDERINGS as ORDERINGS
from .ordering import order_particles as order_particles
from .representation import REPRESENTATIONS as REPRESENTATIONS
from .representation import Representation as Representation
from .template import learn_template as learn_template
