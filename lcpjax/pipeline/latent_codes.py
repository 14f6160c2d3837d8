"""Codes of the whole dataset by trained models, and the exact information about gamma."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_system
from lcpjax.dataset import Dataset
from lcpjax.evaluation.latents.active_units import kl_of_each_latent
from lcpjax.evaluation.latents.gamma_information import LabelledFeatures, exact_log_posterior
from lcpjax.evaluation.latents.latent_axes import decoder_gain
from lcpjax.evaluation.samples.observables import Observables, observables
from lcpjax.model import Posterior
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.run import Run
from lcpjax.sampler import Configurations
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel

# The decoder's slope is averaged over so many codes.
NUM_GAINS = 128


class LabelledSplit(NamedTuple):
    """One split of the dataset with its ground truth."""

    positions: Configurations2D
    gamma_index: np.ndarray
    """Index of each configuration's gamma, counted from the smallest."""
    observables: Observables


class GroundTruth(NamedTuple):
    """Ground truth of the data, whatever the model."""

    system: System
    gammas: np.ndarray
    train: LabelledSplit
    validation: LabelledSplit
    test: LabelledSplit
    exact: np.ndarray
    """(configurations, gammas): ln p(gamma | x) of the test set in nats, exact."""


class Codes(NamedTuple):
    """Codes of each split by one model, (configurations, latent): means of its posteriors."""

    model: TrainedModel
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    posterior: Posterior
    """Of the test set."""
    train_posterior: Posterior

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def latent_dim(self) -> int:
        """Number of its latents."""
        return self.test.shape[1]


def ground_truth_of(run: Run, dataset: Dataset) -> GroundTruth:
    """Ground truth of each split, and the exact posterior of gamma on the test set."""
    system = build_system(run.config)

    def of_split(configurations: Configurations) -> LabelledSplit:
        values = jax.device_get(observables(configurations.positions, system))
        return LabelledSplit(configurations.positions, dataset.gamma_index(configurations), values)

    splits = [of_split(each) for each in dataset.splits]
    exact = exact_log_posterior(system, fluid_free_energy(run), dataset.test.positions)
    return GroundTruth(system, np.array(dataset.gammas), *splits, exact)


def codes_of(models: Sequence[TrainedModel], dataset: Dataset) -> list[Codes]:
    """Codes by every model."""
    codes = []
    for model in models:
        posteriors = [model.posterior(model.representation.order(split.positions)) for split in dataset.splits]
        codes.append(Codes(model, *(np.asarray(each.mean) for each in posteriors), posteriors[-1], posteriors[0]))
    return codes


def labelled(split: LabelledSplit, features: np.ndarray) -> LabelledFeatures:
    """Features of a split's configurations with their gammas."""
    return LabelledFeatures(np.asarray(features), split.gamma_index)


def latent_kl_rows(codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each latent of each model with a rate: its KL, the variance of its mean, the decoder's gain.

    Columns: variant, seed; latent, counted from 0; kl_nats; variance of the latent mean over the test set;
    gain: mean square change of an entry of the output, in its units squared, for a step of 1; relevance: gain times
    variance, the change that the latent accounts for to first order.
    """
    rows = []
    for each in codes:
        if not each.model.has_latent_rates:
            continue
        columns = relevances(each)
        rows += [
            {**each.model.ids, "latent": latent, **{name: float(values[latent]) for name, values in columns.items()}}
            for latent in range(each.latent_dim)
        ]
    return rows


def relevances(codes: Codes) -> dict[str, np.ndarray]:
    """Of every latent: kl_nats, variance of its mean, gain of the decoder, and relevance, gain times variance."""
    model, means = codes.model, codes.test
    gain = decoder_gain(model.model, model.variables, jnp.asarray(means[:NUM_GAINS]))
    variance, own_gain = np.var(means, axis=0), np.diagonal(np.asarray(gain))
    kl_nats = np.asarray(kl_of_each_latent(codes.posterior))
    return {"kl_nats": kl_nats, "variance": variance, "gain": own_gain, "relevance": own_gain * variance}
