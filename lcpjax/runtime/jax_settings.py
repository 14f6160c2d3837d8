"""JAX's settings that decide numbers, so that no environment variable and no default of the caller's does."""

import functools
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any, ParamSpec, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Integer

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PRNGKey

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")
Function = TypeVar("Function", bound=Callable[..., Any])

SETTINGS = {
    "jax_enable_x64": False,
    "jax_threefry_partitionable": True,
    "jax_default_prng_impl": "threefry2x32",
    "jax_default_matmul_precision": None,
}
"""By name, JAX's own defaults: every number of this package was found with them."""

_CONTEXTS: dict[str, Callable[[Any], Any]] = {
    "jax_enable_x64": jax.enable_x64,
    "jax_threefry_partitionable": jax.threefry_partitionable,
    "jax_default_prng_impl": jax.default_prng_impl,
    "jax_default_matmul_precision": jax.default_matmul_precision,
}
_NARROWER = {jnp.dtype("float64"): jnp.float32, jnp.dtype("int64"): jnp.int32, jnp.dtype("uint64"): jnp.uint32}


def key_of_seed(seed: int | np.integer | Integer[jax.Array, ""]) -> PRNGKey:
    """The random key of a seed, whatever generator, width or offset JAX is set to use.

    Args:
        seed: its low 32 bits decide.
    """
    low = jnp.uint32(int(seed) & 0xFFFFFFFF) if isinstance(seed, int | np.integer) else seed.astype(jnp.uint32)
    return jax.random.wrap_key_data(jnp.stack([jnp.uint32(0), low]), impl="threefry2x32")


def fix_settings() -> None:
    """Use this package's settings in the whole process."""
    for name, value in SETTINGS.items():
        if jax.config.values[name] != value:
            jax.config.update(name, value)


@contextmanager
def own_settings(*, any_width: bool = False) -> Generator[None]:
    """This package's settings in the calling thread, while the context lasts.

    Args:
        any_width: leave it to the caller whether there are numbers of 64 bits.
    """
    with ExitStack() as stack:
        # Only what differs: a setting that is given anew makes JAX compile anew.
        for name, value in SETTINGS.items():
            if _now(name) != value and not (any_width and name == "jax_enable_x64"):
                stack.enter_context(_CONTEXTS[name](value))
        yield


def with_own_settings(call: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """The same function under this package's settings; arrays of 64 bits are narrowed on the way in, as JAX would."""

    @functools.wraps(call)
    def call_with_settings(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        given: Any = (args, kwargs)
        if _now("jax_enable_x64"):
            given = jax.tree.map(_narrowed, given)
        with own_settings():
            return call(*given[0], **given[1])

    return call_with_settings


def entry_point(call: Function) -> Function:
    """A public function or method: it ``takes_arrays`` in any container, and computes under this package's settings."""
    return cast(Function, takes_arrays(with_own_settings(call)))


def _now(name: str) -> Any:
    """Settings in effect in this thread."""
    return getattr(jax.config, name)


def _narrowed(leaf: Any) -> Any:
    return leaf.astype(_NARROWER[leaf.dtype]) if isinstance(leaf, jax.Array) and leaf.dtype in _NARROWER else leaf
