"""Keys of +experiment=representations alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import words


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/representations.yaml."""

    orderings: list[str] = words()
    networks: list[str] = words()
