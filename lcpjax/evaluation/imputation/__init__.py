"""Imputation of missing distances: baselines, networks, densities, and the exact posterior."""

from .exact_posterior import ExactPosterior as ExactPosterior
from .exact_posterior import exact_posterior as exact_posterior
from .intervals import ImputationQuality as ImputationQuality
from .intervals import energies_of_distances as energies_of_distances
from .intervals import fraction_interval as fraction_interval
from .intervals import quality_of as quality_of
from .intervals import widening as widening
from .networks import Imputations as Imputations
from .networks import importance_imputations as importance_imputations
from .networks import passed_through as passed_through
from .networks import pseudo_gibbs as pseudo_gibbs
from .rigid_moves import PiecesError as PiecesError
from .rigid_moves import RigidMoves as RigidMoves
from .rigid_moves import rigid_moves as rigid_moves
