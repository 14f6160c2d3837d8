"""Which samples and latents a network can work on, and in which units it takes or gives them."""

ANYTHING, SQUARE_MATRICES, PARTICLE_COORDINATES = "anything", "square matrices", "particle coordinates"

VECTOR, PARTICLES = "a vector", "particles"
"""What latents are to a network: so many numbers, or positions of particles, which it sees in sigma."""

NORMALISED, REDUCED_UNITS = "normalised samples", "reduced units"


def is_of_kind(kind: str, sample_shape: tuple[int, ...]) -> bool:
    """Whether samples of a shape are of the kind that a network says it reads or writes.

    >>> is_of_kind(SQUARE_MATRICES, (30, 2))
    False
    """
    if kind == SQUARE_MATRICES:
        return len(sample_shape) == 2 and sample_shape[0] == sample_shape[1]
    if kind == PARTICLE_COORDINATES:
        return len(sample_shape) == 2 and sample_shape[1] == 2
    return True
