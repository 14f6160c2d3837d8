"""Single values and whole arrays of other containers, converted or refused in one line."""

from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.errors import TracerArrayConversionError

from lcpjax.array_arguments.shapes import Sizes
from lcpjax.errors import InputError

EXPECTED = {
    "real": "real numbers",
    "integer": "integers",
    "bool": "true and false",
    "key": "a key, as jax.random.key gives it",
    "any": "numbers",
}
# The dtypes that pass as they are; halves are left out, in which an energy overflows and a sum loses its digits.
AS_THEY_ARE = {
    "real": {np.dtype(f"float{bits}") for bits in (32, 64)},
    "integer": {np.dtype(f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
    "bool": {np.dtype(bool)},
}
AS_THEY_ARE["any"] = set().union(*AS_THEY_ARE.values())
SINGLE = {"real": np.float32, "integer": np.int32}
WIDEST = {"real": np.float64, "integer": np.int64}


def has_64_bits() -> bool:
    """Whether JAX works in double precision here."""
    return bool(jax.config.read("jax_enable_x64"))


def kind_of(dtype: Any) -> str | None:
    """The kind of numbers of a dtype: bool, integer or real; None for others."""
    kinds = (("bool", np.bool_), ("integer", np.integer), ("real", np.floating))
    return next((name for name, kind in kinds if jnp.issubdtype(dtype, kind)), None)


def as_numpy(where: str, value: Any, expected: str) -> np.ndarray:
    """Values as a NumPy array, or a refusal."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{where} is a masked array, expected one that holds {expected} only")
    if value is None or isinstance(value, str | bytes | set | dict):
        raise InputError(f"{where} is {article(value)}, expected {expected}")
    try:
        array = np.asarray(value)
    except TracerArrayConversionError:
        raise
    except (ValueError, TypeError):
        raise InputError(f"{where} holds rows of different length, expected {expected} in a regular shape") from None
    if array.dtype.kind in "OSUMmV" and kind_of(array.dtype) is None:
        what = f"has dtype {array.dtype}" if isinstance(value, np.ndarray | list | tuple) else f"is {article(value)}"
        raise InputError(f"{where} {what}, expected {expected}")
    return array


def as_key(where: str, value: Any) -> jax.Array:
    """A key as it is, or made of the two words that ``jax.random.PRNGKey`` gives."""
    is_array = isinstance(value, jax.Array | np.ndarray)
    if is_array and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        return cast(jax.Array, value)
    if is_array and value.dtype == np.uint32:
        try:
            return jax.random.wrap_key_data(jnp.asarray(value))
        except (TypeError, ValueError):
            pass
    what = f"has dtype {value.dtype} and shape {value.shape}" if is_array else f"is {article(value)}"
    raise InputError(f"{where} {what}, expected {EXPECTED['key']}")


def check_range(where: str, array: np.ndarray, target: np.dtype) -> None:
    """Refuse integers that a dtype cannot hold."""
    if target.kind not in "iu" or array.size == 0 or array.dtype.kind not in "iu":
        return
    limits = np.iinfo(target)
    if int(array.min()) < limits.min or int(array.max()) > limits.max:
        raise InputError(f"{where} holds integers from {array.min()} to {array.max()}, expected them within {target}")


def whole(where: str, value: Any, sizes: Sizes) -> Any:
    """A whole number; traced values are left to the function."""
    if type(value) is int or isinstance(value, Tracer):
        return value
    is_truth = isinstance(value, bool | np.bool_)
    if isinstance(value, np.integer | int) and not is_truth:
        return int(value)
    if isinstance(value, np.ndarray | jax.Array) and value.ndim == 0 and jnp.issubdtype(value.dtype, np.integer):
        return int(value)
    raise InputError(f"{where} = {_shown(value)}: must be a whole number")


def real(where: str, value: Any, sizes: Sizes) -> Any:
    """A real number; traced values are left to the function."""
    if type(value) is float or isinstance(value, Tracer):
        return value
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, np.ndarray | jax.Array) and value.ndim == 0 and kind_of(value.dtype) in ("integer", "real"):
        return float(value)
    raise InputError(f"{where} = {_shown(value)}: must be a number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 and "\n" not in text else article(value)


def article(value: Any) -> str:
    """The name of a value's type with its article, for messages."""
    name = "None" if value is None else type(value).__name__
    return name if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
