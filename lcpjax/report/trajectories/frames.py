"""Content of every trajectory file, and the libraries that write it."""

import importlib
import math
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int

from lcpjax.errors import InputError


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


ENDINGS = {"gsd": "gsd", "extxyz": "extxyz", "lammps": "lammpstrj"}
"""Of the file names of each format."""


def checked(format_: str, path: str | Path, frames: Frames, box_side: float) -> tuple[Path, Frames]:
    """Temporary path and frames with single-precision numbers, if a file can be made of them.

    Args:
        format_: a name in ``ENDINGS``.
        frames: of numbers of any kind; integers are converted.

    Raises:
        InputError: no frames, not as many of everything, what is not finite, no box, or no place for a file.
    """
    return _file_to_write(format_, Path(path)), _whole_frames(frames, box_side)


def _file_to_write(format_: str, path: Path) -> Path:
    ending = path.suffix.removeprefix(".")
    if ending != ENDINGS[format_] and ending in ENDINGS.values():
        raise InputError(f"path = {path}: .{ending} is of another format; files of {format_} are .{ENDINGS[format_]}")
    if path.is_dir():
        raise InputError(f"path = {path}: is a folder; name a file in it")
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    if not parent.is_dir():
        raise InputError(f"path = {path}: {parent} is a file, not a folder")
    return path


def _whole_frames(frames: Frames, box_side: float) -> Frames:
    if not (math.isfinite(box_side) and box_side > 0):
        raise InputError(f"box_side = {box_side}: must be above 0 and finite")
    arrays = {name: np.asarray(value) for name, value in frames._asdict().items()}
    shape = arrays["positions"].shape
    if len(shape) != 3 or shape[2] != 2 or 0 in shape:
        raise InputError(f"positions have shape {shape}, expected (frames, particles, 2), at least 1 of each")
    for name in ("gamma", "energy", "chain"):
        if arrays[name].shape != shape[:1]:
            raise InputError(f"{name} has shape {arrays[name].shape}, expected ({shape[0]},): one of each frame")
    if arrays["chain"].dtype.kind not in "iu":
        raise InputError(f"chain has dtype {arrays['chain'].dtype}, expected integers")
    for name in ("positions", "gamma", "energy"):
        if arrays[name].dtype.kind not in "iuf":
            raise InputError(f"{name} has dtype {arrays[name].dtype}, expected real numbers")
        with np.errstate(over="ignore"):
            arrays[name] = arrays[name].astype(np.float32)
    for name in ("positions", "gamma"):
        if number := int((~np.isfinite(arrays[name]).reshape(len(arrays[name]), -1).all(axis=1)).sum()):
            raise InputError(f"{name}: {number} of {shape[0]} frames are not finite; all must be")
    # Overlaps have an infinite energy.
    if number := int(np.isnan(arrays["energy"]).sum()):
        raise InputError(f"energy: {number} of {shape[0]} frames are not numbers; all must be, or inf")
    return Frames(**arrays)


def in_three_dimensions(positions: Float[np.ndarray, "frames particles 2"]) -> Float[np.ndarray, "frames particles 3"]:
    """Positions with z = 0."""
    return np.pad(positions, ((0, 0), (0, 0), (0, 1)))


def shortest_decimals(values: Float32[np.ndarray, " frames"]) -> list[float]:
    """Shortest decimal number that rounds to each float32, so that a gamma of 0.1 is written as 0.1.

    >>> shortest_decimals(np.array([0.1, 1.0], np.float32))
    [0.1, 1.0]
    """
    return [float(str(value)) for value in values]


def export_library(name: str) -> ModuleType:
    """A module of the extra ``export``, imported when it is needed.

    Raises:
        InputError: it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(f'{name}: cannot be imported ({error}); pip install "lcpjax[export]"') from None
