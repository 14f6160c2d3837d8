"""Which samples a network can work on."""

ANYTHING, SQUARE_MATRICES = "anything", "square matrices"


def is_of_kind(kind: str, sample_shape: tuple[int, ...]) -> bool:
    """Whether samples of a shape are of the kind that a network says it reads or writes.

    >>> is_of_kind(SQUARE_MATRICES, (30, 2))
    False
    """
    return kind == ANYTHING or (len(sample_shape) == 2 and sample_shape[0] == sample_shape[1])
