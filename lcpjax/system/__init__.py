"""The physics: box, pair potentials, energies."""

from .box import inside_box as inside_box
from .box import most_particles as most_particles
from .pair_potentials import PAIR_POTENTIALS as PAIR_POTENTIALS
from .pair_potentials import lennard_jones as lennard_jones
from .pair_potentials import soft_power as soft_power
from .smallest_distances import smallest_distances as smallest_distances
from .system import System as System
from .total_energy import gravity_energy as gravity_energy
from .total_energy import pair_energy as pair_energy
from .total_energy import total_energy as total_energy
