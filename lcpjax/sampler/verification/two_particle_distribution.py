"""Two particles in the box by quadrature: exact to float64, for any pair potential.

The weight exp(-(V(r) + gamma (y1 + y2)) / T) depends on the pair's displacement
(u, v) = (|x1 - x2|, |y1 - y2|) and on the lower one's height alone. So the other
coordinates are integrated by hand: side - u for x, a barometric law of rate
2 gamma / T between the walls at 0 and side - v for the height. What is left,
over distance and angle, is Gauss and Legendre's.
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.system import System
from lcpjax.system.barometric_law import Values, height_integral, mean_height

_NODES_PER_PANEL, _ANGLES = 8, 48


class TwoParticleDistribution(NamedTuple):
    """Exact results for two particles at one gamma and temperature."""

    log_partition: float
    """ln of the integral of the weight over both positions, in ln sigma^4."""
    mean_pair_energy: float
    """In epsilon."""
    mean_height_sum: float
    """<y1 + y2>, in sigma."""
    distance_edges: Float64[np.ndarray, " edges"]
    """Edges of narrow panels in the distance, in sigma."""
    panel_probabilities: Float64[np.ndarray, " panels"]
    """Probability of each panel."""


@functools.lru_cache(maxsize=256)
def two_particle_distribution(system: System, gamma: float, num_panels: int = 200) -> TwoParticleDistribution:
    """Exact means and the distribution of the distance, at one gamma.

    Args:
        gamma: m g sigma / epsilon.
        num_panels: up to the box's side, and as many beyond; doubled, nothing changes (tested).
    """
    side, rate = system.box_side, gamma / system.temperature
    inner = np.linspace(0.0, side, num_panels + 1)
    # The side is an edge: beyond it the walls cut the angles off.
    edges = np.concatenate([inner, np.linspace(side, np.sqrt(2.0) * side, num_panels + 1)[1:]])
    distance, distance_weight = gauss_legendre(edges[:-1], edges[1:], _NODES_PER_PANEL)
    distance, distance_weight = distance.reshape(-1), distance_weight.reshape(-1)
    # Rounding may put a node beyond the box's diagonal, where no angle is left.
    cosine = np.minimum(side / np.maximum(distance, side), 1.0)
    angle, angle_weight = gauss_legendre(np.arccos(cosine), np.arcsin(cosine), _ANGLES)
    u, v = distance[:, None] * np.cos(angle), distance[:, None] * np.sin(angle)
    room = np.maximum(side - v, 0.0)
    energy = pair_energies(system, distance**2)
    # 4: either particle may be the left one, either the lower one.
    heights = 4.0 * (side - u) * np.exp(-rate * v) * height_integral(2.0 * rate, room) * angle_weight
    radial = distance_weight * distance * np.exp(-energy / system.temperature)
    weight = radial * heights.sum(axis=1)
    height_sum = (heights * (v + 2.0 * mean_height(2.0 * rate, room))).sum(axis=1)
    partition = weight.sum()
    return TwoParticleDistribution(
        float(np.log(partition)),
        float((weight * energy).sum() / partition),
        float((radial * height_sum).sum() / partition),
        edges,
        weight.reshape(-1, _NODES_PER_PANEL).sum(axis=1) / partition,
    )


def gauss_legendre(low: Values, high: Values, num_nodes: int) -> tuple[Values, Values]:
    """Nodes and weights in each interval, (intervals, nodes)."""
    nodes, weights = np.polynomial.legendre.leggauss(num_nodes)
    half = (high - low)[:, None] / 2.0
    return low[:, None] + half * (nodes[None, :] + 1.0), half * weights[None, :]


def pair_energies(system: System, squared_distances: Values) -> Values:
    """Pair energies of the system in float64, in epsilon."""
    with jax.enable_x64(new_val=True):
        return np.asarray(system.pair_energy_fn(jnp.asarray(squared_distances, jnp.float64)))
