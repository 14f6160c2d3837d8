"""The codes that trained models give the whole dataset, and what is known of gamma exactly."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    LabelledFeatures,
    Observables,
    exact_log_posterior,
    observables,
    posterior_of_all,
)
from lcpjax.model import Posterior
from lcpjax.report import RunFolder
from lcpjax.road.case_models import CaseModel
from lcpjax.road.entropy import fluid_free_energy
from lcpjax.sampler import Configurations
from lcpjax.system import System


class Part(NamedTuple):
    """One part of the dataset, with what is true of it."""

    positions: Configurations2D
    gamma_index: np.ndarray
    """Which gamma each configuration has, counted from the smallest."""
    observables: Observables


class Facts(NamedTuple):
    """What is true of the data, whatever the model."""

    system: System
    gammas: np.ndarray
    train: Part
    validation: Part
    test: Part
    exact: np.ndarray
    """(configurations, gammas): ln p(gamma | x) of the test part in nats, exact."""


class Codes(NamedTuple):
    """What one model makes of the parts of the dataset, (configurations, latent): means of its posteriors."""

    model: CaseModel
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    posterior: Posterior
    """Of the test part."""
    train_posterior: Posterior

    @property
    def case(self) -> str:
        """The model's name."""
        return self.model.case

    @property
    def latent_dim(self) -> int:
        """How many latents it has."""
        return self.test.shape[1]


def facts_of(config: Config, dataset: Dataset, run_folder: RunFolder) -> Facts:
    """What is true of each part of the dataset, and what its test part tells of gamma."""
    system = build_system(config)

    def part(configurations: Configurations) -> Part:
        found = jax.device_get(observables(configurations.positions, system))
        return Part(configurations.positions, dataset.gamma_index(configurations), found)

    parts = [part(each) for each in dataset.parts]
    exact = exact_log_posterior(system, fluid_free_energy(config, run_folder), dataset.test.positions)
    return Facts(system, np.array(dataset.gammas), *parts, exact)


def codes_of(models: Sequence[CaseModel], dataset: Dataset) -> list[Codes]:
    """The posteriors of every model on every part."""
    return [_codes(model, dataset) for model in models]


def _codes(model: CaseModel, dataset: Dataset) -> Codes:
    plan = model.plan

    def of_part(positions: Configurations2D) -> Posterior:
        ordered = plan.representation.order(positions)
        size = plan.evaluation_batch_size
        return posterior_of_all(plan.model, plan.representation, model.variables, ordered, size)

    parts = [of_part(each.positions) for each in dataset.parts]
    return Codes(model, *(np.asarray(part.mean) for part in parts), parts[-1], parts[0])


def labelled(part: Part, features: np.ndarray) -> LabelledFeatures:
    """Features of a part's configurations beside their gammas."""
    return LabelledFeatures(np.asarray(features), part.gamma_index)
