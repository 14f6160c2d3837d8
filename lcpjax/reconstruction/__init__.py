"""Back to coordinates from what a model gives."""

from lcpjax.reconstruction.alignment import AlignmentError, align, aligned_square
from lcpjax.reconstruction.completion import CompletionError, FittedPoints, complete_distances, fit_points
from lcpjax.reconstruction.embedding import (
    ORIGINS,
    Embedding,
    EmbeddingError,
    coordinates_from_distances,
    embed_distances,
    rank_two_share_of,
)
from lcpjax.reconstruction.gram import eigen_decomposition, gram_matrix, gram_matrix_from_first, symmetrised
from lcpjax.reconstruction.relaxation import TETHER, RelaxationError, Relaxed, relax, soft_core
from lcpjax.reconstruction.rigidity import GraphError, is_globally_rigid
from lcpjax.reconstruction.tumbler import TumblerError, tumble
from lcpjax.reconstruction.upright import orientation_error, turn_upright

__all__ = [
    "ORIGINS",
    "TETHER",
    "AlignmentError",
    "CompletionError",
    "Embedding",
    "EmbeddingError",
    "FittedPoints",
    "GraphError",
    "RelaxationError",
    "Relaxed",
    "TumblerError",
    "align",
    "aligned_square",
    "complete_distances",
    "coordinates_from_distances",
    "eigen_decomposition",
    "embed_distances",
    "fit_points",
    "gram_matrix",
    "gram_matrix_from_first",
    "is_globally_rigid",
    "orientation_error",
    "rank_two_share_of",
    "relax",
    "soft_core",
    "symmetrised",
    "tumble",
    "turn_upright",
]
