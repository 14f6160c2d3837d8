"""The mean configuration whose sites label the particles, learned from configurations in any order."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Floats, ManyPositions, Positions
from lcpjax.errors import InputError
from lcpjax.representation.assignment import assign
from lcpjax.representation.input_checks import check_positions
from lcpjax.representation.ordering import by_hilbert_curve
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed

_NUM_ROUNDS = 20
_MOST_CONFIGURATIONS = 1024


@takes_arrays
def learn_template(
    positions: Floats, first_order: Callable[[ManyPositions], ManyPositions] = by_hilbert_curve
) -> Positions:
    """A configuration whose sum of squared distances to all others, particles best assigned, is small.

    Means and assignments in turn, as in k-means: neither can make it worse, so it
    ends in a minimum, of which ``first_order`` decides the basin.

    Args:
        positions: (configurations, particles, 2), in sigma; at most 1,024 are used, always
            the same rows.
        first_order: puts particles in the order whose means it starts from.

    Raises:
        InputError: not configurations, or none, or none of particles, or a coordinate that is not a number.
    """
    check_positions(positions, "a template is learned from configurations")
    if positions.ndim != 3 or positions.size == 0:
        raise InputError(
            "a template is learned from (configurations, particles, 2), at least one configuration of one particle, "
            f"not {positions.shape}"
        )
    chosen = positions[_chosen_rows(positions.shape[0])]
    return _converged(chosen, jnp.mean(first_order(chosen), axis=0))


def _chosen_rows(number: int) -> Int[Array, " chosen"]:
    # Drawn, because gammas take turns along the rows: every tenth of four gammas would only ever see two of them.
    return jax.random.permutation(key_of_seed(Seed.EVALUATION), number)[:_MOST_CONFIGURATIONS]


@jax.jit
def _converged(positions: Configurations2D, template: Positions) -> Positions:
    def improve(_: jax.Array, template: Positions) -> Positions:
        return jnp.mean(assign(positions, template), axis=0)

    return jax.lax.fori_loop(0, _NUM_ROUNDS, improve, template)
