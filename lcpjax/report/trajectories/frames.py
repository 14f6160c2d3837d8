"""What every trajectory file holds, and the libraries that write it."""

import importlib
from types import ModuleType
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int

from lcpjax.errors import InputError


class TrajectoryError(InputError):
    """A trajectory file that cannot be written."""


class Frames(NamedTuple):
    """Configurations on the host, one a frame: independent samples, not instants of one motion."""

    positions: Float32[np.ndarray, "frames particles 2"]
    """In sigma, in the box [0, L] x [0, L]."""
    gamma: Float32[np.ndarray, " frames"]
    """m g sigma / epsilon."""
    energy: Float32[np.ndarray, " frames"]
    """In epsilon: pairs and gravity."""
    chain: Int[np.ndarray, " frames"]
    """Each chain's index in the run; formats that number frames by a time step carry it there."""


def in_three_dimensions(positions: Float[np.ndarray, "frames particles 2"]) -> Float[np.ndarray, "frames particles 3"]:
    """Positions with z = 0."""
    return np.pad(positions, ((0, 0), (0, 0), (0, 1)))


def shortest_decimals(values: Float32[np.ndarray, " frames"]) -> list[float]:
    """The shortest decimal number that rounds to each float32, so that a gamma of 0.1 is written as 0.1.

    >>> shortest_decimals(np.array([0.1, 1.0], np.float32))
    [0.1, 1.0]
    """
    return [float(str(value)) for value in values]


def export_library(name: str) -> ModuleType:
    """A module of the extra ``export``, imported when it is needed.

    Raises:
        TrajectoryError: it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TrajectoryError(f'{name}: cannot be imported ({error}); pip install "lcpjax[export]"') from None
