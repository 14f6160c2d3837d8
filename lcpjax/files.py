"""Files that are there whole or not at all."""

import enum
import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

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
        # The name of a folder may be no text at all; its bytes are kept.
        temporary.write_text(text, encoding="utf-8", errors="surrogateescape")


def read_text(path: Path) -> str:
    """The content of a text file, whatever the locale."""
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, with its keys in the order given."""
    write_text(path, json.dumps(content, indent=2, default=str) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; None if there is none."""
    return json.loads(read_text(path)) if path.exists() else None


class Lock(enum.Enum):
    """What became of the wish to hold a lock."""

    HELD = enum.auto()
    TAKEN = enum.auto()
    """By another process."""
    UNKNOWN = enum.auto()
    """The file system has no locks, as Lustre and NFS may not."""


def try_lock(file: IO[Any]) -> tuple[Lock, str]:
    """Whether this process now holds an open file alone, and why that cannot be known if so; never waits.

    The lock goes with the process, however it ends.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Lock.TAKEN, ""
    except OSError as error:
        return Lock.UNKNOWN, error.strerror or str(error)
    return Lock.HELD, ""
