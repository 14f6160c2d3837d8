"""Keys of its own."""

from dataclasses import dataclass

from lcpjax.config import words


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/compare.yaml."""

    runs: list[str] = words(may_be_empty=True)
    metrics: list[str] = words(may_be_empty=True)
