"""Trajectory formats by name."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lcpjax.errors import InputError, did_you_mean
from lcpjax.report.trajectories.extxyz import write_extxyz
from lcpjax.report.trajectories.frames import ENDINGS, Frames, export_library
from lcpjax.report.trajectories.gsd import write_gsd
from lcpjax.report.trajectories.lammps import write_lammps_dump


class Format(NamedTuple):
    """One kind of trajectory file."""

    ending: str
    """Of its file names."""
    library: str | None
    """The module of the extra ``export`` that writes it, if any."""
    write: Callable[[str | Path, Frames, float], None]
    """Writes frames of a box of side L (sigma) to a path."""


FORMATS: dict[str, Format] = {
    "gsd": Format(ENDINGS["gsd"], "gsd.hoomd", write_gsd),
    "extxyz": Format(ENDINGS["extxyz"], "ase.io", write_extxyz),
    "lammps": Format(ENDINGS["lammps"], None, write_lammps_dump),
}


def trajectory_format(name: str) -> Format:
    """The format of that name.

    Raises:
        InputError: there is none.

    >>> trajectory_format("lammps").ending
    'lammpstrj'
    """
    if name not in FORMATS:
        raise InputError(f"formats = {name}: {did_you_mean(name, FORMATS)}")
    return FORMATS[name]


def require_library(format_: Format) -> None:
    """Raise before any work is done if a format could not be written here.

    Raises:
        InputError: its library cannot be imported.
    """
    if format_.library is not None:
        export_library(format_.library)
