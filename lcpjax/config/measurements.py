"""The group ``evaluation``: measurements common to all experiments."""

import dataclasses
from dataclasses import dataclass

from lcpjax.config.fields import at_least


@dataclass(kw_only=True)
class EntropyConfig:
    """Precision of the fluid's entropy."""

    chains_per_node: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EquilibrationConfig:
    """Number of chains that check every dataset for equilibrium."""

    num_superchains: int = at_least(2, 1024)
    chains_per_superchain: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EvaluationConfig:
    """Measurements of models and of the fluid."""

    batch_size: int = at_least(1)
    configurations_per_gamma: int = at_least(8, 2**20)
    entropy: EntropyConfig = dataclasses.field()
    equilibration: EquilibrationConfig = dataclasses.field()
