"""Sets of particles, as likely as the product of their values."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_types import PRNGKey, Scalar

PerParticle = Float[Array, " particles"]
Table = Float[Array, "rows chosen"]

# Of ln of a value where sets are drawn, in nats.
_CAPS = (0.0, 2.0, 5.0, math.inf)
# With 64 the noise of the probabilities took a tenth of the margin by which they identify particles.
_DRAWS_OF_EACH_CAP = 512


def probability_of_each(log_r: PerParticle, chosen: int) -> PerParticle:
    """Probability that each particle is in a set of ``chosen`` particles."""
    number = len(log_r)

    def without(index: Array) -> Scalar:
        others = jnp.where(jnp.arange(number) == index, -jnp.inf, log_r)
        return log_symmetric(others, chosen - 1)[-1, -1]

    log_probability = log_r + jax.vmap(without)(jnp.arange(number)) - log_symmetric(log_r, chosen)[-1, -1]
    return jnp.exp(jnp.minimum(log_probability, 0.0))


def log_symmetric(log_r: PerParticle, chosen: int) -> Table:
    """Row n: ln of the elementary symmetric polynomials of the first n values, of degrees 0 to ``chosen``."""
    first = jnp.full(chosen + 1, -jnp.inf).at[0].set(0.0)

    def with_next(row: Array, value: Scalar) -> tuple[Array, Array]:
        longer = row.at[1:].set(jnp.logaddexp(row[1:], row[:-1] + value))
        return longer, longer

    rows = jax.lax.scan(with_next, first, log_r)[1]
    return jnp.concatenate([first[None], rows])


def _drawn_set(key: PRNGKey, table: Table, log_r: PerParticle) -> Bool[Array, " particles"]:
    """A random set, decided from the last particle to the first."""

    def decide(left: Array, each: tuple[Array, ...]) -> tuple[Array, Array]:
        before, after, value, level = each
        # With none left to choose, before[-1] is read and has no effect.
        log_probability = value + before[left - 1] - after[left]
        taken = (left > 0) & (jnp.log(level) < log_probability)
        return left - taken.astype(left.dtype), taken

    levels = jax.random.uniform(key, log_r.shape)
    start = jnp.asarray(table.shape[1] - 1, jnp.int32)
    return jax.lax.scan(decide, start, (table[:-1], table[1:], log_r, levels), reverse=True)[1]


def drawn_subsets(
    key: PRNGKey, log_r: PerParticle, chosen: int
) -> tuple[Bool[Array, "draws particles"], Float[Array, " draws"]]:
    """Sets drawn with values capped at several heights in turn, and ln of the probability of each by all caps."""
    caps = jnp.stack([jnp.minimum(log_r, cap) for cap in _CAPS])
    tables = jnp.stack([log_symmetric(capped, chosen) for capped in caps])
    which = jnp.repeat(jnp.arange(len(_CAPS)), _DRAWS_OF_EACH_CAP)
    keys = jax.random.split(key, len(which))
    sets = jax.vmap(lambda one, cap: _drawn_set(one, tables[cap], caps[cap]))(keys, which)
    of_caps = [
        jnp.sum(jnp.where(sets, capped[None], 0.0), axis=1) - table[-1, -1]
        for capped, table in zip(caps, tables, strict=True)
    ]
    return sets, jax.nn.logsumexp(jnp.stack(of_caps), axis=0) - math.log(len(_CAPS))
