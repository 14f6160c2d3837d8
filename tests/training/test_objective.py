import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model import Likelihood, Posterior, StandardNormal, autoencode, kl_divergence
from lcpjax.representation import Representation
from lcpjax.training import Objective, evaluate, initial_state
from lcpjax.training.objective import is_variational, kl_with_free_bits, log_error, relative_error, squared_error
from tests.training.small_models import configurations, dense_model, model_of, plan, train


def test_errors_of_distances_have_their_exact_values():
    distances, decoded = jnp.array([[1.0, 2.0]]), jnp.array([[2.0, 4.0]])
    assert squared_error(decoded, distances).tolist() == [2.5]
    assert relative_error(decoded, distances).tolist() == [1.0]
    np.testing.assert_allclose(log_error(decoded, distances), [np.log(2.0) ** 2], rtol=1e-6)


@pytest.mark.parametrize("error", [relative_error, log_error])
def test_errors_of_distances_are_finite_where_there_is_no_distance(error):
    """On the diagonal, and where a decoder gives what no distance can be."""
    gradient = jax.grad(lambda decoded: error(decoded, jnp.zeros((1, 2)))[0])(jnp.array([[-3.0, 0.0]]))
    assert bool(jnp.isfinite(gradient).all())
    assert float(gradient[0, 0]) < 0


def test_lambda_rises_over_its_warmup_and_stays():
    objective = Objective(warmup_fraction=0.5)
    weights = [float(objective.kl_weight_at(jnp.float32(2.0), jnp.int32(step), 100)) for step in (0, 25, 50, 99)]
    assert weights == [0.0, 1.0, 2.0, 2.0]
    assert float(Objective().kl_weight_at(jnp.float32(2.0), jnp.int32(0), 100)) == 2.0


def test_free_bits_are_free_of_every_latent_but_no_more():
    # At unit variance a latent's KL is half the square of its mean: 0 and 0.2, 1 and 3.
    posterior = Posterior(jnp.sqrt(2.0 * jnp.array([[0.0, 1.0], [0.2, 3.0]])), jnp.zeros((2, 2)))
    assert float(kl_with_free_bits(posterior, 0.5)) == pytest.approx(2.5)
    assert float(kl_with_free_bits(posterior, 0.0)) == pytest.approx(float(jnp.mean(kl_divergence(posterior))))


@pytest.mark.slow
def test_with_free_bits_a_latent_is_used_that_lambda_would_close():
    def kl_after(free_bits):
        fit = plan(objective=Objective(free_bits=free_bits), num_epochs=12)
        (state,) = train(fit, [model_of(kl_weight=30.0, learning_rate=3e-2)])
        samples = fit.representation.represent(configurations())
        output = autoencode(fit.model, state.variables, samples, jax.random.key(0))
        return float(jnp.mean(kl_divergence(output.posterior)))

    assert kl_after(1.0) > 2.0 > kl_after(0.0)


def test_an_autoencoder_has_no_noise_and_a_variational_one_does():
    fit = plan()
    state = initial_state(fit, model_of(), configurations())
    samples = fit.representation.represent(configurations())
    for kl_weight, is_noisy in ((0.0, False), (1e-3, True)):
        noise = is_variational(jnp.float32(kl_weight))
        output = autoencode(fit.model, state.variables, samples, jax.random.key(0), noise)
        assert bool((output.latent != output.posterior.mean).any()) == is_noisy


def test_a_learned_variance_gives_a_loss_in_nats_with_the_same_samples_in_every_call():
    model = dense_model().clone(likelihood=Likelihood("shared", initial_scale=2.0))
    fit, data = plan(model), configurations()
    state = initial_state(fit, model_of(), data)
    terms, again = (evaluate(fit, state.variables, jnp.float32(1.0), data) for _ in range(2))
    assert float(terms.loss) == float(again.loss)
    # At a standard deviation of 2 an entry costs at least ln(2 sqrt(2 pi)) nats.
    assert float(terms.loss) > float(terms.kl_nats) + 36 * np.log(2.0 * np.sqrt(2 * np.pi))


def test_free_bits_are_refused_where_latents_have_no_kl_of_their_own():
    class Learned(StandardNormal.__base__):
        latents = "particles"

    with pytest.raises(InputError, match=r"free_bits = 0\.1: only with the standard prior"):
        plan(dense_model().clone(prior=Learned()), objective=Objective(free_bits=0.1))


def test_an_unknown_error_is_refused():
    with pytest.raises(InputError, match="error = squard: did you mean 'squared'"):
        Objective(error="squard")


def test_errors_of_distances_are_refused_where_there_are_none():
    relative = Objective(error="relative")
    with pytest.raises(InputError, match="error = relative: a model with a learned variance has a likelihood instead"):
        plan(dense_model().clone(likelihood=Likelihood("shared")), objective=relative)
    with pytest.raises(InputError, match="error = relative: is of distances, which these samples are not"):
        plan(dense_model(), objective=relative, representation=Representation("coordinates"))
