"""Sets of exactly N cells: the normalisation of the conditional Bernoulli distribution.

P(set) = exp(sum of its cells' logits) / e_N, e_N being the elementary symmetric polynomial of degree N of all
exp(logit): a sum over all sets of N cells.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Nats

Logits = Float[Array, "batch cells"]

# Halvings of an interval as wide as the logits' range: any tilt is exact, a good one keeps the sum from underflow.
_HALVINGS = 24


def log_number_weight(logits: Logits, number: int) -> Nats:
    """Ln e_N(exp(logits)) in nats, of each row.

    With independent cells of probability p = sigmoid(logit + t), for any t, e_N = P(N are occupied)
    e^{-N t} / prod(1 - p). P is summed cell by cell, all terms positive and none above 1, so
    that rounding stays near one unit in the last place a cell; t makes N the expected number. Chen, Dempster and
    Liu, "Weighted finite population sampling to maximize entropy", Biometrika 81, 457 (1994).

    >>> values = jnp.log(jnp.array([[1.0, 2.0, 3.0]]))
    >>> round(float(jnp.exp(log_number_weight(values, 2))[0]), 4)  # 1 2 + 1 3 + 2 3
    11.0
    """
    tilt = jax.lax.stop_gradient(tilt_to_number(logits, number))
    tilted = logits + tilt[:, None]
    probability = probability_of_number(tilted, number)
    return jnp.log(probability) + jnp.sum(jax.nn.softplus(tilted), axis=-1) - number * tilt


def tilt_to_number(logits: Logits, number: int) -> Nats:
    """Shift of the logits of each row with which N cells are occupied on average."""
    fraction = min(number / logits.shape[-1], 1.0 - 1e-4)
    odds = jnp.log(jnp.float32(fraction / (1.0 - fraction)))
    low, high = odds - jnp.max(logits, axis=-1), odds - jnp.min(logits, axis=-1)

    def halve(_: Array, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        too_many = jnp.sum(jax.nn.sigmoid(logits + middle[:, None]), axis=-1) > number
        return jnp.where(too_many, low, middle), jnp.where(too_many, middle, high)

    low, high = jax.lax.fori_loop(0, _HALVINGS, halve, (low, high))
    return 0.5 * (low + high)


def probability_of_number(logits: Logits, number: int) -> Float[Array, " batch"]:
    """Ln of the probability that exactly N cells are occupied, cells being independent with these logits."""
    first = jnp.zeros((number + 1, logits.shape[0]), logits.dtype).at[0].set(1.0)

    def with_next(row: Array, logit: Array) -> tuple[Array, None]:
        occupied, empty = jax.nn.sigmoid(logit)[None], jax.nn.sigmoid(-logit)[None]
        one_less = jnp.concatenate([jnp.zeros_like(row[:1]), row[:-1]])
        return row * empty + one_less * occupied, None

    return jax.lax.scan(with_next, first, logits.T)[0][-1]
