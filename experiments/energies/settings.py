"""Keys of +experiment=energies alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import above, at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/energies.yaml."""

    tethers: list[float] = above(0, unit="epsilon / sigma^2")
    sweeps: list[int] = at_least(1)
    step_size: float = above(0, unit="sigma")
