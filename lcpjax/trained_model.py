"""A trained model with its methods, made by training and by ``load_run``."""

import inspect
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lcpjax.array_types import (
    Configurations2D,
    DistanceMatrix,
    HeldOutConfigurations,
    Latent,
    ManyPositions,
    Nats,
    PRNGKey,
    Samples,
)
from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.errors import InputError
from lcpjax.model import (
    VAE,
    Posterior,
    Scale,
    Variables,
    decode,
    decoded_coordinates,
    encode,
    in_batches,
    log_density,
    log_likelihood_bound,
    log_prior,
    sample_posterior,
)
from lcpjax.representation import Representation
from lcpjax.runtime.jax_settings import entry_point
from lcpjax.system import System
from lcpjax.system.positions_in_box import refuse_what_is_no_position, what_is_wrong
from lcpjax.training import NO_MASKS, AnyRepresentation, ModelSetting


class LoadError(InputError):
    """A run folder without the model asked for, or a method that the model does not have."""


@runtime_checkable
class Detector(Protocol):
    """Detector of anomalies, as in ``lcpjax.evaluation.anomalies``."""

    def score(self, positions: Configurations2D, suspect: str | Displacement | None, /) -> dict[str, np.ndarray]:
        """Scores by name, each (configurations,), larger for more anomalous ones; one more of what is suspected."""
        ...

    def fit(self, learned: Configurations2D, held_out: HeldOutConfigurations, /) -> "Detector":
        """This detector with a reference of normal data."""
        ...

    def predict(
        self, positions: Configurations2D, quantile: float, thresholds: Mapping[str, float] | None, /
    ) -> dict[str, np.ndarray]:
        """Whether configurations are anomalous by each score, each (configurations,)."""
        ...

    def thresholds(self, quantile: float = ...) -> Mapping[str, Any]:
        """Thresholds by name of score: anomalies lie above."""
        ...


