"""Coordinates from a model's output."""

from .alignment import align as align
from .alignment import aligned_square as aligned_square
from .completion import FittedPoints as FittedPoints
from .completion import complete_distances as complete_distances
from .completion import fit_points as fit_points
from .embedding import ORIGINS as ORIGINS
from .embedding import Embedding as Embedding
from .embedding import coordinates_from_distances as coordinates_from_distances
from .embedding import embed_distances as embed_distances
from .embedding import rank_two_fraction_of as rank_two_fraction_of
from .gram import eigen_decomposition as eigen_decomposition
from .gram import gram_matrix as gram_matrix
from .gram import gram_matrix_from_first as gram_matrix_from_first
from .gram import symmetrised as symmetrised
from .relaxation import TETHER as TETHER
from .relaxation import Relaxed as Relaxed
from .relaxation import relax as relax
from .relaxation import soft_core as soft_core
from .rigidity import is_globally_rigid as is_globally_rigid
from .tumbler import tumble as tumble
from .upright import orientation_error as orientation_error
from .upright import turn_upright as turn_upright
