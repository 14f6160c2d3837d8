"""The figures of anomalies: the study's, and how far each score is from the exact ratio."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation import principal_axes
from lcpjax.evaluation.anomalies.scores import RECONSTRUCTION
from lcpjax.report import RunFolder
from lcpjax.report.figures.anomalies import (
    ErrorsOfSet,
    MapOfSet,
    Shift,
    draw_detection,
    draw_errors,
    draw_latent_maps,
    draw_shifts,
)
from lcpjax.road.case_models import CaseModel
from lcpjax.road.detecting.particles import changes, passed
from lcpjax.road.detecting.scoring import Detecting, Scores
from lcpjax.road.detecting.sets import AnomalousSet, Sets

_MOST_POINTS = 1000


def draw_anomalies(
    rows: Sequence[Mapping[str, Any]],
    detecting: Sequence[Detecting],
    scores: Sequence[Scores],
    sets: Sets,
    run_folder: RunFolder,
) -> None:
    """All figures, of each case's first seed; AUROC of all seeds.

    Of the displaced sets those of the study's kind at the smallest step, then those that stay in the box: the others
    are in the tables.
    """
    shown = _shown(sets.anomalous)
    sets = sets._replace(anomalous=[each for each in sets.anomalous if each.name in shown])
    first = [
        each._replace(codes_of_sets={name: each.codes_of_sets[name] for name in shown})
        for each in _first_of_each_case(detecting)
    ]
    run_folder.save_figure("detection", *draw_detection([row for row in rows if row["set"] in shown]))
    run_folder.save_figure("latent_maps", *draw_latent_maps([_map(each, sets) for each in first]))
    run_folder.save_figure("errors", *draw_errors(_errors(first, scores)))
    shifts = [_shift(each.model, sets) for each in first if each.model.plan.representation.holds_distances]
    if any(shifts):
        run_folder.save_figure("shifts", *draw_shifts([each for each in shifts if each is not None]))


def _shown(every: Sequence[AnomalousSet]) -> list[str]:
    steps = [each.displacement.largest_step for each in every if each.displacement]
    return [
        each.name
        for each in every
        if each.displacement is None or each.displacement.stays_inside or each.displacement.largest_step == min(steps)
    ]


def _first_of_each_case(detecting: Sequence[Detecting]) -> list[Detecting]:
    return list({each.model.case: each for each in reversed(detecting)}.values())[::-1]


def _map(detecting: Detecting, sets: Sets) -> MapOfSet:
    axes = principal_axes(detecting.codes)
    some = slice(None, _MOST_POINTS)
    points = {name: axes.coordinates(codes, 2)[some] for name, codes in detecting.codes_of_sets.items()}
    gamma = {each.name: each.gamma[some] for each in sets.anomalous}
    normal = axes.coordinates(detecting.normal_codes, 2)[some]
    return MapOfSet(detecting.model.case, normal, sets.normal_gamma[some], points, gamma)


def _errors(detecting: Sequence[Detecting], scores: Sequence[Scores]) -> list[ErrorsOfSet]:
    found = []
    for each in detecting:
        about = each.model.case, each.model.setting.seed, RECONSTRUCTION
        own = next(one for one in scores if (one.case, one.seed, one.score) == about)
        found.append(ErrorsOfSet(each.model.case, own.normal, {name: own.of_sets[name] for name in each.codes_of_sets}))
    return found


def _shift(model: CaseModel, sets: Sets) -> Shift | None:
    """The first configuration whose order a displacement of the smallest step left as it was."""
    for each in sets.anomalous:
        if each.is_displaced is None:
            continue
        kept, of_input, of_output, displaced = changes(model, sets.normal, each)
        if not kept.any():
            continue
        index = int(np.flatnonzero(kept)[0])
        one = each.positions[index : index + 1]
        samples, outputs = passed(model, model.plan.representation.order(one))
        found = [np.asarray(model.plan.representation.distances(part))[0] for part in (samples, outputs)]
        return Shift(model.case, *found, of_input[0], of_output[0], np.flatnonzero(displaced[0]))
    return None
