import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model import Likelihood, Posterior, decode, encode, kl_divergence
from lcpjax.representation import Representation
from lcpjax.training import evaluate, initial_state, loss_terms
from lcpjax.training.masking import encoder_input_in_evaluation, encoder_input_in_training
from lcpjax.training.train_step import batch_order, batch_rows, step_body, train_epoch, train_steps
from tests.training.small_models import (
    NUM_PARTICLES,
    REPRESENTATION,
    configurations,
    convolutional_model,
    dense_model,
    gradient_at,
    identical,
    model_of,
    plan,
    train,
)


def test_the_loss_is_mse_plus_weighted_kl():
    key = jax.random.key(0)
    samples = jax.random.normal(key, (5, 3, 3))
    posterior = Posterior(jnp.ones((5, 2)), jnp.zeros((5, 2)))
    terms = loss_terms(samples + 2.0, samples, kl_divergence(posterior), 0.5)
    np.testing.assert_allclose(terms.mse, 4.0, rtol=1e-6)
    np.testing.assert_allclose(terms.kl_nats, 1.0, rtol=1e-6)
    np.testing.assert_allclose(terms.loss, 4.5, rtol=1e-6)


def test_the_loss_does_not_depend_on_the_batch_size():
    training_plan, data = plan(), configurations(30)
    state = initial_state(training_plan, model_of(), data)
    losses = [
        evaluate(plan(evaluation_batch_size=size), state.variables, jnp.float32(0.3), data).loss
        for size in (1, 7, 16, 30, 1000)
    ]
    # Sums of 30 terms in different orders.
    np.testing.assert_allclose(losses, losses[0], rtol=30 * np.finfo(np.float32).eps)


