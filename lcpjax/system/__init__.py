"""The physics: box, pair potentials, energies."""

from lcpjax.system.box import inside_box, most_particles
from lcpjax.system.pair_potentials import PAIR_POTENTIALS, lennard_jones, soft_power
from lcpjax.system.smallest_distances import smallest_distances
from lcpjax.system.system import System
from lcpjax.system.total_energy import gravity_energy, pair_energy, total_energy

__all__ = [
    "PAIR_POTENTIALS",
    "System",
    "gravity_energy",
    "inside_box",
    "lennard_jones",
    "most_particles",
    "pair_energy",
    "smallest_distances",
    "soft_power",
    "total_energy",
]
