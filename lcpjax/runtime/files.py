"""Files written completely or not at all, and the messages of file systems that refuse one."""

import enum
import errno
import fcntl
import json
import lzma
import math
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lcpjax.errors import InputError

MOST_BYTES = 2**33
"""Of the arrays that one file or checkpoint may hold: far more than any model here, less than what fills a machine."""

_UNFINISHED = ".unfinished"
# Names of these alone mean themselves to every library; the others are parts of patterns, URLs or separators to some.
_PLAIN = re.compile(r"[\w/., +=@-]*")
# What a user can mend, or wait for. Libraries that are not Python's have the words and not the number.
_REFUSALS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ESTALE,
    errno.ENAMETOOLONG,
    errno.ENFILE,
    errno.EMFILE,
    errno.EFBIG,
)


def is_unfinished(path: Path) -> bool:
    """Whether a file was left unfinished by a kill."""
    return path.name.endswith(_UNFINISHED)


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left of files that they were writing into a folder; nobody else may be writing."""
    for path in folder.glob(f".*{_UNFINISHED}"):
        if path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path) -> Generator[Path]:
    """Temporary path, renamed at the end, so that neither a reader nor a kill ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")
    try:
        with naming(path, temporary):
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def naming(path: Path, temporary: Path | None = None) -> Generator[None]:
    """An OSError on the way names the file, which Python does where a file is opened but not where it is written.

    Args:
        temporary: the name that the file has until it is whole.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename in (None, temporary, str(temporary)):
            error.filename, error.filename2 = str(path), None
        raise


def file_system_refusal(error: BaseException, place: Path) -> str | None:
    """Refusal by a file system, as ``path: reason``; None if the error is of another kind.

    Args:
        place: the path to give where the error names none.

    >>> file_system_refusal(ValueError("RESOURCE_EXHAUSTED: cannot write: No space left on device"), Path("run"))
    'run: No space left on device'
    """
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _REFUSALS):
        reason = error.strerror or os.strerror(error.errno or errno.EIO)
        return f"{place if error.filename is None else os.fsdecode(error.filename)}: {reason}"
    for reason in map(os.strerror, _REFUSALS):
        if reason in str(error):
            return f"{place}: {reason}"
    return None if error.__cause__ is None else file_system_refusal(error.__cause__, place)


@contextmanager
def plainly_named(folder: Path) -> Generator[Path]:
    """Absolute path of a folder, which need not exist yet, without characters that libraries take for patterns or URLs.

    That is its own name, or where that has characters such as ``[`` or ``*`` a link to it, for as long as the context
    lasts.
    """
    folder = folder.absolute()
    if _PLAIN.fullmatch(str(folder)):
        yield folder
        return
    usual = tempfile.gettempdir()
    place = usual if _PLAIN.fullmatch(usual) else "/tmp"
    with tempfile.TemporaryDirectory(prefix="lcpjax-", dir=place) as made:
        link = Path(made) / "folder"
        link.symlink_to(folder, target_is_directory=True)
        yield link


def write_text(path: Path, text: str) -> None:
    """Write a text file, completely or not at all."""
    with atomic_write(path) as temporary:
        # The name of a folder may be no text at all; its bytes are kept.
        temporary.write_text(text, encoding="utf-8", errors="surrogateescape")


def read_text(path: Path) -> str:
    """Content of a text file, whatever the locale."""
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, with its keys in the order given."""
    write_text(path, json.dumps(content, indent=2, default=str) + "\n")


def read_json(path: Path) -> Any:
    """Content of a JSON file; None if there is none.

    Raises:
        InputError: what is there is no JSON.
    """
    if not path.exists():
        return None
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: damaged; it should be JSON ({error})") from None


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name into a compressed .npz, completely or not at all, under exactly that name."""
    import numpy as np  # Not for --help, which answers before it would be imported.

    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_arrays(path: Path) -> dict[str, Any]:
    """Arrays of a .npz by name; its content is taken for data alone, whoever wrote it.

    Raises:
        InputError: no such file, arrays of Python objects, which could run code when they are read, or arrays that
            claim to be larger than the file holds or ``MOST_BYTES`` allows.
    """
    import numpy as np

    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_what_is_too_large(path, archive)
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError, EOFError, RuntimeError, lzma.LZMAError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path}: cannot be read as arrays ({reason})") from None


def _refuse_what_is_too_large(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive before its content is given memory: NumPy believes the shape that an array's head claims."""
    from numpy.lib import format as npy

    members = archive.infolist()
    if (size := sum(member.file_size for member in members)) > MOST_BYTES:
        raise InputError(f"{path}: holds {size} bytes of arrays; at most {MOST_BYTES} are read")
    for member in members:
        with archive.open(member) as file:
            version = npy.read_magic(file)
            read_head = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read_head(file)
        if (claimed := math.prod(shape) * dtype.itemsize) > member.file_size and not dtype.hasobject:
            raise InputError(
                f"{path}: {member.filename} claims {claimed} bytes of numbers and has {member.file_size}; it is damaged"
            )


class Lock(enum.Enum):
    """Outcome of an attempt to lock."""

    HELD = enum.auto()
    TAKEN = enum.auto()
    """By another process."""
    UNKNOWN = enum.auto()
    """The file system has no locks, as Lustre and NFS may not."""


def try_lock(file: IO[Any]) -> tuple[Lock, str]:
    """Whether this process now locks an open file, and the reason if that is unknown; never waits.

    The lock goes with the process, however it ends.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Lock.TAKEN, ""
    except OSError as error:
        return Lock.UNKNOWN, error.strerror or str(error)
    return Lock.HELD, ""
