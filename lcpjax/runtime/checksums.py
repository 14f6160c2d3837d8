"""Checksums of the files of a folder, kept in it: what was damaged after it was written is found and named."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lcpjax.runtime.files import read_text, write_json

CHECKSUMS = "checksums.json"


def hash_of_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes_of_files(folder: Path) -> dict[str, str]:
    """Hashes of all files of a folder, by path in it; its own checksums left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / CHECKSUMS)
    return {path.relative_to(folder).as_posix(): hash_of_file(path) for path in files}


def hash_of_values(values: Any) -> str:
    """Hexadecimal sha256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def with_checksum(values: dict[str, Any]) -> dict[str, Any]:
    """The same values with a checksum of themselves, as ``has_damage`` looks at."""
    return values | {"sha256": hash_of_values(values)}


def has_damage(values: dict[str, Any]) -> bool:
    """Whether values differ from what had ``with_checksum``; those without one, of earlier versions, do not."""
    others = {name: value for name, value in values.items() if name != "sha256"}
    return "sha256" in values and values["sha256"] != hash_of_values(others)


def keep_checksums(folder: Path, names: Iterable[str] | None = None) -> None:
    """Write checksums.json into a folder.

    Args:
        names: of files, as paths in the folder; None: all there are.
    """
    chosen = None if names is None else sorted(names)
    files = hashes_of_files(folder) if chosen is None else {name: hash_of_file(folder / name) for name in chosen}
    write_json(folder / CHECKSUMS, {"files": files, "sha256": hash_of_values(files)})


def first_damage(folder: Path) -> str:
    """The first file of a folder that is not as its checksums have it, with the reason; "" if there is none.

    A folder without checksums has nothing to be compared with.
    """
    if not (folder / CHECKSUMS).exists():
        return ""
    try:
        held = json.loads(read_text(folder / CHECKSUMS))
        files = dict(held["files"])
        if hash_of_values(files) != held["sha256"]:
            return f"{CHECKSUMS}: does not fit its own checksum"
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return f"{CHECKSUMS}: {type(error).__name__} when read"
    for name, expected in files.items():
        path = folder / name
        if not (path.resolve().is_relative_to(folder.resolve()) and (path.is_file() or not path.exists())):
            return f"{name}: is no file of this folder"
        try:
            found = hash_of_file(path)
        except (OSError, ValueError) as error:
            return f"{name}: {type(error).__name__} when read"
        if found != expected:
            return f"{name}: its checksum does not fit"
    return ""
