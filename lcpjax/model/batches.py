"""What is asked of many rows, a batch at a time: the networks' outputs need more memory than the rows."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PRNGKey

OfBatch = TypeVar("OfBatch")

Rows: TypeAlias = Float[Array, "rows ..."]


@takes_arrays
def in_batches(of_batch: Callable[[Rows], OfBatch], rows: Rows, batch_size: int) -> OfBatch:
    """What a function gives for all rows, asked for at most ``batch_size`` at once; the last batch may be smaller."""
    return _joined([of_batch(rows[first : first + batch_size]) for first in range(0, max(len(rows), 1), batch_size)])


@takes_arrays
def in_batches_with_keys(
    of_batch: Callable[[Rows, PRNGKey], OfBatch], rows: Rows, key: PRNGKey, batch_size: int
) -> OfBatch:
    """What a function that draws gives for all rows, at most ``batch_size`` at once, each batch with its own key."""
    number = rows.shape[0]
    size = min(batch_size, number)
    parts = []
    for first in range(0, number, size):
        # The last batch reaches back instead of being shorter, so that one program serves all.
        start = min(first, number - size)
        part = of_batch(rows[start : start + size], jax.random.fold_in(key, first))
        parts.append(jax.tree.map(lambda leaf, skipped=first - start: leaf[skipped:], part))
    return _joined(parts)


def _joined(parts: list[OfBatch]) -> OfBatch:
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *parts)