def test_lambda_enters_the_gradient_linearly_and_of_the_encoder_only():
    none, one, two = (gradient_at(jnp.float32(weight)) for weight in (0.0, 1.0, 2.0))
    assert identical(none["decoder"], two["decoder"])
    changes = jax.tree.map(lambda a, b, c: (b - a, c - a), none["encoder"], one["encoder"], two["encoder"])
    pairs = jax.tree.leaves(changes, is_leaf=lambda leaf: isinstance(leaf, tuple))
    # Normalised samples average to zero, so the biases of the mean feel nothing at first; the kernels do.
    assert max(float(jnp.abs(once).max()) for once, _ in pairs) > 1e-3
    for once, twice in pairs:
        np.testing.assert_allclose(twice, 2 * once, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_one_batch_is_overfitted():
    data = configurations(8)
    training_plan = plan(convolutional_model(), num_epochs=250)
    (state,) = train(training_plan, [model_of(0.0, 5e-3)], data=data)
    before = evaluate(training_plan, initial_state(training_plan, model_of(), data).variables, jnp.float32(0.0), data)
    after = evaluate(training_plan, state.variables, jnp.float32(0.0), data)
    assert float(after.mse) < 0.05 * float(before.mse)


def test_an_epoch_in_one_program_is_the_same_as_one_step_at_a_time():
    training_plan, data, model = plan(), configurations(), model_of()
    stepped, means = train_epoch(training_plan, initial_state(training_plan, model, data), model, data)
    fresh = initial_state(training_plan, model, data)
    order = batch_order(training_plan, model, fresh.step, data.shape[0])
    zero = type(means)(*(jnp.float32(0) for _ in means))
    scanned, sums = train_steps(training_plan, 4, fresh, zero, model, data, order)
    assert int(stepped.step) == int(scanned.step) == 4
    for one, other in zip(jax.tree.leaves(stepped.variables), jax.tree.leaves(scanned.variables), strict=True):
        # Two programs: their sums round differently, and Adam divides by small numbers.
        np.testing.assert_allclose(one, other, atol=1e-4)
    np.testing.assert_allclose(means.loss, sums.loss / 4, rtol=1e-4)


def test_every_configuration_is_seen_once_an_epoch_in_an_order_of_its_own():
    training_plan, model = plan(), model_of()
    orders = [batch_order(training_plan, model, jnp.int32(step), 32) for step in (0, 3, 4)]
    assert identical(orders[0], orders[1])
    assert not identical(orders[0], orders[2])
    rows = jnp.concatenate([batch_rows(training_plan, orders[0], jnp.int32(step)) for step in range(4)])
    assert sorted(rows.tolist()) == list(range(32))


@pytest.mark.slow
def test_a_step_that_fails_leaves_the_parameters_as_they_were():
    training_plan, model = plan(), model_of()
    data = configurations().at[:, 0, 0].set(jnp.nan)
    state = initial_state(training_plan, model, configurations())
    zero = jnp.float32(0)
    sums = loss_terms(jnp.zeros((1, 1)), jnp.zeros((1, 1)), jnp.zeros(1), zero)
    sums = jax.tree.map(lambda leaf: leaf[0], sums)
    after, _ = step_body(training_plan, state, sums, model, data, jnp.arange(32))
    assert int(after.failed_step) == 0
    assert identical(after.variables, state.variables)
    assert identical(after.optimizer_state, state.optimizer_state)


def test_an_epoch_refuses_data_that_lie_on_the_host():
    """What shows that the loop is guarded: nothing in it may go from host to device unasked."""
    training_plan, model = plan(), model_of()
    on_host = np.asarray(configurations())
    state = initial_state(training_plan, model, configurations())
    with pytest.raises(Exception, match=r"[Dd]isallowed host-to-device"):
        train_epoch.__wrapped__(training_plan, state, model, on_host)


def test_a_batch_larger_than_the_training_set_is_refused():
    with pytest.raises(InputError, match="batch_size = 64: the training set has only 32"):
        initial_state(plan(batch_size=64), model_of(), configurations(32))


def test_an_unknown_schedule_is_refused():
    with pytest.raises(InputError, match="did you mean 'cosine'"):
        plan(schedule="cosin")


def test_the_mean_loss_of_a_batch_is_that_of_the_batch_repeated():
    samples = jax.random.normal(jax.random.key(0), (5, 3, 3))
    posterior = Posterior(*jax.random.normal(jax.random.key(1), (2, 5, 2)))

    def mean_loss(times):
        many, posteriors = jax.tree.map(lambda leaf: jnp.concatenate([leaf] * times), (samples, posterior))
        return float(jnp.mean(loss_terms(0.5 * many, many, kl_divergence(posteriors), 0.3).loss))

    assert mean_loss(7) == pytest.approx(mean_loss(1), rel=1e-6)


def test_with_masks_the_encoder_sees_less_than_the_decoder_is_to_give():
    samples = REPRESENTATION.represent(configurations(200))
    seen = encoder_input_in_training(plan(masks="mixed"), samples, model_of(), jnp.int32(3))
    assert bool(((seen == samples) | (seen == 0)).all())
    hidden = np.asarray((seen == 0) & (samples > 0)).any(axis=(1, 2))
    # Of five kinds of masks one misses nothing: 200 draws, four errors, and windows of one diagonal entry.
    assert 0.6 < hidden.mean() < 0.9
    assert encoder_input_in_training(plan(), samples, model_of(), jnp.int32(3)) is samples
    later = encoder_input_in_training(plan(masks="mixed"), samples, model_of(), jnp.int32(4))
    assert bool((later != seen).any())


def test_a_row_has_the_same_mask_in_every_evaluation_whatever_the_chunk():
    masked, samples = plan(masks="mixed"), REPRESENTATION.represent(configurations(40))
    whole = encoder_input_in_evaluation(masked, samples, jnp.int32(0))
    np.testing.assert_array_equal(encoder_input_in_evaluation(masked, samples[30:], jnp.int32(30)), whole[30:])
    assert not np.array_equal(whole, samples)
    assert encoder_input_in_evaluation(plan(), samples, jnp.int32(0)) is samples


@pytest.mark.slow
@pytest.mark.parametrize("variance", ["fixed", "shared"])
def test_a_validation_loss_with_masks_is_of_what_masks_leave(variance):
    """With a learned variance it is of posterior samples, whose noise is each chunk's own; the MSE is of means."""
    model = dataclasses.replace(dense_model(), likelihood=Likelihood(variance))
    (state,) = train(plan(model, masks="mixed", num_epochs=1), [model_of(kl_weight=0.0)])
    ordered, variables, weight = configurations(64, seed=1), state.best.variables, jnp.float32(0.0)
    masked, whole = (evaluate(plan(model, masks=masks), variables, weight, ordered) for masks in ("mixed", "none"))
    assert float(masked.mse) != float(whole.mse)
    assert float(masked.loss) != float(whole.loss)
    again = evaluate(plan(model, masks="mixed", evaluation_batch_size=7), variables, weight, ordered)
    assert float(again.mse) == pytest.approx(float(masked.mse), rel=1e-5)


@pytest.mark.slow
def test_a_model_trained_with_masks_fills_them_in_better_than_one_that_was_not():
    def error_of(masks):
        (state,) = train(plan(masks=masks, num_epochs=40), [model_of(kl_weight=0.0)])
        samples = REPRESENTATION.represent(configurations(16, seed=1))
        # The last particle is lost.
        observed = jnp.ones((NUM_PARTICLES, NUM_PARTICLES), bool).at[-1, :-1].set(False).at[:-1, -1].set(False)[None]
        model, variables = plan().model, state.best.variables
        found = decode(model, variables, encode(model, variables, jnp.where(observed, samples, 0.0)).mean)
        return float(jnp.mean((found - samples)[:, -1, :-1] ** 2))

    assert error_of("mixed") < 0.8 * error_of("none")


def test_masks_are_of_distances_and_of_a_kind_that_there_is():
    with pytest.raises(InputError, match="masks = some"):
        plan(masks="some")
    with pytest.raises(InputError, match="masks = mixed: are of distances"):
        plan(masks="mixed", representation=Representation("coordinates"))
