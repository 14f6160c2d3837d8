"""Keys of +experiment=anomalies alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/anomalies.yaml."""

    new_gammas: list[float] = at_least(0, may_be_empty=True)
    largest_steps: list[float] = above(0, unit="sigma")
    num_displaced: int = at_least(1)
    num_choosing: int = at_least(8)
    quantile: float = above(0, 1)
    posterior_samples: int = at_least(1)
    regret_steps: int = at_least(0)
    num_neighbours: int = at_least(1)
    nodes_of_a_particle: int = at_least(4, 512)
