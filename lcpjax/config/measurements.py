"""The group ``evaluation``: what is measured in whatever experiment."""

import dataclasses
from dataclasses import dataclass

from lcpjax.config.fields import at_least


@dataclass(kw_only=True)
class EntropyConfig:
    """How precisely the fluid's entropy is integrated."""

    chains_per_node: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EquilibrationConfig:
    """By how many chains every dataset is judged."""

    num_superchains: int = at_least(2, 1024)
    chains_per_superchain: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EvaluationConfig:
    """What is measured, beside the models too."""

    batch_size: int = at_least(1)
    configurations_per_gamma: int = at_least(8, 2**20)
    entropy: EntropyConfig = dataclasses.field()
    equilibration: EquilibrationConfig = dataclasses.field()
