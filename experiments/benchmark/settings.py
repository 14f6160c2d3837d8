"""Keys of +experiment=benchmark alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/benchmark.yaml."""

    num_rounds: int = at_least(1)
    num_particles: list[int] = at_least(1, 4096)
    num_chains: list[int] = at_least(1, 2**32)
    batch_sizes: list[int] = at_least(1, may_be_empty=True)
