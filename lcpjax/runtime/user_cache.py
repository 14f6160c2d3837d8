"""The user's cache folder."""

import os
from pathlib import Path


def user_cache_folder() -> Path:
    """Folder for reproducible files: $XDG_CACHE_HOME/lcpjax, or ~/.cache/lcpjax.

    Raises:
        OSError: there is no home folder.
    """
    asked = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # By its specification a relative path is no path: it would name another folder in every working folder.
    if asked.is_absolute():
        return asked / "lcpjax"
    try:
        return Path.home() / ".cache" / "lcpjax"
    except RuntimeError:
        raise FileNotFoundError("no home folder; set XDG_CACHE_HOME to an absolute path") from None


def usable_cache_folder(name: str) -> Path:
    """A writable folder in the user's cache, made if need be.

    Raises:
        OSError: there is none.
    """
    folder = user_cache_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder}: cannot be written to")
    return folder
