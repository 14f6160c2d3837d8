"""Samples that need no representation: images, or other data stored as a model takes them."""

from dataclasses import dataclass
from typing import ClassVar

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Samples, TrainingRows


@dataclass(frozen=True)
class Identity:
    """The identity: a model takes what is stored."""

    holds_distances: ClassVar[bool] = False

    @takes_arrays
    def represent(self, rows: TrainingRows) -> Samples:
        """The rows themselves."""
        return rows
