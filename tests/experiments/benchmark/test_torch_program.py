"""The program that our training is measured against trains the same model; skipped where there is no PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.experiments.benchmark.reference_programs import (
    is_written_for_torch,
    load_torch,
    start_torch_training,
    torch_model,
)
from lcpjax.model import Likelihood, Posterior, autoencode, sample_posterior
from lcpjax.training import Objective, initial_state
from lcpjax.training.optimizer import build_optimizer
from tests.training.small_models import REPRESENTATION, configurations, convolutional_model, dense_model, model_of, plan

KL_WEIGHT, LEARNING_RATE, GRADIENT_CLIP, SEED = 0.3, 1e-2, 0.1, 1


@pytest.fixture(scope="module")
def torch():
    package = load_torch()
    if package is None:
        pytest.skip("no PyTorch here")
    return package


def deviations_of(model):
    zeros = jnp.zeros((8, model.encoder.latent_dim))
    return sample_posterior(Posterior(zeros, zeros), jax.random.key(SEED))


def our_pass(model, variables, samples):
    """The means of the loss terms, and the gradient of the first one."""

    def loss(params):
        output = autoencode(model, variables | {"params": params}, samples, jax.random.key(SEED))
        terms = jax.tree.map(jnp.mean, Objective().terms(model.likelihood, output, samples, jnp.float32(KL_WEIGHT)))
        return terms.loss, terms

    (_, terms), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(variables["params"])
    return terms, gradient


@pytest.fixture(scope="module")
def both(torch):
    """A model of two levels and a padded side, its variables, what is put in, and what comes out of ours."""
    model = convolutional_model((4, 8))
    variables = initial_state(plan(model), model_of(), configurations()).variables
    samples = REPRESENTATION.represent(configurations(8))
    return model, variables, samples, deviations_of(model), our_pass(model, variables, samples)


def in_torch(torch, array):
    return torch.tensor(np.asarray(array))


def gradients_agree(torch, both, kl_weight):
    """Whether the gradients of all parameters are those of ours at KL_WEIGHT, to the rounding of sums of thousands."""
    model, variables, samples, deviations, (_, gradient) = both
    module = torch_model(torch, model, variables, kl_weight)
    module(in_torch(torch, samples), in_torch(torch, deviations))[0].backward()
    # Our gradient put where the parameters are put: in PyTorch's own order of axes and channels.
    expected = torch_model(torch, model, variables | {"params": gradient}, KL_WEIGHT)
    return all(
        np.allclose(own.grad, other, rtol=0, atol=3e-5 * float(other.abs().max()) + 1e-7)
        for own, other in zip(module.parameters(), (each.detach() for each in expected.parameters()), strict=True)
    )


def test_losses_and_gradients_are_those_of_ours(torch, both):
    model, variables, samples, deviations, (terms, _) = both
    module = torch_model(torch, model, variables, KL_WEIGHT)
    theirs = module(in_torch(torch, samples), in_torch(torch, deviations))
    np.testing.assert_allclose([float(term.detach()) for term in theirs], terms, rtol=1e-5)
    assert gradients_agree(torch, both, KL_WEIGHT)


def test_the_comparisons_can_fail(torch, both):
    model, variables, samples, deviations, (terms, _) = both
    module = torch_model(torch, model, variables, 1.001 * KL_WEIGHT)
    loss, *_ = module(in_torch(torch, samples), in_torch(torch, deviations))
    assert abs(float(loss.detach()) / float(terms.loss) - 1) > 3e-5
    assert not gradients_agree(torch, both, 1.001 * KL_WEIGHT)


def test_a_step_moves_the_parameters_as_ours_does(torch, both):
    model, variables, samples, deviations, (_, gradient) = both
    optimizer = build_optimizer("adam", jnp.float32(LEARNING_RATE), "constant", 1, 0.0, 1.0, GRADIENT_CLIP)

    @jax.jit
    def step(params):
        updates, _ = optimizer.update(gradient, optimizer.init(params))
        return jax.tree.map(jnp.add, params, updates)

    with jax.numpy_dtype_promotion("standard"):
        stepped = step(variables["params"])
    module = torch_model(torch, model, variables, KL_WEIGHT)
    training = start_torch_training(torch, module, model.encoder.latent_dim, "cpu", LEARNING_RATE, GRADIENT_CLIP)
    training.step(in_torch(torch, samples), in_torch(torch, deviations))
    expected = torch_model(torch, model, variables | {"params": stepped}, KL_WEIGHT)
    slopes = torch_model(torch, model, variables | {"params": gradient}, KL_WEIGHT)
    own, other, slope = (
        torch.cat([values.detach().flatten() for values in each.parameters()]).numpy()
        for each in (module, expected, slopes)
    )
    # Adam's first step is as long in every direction, whatever the slope: rounding decides small ones.
    steep = np.abs(slope) > 1e-4 * np.abs(slope).max()
    assert steep.mean() > 0.5
    np.testing.assert_allclose(own[steep], other[steep], atol=1e-3 * LEARNING_RATE)


def test_an_epoch_learns_from_all_whole_batches(torch):
    model = convolutional_model((4,))
    data = configurations(20)
    variables = initial_state(plan(model), model_of(), data).variables
    module = torch_model(torch, model, variables, 1e-3)
    training = start_torch_training(torch, module, model.encoder.latent_dim, "cpu", LEARNING_RATE, 1.0)
    samples = training.samples_on_device(np.asarray(REPRESENTATION.represent(data)))
    torch.manual_seed(0)
    with torch.no_grad():
        before = float(module(samples, torch.zeros(20, 12))[1])
    assert min(training.epoch(samples, 8) for _ in range(10)) > 0
    with torch.no_grad():
        after = float(module(samples, torch.zeros(20, 12))[1])
    assert after < 0.9 * before
    (step, *_) = (state["step"] for state in training.optimizer.state.values())
    assert int(step) == 20


def test_only_what_was_written_for_pytorch_has_a_program():
    assert is_written_for_torch(convolutional_model((4,)))
    assert not is_written_for_torch(dense_model())
    assert not is_written_for_torch(convolutional_model((4,)).clone(likelihood=Likelihood("shared")))
