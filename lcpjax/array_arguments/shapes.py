"""Axes of an annotation against those of an array."""

import functools
from typing import Any

from lcpjax.errors import InputError

Sizes = dict[str, Any]
"""Length of each axis by name, as far as earlier arguments determine it."""


def check_shape(where: str, shape: tuple[int, ...], axes: str, sizes: Sizes) -> None:
    """Refuse a shape that an annotation's axes exclude; lengths of named axes are remembered in ``sizes``."""
    named, variadic = _axes_of(axes)
    rest = shape
    fits = len(shape) == len(named) if variadic is None else len(shape) >= len(named)
    if fits and variadic is not None:
        start, name = variadic
        end = start + len(shape) - len(named)
        rest = shape[:start] + shape[end:]
        fits = name is None or sizes.setdefault(name, shape[start:end]) == shape[start:end]
    if fits:
        for axis, length in zip(named, rest, strict=True):
            known = sizes.setdefault(axis, length) if isinstance(axis, str) else axis
            fits = fits and (known is None or known == length)
    if not fits:
        raise InputError(f"{where} has shape {shape}, expected {_written(axes, sizes, shape)}")


@functools.cache
def _axes_of(axes: str) -> tuple[tuple[str | int | None, ...], tuple[int, str | None] | None]:
    """Names or lengths of the fixed axes; position and name of the variable ones."""
    named: list[str | int | None] = []
    variadic = None
    for token in axes.split():
        if token == "..." or token.startswith("*"):
            variadic = (len(named), token[1:] if token.startswith("*") else None)
        elif token.isdecimal():
            named.append(int(token))
        else:
            named.append(token if token.isidentifier() and not token.startswith("_") else None)
    return tuple(named), variadic


def _written(axes: str, sizes: Sizes, shape: tuple[int, ...]) -> str:
    """The axes as a shape, with the known lengths where the number of axes is right."""
    named, variadic = _axes_of(axes)
    is_full = len(shape) >= len(named)
    words = ["..." if token.startswith("*") else token for token in axes.split()]
    text = f"({', '.join(words)}{',' if len(words) == 1 else ''})"
    known = {
        name: sizes[name] for name in (*named, variadic and variadic[1]) if isinstance(name, str) and name in sizes
    }
    lengths = ", ".join(
        f"{'...' if variadic and name == variadic[1] else name} = {size}" for name, size in known.items()
    )
    return f"{text} with {lengths}" if known and is_full else text
