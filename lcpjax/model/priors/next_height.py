"""Height of the next particle above the last: a density of the gap between two heights."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from lcpjax.array_types import ManyPositions
from lcpjax.model.priors import surroundings
from lcpjax.system import System

States = Float[Array, "batch rows width"]
Knots = Float[Array, "batch rows knots"]
Features = Float[Array, "batch rows features"]
Heights = Float[Array, "batch rows"]

# In resolutions: where noise blurs an edge; and its logarithm there, that of the normal distribution function.
EDGE = (-3.0, -1.5, 0.0, 1.5, 3.0)
EDGE_LOGITS = (-6.6, -2.7, -0.69, -0.07, 0.0)

_NUM_LEVELS = 40


def gap_knots(system: System, resolution: float) -> Float[np.ndarray, " knots"]:
    """Gaps in sigma, dense at 0 and as sparse as they are large at the box's height."""
    finest = 0.1 * system.box_side / system.num_particles
    levels = finest * np.sinh(np.linspace(0.0, np.arcsinh(system.box_side / finest), _NUM_LEVELS))
    edge = np.asarray(EDGE) * resolution
    return np.concatenate([edge, levels[levels > edge[-1] + resolution]]).astype(np.float32)


class NextHeight(nn.Module):
    """The density of the gap to the next particle, at first exponential with a cut at the upper wall.

    Args:
        resolution: the standard deviation of the noise on a coordinate, in sigma.
        width: of the dense layers.
        hidden: features of a place across the box, before their mean over all places.
        places: across the box, symmetric.
    """

    system: System
    resolution: float
    width: int
    hidden: int
    places: tuple[float, ...]

    @nn.compact
    def __call__(
        self, positions: ManyPositions, states: States, rows: Int[Array, " rows"]
    ) -> tuple[Knots, Knots, Features]:
        """Knots in sigma and the log density at them, for the particles of the given rows; and the features of both."""
        last = last_heights(positions, rows)
        context = jnp.concatenate([states, self._openings(positions, states, last, rows)], axis=-1)
        fixed = jnp.asarray(gap_knots(self.system, self.resolution))[None, None]
        wall = jnp.maximum(self.system.box_side - last, 0.05)[..., None]
        # No knot above the wall: those beyond crowd there, in order.
        crowded = jnp.arange(fixed.size, dtype=jnp.float32)[None, None] * (0.02 * self.resolution)
        knots = jnp.minimum(fixed, wall + 1.5 * self.resolution) + crowded
        inner = nn.silu(nn.Dense(self.width)(context))
        output = nn.Dense(fixed.size + 1, kernel_init=nn.initializers.zeros)(inner)
        # Of an ideal gas the gap is exponential; the first guess of its rate is one over the mean gap of a full box.
        first_rate = self.system.num_particles / self.system.box_side
        decay = first_rate * jnp.exp(output[..., -1:]) * jnp.maximum(knots, 0.0)
        blur = np.zeros(fixed.size, np.float32)
        blur[: len(EDGE)] = EDGE_LOGITS
        beyond = jnp.where(knots > wall + 0.5 * self.resolution, -2.0, 0.0)
        return jax.lax.stop_gradient(knots), output[..., :-1] - decay + blur[None, None] + beyond, context

    def _openings(self, positions: ManyPositions, states: States, last: Heights, rows: Int[Array, " rows"]) -> Features:
        """Free space above the last particle: the mean over all places of learned features."""
        before = surroundings.before(rows, self.system.num_particles)
        places = jnp.asarray(self.places)
        near = jax.lax.optimization_barrier(surroundings.fields(positions, last, places, before))
        walls = surroundings.from_wall(places, self.system.box_side)[None, None]
        features = nn.Dense(self.hidden)(near) + nn.Dense(self.hidden, use_bias=False)(walls)
        features = nn.silu(features + nn.Dense(self.hidden, use_bias=False)(states)[:, :, None])
        return jnp.mean(nn.silu(nn.Dense(self.hidden)(features)), axis=2)


def last_heights(positions: ManyPositions, rows: Int[Array, " rows"]) -> Heights:
    """Height of the particle before each row; the floor before the first."""
    return jnp.pad(positions[..., 1], ((0, 0), (1, 0)))[:, rows]
