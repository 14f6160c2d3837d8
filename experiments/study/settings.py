"""Keys of its own."""

from dataclasses import dataclass

from lcpjax.config import at_least, words


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/study.yaml."""

    chapters: list[str] = words(may_be_empty=True)
    num_seeds: int = at_least(1)
