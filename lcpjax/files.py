"""Files that are there whole or not at all."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

_UNFINISHED = ".unfinished"


def is_unfinished(path: Path) -> bool:
    """Whether a file is what a kill left of one that was being written."""
    return path.name.endswith(_UNFINISHED)


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """Where to write a file so that a reader, or a kill, never sees half of it; it gets its own name at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, with its keys in the order given."""
    write_text(path, json.dumps(content, indent=2, default=str) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; None if there is none."""
    return json.loads(path.read_text()) if path.exists() else None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name into a compressed .npz, whole or not at all; the name is taken as it is given."""
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # ty: ignore[invalid-argument-type]
