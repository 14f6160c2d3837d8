"""Back to coordinates from what a model gives."""

from lcpjax.reconstruction.alignment import AlignmentError, align
from lcpjax.reconstruction.embedding import (
    ORIGINS,
    Embedding,
    EmbeddingError,
    coordinates_from_distances,
    embed_distances,
    rank_two_share_of,
)
from lcpjax.reconstruction.gram import eigen_decomposition, gram_matrix, gram_matrix_from_first, symmetrised

__all__ = [
    "ORIGINS",
    "AlignmentError",
    "Embedding",
    "EmbeddingError",
    "align",
    "coordinates_from_distances",
    "eigen_decomposition",
    "embed_distances",
    "gram_matrix",
    "gram_matrix_from_first",
    "rank_two_share_of",
    "symmetrised",
]
