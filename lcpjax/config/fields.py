"""Allowed values of keys: range, unit or words."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Allowed:
    """The values a number may take."""

    low: float
    high: float = math.inf
    low_included: bool = True
    unit: str = ""
    may_be_empty: bool = False

    def refuses(self, value: float) -> bool:
        """Whether a value lies outside, or is not a number."""
        too_low = value < self.low if self.low_included else value <= self.low
        return not math.isfinite(value) or too_low or value > self.high

    def __str__(self) -> str:
        low = f"{'at least' if self.low_included else 'above'} {self.low:g}"
        high = f" and at most {self.high:g}" if self.high < math.inf else ""
        return low + high + (f" ({self.unit})" if self.unit else "")


def at_least(
    low: float, high: float = math.inf, unit: str = "", *, may_be_empty: bool = False, unique: bool = False
) -> Any:
    """A mandatory field of numbers in [low, high]; ``may_be_empty``: a list of none will do; ``unique``: no doubles.

    Doubles are refused where values name models, columns or files.
    """
    allowed = Allowed(low, high, unit=unit, may_be_empty=may_be_empty)
    return dataclasses.field(metadata={"allowed": allowed, "unique": unique})


def above(low: float, high: float = math.inf, unit: str = "", *, may_be_empty: bool = False) -> Any:
    """A mandatory field of numbers in (low, high]; ``may_be_empty``: a list of none will do."""
    allowed = Allowed(low, high, low_included=False, unit=unit, may_be_empty=may_be_empty)
    return dataclasses.field(metadata={"allowed": allowed})


def words(*, may_be_empty: bool = False) -> Any:
    """A mandatory list of names that a stage or an experiment knows, each at most once."""
    return dataclasses.field(metadata={"may_be_empty": may_be_empty, "unique": True})


def one_of(*names: str) -> Any:
    """A mandatory field that holds one of a few words."""
    return dataclasses.field(metadata={"names": names})
