"""Keys of +experiment=equilibration alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/equilibration.yaml."""

    box_sides: list[float] = above(0, unit="sigma", may_be_empty=True)
    max_doublings: int = at_least(0, 10)
    samples_per_chain: int = at_least(8)
    temperature_factors: list[float] = above(0)
    gamma_factors: list[float] = at_least(0)
    verification_chains: int = at_least(3)
