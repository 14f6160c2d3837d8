"""Training data sampled as they are needed and never kept."""

from collections.abc import Callable

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan, num_kept_chains, num_training_chains
from lcpjax.config import Config
from lcpjax.representation import Representation


def streamed_epochs(config: Config, representation: Representation) -> Callable[[int], Configurations2D]:
    """Function from an epoch's number to its configurations, in the model's particle order, new in every epoch.

    Chain numbers continue those of the dataset, as many chains an epoch as its training set has. So an
    epoch's data depend on its number alone, and a resumed run trains on the same data as one that never stopped.
    """
    plan = build_sampling_plan(config)
    num_before, num_chains = num_kept_chains(config), num_training_chains(config)

    def configurations_of(epoch: int) -> Configurations2D:
        first = num_before + epoch * num_chains
        return representation.order(representation.augmented(plan.sample(first, num_chains).positions))

    return configurations_of
