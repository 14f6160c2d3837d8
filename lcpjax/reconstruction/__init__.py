"""Back to coordinates from what a model gives."""

from lcpjax.reconstruction.alignment import AlignmentError, align
from lcpjax.reconstruction.gram import coordinates_from_distances, eigen_decomposition, gram_matrix, symmetrised

__all__ = [
    "AlignmentError",
    "align",
    "coordinates_from_distances",
    "eigen_decomposition",
    "gram_matrix",
    "symmetrised",
]
