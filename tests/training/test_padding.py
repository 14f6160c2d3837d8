"""A model with few latents inside one with more: masked, it is the same model."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model import Posterior, cut_variables, kl_divergence, mask_latents, sample_posterior
from lcpjax.training import cut_state, evaluate, initial_state, padded_state, with_latents
from tests.training.small_models import configurations, dense_model, model_of, plan, train

DIMS = (2, 4)


def test_masked_latents_cost_nothing():
    posterior = Posterior(*jax.random.normal(jax.random.key(0), (2, 5, 4)))
    used = Posterior(*(part[:, :3] for part in posterior))
    masked = mask_latents(posterior, jnp.int32(3))
    np.testing.assert_allclose(kl_divergence(masked), kl_divergence(used), rtol=1e-6)
    assert not np.allclose(kl_divergence(posterior), kl_divergence(used), rtol=1e-2)


def test_more_latents_change_nothing_in_the_noise_of_the_first_ones():
    few, many = (Posterior(jnp.zeros((7, dim)), jnp.zeros((7, dim))) for dim in (3, 5))
    drawn = [sample_posterior(each, jax.random.key(1)) for each in (few, many)]
    assert (drawn[0] == drawn[1][:, :3]).all()


def test_mask_padding_leaves_the_smaller_models_loss_unchanged():
    data, hyperparameters = configurations(), model_of(0.3, latent_dim=2)
    small, large = plan(dense_model(2)), plan(dense_model(4))
    own = initial_state(small, model_of(0.3), data)
    padded = padded_state(large, hyperparameters, 2, data)
    # Masked latents may hold anything.
    params = jax.tree.map(jnp.copy, padded.variables["params"])
    for layer, value in ((params["encoder"]["Dense_0"], 7.0), (params["encoder"]["Dense_1"], -3.0)):
        layer["bias"] = layer["bias"].at[2:].set(value)
    first = params["decoder"]["Dense_1"]
    first["kernel"] = first["kernel"].at[2:].set(1.0)
    variables = padded.variables | {"params": params}
    expected = evaluate(small, own.variables, jnp.float32(0.3), data)
    masked = evaluate(large, variables, jnp.float32(0.3), data, hyperparameters.latent_dim)
    unmasked = evaluate(large, variables, jnp.float32(0.3), data)
    np.testing.assert_allclose(masked, expected, rtol=1e-6)
    assert float(unmasked.loss) > 1.1 * float(expected.loss)


@pytest.mark.slow
def test_models_of_several_sizes_train_as_one_program_as_they_would_alone():
    data, largest = configurations(), plan(dense_model(DIMS[-1]))
    models = [model_of(1e-2, seed=seed, latent_dim=dim) for seed, dim in enumerate(DIMS)]
    states = [padded_state(largest, model, dim, data) for model, dim in zip(models, DIMS, strict=True)]
    together = train(largest, models, states, data=data, strategy="vmap")
    for seed, (dim, model, state) in enumerate(zip(DIMS, models, together, strict=True)):
        (alone,) = train(plan(dense_model(dim)), [model_of(1e-2, seed=seed)], data=data)
        own = cut_state(largest, model, state, dim, data)
        for one, other in zip(jax.tree.leaves(own), jax.tree.leaves(alone), strict=True):
            # Sums over more entries round differently, and Adam divides by small numbers.
            np.testing.assert_allclose(one, other, atol=1e-4, rtol=1e-3)
        loaded = cut_variables(with_latents(largest, dim).model, state.best.variables)
        assert jax.tree.map(jnp.shape, loaded) == jax.tree.map(jnp.shape, alone.variables)


def test_a_model_that_is_no_part_of_a_larger_one_is_refused():
    with pytest.raises(InputError, match="latent_dim = 4: this model cannot train together with one of 3"):
        padded_state(plan(dense_model(3)), model_of(), 4, configurations())
