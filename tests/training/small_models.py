"""Models and data small enough to train in a test."""

import jax
import jax.numpy as jnp
from flax import linen as nn

from lcpjax.model import (
    ALL_LATENTS,
    VAE,
    NetworkSizes,
    Posterior,
    SampleLayout,
    StandardNormal,
    build_decoder,
    build_encoder,
    decode,
    encode,
    kl_divergence,
)
from lcpjax.model.sample_kinds import NORMALISED, VECTOR
from lcpjax.representation import Representation
from lcpjax.training import (
    Callbacks,
    Hyperparameters,
    Objective,
    TrainingPlan,
    build_strategy,
    fit,
    initial_state,
    loss_terms,
)

REPRESENTATION = Representation()
NUM_PARTICLES = 6


class CountingEncoder(nn.Module):
    """A dense encoder that counts how often it is traced."""

    latents, takes = VECTOR, NORMALISED
    latent_dim: int
    traces = 0

    @nn.compact
    def __call__(self, matrices):
        CountingEncoder.traces += 1
        features = matrices.reshape(matrices.shape[0], -1)
        return Posterior(nn.Dense(self.latent_dim)(features), nn.Dense(self.latent_dim)(features))


class DenseDecoder(nn.Module):
    gives, latents = NORMALISED, VECTOR

    @nn.compact
    def __call__(self, latent):
        return nn.Dense(NUM_PARTICLES**2)(nn.silu(nn.Dense(64)(latent))).reshape(-1, NUM_PARTICLES, NUM_PARTICLES)


def dense_model(latent_dim=4):
    return VAE(CountingEncoder(latent_dim), DenseDecoder(), StandardNormal(latent_dim), (NUM_PARTICLES, NUM_PARTICLES))


def convolutional_model(channels=(8, 16)):
    layout = SampleLayout("distance_matrix", NUM_PARTICLES, 10.0)
    sizes = NetworkSizes(channels, kernel_size=3, width=64, depth=2)
    return VAE(
        build_encoder("convolutional", layout, 12, sizes),
        build_decoder("convolutional", layout, sizes),
        StandardNormal(12),
        layout.shape,
    )


def plan(model=None, **changes):
    settings = {
        "model": model or dense_model(),
        "representation": REPRESENTATION,
        "batch_size": 8,
        "num_epochs": 4,
        "optimizer": "adam",
        "schedule": "constant",
        "warmup_fraction": 0.0,
        "final_learning_rate_fraction": 0.01,
        "gradient_clip": 1.0,
        "num_normalisation_configurations": 4096,
        "evaluation_batch_size": 16,
        "objective": Objective(),
    }
    return TrainingPlan(**(settings | changes))


def configurations(number=32, seed=0):
    positions = jax.random.uniform(jax.random.key(seed), (number, NUM_PARTICLES, 2)) * 5.0
    return REPRESENTATION.order(positions)


def train(
    training_plan, models, states=None, first_epoch=0, data=None, strategy="loop", epochs_per_checkpoint=1, **callbacks
):
    data = configurations() if data is None else data
    states = [initial_state(training_plan, model, data) for model in models] if states is None else states
    validation = callbacks.pop("validation", configurations(16, seed=1))
    ignore = {name: lambda *_: None for name in ("on_epoch", "on_checkpoint", "on_failure")}
    return fit(
        build_strategy(strategy, training_plan, models),
        states,
        data,
        validation,
        Callbacks(**(ignore | callbacks)),
        epochs_per_checkpoint,
        first_epoch,
    )


def model_of(kl_weight=1e-3, learning_rate=1e-2, seed=0, latent_dim=ALL_LATENTS):
    return Hyperparameters.on_device(kl_weight, learning_rate, seed, latent_dim)


def identical(first, second):
    return all(bool((a == b).all()) for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True))


def gradient_at(kl_weight):
    training_plan, data = plan(), configurations()
    state = initial_state(training_plan, model_of(), data)
    samples = REPRESENTATION.represent(data)

    def loss(params):
        variables = state.variables | {"params": params}
        posterior = encode(training_plan.model, variables, samples)
        reconstruction = decode(training_plan.model, variables, posterior.mean)
        return jnp.mean(loss_terms(reconstruction, samples, kl_divergence(posterior), kl_weight).loss)

    return jax.grad(loss)(state.variables["params"])
