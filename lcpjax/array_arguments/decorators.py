"""Doors of public functions: array arguments are converted once, where they come in."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lcpjax.array_arguments.rules import rule_of, rules_of_class
from lcpjax.array_arguments.shapes import Sizes
from lcpjax.errors import InputError

Function = TypeVar("Function", bound=Callable[..., Any])


def takes_arrays(function: Function) -> Function:
    """The function, with every argument converted that is annotated as an array or a number.

    Lists, integers, halves, numbers in foreign byte order and 0-d arrays are taken where they
    can only mean one thing; named tuples are looked into.

    Raises:
        InputError: when called: complex numbers, words, masked arrays, rows of different
            length, or a shape that the annotation excludes; the argument is named.

    >>> @takes_arrays
    ... def mean(values: jax.Array) -> jax.Array:
    ...     return jnp.mean(values)
    >>> mean([1, 2]).item()
    1.5
    >>> mean("12")
    Traceback (most recent call last):
    lcpjax.errors.InputError: mean: values is a str, expected numbers
    """
    return cast(Function, _converting(function, None))


def takes_concrete_arrays(instead: str) -> Callable[[Function], Function]:
    """``takes_arrays`` for a function that needs concrete values, and so cannot be traced.

    Args:
        instead: what to do where it was called inside jit, vmap or grad.

    Raises:
        InputError: when called there, or for what ``takes_arrays`` refuses.
    """

    def decorate(function: Function) -> Function:
        return cast(Function, _converting(function, instead))

    return decorate


def convert_numbers(fields: Any) -> None:
    """Convert the fields of a frozen dataclass to the whole and real numbers of their annotations.

    Raises:
        InputError: a field that holds something else.
    """
    name = type(fields).__name__
    for field, rule in rules_of_class(type(fields)).items():
        value = getattr(fields, field)
        converted = rule(f"{name}: {field}", value, {})
        # A plain whole number stays one, as which it is written down.
        if converted is not value and type(value) is not int:
            object.__setattr__(fields, field, converted)


def _converting(function: Callable[..., Any], instead: str | None) -> Callable[..., Any]:
    rules = {name: rule_of(each.annotation) for name, each in inspect.signature(function).parameters.items()}
    named = {argument: rule for argument, rule in rules.items() if rule is not None}
    places = [(index, argument, named[argument]) for index, argument in enumerate(rules) if argument in named]
    name = getattr(function, "__qualname__", "").rpartition("<locals>.")[2]
    where = {argument: f"{name}: {argument}" for argument in named}

    @functools.wraps(function)
    def converting(*given: Any, **given_by_name: Any) -> Any:
        if instead is not None:
            _refuse_tracing(name, instead, (*given, *given_by_name.values()))
        sizes: Sizes = {}
        arguments = list(given)
        for index, argument, rule in places:
            if index < len(arguments):
                arguments[index] = rule(where[argument], arguments[index], sizes)
        for argument, value in given_by_name.items():
            if (rule := named.get(argument)) is not None:
                given_by_name[argument] = rule(where[argument], value, sizes)
        return function(*arguments, **given_by_name)

    converting.takes_arrays = True  # ty: ignore[missing-attribute]
    return converting


def _refuse_tracing(name: str, instead: str, values: tuple[Any, ...]) -> None:
    # Under jit whatever is computed is traced, arguments or not.
    is_traced = isinstance(jax.lax.convert_element_type(np.float32(0), jnp.int32), Tracer)
    if is_traced or any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(values)):
        raise InputError(f"{name}: has to see values and cannot be called inside jit, vmap or grad; {instead}")
