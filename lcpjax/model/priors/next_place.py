"""Next particle's x in sigma given its height: Boltzmann's factor and a learned correction."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.interpolate import CubicSpline

from lcpjax.array_types import ManyPositions
from lcpjax.model.priors import surroundings
from lcpjax.model.priors.next_height import EDGE, EDGE_LOGITS, last_heights
from lcpjax.system import System

Heights = Float[Array, "batch rows"]
Features = Float[Array, "batch rows features"]
Logits = Float[Array, "batch rows knots"]

# In sigma. A pair's Boltzmann factor rises within a tenth of sigma; what the particles above add does not.
_KNOT_SPACING, _PLACE_SPACING = 0.05, 0.2


def place_knots(system: System, resolution: float) -> Float[np.ndarray, " knots"]:
    """Places in sigma, even across the box and closer at the walls, symmetric."""
    side, edge = system.box_side, np.asarray(EDGE) * resolution
    return np.concatenate([edge, _inside(side), side - edge[::-1]]).astype(np.float32)


def coarsest_resolution(system: System) -> float:
    """Resolution, in sigma, at which blurred walls would reach the first place inside."""
    return float(_inside(system.box_side)[0]) / EDGE[-1]


def _inside(side: float) -> Float[np.ndarray, " places"]:
    return np.linspace(0.0, side, max(round(side / _KNOT_SPACING), 4) + 1)[1:-1]


def coarse_places(system: System) -> tuple[float, ...]:
    """An odd number of places, even across the box, wall to wall."""
    return tuple(np.linspace(0.0, system.box_side, 4 * max(round(system.box_side / _PLACE_SPACING / 4), 1) + 1))


class NextPlace(nn.Module):
    """Density of the next particle's place (its x in sigma), at first exp(-U / T) with the particles before it.

    Those after it are integrated out: what they add is smooth, a free energy, and
    learned on coarse places from the particles before.

    Args:
        resolution: the standard deviation of the noise on a coordinate, in sigma.
        width: of the dense layers.
        hidden: width of the network applied at each x.
        knows_energies: whether exp(-U / T) is in it; else all is learned.
    """

    system: System
    resolution: float
    width: int
    hidden: int
    knows_energies: bool

    @nn.compact
    def __call__(
        self, positions: ManyPositions, heights: Heights, context: Features, rows: Int[Array, " rows"]
    ) -> Logits:
        """Log density at ``place_knots``, up to a constant, for the particles of the given rows and heights."""
        knots = place_knots(self.system, self.resolution)
        coarse = np.asarray(coarse_places(self.system), np.float32)
        spline = CubicSpline(coarse, np.eye(coarse.size), bc_type="natural")(np.clip(knots, 0.0, coarse[-1]))
        logits = self._free_energies(positions, heights, context, rows, jnp.asarray(coarse)) @ spline.T.astype(
            np.float32
        )
        blur = self.param("blur", lambda _: jnp.asarray(EDGE_LOGITS))
        logits = logits + jnp.concatenate([blur, jnp.zeros(knots.size - 2 * blur.size), blur[::-1]])[None, None]
        if not self.knows_energies:
            return logits
        factors = surroundings.log_boltzmann_factors(positions, heights, jnp.asarray(knots), rows, self.system)
        return logits + jax.lax.optimization_barrier(factors)

    def _free_energies(
        self,
        positions: ManyPositions,
        heights: Heights,
        context: Features,
        rows: Int[Array, " rows"],
        places: Float[Array, " places"],
    ) -> Float[Array, "batch rows places"]:
        """Learned, in T, 0 at first: a network of each place's surroundings, modulated by the state.

        Perez et al., "FiLM: visual reasoning with a general conditioning layer" (2018).
        """
        before = surroundings.before(rows, self.system.num_particles)
        near = jax.lax.optimization_barrier(surroundings.fields(positions, heights, places, before))
        walls = surroundings.from_wall(places, self.system.box_side)[None, None]
        factors = nn.Dense(4 * self.hidden, kernel_init=nn.initializers.normal(0.02))(
            self._known(positions, heights, context, rows)
        )[:, :, None]
        scales, shifts = jnp.split(factors.reshape(*factors.shape[:-1], 2, -1), 2, axis=-1)
        features = nn.Dense(self.hidden)(near) + nn.Dense(self.hidden, use_bias=False)(walls)
        features = nn.silu(features * (1.0 + scales[..., 0, :]) + shifts[..., 0, :])
        features = nn.silu(nn.Dense(self.hidden)(features) * (1.0 + scales[..., 1, :]) + shifts[..., 1, :])
        return nn.Dense(1, kernel_init=nn.initializers.zeros)(features)[..., 0]

    def _known(
        self, positions: ManyPositions, heights: Heights, context: Features, rows: Int[Array, " rows"]
    ) -> Features:
        gap = heights - last_heights(positions, rows)
        height = heights * (5.0 / self.system.box_side)
        now = jnp.stack([surroundings.gap_scale(gap) / 2, gap, height], axis=-1)
        known = jnp.concatenate([context, jax.lax.stop_gradient(now)], axis=-1)
        return nn.silu(nn.Dense(self.width)(known))
