"""Particles without interactions under gravity: everything about gamma is known in closed form."""

import numpy as np

from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

NUM_PARTICLES, SIDE = 4, 5.0
SYSTEM = System(num_particles=NUM_PARTICLES, box_side=SIDE)
GAMMAS = (0.2, 1.0)


def log_partition(gamma):
    """ln of the integral of exp(-gamma sum y) over all coordinates."""
    return NUM_PARTICLES * np.log(SIDE * -np.expm1(-gamma * SIDE) / gamma)


def free_energy(gammas=GAMMAS):
    nothing = np.zeros(len(gammas))
    ln_z = np.array([log_partition(gamma) for gamma in gammas])
    return FreeEnergy(np.array(gammas), ln_z, *[nothing] * 7, 0.0, 0.0, 0.0, ln_z, nothing, nothing)


def positions(gamma, number, seed=0):
    """Exact draws: heights by inversion of the barometric law."""
    random = np.random.default_rng(seed)
    uniform = random.uniform(size=(2, number, NUM_PARTICLES))
    heights = -np.log1p(uniform[1] * np.expm1(-gamma * SIDE)) / gamma
    return np.stack([SIDE * uniform[0], heights], axis=-1).astype(np.float32)


def mixture(number_of_each, seed=0):
    """Positions of both gammas, and which gamma each has."""
    parts = [positions(gamma, number_of_each, seed + index) for index, gamma in enumerate(GAMMAS)]
    return np.concatenate(parts), np.repeat(np.arange(len(GAMMAS)), number_of_each)
