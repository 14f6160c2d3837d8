"""Scores chosen beforehand on validation sets, and what they reach on the test sets."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.evaluation.anomalies import ENERGY, Quality

from .scores import PHYSICS, Scores
from .sets import AnomalousSet, Sets


class Choice(NamedTuple):
    """The score of one variant for all sets of a question."""

    question: str
    variant: str
    score: str
    validation_auroc: float
    """Mean over the question's validation sets, and seeds if there are several: the highest of the variant."""
    is_fixed: bool
    """Whether it is the highest of all variants: the one score of the question."""


def choose_scores(sets: Sets, scores: Sequence[Scores]) -> list[Choice]:
    """For each question and variant the score with the highest mean AUROC on sets that are no test sets.

    Scores without a model are not chosen: they are what the chosen ones are compared with.

    Args:
        sets: of validation configurations, made with random numbers of their own.
        scores: of these sets.
    """
    choices = []
    for question in dict.fromkeys(each.question for each in sets.anomalous):
        own = [each for each in sets.anomalous if each.question == question]
        means = {
            (variant, score): float(np.mean(aurocs))
            for (variant, score), aurocs in _aurocs(own, scores).items()
            if variant != PHYSICS
        }
        best = {
            variant: max((name for name in means if name[0] == variant), key=means.__getitem__)
            for variant in dict.fromkeys(variant for variant, _ in means)
        }
        highest = max(best.values(), key=means.__getitem__, default=None)
        choices += [Choice(question, *name, means[name], name == highest) for name in best.values()]
    return choices


def _aurocs(sets: Sequence[AnomalousSet], scores: Sequence[Scores]) -> dict[tuple[str, str], list[float]]:
    """AUROC on each set and of each seed, by variant and score, of scores that are defined on all of them."""
    names = list(dict.fromkeys((one.variant, one.score) for one in scores))
    found: dict[tuple[str, str], list[float]] = {}
    for name in names:
        own = [[one for one in _of_name(scores, name) if each.name in one.of_sets] for each in sets]
        if all(own):
            found[name] = [
                each.detection(one.normal, one.of_sets[each.name], 2).auroc.value
                for each, of_set in zip(sets, own, strict=True)
                for one in of_set
            ]
    return found


def chosen_rows(choices: Sequence[Choice], sets: Sets, scores: Sequence[Scores]) -> list[dict[str, Any]]:
    """A row for each choice and test set of its question.

    - question, set, variant, score; is_fixed: 1 for the one score of the question; validation_auroc; num_seeds.
    - auroc: mean over seeds; auroc_test_set_error: its bootstrap standard error, of the test set; auroc_seed_sd:
      standard deviation over seeds, nan for one. The two are different things and not added.
    - margin_fraction: (auroc - 0.5) over the exact ratio's, with the same two.
    - oracle_auroc, energy_auroc: of the exact ratio and of the plain energy, each with its test_set_error;
      energy_margin_fraction.
    - above_energy: auroc less the energy's, with its test_set_error: of the same resamples, since both are of the same
      configurations.
    """
    rows = []
    for each in sets.anomalous:
        oracle = each.detection(each.normal_oracle, each.oracle).auroc
        energy = _qualities(each, _of_name(scores, (PHYSICS, ENERGY)))[0]
        for choice in choices:
            if choice.question != each.question:
                continue
            own = _qualities(each, _of_name(scores, (choice.variant, choice.score)))
            if not own:
                continue
            mean = np.mean([one.resampled for one in own], axis=0)
            auroc = float(np.mean([one.value for one in own]))
            fractions = [(one.value - 0.5) / (oracle.value - 0.5) for one in own]
            with np.errstate(divide="ignore", invalid="ignore"):
                resampled_fraction = (mean - 0.5) / (oracle.resampled - 0.5)
            rows.append(
                {"question": each.question, "set": each.name, "variant": choice.variant, "score": choice.score}
                | {"is_fixed": int(choice.is_fixed), "validation_auroc": choice.validation_auroc}
                | {"num_seeds": len(own), "auroc": auroc}
                | _two_errors("auroc", mean, [one.value for one in own])
                | {"margin_fraction": float(np.mean(fractions))}
                | _two_errors("margin_fraction", resampled_fraction, fractions)
                | {"oracle_auroc": oracle.value, "oracle_auroc_test_set_error": oracle.error}
                | {"energy_auroc": energy.value, "energy_auroc_test_set_error": energy.error}
                | {"energy_margin_fraction": (energy.value - 0.5) / (oracle.value - 0.5)}
                | {"above_energy": auroc - energy.value}
                | {"above_energy_test_set_error": _scatter(mean - energy.resampled)}
            )
    return rows


def _of_name(scores: Iterable[Scores], name: tuple[str, str]) -> list[Scores]:
    return [one for one in scores if (one.variant, one.score) == name]


def _qualities(one_set: AnomalousSet, scores: Sequence[Scores]) -> list[Quality]:
    return [
        one_set.detection(one.normal, one.of_sets[one_set.name]).auroc for one in scores if one_set.name in one.of_sets
    ]


def _two_errors(name: str, resampled: np.ndarray, of_seeds: Sequence[float]) -> dict[str, float]:
    over_seeds = _scatter(np.asarray(of_seeds)) if len(of_seeds) > 1 else math.nan
    return {f"{name}_test_set_error": _scatter(resampled), f"{name}_seed_sd": over_seeds}


def _scatter(values: np.ndarray) -> float:
    return float(values.std(ddof=1))
