"""Plan of a training: what is compiled in, and the hyperparameters that are traced."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import jax
import numpy as np

from lcpjax.array_types import Count, Samples, Scalar, TrainingRows, Word
from lcpjax.errors import InputError, did_you_mean
from lcpjax.model import ALL_LATENTS, VAE, StandardNormal
from lcpjax.training.objective import Objective
from lcpjax.training.optimizer import OPTIMIZERS, SCHEDULES

NO_MASKS, MIXED_MASKS = "none", "mixed"
MASKS = (NO_MASKS, MIXED_MASKS)


@runtime_checkable
class RepresentationLike(Protocol):
    """Interface of a representation in training; hashable, since programs are compiled for it."""

    def represent(self, ordered: TrainingRows, /) -> Samples:
        """Samples of rows of the training set."""
        ...

    @property
    def holds_distances(self) -> bool:
        """Whether the entries of samples are distances."""
        ...


AnyRepresentation = TypeVar("AnyRepresentation", bound=RepresentationLike)


@dataclass(frozen=True)
class TrainingPlan(Generic[AnyRepresentation]):
    """Shapes and settings that a compiled training step depends on.

    Args:
        representation: from what is stored to what the model sees: of configurations, or of anything else.
        batch_size: configurations in one gradient step; a rest smaller than it waits for the next epoch's shuffle.
        num_epochs: passes over the training set.
        optimizer: a name in ``OPTIMIZERS``.
        schedule: a name in ``SCHEDULES``.
        warmup_fraction: of all steps, with a learning rate rising from 0.
        final_learning_rate_fraction: of the learning rate, where the cosine ends.
        gradient_clip: largest global norm of a gradient.
        num_normalisation_configurations: at most this many configurations teach the normalisation,
            so that a million matrices never exist at once.
        evaluation_batch_size: configurations evaluated at once; changes memory, not results.
        objective: what is minimised.
        masks: ``none``, or ``mixed``: the encoder sees 0 where ``mixed_masks`` miss a distance; what it is to give is
            the whole matrix. In validation too, where each configuration has one mask for good.
    """

    model: VAE
    representation: AnyRepresentation
    batch_size: int
    num_epochs: int
    optimizer: str
    schedule: str
    warmup_fraction: float
    final_learning_rate_fraction: float
    gradient_clip: float
    num_normalisation_configurations: int
    evaluation_batch_size: int
    objective: Objective
    masks: str = NO_MASKS

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise InputError(f"optimizer = {self.optimizer}: {did_you_mean(self.optimizer, OPTIMIZERS)}")
        if self.schedule not in SCHEDULES:
            raise InputError(f"schedule = {self.schedule}: {did_you_mean(self.schedule, SCHEDULES)}")
        if self.masks not in MASKS:
            raise InputError(f"masks = {self.masks}: {did_you_mean(self.masks, MASKS)}")
        if self.masks != NO_MASKS and not self.representation.holds_distances:
            raise InputError(f"masks = {self.masks}: are of distances, which these samples are not")
        if self.objective.free_bits and not isinstance(self.model.prior, StandardNormal):
            raise InputError(f"free_bits = {self.objective.free_bits}: only with the standard prior")
        self.objective.pixels.check(self.model.likelihood, self.model.sample_shape)
        if (error := self.objective.error) != "squared":
            if self.model.likelihood.is_learned:
                raise InputError(f"error = {error}: a model with a learned variance has a likelihood instead")
            if not self.representation.holds_distances:
                raise InputError(f"error = {error}: is of distances, which these samples are not")

    def steps_per_epoch(self, num_configurations: int) -> int:
        """Gradient steps in one epoch.

        Raises:
            InputError: fewer configurations than one batch.
        """
        if num_configurations < self.batch_size:
            raise InputError(
                f"batch_size = {self.batch_size}: the training set has only {num_configurations} configurations"
            )
        return num_configurations // self.batch_size


class Hyperparameters(NamedTuple):
    """Hyperparameters of one of the models that share a compiled program; traced."""

    kl_weight: Scalar
    """lambda, in reduced units squared per nat."""
    learning_rate: Scalar
    seed: Word
    """Decides the first parameters, the order of the batches and the posterior noise."""
    latent_dim: Count
    """Number of latents in use, the first ones; the plan's model may have more, which are masked."""

    @classmethod
    def on_device(
        cls, kl_weight: float, learning_rate: float, seed: int, latent_dim: int = ALL_LATENTS
    ) -> "Hyperparameters":
        """Hyperparameters as arrays on the default device."""
        numbers = np.float32(kl_weight), np.float32(learning_rate), np.uint32(seed), np.int32(latent_dim)
        return cls(*jax.device_put(numbers))
