"""Scores of normal and anomalous configurations by every model and every baseline."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation.anomalies import (
    ENERGY,
    SUM_Y,
    AnomalyDetector,
    normal_path,
    physics_scores,
)
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.pipeline.run import Run
from lcpjax.report import progress
from lcpjax.trained_model import TrainedModel

from .novelty_baselines import novelty_baselines
from .sets import Sets
from .settings import Settings

PHYSICS, INPUT = "physics", "input"
"""In the place of a model's name: scores without a model, and scores of a model's input."""
ORACLE = "exact_ratio"


class Scores(NamedTuple):
    """One score of all configurations."""

    variant: str
    seed: int
    """-1: without a seed."""
    score: str
    normal: np.ndarray
    """(configurations,), of the test set."""
    of_sets: dict[str, np.ndarray]
    """By name of set, where the score is defined."""


class FittedDetector(NamedTuple):
    """A model as a detector, with its codes of all sets."""

    model: TrainedModel
    detector: AnomalyDetector
    codes: np.ndarray
    """Latent means of the training set."""
    validation_codes: np.ndarray
    normal_codes: np.ndarray
    codes_of_sets: dict[str, np.ndarray]

    @property
    def ids(self) -> tuple[str, int]:
        """Variant and seed of the model."""
        return self.model.name, self.model.setting.seed


def fit_detectors(run: Run, models: Sequence[TrainedModel], sets: Sets, dataset: Dataset) -> list[FittedDetector]:
    """Every model fitted to the training set, its thresholds from the validation set, kept in the run folder."""
    sizes: Settings = run.config.settings
    detectors = []
    with run.folder.stage("detectors"), progress("fitting detectors", len(models), "models") as advance:
        for model in models:
            detector = AnomalyDetector(model, sizes.posterior_samples, sizes.regret_steps)
            fitted = detector.fit(dataset.train.positions, dataset.validation.positions)
            if fitted.reference is not None:
                fitted.reference.save(normal_path(run.folder.path, model.name, model.setting))
            codes = {each.name: _codes(model, each.positions) for each in sets.anomalous}
            parts = [_codes(model, part.positions) for part in (dataset.train, dataset.validation, dataset.test)]
            detectors.append(FittedDetector(model, fitted, *parts, codes))
            advance(1)
    return detectors


def first_seeds(detectors: Sequence[FittedDetector]) -> list[FittedDetector]:
    """Of each variant the first model that did not fail."""
    return list({each.model.name: each for each in reversed(detectors)}.values())[::-1]


def on_other_sets(detectors: Sequence[FittedDetector], sets: Sets) -> list[FittedDetector]:
    """The same detectors, with codes of other normal and anomalous configurations."""
    return [
        each._replace(
            normal_codes=_codes(each.model, sets.normal),
            codes_of_sets={one.name: _codes(each.model, one.positions) for one in sets.anomalous},
        )
        for each in detectors
    ]


def _codes(model: TrainedModel, positions: Configurations2D) -> np.ndarray:
    return np.asarray(model.posterior(model.representation.order(positions)).mean)


def all_scores(run: Run, detectors: Sequence[FittedDetector], sets: Sets, dataset: Dataset) -> list[Scores]:
    """Scores of the physics, of model inputs, and of every model."""
    inputs = first_of_each([each.model for each in detectors])
    with (
        run.folder.stage("scoring"),
        progress("scoring", 1 + len(inputs) + len(detectors), "detectors") as advance,
    ):
        scores = _of_physics(sets)
        advance(1)
        for model in inputs:
            representation = model.representation

            def features(some: Configurations2D, of: Callable = representation.of) -> np.ndarray:
                return np.asarray(of(some)).reshape(len(some), -1)

            of_sets = {each.name: features(each.positions) for each in sets.anomalous}
            learned, normal = features(dataset.train.positions), features(sets.normal)
            scores += _baselines(run.config, (f"{model.name}: {INPUT}", -1), learned, normal, of_sets)
            advance(1)
        for each in detectors:
            scores += _of_model(run.config, each, sets)
            advance(1)
    return scores


def _of_each(
    ids: tuple[str, int], sets: Sets, score: Callable[[Configurations2D], Mapping[str, np.ndarray]]
) -> list[Scores]:
    """What a function gives for all configurations, a row for each name of a score."""
    normal, of_sets = score(sets.normal), {each.name: score(each.positions) for each in sets.anomalous}
    return [
        Scores(*ids, name, values, {key: scores[name] for key, scores in of_sets.items()})
        for name, values in normal.items()
    ]


def _of_physics(sets: Sets) -> list[Scores]:
    physics = functools.partial(physics_scores, system=sets.ground_truth.system)
    rows = _of_each((PHYSICS, -1), sets, physics)
    # Each kind of anomaly has its own ratio, so normal configurations have one for each.
    return rows + [Scores(PHYSICS, -1, ORACLE, each.normal_oracle, {each.name: each.oracle}) for each in sets.anomalous]


def _of_model(config: Config, fitted: FittedDetector, sets: Sets) -> list[Scores]:
    rows = [one for one in _of_each(fitted.ids, sets, fitted.detector.score) if one.score not in (ENERGY, SUM_Y)]
    latents = _baselines(config, fitted.ids, fitted.codes, fitted.normal_codes, fitted.codes_of_sets)
    return rows + [each._replace(score=f"latent_{each.score}") for each in latents]


def _baselines(
    config: Config, ids: tuple[str, int], learned: np.ndarray, normal: np.ndarray, of_sets: Mapping[str, np.ndarray]
) -> list[Scores]:
    detectors = novelty_baselines(learned, config.settings.num_neighbours)
    return [
        Scores(*ids, name, score(normal), {key: score(features) for key, features in of_sets.items()})
        for name, score in detectors.items()
    ]
