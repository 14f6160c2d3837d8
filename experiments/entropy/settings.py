"""Keys of +experiment=entropy alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/entropy.yaml."""

    draws_per_configuration: int = at_least(0, 1024)
    nodes: list[int] = at_least(2, 1024, may_be_empty=True, unique=True)
    chains_per_configuration: int = at_least(1, 1024)
