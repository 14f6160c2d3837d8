"""Keys of +experiment=export alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import at_least, words


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/export.yaml."""

    formats: list[str] = words()
    configurations_per_gamma: int = at_least(1)
