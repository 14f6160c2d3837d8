"""The label and the unit of a metric or a column, from rules; a name that no rule covers is shown in its own words."""

import math
import re
from typing import Any, NamedTuple

from lcpjax.report.quantities.units import split_unit, unit_of_column
from lcpjax.report.quantities.vocabulary import PHRASES, WORDS

_TEX = {"sigma²": r"$\sigma^2$", "sigma": r"$\sigma$", "epsilon": r"$\epsilon$", "grey value²": "grey value$^2$"}
_LONGEST_PHRASE = max(phrase.count("_") for phrase in PHRASES) + 1
_MADE: dict[str, tuple[str, str | None]] = {
    "test_set_error": ("{}, standard error of the test set", None),
    "seed_sd": ("{}, sd over seeds", None),
    "standard_error": ("{}, standard error", None),
    "error": ("{}, standard error", None),
    "wasserstein": ("Wasserstein distance of {}", None),
    "nested_rhat": ("nested R-hat of {}", ""),
    "standard_deviation": ("{}, standard deviation", None),
    "sd": ("{}, sd", None),
    "mean": ("{}, mean", None),
    "median": ("{}, median", None),
    "range": ("range of {}", None),
    "low": ("{}, low end", None),
    "high": ("{}, high end", None),
    "least": ("{}, least", None),
    "most": ("{}, most", None),
    "drift": ("drift of {}", "standard errors"),
    "at_twice": ("{}, after twice the sweeps", None),
}
"""Ends of names that say what was made of the quantity before them, and its unit where that is another."""


class Quantity(NamedTuple):
    """How people call what a metric or a column holds."""

    label: str
    unit: str
    """In the field's notation; "" where it has none."""
    is_known: bool
    """Whether rules cover the name; else the label is made of its own words."""

    @property
    def with_unit(self) -> str:
        """The label with the unit in brackets."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def on_axis(self) -> str:
        """The same for an axis of a figure, in Matplotlib's notation."""
        label = re.sub(r"\b(lambda|gamma)\b", r"$\\\1$", self.label)
        return f"{label} ({_TEX.get(self.unit, self.unit)})" if self.unit else label


def quantity_of_metric(name: str) -> Quantity:
    """Label and unit of ``stage/quantity_unit``, and of what it is of, after further slashes.

    >>> quantity_of_metric("reconstruction/mse_test_sigma2/kl_weight=0.001").with_unit
    'test MSE, lambda = 0.001 (sigma²)'
    """
    stage, _, rest = name.partition("/")
    quantity, *groups = rest.split("/") if rest else [stage]
    unit = "sd of the fluid" if quantity.endswith("wasserstein_sd") else ""
    label, own_unit, is_known = _read(quantity.removesuffix("_sd") if unit else quantity)
    return Quantity(", ".join([label, *map(_group, groups)]), unit or own_unit, is_known)


def quantity_of_column(name: str, table: str = "") -> Quantity:
    """Label and unit of a column.

    Args:
        table: its name without .csv, which tells apart quantities of one name.

    >>> quantity_of_column("rmsd_of_sample").with_unit, quantity_of_column("kl_nats_sd").with_unit
    ('RMSD, posterior sample (sigma)', 'KL, sd (nats)')
    """
    if "/" in name:
        return quantity_of_metric(name)
    name, _, of = name.partition(": ")
    if name.startswith("found_"):
        name, of = "found_fraction", name.removeprefix("found_")
    label, unit, is_known = _read(name)
    return Quantity(f"{label}: {of}" if of else label, unit or unit_of_column(name, table), is_known)


def axis_label(name: str, table: str = "") -> str:
    r"""What stands at a figure's axis that shows a metric or a column, in Matplotlib's notation.

    Args:
        name, table: as those of ``quantity_of_column``.

    >>> axis_label("mse_test"), axis_label("rate/kl_nats")
    ('test MSE ($\\sigma^2$)', 'KL (nats)')
    """
    return quantity_of_column(name, table).on_axis


def short(value: Any) -> str:
    """A value as text, a number with four digits.

    >>> short(0.000123456), short(12), short(2.5), short(True), short(None)
    ('0.0001235', '12', '2.5', 'yes', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isfinite(value) and value == round(value) and abs(value) < 1e6:
            return f"{value:.0f}"
        return f"{value:.4g}"
    return str(value)


def _read(name: str) -> tuple[str, str, bool]:
    """The name in words, its unit, and whether all words are known."""
    stem, unit = split_unit(name)
    if name.endswith("_wall_seconds"):
        label, is_known = _label(stem)
        return f"wall time: {label}", unit, is_known
    for end, (sentence, own_unit) in _MADE.items():
        if stem.endswith(f"_{end}") and stem not in PHRASES and not stem.startswith("largest_"):
            label, unit_inside, is_known = _read(stem.removesuffix(f"_{end}"))
            return sentence.format(label), unit or (unit_inside if own_unit is None else own_unit), is_known
    label, is_known = _label(stem)
    return label, unit, is_known


def _label(stem: str) -> tuple[str, bool]:
    words, said, is_known = stem.split("_"), [], True
    while words:
        for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
            if (phrase := "_".join(words[:length])) in PHRASES:
                break
        else:
            phrase, length = words[0], 1
            is_known = is_known and phrase in WORDS
        said.append(PHRASES.get(phrase, phrase))
        del words[:length]
    return " ".join(said), is_known


def _group(text: str) -> str:
    if text == "n0_i":
        return "N(0, I)"
    key, equals, value = text.partition("=")
    if equals:
        return f"{_label(key)[0]} = {value}"
    return re.sub(r"^(gamma|sweeps)_(?=\d)", r"\1 = ", text).replace("_", " ")
