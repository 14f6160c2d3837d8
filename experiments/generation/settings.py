"""Keys of +experiment=generation alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/generation.yaml."""

    new_gammas: list[float] = at_least(0, may_be_empty=True)
    sweeps: list[int] = at_least(0)
    snapshots: list[int] = at_least(0)
    step_size: float = above(0, unit="sigma")
    nonlocal_fraction: float = at_least(0, 1)
    posterior_samples: int = at_least(1)
