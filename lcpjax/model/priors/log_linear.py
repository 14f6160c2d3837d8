"""Densities on the line whose logarithm is linear between knots, with exponential tails: normalised exactly."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import PRNGKey

Knots = Float[Array, "*#batch knots"]
Logits = Float[Array, "*#batch knots"]
Values = Float[Array, "*batch"]

# Below this difference of two logits a cell is flat to float32.
_FLAT = 1e-3


def log_density(values: Values, knots: Knots, logits: Logits, tail_rate: float) -> Values:
    """Log density of values, in nats.

    A physical density exp(-U / T) is smooth in its logarithm where it is steep
    itself, so few knots follow it closely; and it is above 0 everywhere.

    Args:
        knots: increasing; with the number of axes of the logits, axes of length 1 being shared.
        logits: the log density at the knots, up to a constant.
        tail_rate: how fast the logarithm falls beyond the outermost knots, one over the unit of the knots.
    """
    widths = jnp.diff(knots, axis=-1)
    fractions = jnp.clip((values[..., None] - knots[..., :-1]) / widths, 0.0, 1.0)
    inside = logits[..., 0] + jnp.sum(fractions * jnp.diff(logits, axis=-1), axis=-1)
    outside = jnp.maximum(knots[..., 0] - values, 0.0) + jnp.maximum(values - knots[..., -1], 0.0)
    masses, highest = _masses(knots, logits, tail_rate)
    return inside - tail_rate * outside - (jnp.log(jnp.sum(masses, axis=-1)) + highest)


def draw(key: PRNGKey, knots: Knots, logits: Logits, tail_rate: float) -> Values:
    """One value from each density: a cell by its mass, then a place in it by inverting its exponential."""
    cell_key, place_key = jax.random.split(key)
    masses, _ = _masses(knots, logits, tail_rate)
    cell = jax.random.categorical(cell_key, jnp.log(masses), axis=-1)[..., None]
    fraction = jax.random.uniform(place_key, cell.shape, minval=1e-7, maxval=1.0)
    knots = jnp.broadcast_to(knots, logits.shape)
    num_cells = knots.shape[-1] - 1
    first = jnp.clip(cell, 0, num_cells - 1)
    start, end = (jnp.take_along_axis(knots, first + step, axis=-1) for step in (0, 1))
    rise = jnp.take_along_axis(logits, first + 1, axis=-1) - jnp.take_along_axis(logits, first, axis=-1)
    inside = start + (end - start) * _place(fraction, rise)
    beyond = -jnp.log(fraction) / tail_rate
    below, above = knots[..., :1] - beyond, knots[..., -1:] + beyond
    return jnp.where(cell == num_cells, below, jnp.where(cell > num_cells, above, inside))[..., 0]


def _masses(knots: Knots, logits: Logits, tail_rate: float) -> tuple[Float[Array, "*any masses"], Values]:
    """Masses of all cells, then of the tail below, then of the one above; and the logit they are relative to."""
    highest = jax.lax.stop_gradient(jnp.max(logits, axis=-1, keepdims=True))
    ends = jnp.exp(logits - highest)
    rise = jnp.diff(logits, axis=-1)
    flat = jnp.abs(rise) < _FLAT
    safe = jnp.where(flat, 1.0, 0.5 * rise)
    # The mean of exp over a cell is that of its two ends times tanh(d) / d, d being half the rise.
    slimmer = jnp.where(flat, 1.0, jnp.tanh(safe) / safe)
    cells = 0.5 * (ends[..., :-1] + ends[..., 1:]) * slimmer * jnp.diff(knots, axis=-1)
    tails = jnp.stack([ends[..., 0], ends[..., -1]], axis=-1) / tail_rate
    return jnp.concatenate([cells, tails], axis=-1), highest[..., 0]


def _place(fraction: Float[Array, "*any"], rise: Float[Array, "*any"]) -> Float[Array, "*any"]:
    """Place in a cell, 0 to 1, below which a fraction of its mass lies."""
    # By the mirror image where the density falls, so that exp never overflows.
    steep = jnp.abs(rise)
    flat = steep < _FLAT
    safe = jnp.where(flat, 1.0, steep)
    mirrored = jnp.where(rise < 0, fraction, 1.0 - fraction)
    place = jnp.where(flat, mirrored, -jnp.log1p(mirrored * jnp.expm1(-safe)) / safe)
    return jnp.where(rise < 0, place, 1.0 - place)
