"""Files that are there whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

_UNFINISHED = ".unfinished"


def is_unfinished(path: Path) -> bool:
    """Whether a file is what a kill left of one that was being written."""
    return path.name.endswith(_UNFINISHED)


def write_text(path: Path, text: str) -> None:
    """Write a text file so that a reader, or a kill, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, with its keys in the order given."""
    write_text(path, json.dumps(content, indent=2, default=str) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; None if there is none."""
    return json.loads(path.read_text()) if path.exists() else None
