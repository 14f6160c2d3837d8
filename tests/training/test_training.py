import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from lcpjax.model import VAE, Posterior, build_decoder, build_encoder, decode, encode
from lcpjax.representation import Representation
from lcpjax.training import (
    CheckpointError,
    Checkpoints,
    Hyperparameters,
    PlanError,
    TrainingPlan,
    evaluate,
    fit,
    has_failed,
    initial_state,
    loss_terms,
)
from lcpjax.training.train_step import batch_order, batch_rows, scanned_epoch, step_body, train_epoch

REPRESENTATION = Representation()
NUM_PARTICLES = 6


class CountingEncoder(nn.Module):
    """A dense encoder that counts how often it is traced."""

    latent_dim: int
    traces = 0

    @nn.compact
    def __call__(self, matrices):
        CountingEncoder.traces += 1
        features = matrices.reshape(matrices.shape[0], -1)
        return Posterior(nn.Dense(self.latent_dim)(features), nn.Dense(self.latent_dim)(features))


class DenseDecoder(nn.Module):
    @nn.compact
    def __call__(self, latent):
        return nn.Dense(NUM_PARTICLES**2)(nn.silu(nn.Dense(64)(latent))).reshape(-1, NUM_PARTICLES, NUM_PARTICLES)


def dense_model(latent_dim=4):
    return VAE(CountingEncoder(latent_dim), DenseDecoder(), (NUM_PARTICLES, NUM_PARTICLES))


def convolutional_model(channels=(8, 16)):
    shape = (NUM_PARTICLES, NUM_PARTICLES)
    return VAE(
        build_encoder("convolutional", shape, 12, channels, 3),
        build_decoder("convolutional", shape, channels, 3),
        shape,
    )


def plan(model=None, **changes):
    settings = {
        "model": model or dense_model(),
        "representation": REPRESENTATION,
        "batch_size": 8,
        "num_epochs": 4,
        "schedule": "constant",
        "warmup_fraction": 0.0,
        "final_learning_rate_fraction": 0.01,
        "gradient_clip": 1.0,
        "num_normalisation_configurations": 4096,
        "evaluation_batch_size": 16,
    }
    return TrainingPlan(**(settings | changes))


def configurations(number=32, seed=0):
    positions = jax.random.uniform(jax.random.key(seed), (number, NUM_PARTICLES, 2)) * 5.0
    return REPRESENTATION.order(positions)


def train(training_plan, models, states=None, first_epoch=0, data=None, **listeners):
    data = configurations() if data is None else data
    states = [initial_state(training_plan, model, data) for model in models] if states is None else states
    ignore = {name: lambda *_: None for name in ("on_epoch", "on_checkpoint", "on_failure")}
    return fit(
        training_plan,
        models,
        states,
        data,
        configurations(16, seed=1),
        **(ignore | listeners),
        epochs_per_checkpoint=1,
        first_epoch=first_epoch,
    )


def model_of(kl_weight=1e-3, learning_rate=1e-2, seed=0):
    return Hyperparameters.on_device(kl_weight, learning_rate, seed)


def identical(first, second):
    return all(bool((a == b).all()) for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True))


def test_the_loss_is_mse_plus_weighted_kl():
    key = jax.random.key(0)
    samples = jax.random.normal(key, (5, 3, 3))
    posterior = Posterior(jnp.ones((5, 2)), jnp.zeros((5, 2)))
    terms = loss_terms(samples + 2.0, samples, posterior, 0.5)
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


def gradient_at(kl_weight):
    training_plan, data = plan(), configurations()
    state = initial_state(training_plan, model_of(), data)
    samples = REPRESENTATION.represent(data)

    def loss(params):
        variables = state.variables | {"params": params}
        posterior = encode(training_plan.model, variables, samples)
        reconstruction = decode(training_plan.model, variables, posterior.mean)
        return jnp.mean(loss_terms(reconstruction, samples, posterior, kl_weight).loss)

    return jax.grad(loss)(state.variables["params"])


