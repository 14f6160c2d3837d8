"""Three particles in a small box, two of them displaced, by brute force: every set and every pair of origins."""

import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.dataset.perturbed_sets import reflected
from lcpjax.evaluation.anomalies.displacement_ratio import ring_steps
from lcpjax.system import System, pair_energy
from tests.evaluation.ideal_fluid import free_energy

SYSTEM = System(num_particles=3, box_side=4.0)
FLUID = free_energy()
# Two of them nearly in contact, one at a wall.
POSITIONS = jnp.array([[[1.0, 1.0], [2.05, 1.1], [3.95, 2.0]]])


def log_density(positions):
    energy = pair_energy(positions, SYSTEM.pair_energy_fn)
    falls = -jnp.asarray(FLUID.gamma, jnp.float32) * jnp.sum(positions[:, 1])
    constants = jnp.asarray(FLUID.log_partition_function, jnp.float32)
    return -energy + jax.nn.logsumexp(falls - constants)


@jax.jit
def of_many(positions):
    return jax.lax.map(log_density, positions, batch_size=512)


@functools.cache
def by_brute_force():
    """ln p' / p and the probabilities, two displaced of three, over all pairs of the same nodes."""
    steps = ring_steps(0.3, 12, 24)
    first, second = jnp.repeat(steps, len(steps), axis=0), jnp.tile(steps, (len(steps), 1))

    @jax.jit
    def of_pair(one, other):
        def of(a, b):
            x = POSITIONS[0].at[one].add(a).at[other].add(b)
            return log_density(reflected(x, 4.0))

        return jax.nn.logsumexp(jax.lax.map(lambda each: of(*each), (first, second), batch_size=4096))

    sets = list(itertools.combinations(range(3), 2))
    each = np.array([float(of_pair(*one)) for one in sets]) - 2 * math.log(len(steps))
    each -= float(log_density(POSITIONS[0]))
    fractions = np.exp(each - np.logaddexp.reduce(each))
    probability = [sum(fraction for fraction, one in zip(fractions, sets, strict=True) if i in one) for i in range(3)]
    return np.logaddexp.reduce(each) - math.log(3), np.array(probability)
