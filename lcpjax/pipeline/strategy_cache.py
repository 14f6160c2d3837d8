"""What was measured of training strategies on this machine, kept in the user's cache folder."""

from pathlib import Path

from lcpjax.report import say
from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.user_cache import user_cache_folder


def kept_timings(key: str) -> dict[str, float] | None:
    """The seconds that each strategy took, if they were measured before."""
    try:
        return read_json(_path(key))
    except (OSError, ValueError):
        return None


def keep_timings(key: str, seconds: dict[str, float]) -> None:
    """Keep the seconds that each strategy took."""
    try:
        write_json(_path(key), seconds)
    except OSError as error:
        say(f"what was measured of training strategies is not kept ({error})")


def _path(key: str) -> Path:
    return user_cache_folder() / "strategies" / f"{key}.json"
