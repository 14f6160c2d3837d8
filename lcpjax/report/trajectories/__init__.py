"""Configurations as files that other programs open, a function a format."""

from lcpjax.report.trajectories.extxyz import write_extxyz
from lcpjax.report.trajectories.formats import FORMATS, Format, require_library, trajectory_format
from lcpjax.report.trajectories.frames import Frames, TrajectoryError
from lcpjax.report.trajectories.gsd import write_gsd
from lcpjax.report.trajectories.lammps import write_lammps_dump

__all__ = [
    "FORMATS",
    "Format",
    "Frames",
    "TrajectoryError",
    "require_library",
    "trajectory_format",
    "write_extxyz",
    "write_gsd",
    "write_lammps_dump",
]