def test_lambda_enters_the_gradient_linearly_and_of_the_encoder_only():
    none, one, two = (gradient_at(jnp.float32(weight)) for weight in (0.0, 1.0, 2.0))
    assert identical(none["decoder"], two["decoder"])
    changes = jax.tree.map(lambda a, b, c: (b - a, c - a), none["encoder"], one["encoder"], two["encoder"])
    pairs = jax.tree.leaves(changes, is_leaf=lambda leaf: isinstance(leaf, tuple))
    # Normalised samples average to zero, so the biases of the mean feel nothing at first; the kernels do.
    assert max(float(jnp.abs(once).max()) for once, _ in pairs) > 1e-3
    for once, twice in pairs:
        np.testing.assert_allclose(twice, 2 * once, rtol=1e-3, atol=1e-5)


def test_a_whole_sweep_is_traced_once():
    training_plan = plan(dense_model(latent_dim=5))
    CountingEncoder.traces = 0
    train(training_plan, [model_of(seed=0)])
    traces_of_one_model = CountingEncoder.traces
    train(
        training_plan, [model_of(kl_weight, rate, seed) for kl_weight, rate, seed in ((1e-5, 1e-3, 1), (1.0, 1e-2, 2))]
    )
    assert traces_of_one_model > 0
    assert CountingEncoder.traces == traces_of_one_model


def test_the_trace_check_can_fail():
    CountingEncoder.traces = 0
    train(plan(dense_model(latent_dim=6)), [model_of()])
    before = CountingEncoder.traces
    train(plan(dense_model(latent_dim=7)), [model_of()])
    assert CountingEncoder.traces > before


def test_one_batch_is_overfitted():
    data = configurations(8)
    training_plan = plan(convolutional_model(), num_epochs=400)
    (state,) = train(training_plan, [model_of(0.0, 5e-3)], data=data)
    before = evaluate(training_plan, initial_state(training_plan, model_of(), data).variables, jnp.float32(0.0), data)
    after = evaluate(training_plan, state.variables, jnp.float32(0.0), data)
    assert float(after.mse) < 0.02 * float(before.mse)


def test_an_epoch_in_one_program_is_the_same_as_one_step_at_a_time():
    training_plan, data, model = plan(), configurations(), model_of()
    stepped, means = train_epoch(training_plan, initial_state(training_plan, model, data), model, data)
    fresh = initial_state(training_plan, model, data)
    order = batch_order(training_plan, model, fresh.step, data.shape[0])
    zero = type(means)(*(jnp.float32(0) for _ in means))
    scanned, sums = scanned_epoch(training_plan, fresh, zero, model, data, order)
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


def test_four_epochs_are_two_and_a_saved_checkpoint_and_two_more_bit_for_bit(tmp_path):
    models = [model_of(1e-4, seed=0), model_of(1.0, seed=1)]
    training_plan, data = plan(schedule="cosine", warmup_fraction=0.2), configurations()
    whole = train(training_plan, models)
    with Checkpoints(tmp_path / "checkpoints") as checkpoints:
        train(
            training_plan,
            models,
            on_checkpoint=lambda done, states: checkpoints.save(done, states, {}) if done == 2 else None,
        )
    with Checkpoints(tmp_path / "checkpoints") as checkpoints:
        assert checkpoints.latest_epoch() == 2
        states = checkpoints.restore_latest([initial_state(training_plan, model, data) for model in models])
    assert identical(train(training_plan, models, states, first_epoch=2), whole)


def test_a_checkpoint_of_other_shapes_is_refused(tmp_path):
    models, data = [model_of()], configurations()
    wide, narrow = plan(dense_model(4)), plan(dense_model(3))
    with Checkpoints(tmp_path) as checkpoints:
        checkpoints.save(1, [initial_state(wide, models[0], data)], {})
        with pytest.raises(CheckpointError, match="expected float32"):
            checkpoints.restore_latest([initial_state(narrow, models[0], data)])


def test_an_empty_checkpoint_folder_says_so(tmp_path):
    with Checkpoints(tmp_path) as checkpoints:
        assert checkpoints.latest_epoch() == 0
        with pytest.raises(CheckpointError, match="no checkpoint"):
            checkpoints.restore_best()


def test_metrics_come_once_an_epoch_in_order_and_before_their_checkpoint():
    events = []
    train(
        plan(),
        [model_of()],
        on_epoch=lambda epoch, metrics: events.append(("metrics", epoch)),
        on_checkpoint=lambda done, states: events.append(("checkpoint", done)),
    )
    assert events == [
        (kind, epoch + (kind == "checkpoint")) for epoch in range(4) for kind in ("metrics", "checkpoint")
    ]


