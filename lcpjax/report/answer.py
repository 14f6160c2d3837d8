"""What a run found, in one sentence made from its numbers, and the few numbers that matter beside what bounds them."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lcpjax.report.quantities import quantity_of_metric, short

Summary: TypeAlias = Mapping[str, float]
MOST_KEY_NUMBERS = 3
# Runs of earlier versions have other words in the names of the same metrics.
_RENAMED = {
    "excess_over_shannon": "above_shannon",
    "share_of_exact": "fraction_of_exact",
    "convolutional_beside_linear": "convolutional_linear_skip",
    "strange_samples": "anomalous_samples",
    "broken_triangles": "triangle_violations",
    "_share": "_fraction",
}
_OLD_WORDS = re.compile("|".join(_RENAMED))


class KeyNumber(NamedTuple):
    """One of the numbers that matter, beside what bounds it."""

    metric: str
    """Name of the metric."""
    value: float
    error: float = math.nan
    """nan where there is none."""
    bound: float = math.nan
    """In the same unit; nan where nothing bounds it."""
    bound_name: str = ""
    error_name: str = ""
    """What ± is; "" where the sentence says it."""

    @property
    def label(self) -> str:
        """What it is called."""
        return quantity_of_metric(self.metric).label

    @property
    def unit(self) -> str:
        """Its unit."""
        return quantity_of_metric(self.metric).unit

    @property
    def shown(self) -> str:
        """The value with its error and unit."""
        value = with_error(self.value, self.error) if math.isfinite(self.error) else short(self.value)
        return f"{value} {self.unit}".rstrip()

    @property
    def bound_shown(self) -> str:
        """The bound's name and value, and what ± is; "" where nothing bounds it and it has no error."""
        bound = f"{self.bound_name}: {short(self.bound)}" if math.isfinite(self.bound) else self.bound_name
        error = f"± {self.error_name}" if self.error_name and math.isfinite(self.error) else ""
        return "; ".join(filter(None, (bound if self.bound_name else "", error)))


class Answer(NamedTuple):
    """The outcome of a run."""

    sentence: str
    key_numbers: tuple[KeyNumber, ...] = ()


Answering: TypeAlias = Callable[[Summary], Answer]
"""Function ``answer`` of experiments/NAME/answer.py: from the summary of a run alone."""


def with_current_names(summary: Summary) -> dict[str, float]:
    """The numbers of a summary by the metrics' names of today.

    >>> with_current_names({"rate/excess_over_shannon_nats": 1.0})
    {'rate/above_shannon_nats': 1.0}
    """
    return {_OLD_WORDS.sub(lambda word: _RENAMED[word.group()], name): value for name, value in summary.items()}


def of_quantity(summary: Summary, quantity: str) -> dict[str, float]:
    """The numbers of one ``stage/quantity_unit`` by what they are of; those that are not finite are left out.

    >>> of_quantity({"a/b_nats/x": 1.0, "a/b_nats/y/z": 2.0, "a/c": 3.0}, "a/b_nats")
    {'x': 1.0, 'y/z': 2.0}
    """
    of = f"{quantity}/"
    return {
        name.removeprefix(of): value for name, value in summary.items() if name.startswith(of) and math.isfinite(value)
    }


def key_number(
    summary: Summary, metric: str, bound: float = math.nan, bound_name: str = "", *, error: str = ""
) -> tuple[KeyNumber, ...]:
    """One key number, or none where the run has none of that name.

    Args:
        error: name of the metric with its error; it says whether that is a standard deviation over seeds.

    >>> summary = {"a/b_nats": 2.0, "a/b_sd_nats": 0.1}
    >>> (each,) = key_number(summary, "a/b_nats", 0.0, "a perfect code", error="a/b_sd_nats")
    >>> each.shown, each.bound_shown
    ('2.00 ± 0.10 nats', 'a perfect code: 0; ± sd over seeds')
    """
    if not math.isfinite(value := summary.get(metric, math.nan)):
        return ()
    name = error and ("sd over seeds" if re.search(r"_sd(_|/|$)", error) else "standard error")
    return (KeyNumber(metric, value, summary.get(error, math.nan), bound, bound_name, name),)


def doubts_first(summary: Summary, sentence: str, error: str = "") -> str:
    """The sentence after what makes its numbers doubtful: chains not in equilibrium, models that have not converged.

    Args:
        error: what ± is; said where the sentence has one.

    >>> doubts_first({"training/num_models": 6, "training/num_unconverged_models": 2}, "it falls to 2 ± 1", "sd")
    'Not converged (2 of 6 models): it falls to 2 ± 1 (± sd).'
    """
    doubts = doubts_of(summary)
    text = f"{'; '.join(doubts)}: {sentence}" if doubts else sentence
    meaning = f" (± {error})" if error and "±" in sentence else ""
    return f"{text[:1].upper()}{text[1:]}{meaning}."


def doubts_of(summary: Summary) -> list[str]:
    """What makes a run's numbers doubtful, in a few words each."""
    doubts = []
    models, failed = summary.get("training/num_models", 0), summary.get("training/num_failed_models", 0)
    if not summary.get("sampler/is_equilibrated", 1):
        doubts.append("chains not shown to be in equilibrium")
    if failed:
        doubts.append(f"{failed:g} of {models:g} models failed and are left out")
    if unconverged := summary.get("training/num_unconverged_models", 0):
        # Some experiments also judge models that are no result of theirs.
        of_all = f" of {models:g}" if unconverged <= models else ""
        doubts.append(f"not converged ({unconverged:g}{of_all} models)")
    elif models and "training/num_unconverged_models" not in summary:
        doubts.append("convergence not judged")
    return doubts


def with_error(value: float, error: float = math.nan) -> str:
    """A number with its error, to two digits of the error.

    >>> with_error(22.4521, 0.0044), with_error(0.98486), with_error(1.63, 0.26), with_error(1234.5, 120.0)
    ('22.4521 ± 0.0044', '0.985', '1.63 ± 0.26', '1230 ± 120')
    """
    if not math.isfinite(error) or error <= 0:
        return number(value)
    digits = 1 - math.floor(math.log10(error))
    if digits <= 0:
        return f"{round(value, digits):.0f} ± {round(error, digits):.0f}"
    return f"{value:.{digits}f} ± {error:.{digits}f}" if digits < 7 else f"{value:.3g} ± {error:.2g}"


def number(value: float) -> str:
    """Three digits, and no exponent where a person would write none.

    >>> number(139000638.2), number(0.985), number(300.0), number(3.1e-5), number(1234.6)
    ('1.39e+08', '0.985', '300', '3.1e-05', '1235')
    """
    if math.isfinite(value) and 1000 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.3g}"


def percent(fraction: float) -> str:
    """A fraction in percent.

    >>> percent(0.9224), percent(0.0043)
    ('92 %', '0.43 %')
    """
    return f"{100 * fraction:.2g} %" if abs(fraction) < 0.0995 else f"{100 * fraction:.0f} %"


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer for a file beside the summary."""
    return {
        "sentence": answer.sentence,
        "key_numbers": [
            {name: value for name, value in each._asdict().items() if value == value} for each in answer.key_numbers
        ],
    }


def from_json(content: Any) -> Answer:
    """The answer in such a file.

    Raises:
        KeyError, TypeError: it is not of that form.
    """
    numbers = tuple(KeyNumber(**each) for each in content.get("key_numbers", ()))
    return Answer(str(content["sentence"]), numbers[:MOST_KEY_NUMBERS])
