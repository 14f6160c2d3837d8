"""Errors of stages, with the config key in front."""

from collections.abc import Generator
from contextlib import contextmanager

from lcpjax.config.check import ConfigError
from lcpjax.errors import OneLineError


@contextmanager
def with_key(group: str) -> Generator[None]:
    """Put the group in front of a stage's message about one of its values."""
    try:
        yield
    except ConfigError:
        raise  # Already names its group.
    except OneLineError as error:
        raise ConfigError(f"{group}.{error}") from None
