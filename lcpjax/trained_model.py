"""A trained model with its methods, whatever it was trained in."""

import inspect
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import DistanceMatrix, Latent, ManyPositions, Nats, PRNGKey, Samples
from lcpjax.build import build_model, build_representation, build_system
from lcpjax.config import ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import AnomalyDetector, NormalReference, ScoredModel
from lcpjax.evaluation.anomalies.extremes import refuse_what_is_no_position
from lcpjax.evaluation.anomalies.positions_in_box import what_is_wrong
from lcpjax.evaluation.density.likelihood_bound import decoder_scale, log_likelihood_bound
from lcpjax.evaluation.reconstruction.model_reconstructions import decoded_coordinates
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
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.training import ModelSetting

# Configurations scored at once, and steps of the likelihood regret where the run says nothing of them.
_BATCH, _REGRET_STEPS = 512, 10


class LoadError(InputError):
    """A run folder that gives no model, or not the one asked for; or a model asked for what it does not have."""


@dataclass
class ModelDescription:
    """What a model depends on, as its run folder tells."""

    system: SystemConfig
    representation: RepresentationConfig
    model: ModelConfig


class TrainedModel:
    """The best parameters of one model, ready to use on any device; made by ``load_run``.

    Positions must be finite. Those that cannot be of the box, because of another origin or unit, are warned of once a
    call, refused by ``fit``, and anomalies like others for ``score`` and ``predict``.
    """

    def __init__(
        self,
        config: ModelDescription,
        variables: Variables,
        setting: ModelSetting,
        template: tuple[tuple[float, float], ...] = (),
        reference: NormalReference | None = None,
    ) -> None:
        self.config = config
        self.setting = setting
        """What tells this model from the others of its run."""
        self._model = build_model(config)
        # A model of a sweep over latent_dim was trained padded to the largest.
        self.variables = cut_variables(self._model, variables)
        self._representation = build_representation(config, template)
        scored = ScoredModel(self._model, self._representation, self.variables, setting.kl_weight, _BATCH)
        system = build_system(config)
        self.detector = (
            AnomalyDetector(scored, system, regret_steps=_REGRET_STEPS)
            if reference is None
            else AnomalyDetector.of_reference(scored, system, reference)
        )
        """What ``score`` and ``predict`` ask; replaced by ``fit``."""

    @takes_arrays
    @with_own_settings
    def represent(self, positions: ManyPositions) -> Samples:
        """What the model sees of configurations: in its own particle order, in reduced units.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
        """
        self._check(positions)
        self._warn_of_another_box(positions)
        return self._representation.of(positions)

    @takes_arrays
    @with_own_settings
    def encode(self, positions: ManyPositions) -> Posterior:
        """q(z | x): mean and log variance, each (chains, latent)."""
        return encode(self._model, self.variables, self.represent(positions))

    @takes_arrays
    @with_own_settings
    def decode(self, latent: Latent) -> Samples:
        """The decoder's mean for latents (chains, latent), in reduced units."""
        return decode(self._model, self.variables, latent)

    @takes_arrays
    @with_own_settings
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

    @takes_arrays
    @with_own_settings
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

    @takes_arrays
    @with_own_settings
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

    @takes_arrays
    @with_own_settings
    def reconstruct_distances(self, positions: ManyPositions) -> tuple[DistanceMatrix, DistanceMatrix]:
        """Distance matrices put in and given back from the latent mean, in the model's particle order."""
        samples = self.represent(positions)
        outputs = self.decode(encode(self._model, self.variables, samples).mean)
        return self._representation.distances(samples), self._representation.distances(outputs)

    @takes_arrays
    @with_own_settings
    def score(self, positions: ManyPositions) -> dict[str, np.ndarray]:
        """Anomaly scores by name, each (chains,), larger for stranger configurations: ``AnomalyDetector.score``.

        Those that compare with normal data are among them if the run, or ``fit``, has seen some.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
        """
        self._check(positions)
        return self.detector.score(positions)

    @takes_arrays
    @with_own_settings
    def fit(self, learnt: ManyPositions, held_out: Float[Array, "held_out particles 2"]) -> "TrainedModel":
        """This model, knowing normal data: thresholds of every score are made of ``held_out``.

        Args:
            learnt: normal configurations that may have been learnt from, (chains, particles, 2), in sigma.
            held_out: others.

        Raises:
            LoadError: configurations that cannot be of the box.
            InputError: coordinates that are not finite, or nothing held out.
        """
        for argument, positions in (("learnt", learnt), ("held_out", held_out)):
            self._check(positions)
            if wrong := self._what_is_wrong(argument, positions):
                raise LoadError(wrong)
        self.detector = self.detector.fit(learnt, held_out)
        return self

    @takes_arrays
    @with_own_settings
    def predict(
        self, positions: ManyPositions, quantile: float = 0.95, thresholds: Mapping[str, float] | None = None
    ) -> dict[str, np.ndarray]:
        """Which configurations are anomalies by each score, each (chains,): ``AnomalyDetector.predict``.

        Args:
            positions: (chains, particles, 2), in sigma, in any order.
            quantile: the share of normal configurations that are to lie below the thresholds.
            thresholds: by name of score, in place of those.

        Raises:
            DetectorError: neither the run nor ``fit`` has seen normal data, or an unknown score.
        """
        self._check(positions)
        return self.detector.predict(positions, quantile, thresholds)

    def _check(self, positions: ManyPositions) -> None:
        expected = (self.config.system.num_particles, 2)
        if positions.ndim != 3 or positions.shape[1:] != expected:
            raise LoadError(f"positions have shape {positions.shape}, expected (chains, {expected[0]}, 2)")

    def _what_is_wrong(self, argument: str, positions: ManyPositions) -> str | None:
        # Under a transformation of jax there are no values to look at.
        if isinstance(positions, Tracer):
            return None
        refuse_what_is_no_position(argument, positions)
        return what_is_wrong(argument, np.asarray(positions), self.config.system.box_side)

    def _warn_of_another_box(self, positions: ManyPositions) -> None:
        if wrong := self._what_is_wrong("positions", positions):
            # Where this class was called from, however many of its methods lie between.
            callers = [frame.filename for frame in inspect.stack(context=0)]
            last_own = max(level for level, name in enumerate(callers) if name == __file__)
            warnings.warn(wrong, UserWarning, stacklevel=last_own + 2)
