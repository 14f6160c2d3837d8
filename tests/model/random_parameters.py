"""Parameters as random as after a wild training, drawn without compiling an initialisation."""

import jax
import jax.numpy as jnp
import numpy as np


def random_parameters(network, *inputs, seed=0):
    """Normal numbers of standard deviation 0.3 for every parameter of a network that is called with such inputs."""
    noise = np.random.default_rng(seed)
    shapes = jax.eval_shape(network.init, jax.random.key(0), *inputs)
    return jax.tree.map(lambda leaf: jnp.asarray(0.3 * noise.normal(size=leaf.shape), leaf.dtype), shapes)
