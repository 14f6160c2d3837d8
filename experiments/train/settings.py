"""Keys of +experiment=train alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import at_least


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/train.yaml."""

    refinement_steps: int = at_least(0, 100)
