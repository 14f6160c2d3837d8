"""The answer of a run folder: as it was kept, else made anew from the summary by the experiment that is installed."""

import importlib
from pathlib import Path
from typing import Any

from lcpjax.report.answer import Answer, Answering, Summary, as_json, from_json, with_current_names
from lcpjax.runtime.files import read_json, write_json

_ANSWER = "answer.json"


def keep_answer(folder: Path, answering: Answering, summary: Summary) -> str:
    """Keep a run's answer in its folder; returns the reason if none could be made, else "".

    A run of hours does not fail for want of a sentence.
    """
    try:
        write_json(folder / _ANSWER, as_json(answering(with_current_names(summary))))
    except (ArithmeticError, LookupError, StopIteration, TypeError, ValueError) as error:
        return f"its answer cannot be said in a sentence ({type(error).__name__}: {error})"
    return ""


def answer_of_folder(folder: Path, experiment: str, summary: dict[str, Any]) -> Answer:
    """The answer kept in a run folder; for one of an earlier version made of its summary; empty if that fails."""
    try:
        if kept := read_json(folder / _ANSWER):
            return from_json(kept)
        numbers = {name: float(value) for name, value in summary.items() if isinstance(value, int | float)}
        return answering_of(experiment)(with_current_names(numbers)) if numbers else Answer("")
    except (ArithmeticError, AttributeError, ImportError, LookupError, OSError, StopIteration, TypeError, ValueError):
        return Answer("")


def answering_of(experiment: str) -> Answering:
    """The function ``answer`` of experiments/NAME/answer.py.

    Raises:
        ImportError: there is none.
    """
    if not experiment.isidentifier():
        raise ImportError(f"{experiment}: no experiment")
    return importlib.import_module(f"lcpjax.experiments.{experiment}.answer").answer
