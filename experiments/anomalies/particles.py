"""Localization of displaced particles relative to the exact probability, and their effect on reconstructions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.evaluation.anomalies import BY_MODEL, ENERGY, detect
from lcpjax.trained_model import TrainedModel

from .displaced_particles import energies_of_particles, fraction_in_rows, places_in_order, residuals_of_particles
from .moved_back import ByModel
from .scores import ORACLE, PHYSICS, FittedDetector
from .sets import AnomalousSet, Sets

RESIDUAL = "residual"


def particle_rows(detectors: Sequence[FittedDetector], sets: Sets, by_model: ByModel) -> list[dict[str, Any]]:
    """A row for each set with displaced particles and each score of particles.

    - set, variant, seed, score: exact_ratio: probability of displacement, as near to exact as its draws allow; energy:
      a particle's own pair energy; residual: mean squared error of its row or coordinates in the reconstruction;
      displacement_by_model: probability of displacement by a model's own density.
    - auroc, auroc_low, auroc_high, auroc_error: over the particles of all configurations together, which are
      resampled whole.
    - oracle_auroc, margin_fraction: (auroc - 0.5) over that of this probability.
    """
    rows = []
    for each in sets.anomalous:
        if each.is_displaced is None or each.probability is None:
            continue
        unit = np.broadcast_to(np.arange(len(each.positions))[:, None], each.is_displaced.shape)
        units = {"normal_unit": unit[~each.is_displaced], "anomalous_unit": unit[each.is_displaced]}
        energies = np.asarray(energies_of_particles(each.positions, sets.ground_truth.system))
        scores = [(PHYSICS, -1, ORACLE, each.probability), (PHYSICS, -1, ENERGY, energies)]
        scores += [(*one.ids, RESIDUAL, _residuals(one.model, each.positions)) for one in detectors]
        scores += [
            (*ids, BY_MODEL, of_sets[each.name].own.probability)
            for ids, of_sets in by_model.items()
            if each.name in of_sets
        ]
        first = None
        for variant, seed, score, values in scores:
            auroc = detect(values[~each.is_displaced], values[each.is_displaced], 100, **units).auroc
            first = auroc.value if first is None else first
            rows.append(
                {"set": each.name, "variant": variant, "seed": seed, "score": score}
                | {"auroc": auroc.value, "auroc_low": auroc.low, "auroc_high": auroc.high, "auroc_error": auroc.error}
                | {"oracle_auroc": first, "margin_fraction": (auroc.value - 0.5) / (first - 0.5)}
            )
    return rows


def _residuals(model: TrainedModel, positions: Configurations2D) -> np.ndarray:
    """Mean squared error of each particle, in the order of the configurations given."""
    ordered = model.representation.order(positions)
    samples, outputs = model.reconstruct(ordered)
    residuals = residuals_of_particles(samples, outputs, positions.shape[1])
    return np.take_along_axis(np.asarray(residuals), np.asarray(places_in_order(positions, ordered)), axis=1)


def shift_rows(detectors: Sequence[FittedDetector], sets: Sets) -> list[dict[str, Any]]:
    """A row for each model and set with displaced particles: how local the change of the reconstruction is.

    - input_fraction: of the squared change of the distance matrix, that in rows and columns of displaced particles, 1
      by construction; output_fraction: the same of the reconstruction's change; chance_fraction: of a change of all
      rows.
    - size: root mean square change of the reconstruction over that of the input.
    - num_configurations: those whose particle order the displacement did not change; only these count.
    """
    rows = []
    for each in sets.anomalous:
        if each.is_displaced is None:
            continue
        for one in detectors:
            kept, input_change, output_change, displaced = changes(one.model, sets.normal, each)
            if not kept.any():
                continue
            fractions = [fraction_in_rows(change, displaced) for change in (input_change, output_change)]
            number = displaced.shape[1]
            left = number - int(displaced[0].sum())
            rows.append(
                {"set": each.name, "variant": one.model.name, "seed": one.model.setting.seed}
                | {"input_fraction": fractions[0], "output_fraction": fractions[1]}
                | {"chance_fraction": 1.0 - left * (left - 1) / (number * (number - 1))}
                | {"size": float(np.sqrt(np.mean(output_change**2) / np.mean(input_change**2)))}
                | {"num_configurations": int(kept.sum())}
            )
    return rows


def changes(
    model: TrainedModel, normal: Configurations2D, displaced: AnomalousSet
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Configurations that kept their order; the change of their distances in and out, and the displaced particles."""
    representation, given = model.representation, displaced.is_displaced
    assert given is not None  # Asked only of such sets.
    before, after = (representation.order(positions) for positions in (normal, displaced.positions))
    places = np.asarray(places_in_order(normal, before))
    kept = np.all(places == np.asarray(places_in_order(displaced.positions, after)), axis=1)
    pairs = [
        [np.asarray(representation.distances(each))[kept] for each in model.reconstruct(ordered)]
        for ordered in (before, after)
    ]
    in_order = np.take_along_axis(given, np.argsort(places, axis=1), axis=1)[kept]
    return kept, pairs[1][0] - pairs[0][0], pairs[1][1] - pairs[0][1], in_order
