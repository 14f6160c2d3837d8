"""Arrays of a page, as text: all of them behind each other in one string of base64."""

import base64
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

_STEPS = 2**16 - 1

Numbers = Shaped[np.ndarray, "..."]


class Weights:
    """Arrays of float32 by their places in one long row."""

    def __init__(self) -> None:
        self._rows: list[np.ndarray] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, array: Any) -> dict[str, Any]:
        """Place and shape of an array in the row, which it joins.

        Args:
            array: of any shape; rounded to float32.
        """
        values = np.asarray(array, np.float32)
        place = {"at": self._length, "shape": list(values.shape)}
        self._rows.append(values.reshape(-1))
        self._length += values.size
        return place

    def base64(self) -> str:
        """The row, four bytes a number, lowest first."""
        return _base64(np.concatenate([np.zeros(0, np.float32), *self._rows]).astype("<f4"))


def in_steps(positions: Float[np.ndarray, "configurations particles 2"], box_side: float) -> str:
    """Positions in 65,536 steps over the box, two bytes a number: at 10 sigma to 8e-5 sigma.

    >>> in_steps(np.zeros((1, 1, 2)), 10.0)
    'AAAAAA=='
    """
    steps = np.round(np.clip(positions / box_side, 0.0, 1.0) * _STEPS)
    return _base64(steps.astype("<u2"))


def hexadecimal(colours: Iterable[tuple[float, ...]]) -> list[str]:
    """Colours as pages write them.

    >>> hexadecimal([(1.0, 0.0, 0.5, 1.0)])
    ['#ff0080']
    """
    return ["#" + "".join(f"{math.floor(255 * part + 0.5):02x}" for part in colour[:3]) for colour in colours]


def _base64(array: Numbers) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
