"""From an annotation to the rule by which an argument is converted."""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.errors import TracerArrayConversionError

from lcpjax.array_arguments.shapes import Sizes, check_shape
from lcpjax.array_arguments.values import (
    AS_THEY_ARE,
    EXPECTED,
    SINGLE,
    WIDEST,
    article,
    as_key,
    as_numpy,
    check_range,
    has_64_bits,
    kind_of,
    real,
    whole,
)
from lcpjax.errors import InputError

Rule = Callable[[str, Any, Sizes], Any]
"""From an argument's name, its value and the known axes to the converted argument."""


def rule_of(annotation: Any) -> Rule | None:
    """Rule of an annotation; None for values that pass unchecked."""
    if annotation is int:
        return whole
    if annotation is float:
        return real
    if annotation in (jax.Array, np.ndarray):
        return _ArrayRule("any", frozenset(AS_THEY_ARE["any"]), None, *_containers([annotation]))
    if _is_array(annotation):
        return _array_rule([annotation])
    if inspect.isclass(annotation) and issubclass(annotation, tuple) and hasattr(annotation, "_fields"):
        arrays = {field: rule for field, rule in rules_of_class(annotation).items() if is_of_arrays(rule)}
        return _FieldsRule(annotation, arrays) if arrays else None
    origin, members = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _union_rule(members)
    if origin in (Sequence, tuple) and members[0] in (int, float) and members[1:] in ((), (Ellipsis,)):
        return _SequenceRule(whole if members[0] is int else real, origin is tuple)
    if origin is tuple and Ellipsis not in members and any(map(rule_of, members)):
        return _TupleRule(tuple(map(rule_of, members)))
    return None


def is_of_arrays(rule: Rule) -> bool:
    """Whether a rule is for arrays, or rows or tuples of numbers, and not for one plain number."""
    return rule not in (whole, real) and not (isinstance(rule, _UnionRule) and rule.other is None)


def _is_array(annotation: Any) -> bool:
    return hasattr(annotation, "dim_str") and hasattr(annotation, "dtypes")


def _array_rule(annotations: Sequence[Any]) -> "_ArrayRule":
    """Rule of one array type, or of several that differ only in their library."""
    first = annotations[0]
    names = first.dtypes if isinstance(first.dtypes, tuple | list) else None
    # jaxtyping has dtypes that NumPy has not.
    dtypes = {dtype for dtype in AS_THEY_ARE["any"] if names is None or dtype.name in names}
    if names is not None and "prng_key" in names:
        kind = "key"
    else:
        kind = next((kind for kind in ("any", "real", "integer", "bool") if AS_THEY_ARE[kind] <= dtypes), None)
        kind = kind or next(kind for kind in ("real", "integer") if AS_THEY_ARE[kind] & dtypes)
    as_they_are = frozenset(dtypes & AS_THEY_ARE.get(kind, set()))
    return _ArrayRule(kind, as_they_are, first.dim_str, *_containers([each.array_type for each in annotations]))


def _containers(array_types: Sequence[Any]) -> tuple[bool, bool, bool]:
    return jax.Array in array_types, np.ndarray in array_types, np.ndarray in array_types


def _union_rule(members: Sequence[Any]) -> Rule | None:
    arrays = [member for member in members if _is_array(member)]
    rules: list[Rule] = [_array_rule(arrays)] if arrays else []
    others = [member for member in members if not _is_array(member) and member is not type(None)]
    if any(rule_of(member) is None for member in others):
        return None
    # A plain number first: where it may be one it stays one.
    numbers = tuple(member for member in others if member in (int, float))
    rules += [rule for member in others if member not in numbers and (rule := rule_of(member)) is not None]
    if len(rules) > 1:
        return None
    return _UnionRule(type(None) in members, numbers, rules[0] if rules else None)


@functools.cache
def rules_of_class(record: type) -> Mapping[str, Rule]:
    """Rules of the fields of a named tuple or a dataclass; arrays of either library may lie in it."""
    rules = {}
    for field, annotation in inspect.get_annotations(record).items():
        rule = rule_of(annotation)
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
            return (real if float in self.numbers else whole)(where, value, sizes)
        return cast(Rule, self.other)(where, value, sizes)


class _FieldsRule(NamedTuple):
    """A named tuple of arrays."""

    record: type
    rules: Mapping[str, Rule]

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if not isinstance(value, self.record):
            raise InputError(f"{where} is {article(value)}, expected a {self.record.__name__}")
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
            raise InputError(f"{where} is {article(value)}, expected a tuple of {len(self.rules)}")
        pairs = zip(self.rules, value, strict=True)
        return tuple(own if rule is None else rule(where, own, sizes) for rule, own in pairs)


class _SequenceRule(NamedTuple):
    """A row of plain numbers, or an array of them."""

    rule: Rule
    is_tuple: bool

    def __call__(self, where: str, value: Any, sizes: Sizes) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            array = np.asarray(as_numpy(where, value, "numbers"))
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
            check_shape(where, value.shape, self.axes, sizes)
        return value

    def _converted(self, where: str, value: Any) -> Any:
        if self.kind == "key":
            return as_key(where, value)
        if isinstance(value, jax.Array) and self.takes_jax:
            return value.astype(self._target(where, value.dtype))
        try:
            array = as_numpy(where, value, EXPECTED[self.kind])
        except TracerArrayConversionError:
            return self._of_tracers(where, value)
        # An empty list holds no number of a wrong kind.
        is_empty = array.size == 0 and isinstance(value, list | tuple)
        target = self._target(where, np.dtype(np.int32) if is_empty and self.kind == "integer" else array.dtype)
        check_range(where, array, target)
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
        found = kind_of(dtype)
        is_right = found == self.kind or (self.kind == "any" and found is not None)
        if not (is_right or (self.kind == "real" and found in ("integer", "bool"))):
            raise InputError(f"{where} has dtype {dtype}, expected {EXPECTED[self.kind]}")
        wanted = self.kind if self.kind != "any" else found
        if wanted == "bool":
            return np.dtype(bool)
        if len(self.as_they_are) == 1:
            return next(iter(self.as_they_are))
        # By name: without the byte order.
        native = {each.name: each for each in self.as_they_are}.get(dtype.name)
        if native is not None and (self.takes_numpy or native.itemsize < 8 or has_64_bits()):
            return native
        return np.dtype(WIDEST[wanted] if self.takes_numpy else SINGLE[wanted])
