"""Configurations as files for other programs, one function per format."""

from .extxyz import write_extxyz as write_extxyz
from .formats import FORMATS as FORMATS
from .formats import Format as Format
from .formats import require_library as require_library
from .formats import trajectory_format as trajectory_format
from .frames import Frames as Frames
from .gsd import write_gsd as write_gsd
from .lammps import write_lammps_dump as write_lammps_dump
