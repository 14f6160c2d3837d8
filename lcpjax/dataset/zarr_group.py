"""Arrays in a folder that any zarr 3 reader opens, with a checksum of every file."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore

from lcpjax.errors import OneLineError
from lcpjax.runtime.files import plainly_named

_LARGEST_CHUNK_ROWS = 65536
_GROUP = "zarr.json"


class DamagedGroupError(OneLineError):
    """Files that differ from what was written."""


def write_group(folder: Path, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any]) -> None:
    """Write float32 arrays with their attributes into a new folder; all of it is on disk when this returns.

    Chunks end in a crc32c. The group's own zarr.json holds a sha256 of every
    other file and of itself, because readers take a chunk that is missing for
    one that was never written.

    Raises:
        OSError: no space, or no permission.
    """
    # tensorstore takes a backslash in a name for a slash.
    with plainly_named(folder) as place:
        for name, array in arrays.items():
            try:
                tensorstore.open(_array_spec(place / name, array), create=True).result().write(array).result()
            except (ValueError, RuntimeError) as error:  # tensorstore's own for whatever a file system refuses.
                raise OSError(str(error).splitlines()[0]) from error
    held = dict(attributes) | {"files": {name: _sha256(folder / name) for name in _files(folder)}}
    document = {"zarr_format": 3, "node_type": "group", "attributes": held | {"sha256": _digest(held)}}
    (folder / _GROUP).write_text(json.dumps(document, indent=1), encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        flush(path)


def read_attributes(folder: Path) -> dict[str, Any]:
    """Attributes of a group, checked by their own checksum; ``sha256`` covers the whole group.

    Raises:
        DamagedGroupError: missing, cut short or changed.
    """
    try:
        attributes = json.loads((folder / _GROUP).read_text(encoding="utf-8"))["attributes"]
        if attributes["sha256"] != _digest({key: value for key, value in attributes.items() if key != "sha256"}):
            raise DamagedGroupError(f"{folder / _GROUP}: its checksum does not fit")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedGroupError(f"{folder / _GROUP}: {type(error).__name__} when read") from None
    return attributes


def read_arrays(folder: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Arrays of a group, every file checked by its checksum first.

    Raises:
        DamagedGroupError: a file is missing, cut short or changed.
    """
    for name, expected in read_attributes(folder)["files"].items():
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise DamagedGroupError(f"{folder}: {name} lies outside of it")
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise DamagedGroupError(f"{folder / name}: {type(error).__name__} when read") from None
        if found != expected:
            raise DamagedGroupError(f"{folder / name}: its checksum does not fit")
    try:
        with plainly_named(folder) as place:
            opened = {name: tensorstore.open(_where(place / name), open=True).result() for name in names}
            for name, array in opened.items():
                _refuse_more_than_is_there(folder / name, array)
            return {name: array.read().result() for name, array in opened.items()}
    except (OSError, ValueError) as error:
        raise DamagedGroupError(f"{folder}: {str(error).splitlines()[0]}") from None


def _refuse_more_than_is_there(folder: Path, array: tensorstore.TensorStore) -> None:
    """Refuse an array that its files cannot hold, before it is given memory: nothing here is compressed."""
    claimed = array.domain.size * array.dtype.numpy_dtype.itemsize
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if claimed > there:
        raise DamagedGroupError(f"{folder}: claims {claimed} bytes of numbers and has {there}")


def _where(folder: Path) -> dict[str, Any]:
    return {"driver": "zarr3", "kvstore": {"driver": "file", "path": f"{folder.absolute()}/"}}


def _array_spec(folder: Path, array: np.ndarray) -> dict[str, Any]:
    chunk = [max(min(array.shape[0], _LARGEST_CHUNK_ROWS), 1), *array.shape[1:]]
    metadata = {
        "shape": list(array.shape),
        "data_type": "float32",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
        # A chunk that equals the fill value would not be written.
        "fill_value": "NaN",
        "dimension_names": ["configuration", "particle", "xy"][: array.ndim],
    }
    return _where(folder) | {"metadata": metadata}


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def flush(path: Path) -> None:
    """Have the file system store a file or folder before anything depends on it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