def test_the_best_parameters_are_those_of_the_lowest_validation_loss():
    losses, bests = [], []
    train(
        plan(num_epochs=3),
        [model_of(learning_rate=0.3)],
        on_epoch=lambda epoch, metrics: losses.append(float(metrics[0].validation.loss)),
        on_checkpoint=lambda done, states: bests.append((int(states[0].best.epoch), float(states[0].best.loss))),
    )
    assert bests[-1] == (int(np.argmin(losses)), min(losses))
    # At this learning rate the loss does not only fall: otherwise nothing was tested.
    assert np.argmin(losses) < 2


def test_a_model_that_diverges_is_frozen_with_its_batch_and_the_others_finish():
    data, failures, seen = configurations(), [], []
    models = [model_of(1e-3), model_of(1e38), model_of(1e-2)]
    states = train(
        plan(),
        models,
        data=data,
        on_failure=lambda index, batch: failures.append((index, batch)),
        on_epoch=lambda epoch, metrics: seen.append([metric is not None for metric in metrics]),
    )
    assert [has_failed(state) for state in states] == [False, True, False]
    ((index, batch),) = failures
    assert (index, batch.step) == (1, int(states[1].failed_step))
    order = batch_order(plan(), models[1], jnp.int32(batch.step), 32)
    assert (batch.rows == np.asarray(batch_rows(plan(), order, jnp.int32(batch.step)))).all()
    assert (batch.positions == np.asarray(data)[batch.rows]).all()
    assert all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(states[1].variables))
    assert seen[-1] == [True, False, True]


def test_a_healthy_model_is_the_same_beside_one_that_diverges():
    (alone,) = train(plan(), [model_of()])
    beside, _ = train(plan(), [model_of(), model_of(1e38)])
    assert identical(alone, beside)


def test_training_ends_when_no_model_is_left():
    epochs = []
    states = train(plan(num_epochs=50), [model_of(1e38)], on_epoch=lambda epoch, metrics: epochs.append(epoch))
    assert has_failed(states[0])
    assert len(epochs) < 10


def test_a_step_that_fails_leaves_the_parameters_as_they_were():
    training_plan, model = plan(), model_of()
    data = configurations().at[:, 0, 0].set(jnp.nan)
    state = initial_state(training_plan, model, configurations())
    zero = jnp.float32(0)
    sums = loss_terms(jnp.zeros((1, 1)), jnp.zeros((1, 1)), Posterior(jnp.zeros((1, 1)), jnp.zeros((1, 1))), zero)
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


def test_a_batch_larger_than_the_training_part_is_refused():
    with pytest.raises(PlanError, match="batch_size = 64: the training part has only 32"):
        initial_state(plan(batch_size=64), model_of(), configurations(32))


def test_an_unknown_schedule_is_refused():
    with pytest.raises(PlanError, match="did you mean 'cosine'"):
        plan(schedule="cosin")


def test_a_model_whose_validation_loss_is_not_finite_has_failed():
    data, failures = configurations(), []
    validation = configurations(16, seed=1).at[3, 0, 0].set(jnp.inf)
    (state,) = fit(
        plan(),
        [model_of()],
        [initial_state(plan(), model_of(), data)],
        data,
        validation,
        on_epoch=lambda *_: None,
        on_checkpoint=lambda *_: None,
        on_failure=lambda index, batch: failures.append(batch.step),
        epochs_per_checkpoint=1,
    )
    assert has_failed(state)
    assert failures == [3]
    assert int(state.best.epoch) == -1


def test_the_mean_loss_of_a_batch_is_that_of_the_batch_repeated():
    samples = jax.random.normal(jax.random.key(0), (5, 3, 3))
    posterior = Posterior(*jax.random.normal(jax.random.key(1), (2, 5, 2)))

    def mean_loss(times):
        repeated = jax.tree.map(lambda leaf: jnp.concatenate([leaf] * times), (samples, posterior))
        return float(jnp.mean(loss_terms(0.5 * repeated[0], *repeated, 0.3).loss))

    assert mean_loss(7) == pytest.approx(mean_loss(1), rel=1e-6)