@dataclass(eq=False)
class TrainedModel(Generic[AnyRepresentation]):
    """The best parameters of one model, ready to use on any device.

    Positions given to its methods are (chains, particles, 2), in sigma, finite, with particles in any order. Those that
    cannot be of the box, because of another origin or unit, are warned of once a call, refused by ``fit``, and
    anomalies like others for ``score`` and ``predict``.

    Args:
        name: of its kind among those of the run.
        setting: identifies it among those of its kind.
        system: the fluid of its training data.
        batch_size: configurations encoded and decoded at once; changes memory, not results.
        masks: hid distances from it in training, a name in ``training.MASKS``.
        detector: of ``score`` and ``predict``; replaced by ``fit``.
    """

    name: str
    # Printed they would fill the screen with weights.
    model: VAE = field(repr=False)
    representation: AnyRepresentation = field(repr=False)
    variables: Variables = field(repr=False)
    setting: ModelSetting
    system: System
    batch_size: int
    masks: str = NO_MASKS
    detector: Detector | None = field(default=None, repr=False)

    @property
    def ids(self) -> dict[str, Any]:
        """Columns that identify it in a table: variant, its name, and seed."""
        return {"variant": self.name, "seed": self.setting.seed}

    @property
    def is_variational(self) -> bool:
        """Whether it has a rate: not with lambda = 0, a plain autoencoder."""
        return self.setting.kl_weight > 0

    @property
    def has_latent_rates(self) -> bool:
        """Whether its KL has a closed form, the sum of those of its latents: lambda > 0, and the prior N(0, I)."""
        return self.is_variational and not self.model.has_learned_prior

    @property
    def noise(self) -> float:
        """Noise of its posterior samples in posterior standard deviations: 0 for an autoencoder."""
        return float(self.is_variational)

    @property
    def knows_frame(self) -> bool:
        """Whether position, angle and mirror of what it gives are those of the box."""
        return self._of_particles.has_coordinates

    @property
    def scale(self) -> Scale:
        """The standard deviation of p(x | z), in the samples' units: learned, or what lambda stands for.

        Lambda = 2 s^2 / entries.
        """
        if self.model.likelihood.is_learned:
            return self.model.likelihood.scale(self.variables["params"]["log_scale"])
        return jnp.float32(math.sqrt(self.setting.kl_weight * math.prod(self.model.sample_shape) / 2))

    @entry_point
    def posterior(self, ordered: Configurations2D) -> Posterior:
        """q(z | x) of configurations that are already in the model's order; in batches.

        Args:
            ordered: (configurations, particles, 2), in sigma.
        """
        represent = self.representation.represent
        return in_batches(lambda batch: encode(self.model, self.variables, represent(batch)), ordered, self.batch_size)

    @entry_point
    def reconstruct(self, ordered: Configurations2D) -> tuple[Samples, Samples]:
        """Model inputs of configurations in its own order, and their reconstructions from latent means."""
        return self.representation.represent(ordered), self.decode(self.posterior(ordered).mean)

    @entry_point
    def decode_with_coordinates(self, latent: Latent) -> tuple[Samples, ManyPositions]:
        """Decoded latents in the representation, and as coordinates (batch, particles, 2) in sigma; in batches.

        Coordinates by the representation itself, a point decoder or Gram's matrix.
        """

        def of_batch(batch: Latent) -> tuple[Samples, ManyPositions]:
            outputs = decode(self.model, self.variables, batch)
            return outputs, decoded_coordinates(self.model, self._of_particles, self.variables, batch, outputs)

        return in_batches(of_batch, latent, self.batch_size)

    @entry_point
    def represent(self, positions: ManyPositions) -> Samples:
        """Model inputs of configurations: in its own particle order, in reduced units."""
        return self._of_particles.represent(self._ordered(positions))

    @entry_point
    def encode(self, positions: ManyPositions) -> Posterior:
        """q(z | x): mean and log variance, each (chains, latent)."""
        return self.posterior(self._ordered(positions))

    @entry_point
    def decode(self, latent: Latent) -> Samples:
        """The decoder's mean for latents (chains, latent), in reduced units."""
        return in_batches(lambda batch: decode(self.model, self.variables, batch), latent, self.batch_size)

    @entry_point
    def rate(self, positions: ManyPositions, key: PRNGKey) -> Nats:
        """Log q(z | x) - log p(z) in nats, (chains,), at one posterior sample; p is the prior the model uses.

        Its mean is the KL divergence, the rate of the code.

        Raises:
            LoadError: an autoencoder (lambda = 0) has no rate.
        """
        self._refuse_autoencoder("rate")
        posterior = self.encode(positions)
        latent = sample_posterior(posterior, key)
        return log_density(posterior, latent) - log_prior(self.model, self.variables, latent)

    @entry_point
    def log_likelihood_bound(self, positions: ManyPositions, key: PRNGKey, num_samples: int = 1) -> Nats:
        """A lower bound on ln p of the ordered coordinates in nats, (chains,): the ELBO, or a tighter one.

        With several posterior samples the importance-weighted one. Where no variance was
        learned it is the one that lambda stands for, kl_weight = 2 s^2 / entries.

        Args:
            num_samples: of the posterior.

        Raises:
            LoadError: an autoencoder (lambda = 0), or a model of something else than coordinates.
        """
        self._refuse_autoencoder("log_likelihood_bound")
        if (name := self._of_particles.name) != "coordinates":
            raise LoadError(f"log_likelihood_bound: is of coordinates; this is a model of {name}")
        if num_samples < 1:
            raise LoadError(f"num_samples = {num_samples}: must be at least 1")
        samples = self.represent(positions)
        return log_likelihood_bound(self.model, self.variables, samples, key, self.scale, num_samples)

    def _refuse_autoencoder(self, asked: str) -> None:
        if not self.is_variational:
            raise LoadError(f"{asked}: an autoencoder (kl_weight = 0) has none")

    @entry_point
    def reconstruct_coordinates(
        self, positions: ManyPositions, key: PRNGKey | None = None
    ) -> tuple[ManyPositions, ManyPositions]:
        """Coordinates put in and given back, (chains, particles, 2), in sigma, in the model's particle order.

        By the representation itself, a point decoder or Gram's matrix; unaligned, and
        in a position, angle and mirror image of its own where the model knows distances alone.

        Args:
            key: from the posterior sample that ``rate(positions, key)`` takes; None: from the latent mean.

        Raises:
            LoadError: a posterior sample of an autoencoder (lambda = 0).
        """
        if key is not None:
            self._refuse_autoencoder("a posterior sample")
        ordered = self._ordered(positions)
        posterior = self.posterior(ordered)
        latent = posterior.mean if key is None else sample_posterior(posterior, key)
        return ordered, self.decode_with_coordinates(latent)[1]

    @entry_point
    def reconstruct_distances(self, positions: ManyPositions) -> tuple[DistanceMatrix, DistanceMatrix]:
        """Distance matrices put in and given back from the latent mean, in the model's particle order."""
        samples, outputs = self.reconstruct(self._ordered(positions))
        return self._of_particles.distances(samples), self._of_particles.distances(outputs)

    @entry_point
    def score(self, positions: ManyPositions, suspect: str | Displacement | None = None) -> dict[str, np.ndarray]:
        """Anomaly scores by name, each (chains,), larger for more anomalous ones: ``AnomalyDetector.score``.

        Those that compare with normal data are among them if the run, or ``fit``, has seen some. A score that suspects
        nothing in particular misses what a suspicion finds: of a few displaced particles most of it.

        Args:
            suspect: "displaced" adds ``displacement_by_model``: every particle is moved to four places around it, and
                the model's density compared; about a tenth of a second for each configuration of 30 particles on two
                CPU cores. A ``Displacement`` says of how many particles and how far. Only for models with a learned
                prior over particles, such as ``model=best``.

        Raises:
            InputError: a suspect that is unknown, or a model without a density of particles.
        """
        self._check(positions)
        return self._asked("score").score(positions, suspect)

    @entry_point
    def fit(self, learned: ManyPositions, held_out: HeldOutConfigurations) -> "TrainedModel":
        """This model with a reference of normal data: thresholds of every score are quantiles of ``held_out``.

        Args:
            learned: normal configurations, of the training data or others, (chains, particles, 2), in sigma.
            held_out: others.

        Raises:
            LoadError: configurations that cannot be of the box.
            InputError: coordinates that are not finite, or nothing held out.
        """
        for argument, positions in (("learned", learned), ("held_out", held_out)):
            self._check(positions, argument)
            if wrong := self._what_is_wrong(argument, positions):
                raise LoadError(wrong)
        self.detector = self._asked("fit").fit(learned, held_out)
        return self

    @entry_point
    def predict(
        self, positions: ManyPositions, quantile: float = 0.95, thresholds: Mapping[str, float] | None = None
    ) -> dict[str, np.ndarray]:
        """Whether configurations are anomalous by each score, each (chains,): ``AnomalyDetector.predict``.

        Args:
            quantile: fraction of normal configurations below the thresholds.
            thresholds: by name of score, in place of those.

        Raises:
            InputError: neither the run nor ``fit`` has seen normal data, or an unknown score.
        """
        self._check(positions)
        return self._asked("predict").predict(positions, quantile, thresholds)

    @property
    def _of_particles(self) -> Representation:
        if not isinstance(self.representation, Representation):
            raise LoadError(f"{self.name}: it sees images of particles, which have no order and no distances")
        return self.representation

    def _asked(self, method: str) -> Detector:
        if self.detector is None:
            raise LoadError(f"{method}: this model has no detector; one from load_run has")
        return self.detector

    def _ordered(self, positions: ManyPositions) -> ManyPositions:
        """In the model's order, with a warning if they cannot be of the box."""
        self._check(positions)
        if wrong := self._what_is_wrong("positions", positions):
            _warn_caller(wrong)
        return self._of_particles.order(positions)

    def _check(self, positions: ManyPositions, argument: str = "positions") -> None:
        expected = (self.system.num_particles, 2)
        if positions.ndim != 3 or positions.shape[1:] != expected:
            raise LoadError(f"positions have shape {positions.shape}, expected (chains, {expected[0]}, 2)")
        if positions.shape[0] == 0:
            raise LoadError(f"{argument}: no configurations; needed is at least one")

    def _what_is_wrong(self, argument: str, positions: ManyPositions) -> str | None:
        # Under a transformation of jax there are no values to look at.
        if isinstance(positions, Tracer):
            return None
        refuse_what_is_no_position(argument, positions)
        return what_is_wrong(argument, np.asarray(positions), self.system.box_side)


def _warn_caller(message: str) -> None:
    """Warn where this module was called from, however many of its methods lie between."""
    callers = [frame.filename for frame in inspect.stack(context=0)]
    last_own = max(level for level, name in enumerate(callers) if name == __file__)
    warnings.warn(message, UserWarning, stacklevel=last_own + 2)
