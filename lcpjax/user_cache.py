"""The user's cache folder."""

import os
from pathlib import Path


def user_cache_folder() -> Path:
    """Where this package may keep what it can make again: $XDG_CACHE_HOME/lcpjax, or ~/.cache/lcpjax."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lcpjax"
