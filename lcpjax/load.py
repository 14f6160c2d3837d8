"""load_run: from a run folder alone to a trained model with its methods."""

import math
import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax

from lcpjax.array_types import DistanceMatrix, Latent, ManyPositions, Nats, PRNGKey, Samples
from lcpjax.build import build_model, build_representation
from lcpjax.config import ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.config_check import typed_group
from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.evaluation import decoded_coordinates, decoder_scale, log_likelihood_bound
from lcpjax.model import (
    Posterior,
    Variables,
    cut_variables,
    decode,
    encode,
    log_density,
    log_prior,
    sample_posterior,
)
from lcpjax.training import NEVER, ONLY_GROUP, Checkpoints, ModelSetting


class LoadError(OneLineError):
    """A run folder that gives no model, or not the one asked for."""


@dataclass
class ModelDescription:
    """What a model depends on, as its run folder tells."""

    system: SystemConfig
    representation: RepresentationConfig
    model: ModelConfig


class TrainedModel:
    """The best parameters of one model, ready to use on any device; made by ``load_run``."""

    def __init__(
        self,
        config: ModelDescription,
        variables: Variables,
        setting: ModelSetting,
        template: tuple[tuple[float, float], ...] = (),
    ) -> None:
        self.config = config
        self.setting = setting
        """What tells this model from the others of its run."""
        self._model = build_model(config)
        # A model of a sweep over latent_dim was trained padded to the largest.
        self.variables = cut_variables(self._model, variables)
        self._representation = build_representation(config, template)

    def represent(self, positions: ManyPositions) -> Samples:
        """What the model sees of configurations: in its own particle order, in reduced units.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
        """
        expected = (self.config.system.num_particles, 2)
        if positions.ndim != 3 or positions.shape[1:] != expected:
            raise LoadError(f"positions have shape {positions.shape}, expected (chains, {expected[0]}, 2)")
        return self._representation.of(positions)

    def encode(self, positions: ManyPositions) -> Posterior:
        """q(z | x): mean and log variance, each (chains, latent)."""
        return encode(self._model, self.variables, self.represent(positions))

    def decode(self, latent: Latent) -> Samples:
        """The decoder's mean for latents (chains, latent), in reduced units."""
        return decode(self._model, self.variables, latent)

    def rate(self, positions: ManyPositions, key: PRNGKey) -> Nats:
        """Log q(z | x) - log p(z) in nats, (chains,), at one posterior sample; p is the prior the model uses.

        Its mean is the KL divergence, the rate of the code.

        Raises:
            LoadError: an autoencoder (lambda = 0) has no rate.
        """
        self._refuse_autoencoder("rate")
        posterior = self.encode(positions)
        latent = sample_posterior(posterior, key)
        return log_density(posterior, latent) - log_prior(self._model, self.variables, latent)

    def log_likelihood_bound(self, positions: ManyPositions, key: PRNGKey, num_samples: int = 1) -> Nats:
        """A lower bound on ln p of the ordered coordinates in nats, (chains,): the ELBO, or a tighter one.

        With several posterior samples the importance-weighted one. Where no variance was
        learned it is the one that lambda stands for, kl_weight = 2 s^2 / entries.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
            num_samples: of the posterior.

        Raises:
            LoadError: an autoencoder (lambda = 0), or a model of something else than coordinates.
        """
        self._refuse_autoencoder("log_likelihood_bound")
        if self._representation.name != "coordinates":
            raise LoadError(f"log_likelihood_bound: is of coordinates; this is a model of {self._representation.name}")
        if num_samples < 1:
            raise LoadError(f"num_samples = {num_samples}: must be at least 1")
        samples = self.represent(positions)
        entries = math.prod(samples.shape[1:])
        scale = decoder_scale(self._model.likelihood, self.variables, self.setting.kl_weight, entries)
        return log_likelihood_bound(self._model, self.variables, samples, key, scale, num_samples)

    def _refuse_autoencoder(self, asked: str) -> None:
        if self.setting.kl_weight == 0:
            raise LoadError(f"{asked}: an autoencoder (kl_weight = 0) has none")

    def reconstruct_coordinates(
        self, positions: ManyPositions, key: PRNGKey | None = None
    ) -> tuple[ManyPositions, ManyPositions]:
        """Coordinates put in and given back, (chains, particles, 2), in sigma, in the model's particle order.

        By the representation itself, a point decoder or Gram's matrix; unaligned, and
        in a position, angle and mirror image of its own where the model knows distances alone.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
            key: from the posterior sample that ``rate(positions, key)`` takes; None: from the latent mean.

        Raises:
            LoadError: a posterior sample of an autoencoder (lambda = 0).
        """
        if key is not None:
            self._refuse_autoencoder("a posterior sample")
        samples = self.represent(positions)
        posterior = encode(self._model, self.variables, samples)
        latent = posterior.mean if key is None else sample_posterior(posterior, key)
        outputs = self.decode(latent)
        found = decoded_coordinates(self._model, self._representation, self.variables, latent, outputs)
        return self._representation.order(positions), found

    def reconstruct_distances(self, positions: ManyPositions) -> tuple[DistanceMatrix, DistanceMatrix]:
        """Distance matrices put in and given back from the latent mean, in the model's particle order."""
        samples = self.represent(positions)
        outputs = self.decode(encode(self._model, self.variables, samples).mean)
        return self._representation.distances(samples), self._representation.distances(outputs)


