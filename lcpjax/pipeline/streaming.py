"""Training data of each epoch: a part of the training set, or chains sampled as they are needed and never kept."""

from collections.abc import Callable

import jax.numpy as jnp

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan, num_kept_chains, num_per_epoch
from lcpjax.config import Config
from lcpjax.representation import Representation


def streamed_epochs(config: Config, representation: Representation) -> Callable[[int], Configurations2D]:
    """Function from an epoch's number to its configurations, in the model's particle order, new in every epoch.

    Chain numbers continue those of the dataset, as many an epoch as it would show of the training set. So an
    epoch's data depend on its number alone, and a resumed run trains on the same data as one that never stopped.
    """
    plan = build_sampling_plan(config)
    num_before = num_kept_chains(config)
    num_chains = num_per_epoch(config) // config.sampler.samples_per_chain

    def configurations_of(epoch: int) -> Configurations2D:
        first = num_before + epoch * num_chains
        return representation.order(representation.augmented(plan.sample(first, num_chains).positions))

    return configurations_of


def parted_epochs(
    positions: Configurations2D, num_shown: int, representation: Representation
) -> Callable[[int], Configurations2D]:
    """Function from an epoch's number to its part of the training set, in the model's particle order.

    An epoch goes on where the one before ended, and at the end begins again.

    Args:
        positions: (configurations, particles, 2), in sigma: the training set.
        num_shown: of them in an epoch; mirror images, where there are any, come on top.
    """

    def configurations_of(epoch: int) -> Configurations2D:
        rows = (epoch * num_shown + jnp.arange(num_shown)) % len(positions)
        return representation.order(representation.augmented(positions[rows]))

    return configurations_of
