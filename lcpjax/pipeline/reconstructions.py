"""Reconstructions of the test set by trained models."""

from collections.abc import Sequence
from typing import NamedTuple

import jax

from lcpjax.array_types import Configurations2D, PerConfiguration
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.model_reconstructions import ModelReconstructions, reconstructions_of_model
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

MEAN, SAMPLE = "mean", "sample"
"""Decoded from the latent mean, or from a posterior sample."""

NUM_DRAWS = 8
"""Of posterior samples, and of the Gaussian errors that they are compared with: a single one scatters too much."""


class HeldOutReconstructions(NamedTuple):
    """Reconstructions of the test set by one model."""

    model: TrainedModel
    truth: Configurations2D
    """(configurations, particles, 2), in sigma, in the model's particle order."""
    gamma: PerConfiguration
    """Of each configuration."""
    decoded: ModelReconstructions
    samples: tuple[Configurations2D, ...]
    """Decoded from several posterior samples of each configuration, that of ``decoded`` first."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def setting(self) -> ModelSetting:
        """Identifies it among the models of its variant."""
        return self.model.setting

    @property
    def knows_frame(self) -> bool:
        """Whether position, angle and mirror of what it gives are those of the box."""
        return self.model.knows_frame


def reconstruct_test_set(models: Sequence[TrainedModel], dataset: Dataset) -> list[HeldOutReconstructions]:
    """Reconstructions of the test set by each model."""
    keys, reconstructions = jax.random.split(key_of_seed(Seed.RECONSTRUCTIONS), NUM_DRAWS), []
    for model in models:
        ordered = model.representation.order(dataset.test.positions)
        draws = [reconstructions_of_model(model, ordered, key) for key in keys]
        samples = tuple(each.of_sample for each in draws)
        reconstructions.append(HeldOutReconstructions(model, ordered, dataset.test.gamma, draws[0], samples))
    return reconstructions
