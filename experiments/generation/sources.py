"""Replacements of a prior, and configurations from every source of latents."""

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.dataset import Dataset
from lcpjax.model import sample_posterior
from lcpjax.model.priors import CouplingFlow
from lcpjax.pipeline.latent_codes import Codes, GroundTruth
from lcpjax.report import RunFolder, progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel
from lcpjax.training import (
    DensityOfAnyGamma,
    Gaussians,
    LatentDensity,
    Mixtures,
    StandardDensity,
    fit_flow,
    fit_gaussians,
    fit_mixtures,
)

from .generated import (
    FLOW,
    FOUR,
    GAUSSIAN,
    MIXTURE,
    OF_MEANS,
    POSTERIOR_SAMPLES,
    REAL_CODES,
    STANDARD,
    Generated,
    decode_timed,
)
from .own_prior import from_own_prior
from .reference_fluid import EquilibriumFluid

FLOW_SIZES = CouplingFlow()
_NUM_COMPONENTS = (1, 2, 4, 8)


class FittedPriors(NamedTuple):
    """Replacements of a model's prior."""

    codes: Codes
    densities: dict[str, LatentDensity]
    wall_seconds: dict[str, float]
    """Of fitting each."""

    def num_components(self, name: str) -> float:
        """The most Gaussians of any gamma; nan for other densities."""
        density = self.densities.get(name)
        if isinstance(density, Mixtures):
            return float(max(density.num_components))
        return 1.0 if isinstance(density, Gaussians) else math.nan


def fit_priors(
    codes: Codes, dataset: Dataset, ground_truth: GroundTruth, flow: CouplingFlow = FLOW_SIZES
) -> FittedPriors:
    """Densities of the latents of the training set given gamma, fitted to posterior samples.

    A single Gaussian is also fitted to means, which is too narrow for a decoder trained on samples.
    """
    model = codes.model
    train_key, held_out_key, flow_key = (jax.random.fold_in(key_of(model), number) for number in (20, 21, 22))
    held_out_posterior = model.posterior(model.representation.order(dataset.validation.positions))
    train, held_out = (
        np.asarray(sample_posterior(each, part_key, model.noise))
        for each, part_key in zip((codes.train_posterior, held_out_posterior), (train_key, held_out_key), strict=True)
    )
    gammas, index = ground_truth.gammas, ground_truth.train.gamma_index
    parts = train, index, held_out, ground_truth.validation.gamma_index
    fits: dict[str, Callable[[], LatentDensity]] = {
        STANDARD: lambda: StandardDensity(codes.latent_dim, len(gammas)),
        GAUSSIAN: lambda: fit_gaussians(train, index, gammas),
        OF_MEANS: lambda: fit_gaussians(codes.train, index, gammas),
        MIXTURE: lambda: fit_mixtures(*parts, _NUM_COMPONENTS),
        FOUR: lambda: fit_mixtures(*parts, (4,)),
        FLOW: lambda: fit_flow(flow_key, *parts, gammas, flow=flow),
    }
    # Of a model with a learned prior only the simplest ones, for comparison.
    names = (STANDARD, GAUSSIAN) if model.model.has_learned_prior else tuple(fits)
    densities, seconds = {}, {}
    for name in names:
        started = time.perf_counter()
        densities[name] = fits[name]()
        seconds[name] = time.perf_counter() - started
    return FittedPriors(codes, densities, seconds)


def generate_all(
    fluid: EquilibriumFluid, codes: Sequence[Codes], dataset: Dataset, run_folder: RunFolder
) -> tuple[list[FittedPriors], list[Generated]]:
    """Replacements of every model's prior, and configurations from every source."""
    with run_folder.stage("generation"), progress("generating", len(codes), "models") as advance:
        priors, generated = [], []
        for each in codes:
            priors.append(fit_priors(each, dataset, fluid.ground_truth))
            generated += generate(priors[-1], fluid)
            if each.model.model.has_learned_prior:
                generated += from_own_prior(each.model, key_of(each.model), fluid)
            advance(1)
    return priors, generated


def generate(priors: FittedPriors, fluid: EquilibriumFluid) -> list[Generated]:
    """Configurations of one model from every source: as many for each gamma as the equilibrium fluid has."""
    codes = priors.codes
    model, key = codes.model, key_of(codes.model)
    tested = fluid.ground_truth.test.gamma_index
    sampled = np.asarray(sample_posterior(codes.posterior, jax.random.fold_in(key, 1), model.noise))
    generated = [
        decode_timed(model, REAL_CODES, codes.test, tested),
        decode_timed(model, POSTERIOR_SAMPLES, sampled, tested),
    ]
    asked = np.repeat(np.arange(len(fluid.gammas)), fluid.num_of_each)
    for number, (name, density) in enumerate(priors.densities.items(), start=2):
        density.draw(jax.random.fold_in(key, 40 + number), asked)  # Compiles.
        started = time.perf_counter()
        latents = density.draw(jax.random.fold_in(key, number), asked)
        elapsed = time.perf_counter() - started
        made = decode_timed(model, name, latents, asked)
        fitting = priors.wall_seconds[name]
        generated.append(made._replace(wall_seconds=made.wall_seconds + elapsed, fitting_wall_seconds=fitting))
    return generated


def generate_new(priors: FittedPriors, fluid: EquilibriumFluid) -> list[tuple[Generated, float]]:
    """Configurations at gammas outside the training data, by every conditional density."""
    model, generated = priors.codes.model, []
    for number, (name, density) in enumerate(priors.densities.items(), start=60):
        if not isinstance(density, DensityOfAnyGamma):
            continue
        for turn, gamma in enumerate(fluid.new_gammas):
            key = jax.random.fold_in(jax.random.fold_in(key_of(model), number), turn)
            latents = density.draw_at(key, gamma, fluid.num_of_each)
            generated.append((decode_timed(model, name, latents, np.zeros(len(latents), np.int64)), gamma))
    return generated


def key_of(model: TrainedModel) -> PRNGKey:
    """The random numbers of one model."""
    return jax.random.fold_in(key_of_seed(Seed.GENERATED), model.setting.seed)
