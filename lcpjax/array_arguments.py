"""Array arguments of public functions: numbers in other containers are converted, or refused in one line.

The annotations of a function declare the arrays; they are read once, when it is
defined. A JAX array of the right kind passes as it is, under jit, vmap and grad too.
"""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.errors import TracerArrayConversionError

from lcpjax.errors import InputError

Function = TypeVar("Function", bound=Callable[..., Any])
Sizes = dict[str, Any]
"""Length of each axis by name, as far as earlier arguments determine it."""
Rule = Callable[[str, Any, Sizes], Any]
"""From an argument's name, its value and the known axes to the converted argument."""

_EXPECTED = {
    "real": "real numbers",
    "integer": "integers",
    "bool": "true and false",
    "key": "a key, as jax.random.key gives it",
    "any": "numbers",
}
# The dtypes that pass as they are; halves are left out, in which an energy overflows and a sum loses its digits.
_AS_THEY_ARE = {
    "real": {np.dtype(f"float{bits}") for bits in (32, 64)},
    "integer": {np.dtype(f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
    "bool": {np.dtype(bool)},
}
_AS_THEY_ARE["any"] = set().union(*_AS_THEY_ARE.values())


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
    for field, rule in _rules_of_class(type(fields)).items():
        value = getattr(fields, field)
        converted = rule(f"{name}: {field}", value, {})
        # A plain whole number stays one, as which it is written down.
        if converted is not value and type(value) is not int:
            object.__setattr__(fields, field, converted)


def rules_of(function: Callable[..., Any]) -> Mapping[str, Rule]:
    """Rules of a function's arguments that are annotated as arrays, or rows or tuples of numbers, by name."""
    parameters = inspect.signature(function).parameters.items()
    rules = ((name, _rule_of(each.annotation)) for name, each in parameters)
    return {name: rule for name, rule in rules if rule is not None and _is_of_arrays(rule)}


def _converting(function: Callable[..., Any], instead: str | None) -> Callable[..., Any]:
    rules = {name: _rule_of(each.annotation) for name, each in inspect.signature(function).parameters.items()}
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


def _rule_of(annotation: Any) -> Rule | None:
    """Rule of an annotation; None for values that pass unchecked."""
    if annotation is int:
        return _whole
    if annotation is float:
        return _real
    if annotation in (jax.Array, np.ndarray):
        return _ArrayRule("any", frozenset(_AS_THEY_ARE["any"]), None, *_containers([annotation]))
    if _is_array(annotation):
        return _array_rule([annotation])
    if inspect.isclass(annotation) and issubclass(annotation, tuple) and hasattr(annotation, "_fields"):
        arrays = {field: rule for field, rule in _rules_of_class(annotation).items() if _is_of_arrays(rule)}
        return _FieldsRule(annotation, arrays) if arrays else None
    origin, members = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _union_rule(members)
    if origin in (Sequence, tuple) and members[0] in (int, float) and members[1:] in ((), (Ellipsis,)):
        return _SequenceRule(_whole if members[0] is int else _real, origin is tuple)
    if origin is tuple and Ellipsis not in members and any(map(_rule_of, members)):
        return _TupleRule(tuple(map(_rule_of, members)))
    return None


def _is_of_arrays(rule: Rule) -> bool:
    return rule not in (_whole, _real) and not (isinstance(rule, _UnionRule) and rule.other is None)


def _is_array(annotation: Any) -> bool:
    return hasattr(annotation, "dim_str") and hasattr(annotation, "dtypes")


def _array_rule(annotations: Sequence[Any]) -> "_ArrayRule":
    """Rule of one array type, or of several that differ only in their library."""
    first = annotations[0]
    names = first.dtypes if isinstance(first.dtypes, tuple | list) else None
    # jaxtyping has dtypes that NumPy has not.
    dtypes = {dtype for dtype in _AS_THEY_ARE["any"] if names is None or dtype.name in names}
    if names is not None and "prng_key" in names:
        kind = "key"
    else:
        kind = next((kind for kind in ("any", "real", "integer", "bool") if _AS_THEY_ARE[kind] <= dtypes), None)
        kind = kind or next(kind for kind in ("real", "integer") if _AS_THEY_ARE[kind] & dtypes)
    as_they_are = frozenset(dtypes & _AS_THEY_ARE.get(kind, set()))
    return _ArrayRule(kind, as_they_are, first.dim_str, *_containers([each.array_type for each in annotations]))


def _containers(array_types: Sequence[Any]) -> tuple[bool, bool, bool]:
    return jax.Array in array_types, np.ndarray in array_types, np.ndarray in array_types


def _union_rule(members: Sequence[Any]) -> Rule | None:
    arrays = [member for member in members if _is_array(member)]
    rules: list[Rule] = [_array_rule(arrays)] if arrays else []
    others = [member for member in members if not _is_array(member) and member is not type(None)]
    if any(_rule_of(member) is None for member in others):
        return None
    # A plain number first: where it may be one it stays one.
    numbers = tuple(member for member in others if member in (int, float))
    rules += [rule for member in others if member not in numbers and (rule := _rule_of(member)) is not None]
    if len(rules) > 1:
        return None
    return _UnionRule(type(None) in members, numbers, rules[0] if rules else None)


@functools.cache
def _rules_of_class(record: type) -> Mapping[str, Rule]:
    """Rules of the fields of a named tuple or a dataclass; arrays of either library may lie in it."""
    rules = {}
    for field, annotation in inspect.get_annotations(record).items():
        rule = _rule_of(annotation)
        if rule is not None:
            rules[field] = rule._replace(leaves_numpy=True) if isinstance(rule, _ArrayRule) else rule
    return rules


class _UnionRule(NamedTuple):
    """None, a number or an array."""

    may_be_none: bool
    numbers: tuple[type, ...]
    other: Rule | None

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if value is None and self.may_be_none:
            return value
        if self.numbers and (self.other is None or (isinstance(value, float | int) and not isinstance(value, bool))):
            return (_real if float in self.numbers else _whole)(where, value, sizes)
        return cast(Rule, self.other)(where, value, sizes)


class _FieldsRule(NamedTuple):
    """A named tuple of arrays."""

    record: type
    rules: Mapping[str, Rule]

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if not isinstance(value, self.record):
            raise InputError(f"{where} is {_article(value)}, expected a {self.record.__name__}")
        changed = {}
        for field, rule in self.rules.items():
            own = getattr(value, field)
            # Its axes are its own business: one tuple may hold others of other lengths.
            if (converted := rule(f"{where}.{field}", own, {})) is not own:
                changed[field] = converted
        return value._replace(**changed) if changed else value


class _TupleRule(NamedTuple):
    """A tuple of fixed length."""

    rules: tuple[Rule | None, ...]

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if not isinstance(value, tuple | list) or len(value) != len(self.rules):
            raise InputError(f"{where} is {_article(value)}, expected a tuple of {len(self.rules)}")
        pairs = zip(self.rules, value, strict=True)
        return tuple(own if rule is None else rule(where, own, sizes) for rule, own in pairs)


class _SequenceRule(NamedTuple):
    """A row of plain numbers, or an array of them."""

    rule: Rule
    is_tuple: bool

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            array = np.asarray(_as_numpy(where, value, "numbers"))
            if array.ndim != 1:
                raise InputError(f"{where} has shape {array.shape}, expected one row of numbers")
            value = array.tolist()
        numbers = [each if type(each) is int else self.rule(where, each, sizes) for each in value]
        is_same = all(new is old for new, old in zip(numbers, value, strict=True))
        if is_same and isinstance(value, tuple) >= self.is_tuple:
            return value
        return tuple(numbers) if self.is_tuple else numbers


class _ArrayRule(NamedTuple):
    """An array of one kind of numbers, with the axes of its annotation."""

    kind: str
    as_they_are: frozenset[np.dtype]
    axes: str | None
    takes_jax: bool
    takes_numpy: bool
    leaves_numpy: bool
    """Also for JAX arrays."""

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        is_jax = isinstance(value, jax.Array)
        if not (
            (is_jax and self.takes_jax and value.dtype in self.as_they_are)
            or (type(value) is np.ndarray and self.leaves_numpy and value.dtype in self.as_they_are)
        ):
            value = self._converted(where, value)
        if self.axes is not None:
            _check_shape(where, value.shape, self.axes, sizes)
        return value

    def _converted(self, where: str, value: Any) -> Any:
        if self.kind == "key":
            return _as_key(where, value)
        if isinstance(value, jax.Array) and self.takes_jax:
            return value.astype(self._target(where, value.dtype))
        try:
            array = _as_numpy(where, value, _EXPECTED[self.kind])
        except TracerArrayConversionError:
            return self._of_tracers(where, value)
        # An empty list holds no number of a wrong kind.
        is_empty = array.size == 0 and isinstance(value, list | tuple)
        target = self._target(where, np.dtype(np.int32) if is_empty and self.kind == "integer" else array.dtype)
        _check_range(where, array, target)
        # Too large for single precision is infinite there, which whoever needs finite numbers refuses.
        with np.errstate(over="ignore"):
            array = array.astype(target)
        return array if self.takes_numpy else jax.device_put(array, may_alias=False)

    def _of_tracers(self, where: str, value: Any) -> Any:
        if not self.takes_jax:
            raise InputError(
                f"{where} is traced, and this function has to see values: call it outside of jit, vmap and grad"
            ) from None
        array = jnp.asarray(value)
        return array.astype(self._target(where, array.dtype))

    def _target(self, where: str, dtype: Any) -> np.dtype:
        """Target dtype of numbers of a dtype."""
        found = _kind_of(dtype)
        is_right = found == self.kind or (self.kind == "any" and found is not None)
        if not (is_right or (self.kind == "real" and found in ("integer", "bool"))):
            raise InputError(f"{where} has dtype {dtype}, expected {_EXPECTED[self.kind]}")
        wanted = self.kind if self.kind != "any" else found
        if wanted == "bool":
            return np.dtype(bool)
        if len(self.as_they_are) == 1:
            return next(iter(self.as_they_are))
        # By name: without the byte order.
        native = {each.name: each for each in self.as_they_are}.get(dtype.name)
        if native is not None and (self.takes_numpy or native.itemsize < 8 or _has_64_bits()):
            return native
        return np.dtype(_WIDEST[wanted] if self.takes_numpy else _SINGLE[wanted])


_SINGLE = {"real": np.float32, "integer": np.int32}
_WIDEST = {"real": np.float64, "integer": np.int64}


def _has_64_bits() -> bool:
    return bool(jax.config.read("jax_enable_x64"))


def _kind_of(dtype: Any) -> str | None:
    kinds = (("bool", np.bool_), ("integer", np.integer), ("real", np.floating))
    return next((name for name, kind in kinds if jnp.issubdtype(dtype, kind)), None)


def _as_numpy(where: str, value: Any, expected: str) -> np.ndarray:
    """Values as a NumPy array, or a refusal."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{where} is a masked array, expected one that holds {expected} only")
    if value is None or isinstance(value, str | bytes | set | dict):
        raise InputError(f"{where} is {_article(value)}, expected {expected}")
    try:
        array = np.asarray(value)
    except TracerArrayConversionError:
        raise
    except (ValueError, TypeError):
        raise InputError(f"{where} holds rows of different length, expected {expected} in a regular shape") from None
    if array.dtype.kind in "OSUMmV" and _kind_of(array.dtype) is None:
        what = f"has dtype {array.dtype}" if isinstance(value, np.ndarray | list | tuple) else f"is {_article(value)}"
        raise InputError(f"{where} {what}, expected {expected}")
    return array


def _as_key(where: str, value: Any) -> jax.Array:
    """A key as it is, or made of the two words that ``jax.random.PRNGKey`` gives."""
    is_array = isinstance(value, jax.Array | np.ndarray)
    if is_array and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        return cast(jax.Array, value)
    if is_array and value.dtype == np.uint32:
        try:
            return jax.random.wrap_key_data(jnp.asarray(value))
        except (TypeError, ValueError):
            pass
    what = f"has dtype {value.dtype} and shape {value.shape}" if is_array else f"is {_article(value)}"
    raise InputError(f"{where} {what}, expected {_EXPECTED['key']}")


def _check_range(where: str, array: np.ndarray, target: np.dtype) -> None:
    if target.kind not in "iu" or array.size == 0 or array.dtype.kind not in "iu":
        return
    limits = np.iinfo(target)
    if int(array.min()) < limits.min or int(array.max()) > limits.max:
        raise InputError(f"{where} holds integers from {array.min()} to {array.max()}, expected them within {target}")


def _check_shape(where: str, shape: tuple[int, ...], axes: str, sizes: Sizes) -> None:
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


def _whole(where: str, value: Any, sizes: Sizes) -> Any:
    """A whole number; traced values are left to the function."""
    if type(value) is int or isinstance(value, Tracer):
        return value
    is_truth = isinstance(value, bool | np.bool_)
    if isinstance(value, np.integer | int) and not is_truth:
        return int(value)
    if isinstance(value, np.ndarray | jax.Array) and value.ndim == 0 and jnp.issubdtype(value.dtype, np.integer):
        return int(value)
    raise InputError(f"{where} = {_shown(value)}: must be a whole number")


def _real(where: str, value: Any, sizes: Sizes) -> Any:
    """A real number; traced values are left to the function."""
    if type(value) is float or isinstance(value, Tracer):
        return value
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, np.ndarray | jax.Array) and value.ndim == 0 and _kind_of(value.dtype) in ("integer", "real"):
        return float(value)
    raise InputError(f"{where} = {_shown(value)}: must be a number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 and "\n" not in text else _article(value)


def _article(value: Any) -> str:
    name = "None" if value is None else type(value).__name__
    return name if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
