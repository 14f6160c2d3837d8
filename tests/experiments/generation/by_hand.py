"""A small fluid at two gravities, and configurations said to have been generated for it."""

import jax.numpy as jnp
import numpy as np

from lcpjax.experiments.generation.generated import OWN, Generated

SMALL = ["+experiment=generation", "system.num_particles=4", "system.box_side=5.0", "system.gammas=[0.1,1.0]"]
GAMMAS, NUMBER = (0.1, 1.0), 400


def generated(model, parts):
    positions = jnp.concatenate(list(parts))
    return Generated(model, OWN, positions, np.repeat([0, 1], len(positions) // 2), 1.0)
