"""Models whose reconstructions are looked at, trained and applied to the test part."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax

from lcpjax.array_types import Configurations2D, PerConfiguration
from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.config_check import changed
from lcpjax.dataset import Dataset
from lcpjax.evaluation import ModelReconstructions, reconstructions_of_model
from lcpjax.recipes import model_recipe
from lcpjax.report import RunFolder, say
from lcpjax.road.cases import Case, check_cases, check_names
from lcpjax.road.representing import learn_representation
from lcpjax.road.training import failures_of, train_models
from lcpjax.training import ModelSetting, TrainingPlan, has_failed

# Of the posterior samples.
_SAMPLE_SEED = 1

# Tokens ten times as blurred: what a decoder makes of noise shows in energies.
_COARSE: dict[str, Any] = {"model.resolution": 1e-2, "model.initial_scale": 1e-2}

_CHANGES: dict[str, dict[str, Any]] = {
    "seed_conv": {"representation.name": "distance_matrix"},
    "anchored": {"representation.name": "anchored_distances"},
    "point_decoder": {
        "representation.name": "distance_matrix",
        "model.encoder": "residual_perceptron",
        "model.decoder": "point_residual_perceptron",
    },
    "neighbours": {},
    "best": {},
    "best_coarse": _COARSE,
    "best_coarse_forces": {**_COARSE, "model.knows_forces": True},
}
_RECIPES = {"neighbours": "neighbours", "best": "best", "best_coarse": "best", "best_coarse_forces": "best"}


class TestReconstructions(NamedTuple):
    """What one model makes of the test part."""

    __test__ = False  # No test, whatever its name says.

    case: str
    setting: ModelSetting
    plan: TrainingPlan
    truth: Configurations2D
    """(configurations, particles, 2), in sigma, in the model's particle order."""
    gamma: PerConfiguration
    found: ModelReconstructions

    @property
    def knows_frame(self) -> bool:
        """Whether position, angle and mirror of what it gives are those of the box."""
        return self.plan.representation.has_coordinates


def reconstructing_cases(config: Config) -> list[Case]:
    """The models asked for in ``sweep.models``: the study's, and ours.

    Raises:
        ConfigError: an unknown one, or one that cannot be built.
    """
    check_names("sweep.models", config.sweep.models, _CHANGES)
    cases = [Case(name, model_recipe(_RECIPES.get(name, "seed_conv")) | _CHANGES[name]) for name in config.sweep.models]
    check_cases(config, cases)
    return cases


def reconstruct_test_part(
    config: Config, case: Case, dataset: Dataset, run_folder: RunFolder
) -> tuple[list[TestReconstructions], list[str]]:
    """What the models of a case, one a seed, make of the test part, and a line for each that failed."""
    say(case.name)
    own = changed(config, case.changes)
    plan = learn_representation(build_plan(own), dataset, run_folder)
    settings = [ModelSetting(own.training.kl_weight, own.model.latent_dim, seed) for seed in config.sweep.seeds]
    states = train_models(own, plan, settings, dataset, run_folder, group=case.name)
    ordered, key = plan.representation.order(dataset.test.positions), jax.random.key(_SAMPLE_SEED)
    reconstructions = []
    for setting, state in zip(settings, states, strict=True):
        if has_failed(state):
            continue
        noise, variables = float(setting.kl_weight > 0), state.best.variables
        found = reconstructions_of_model(
            plan.model, plan.representation, variables, ordered, key, plan.evaluation_batch_size, noise
        )
        reconstructions.append(TestReconstructions(case.name, setting, plan, ordered, dataset.test.gamma, found))
    return reconstructions, [f"{case.name}: {line}" for line in failures_of(settings, states)]


def num_models(config: Config, cases: Sequence[Case]) -> int:
    """How many models are trained."""
    return len(cases) * len(config.sweep.seeds)
