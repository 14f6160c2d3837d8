"""Messages between the processes of a run: plain values, arrays, and values of this package's own types; no pickle.

A message is a line of JSON with its arrays' bytes behind it. Types are named, and only those that hold values alone are
made: dataclasses, named tuples and enumerations of a few packages. So a message can start no code that is not called
for by name in ``shared``.
"""

import dataclasses
import enum
import importlib
import json
import socket
import struct
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

_PACKAGES = ("lcpjax", "optax", "flax")
_LENGTHS = struct.Struct("!QQ")
_LONGEST_TEXT, _LONGEST_ARRAYS = 2**26, 2**38
_PIECE = 2**20


class MessageError(Exception):
    """What came is no message of this program."""


def send(line: socket.socket, message: dict[str, Any]) -> None:
    """Send a message; returns when all of it is handed over.

    Raises:
        OSError: the other side is gone.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps(_encoded(message, arrays)).encode()
    _send_all(line, _LENGTHS.pack(len(text), sum(array.nbytes for array in arrays)) + text)
    for array in arrays:
        _send_all(line, array.reshape(-1).view(np.uint8).data)


def _send_all(line: socket.socket, data: bytes | memoryview) -> None:
    """Send bytes in pieces: the socket's timeout is for all that one call of ``sendall`` is given."""
    view = memoryview(data)
    for first in range(0, len(view), _PIECE):
        line.sendall(view[first : first + _PIECE])


def receive(line: socket.socket) -> dict[str, Any] | None:
    """The next message, its arrays as NumPy's; None where the other side has closed.

    Raises:
        OSError: the connection broke, or nothing came for as long as the socket waits.
        MessageError: something else came.
    """
    head = _exactly(line, _LENGTHS.size)
    if head is None:
        return None
    text_size, array_size = _LENGTHS.unpack(head)
    if text_size > _LONGEST_TEXT or array_size > _LONGEST_ARRAYS:
        raise MessageError("the connection carries something else than messages of this program")
    text, data = (_exactly(line, size, is_within=True) for size in (text_size, array_size))
    if text is None or data is None:
        return None
    try:
        message = _decoded(json.loads(bytes(text)), data)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise MessageError(f"a message cannot be read ({type(error).__name__}: {error})") from None
    if not isinstance(message, dict):
        raise MessageError("a message cannot be read (no dictionary)")
    return message


def _exactly(line: socket.socket, size: int, *, is_within: bool = False) -> bytearray | None:
    """So many bytes; None where the other side closes before.

    Args:
        is_within: a part of the message came already: what is read could not be read again after a silence.
    """
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        try:
            count = line.recv_into(view[done : done + _PIECE])
        except TimeoutError:
            if is_within or done:
                raise MessageError("it stopped within a message") from None
            raise
        if not count:
            return None
        done += count
    return data


def _encoded(value: Any, arrays: list[np.ndarray]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, enum.Enum):
        _expect_own(type(value).__module__, _name(type(value)))
        return {"enum": _name(type(value)), "value": value.name}
    if isinstance(value, int | float):
        return value
    if isinstance(value, jax.Array | np.ndarray | np.generic):
        array = np.asarray(value)
        arrays.append(np.ascontiguousarray(array))
        return {"array": array.dtype.name, "shape": list(array.shape)}
    if isinstance(value, dict):
        return {"dict": [[key, _encoded(each, arrays)] for key, each in value.items()]}
    if isinstance(value, list):
        return {"list": [_encoded(each, arrays) for each in value]}
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return {"tuple": [_encoded(each, arrays) for each in value]}
    return {
        "type": _name(type(value)),
        "fields": {name: _encoded(getattr(value, name), arrays) for name in _fields(type(value))},
    }


def _decoded(value: Any, data: bytearray) -> Any:
    """Value of a message, read from its beginning on."""
    taken = 0

    def decoded(value: Any) -> Any:
        nonlocal taken
        if not isinstance(value, dict):
            return value
        if "array" in value:
            dtype, shape = jnp.dtype(value["array"]), tuple(value["shape"])
            first, taken = taken, taken + dtype.itemsize * int(np.prod(shape, dtype=np.int64))
            return np.frombuffer(memoryview(data)[first:taken], dtype).reshape(shape)
        if "dict" in value:
            return {key: decoded(each) for key, each in value["dict"]}
        if "list" in value:
            return [decoded(each) for each in value["list"]]
        if "tuple" in value:
            return tuple(decoded(each) for each in value["tuple"])
        if "enum" in value:
            return _type(value["enum"])[value["value"]]
        return _type(value["type"])(**{name: decoded(each) for name, each in value["fields"].items()})

    return decoded(value)


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _expect_own(module: str, name: str) -> None:
    if module.partition(".")[0] not in _PACKAGES:
        raise TypeError(f"{name} is no type that is sent")


def _fields(kind: type) -> tuple[str, ...]:
    """Names of the values that a type is made of.

    Raises:
        TypeError: it may be made of something else.
    """
    _expect_own(kind.__module__, _name(kind))
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        names: Any = kind._fields
        return tuple(names)
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{_name(kind)} is no type that is sent")
    # Flax adds the last two, which a module outside another one has not.
    return tuple(
        field.name for field in dataclasses.fields(kind) if field.init and field.name not in ("parent", "name")
    )


def _type(name: str) -> Any:
    """The type of that name, if it is one that is sent."""
    module, _, path = name.partition(":")
    _expect_own(module, name)
    kind: Any = importlib.import_module(module)
    for part in path.split("."):
        kind = getattr(kind, part)
    if not isinstance(kind, type):
        raise TypeError(f"{name} is no type that is sent")
    if not issubclass(kind, enum.Enum):
        _fields(kind)
    return kind