def load_run(folder: str | Path, group: str | None = None, **setting: float) -> TrainedModel:
    """The best model of a run, rebuilt from its run folder alone.

    Args:
        folder: the run folder.
        group: where a run has several kinds of models, which: a folder under ``checkpoints``; those of the
            run's own config if not given.
        setting: of a sweep, which model: ``kl_weight``, ``latent_dim``, ``seed``.

    Raises:
        LoadError: no run there, not exactly one model with that setting, or one that failed.

    Example::

        run = load_run("outputs/lambda_sweep/0123456789", kl_weight=1e-3, seed=0)
        distances, reconstructed = run.reconstruct_distances(positions)
    """
    folder = Path(folder)
    groups = sorted(path for path in (folder / "checkpoints").glob("*") if path.is_dir())
    if not groups:
        raise LoadError(f"{folder}: no checkpoints there; is it a run folder whose training began?")
    names = [path.name for path in groups]
    if group is None and ONLY_GROUP in names:
        group = ONLY_GROUP
    if group is not None:
        if group not in names:
            raise LoadError(f"{folder}: group {group}: {did_you_mean(group, names)}")
        groups = [folder / "checkpoints" / group]
    offers, matching = [], []
    for path in groups:
        with Checkpoints(path) as checkpoints:
            stacked, saved = checkpoints.restore_best()
        if other := saved.get("learned_from"):
            raise LoadError(f"{folder}: its models learned from {other}; load_run gives those of configurations")
        for index, model in enumerate(saved["models"]):
            if unknown := set(setting) - set(model):
                raise LoadError(f"{min(unknown)}: models of this run differ in {', '.join(model)}")
            offers.append(ModelSetting(**model))
            if all(model[name] == value for name, value in setting.items()):
                best = jax.tree.map(operator.itemgetter(index), stacked)
                matching.append((saved["config"], saved.get("template", ()), offers[-1], best))
    if len(matching) != 1:
        asked = ", ".join(f"{name}={value}" for name, value in setting.items()) or "no setting"
        there = "; ".join(offer.label for offer in offers)
        raise LoadError(f"{folder}: {len(matching)} models match {asked}; there are {there}")
    return _trained_model(*matching[0])


def _trained_model(
    config: dict[str, Any], template: list[list[float]], setting: ModelSetting, best: dict[str, Any]
) -> TrainedModel:
    """The model of one setting, unless it failed."""
    if int(best["failed_step"]) != NEVER:
        raise LoadError(f"{setting.label}: failed at step {int(best['failed_step'])} of its training")
    if int(best["epoch"]) == NEVER:
        raise LoadError(f"{setting.label}: its validation loss was never finite")
    # Only the groups a model depends on, so that keys that came later in others do not matter; and the
    # model is what its own setting says, whatever the config had before the sweep.
    described = ModelDescription(
        typed_group(SystemConfig, config["system"]),
        typed_group(RepresentationConfig, config["representation"]),
        typed_group(ModelConfig, config["model"] | {"latent_dim": setting.latent_dim}),
    )
    places = tuple((x, y) for x, y in template)
    return TrainedModel(described, best["variables"], setting, places)
