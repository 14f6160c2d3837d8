"""Keys of +experiment=digits alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/digits.yaml."""

    num_passes: int = at_least(1)
    validation_fraction: float = above(0, 0.5)
    test_fraction: float = above(0, 0.5)
    num_prior_samples: int = at_least(8, 2**16)
    num_neighbours: int = at_least(1, 100)
