import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.training import has_failed, initial_state
from lcpjax.training.train_step import batch_order, batch_rows
from tests.training.small_models import CountingEncoder, configurations, dense_model, identical, model_of, plan, train


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


@pytest.mark.slow
def test_the_trace_check_can_fail():
    before = CountingEncoder.traces
    train(plan(dense_model(latent_dim=6)), [model_of()])
    assert CountingEncoder.traces > before


@pytest.mark.slow
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


def test_a_healthy_model_is_the_same_next_to_one_that_diverges():
    (alone,) = train(plan(), [model_of()])
    together, _ = train(plan(), [model_of(), model_of(1e38)])
    assert identical(alone, together)


def test_training_ends_when_no_model_is_left():
    epochs = []
    states = train(plan(), [model_of(1e38)], on_epoch=lambda epoch, metrics: epochs.append(epoch))
    assert has_failed(states[0])
    assert len(epochs) < 4


def test_a_model_whose_validation_loss_is_not_finite_has_failed():
    data, failures = configurations(), []
    validation = configurations(16, seed=1).at[3, 0, 0].set(jnp.inf)
    (state,) = train(
        plan(),
        [model_of()],
        data=data,
        validation=validation,
        on_failure=lambda index, batch: failures.append(batch.step),
    )
    assert has_failed(state)
    assert failures == [3]
    assert int(state.best.epoch) == -1


def new_data(epoch):
    return configurations(seed=100 + epoch)


@pytest.mark.slow
def test_every_epoch_may_have_its_own_data_and_going_on_gives_the_same_training():
    training_plan = plan(dense_model(latent_dim=8))
    first = initial_state(training_plan, model_of(), new_data(0))
    CountingEncoder.traces = 0
    saved = {}
    keep = lambda done, states: saved.update({done: jax.tree.map(jnp.copy, states)})  # noqa: E731
    whole = train(training_plan, [model_of()], [jax.tree.map(jnp.copy, first)], data=new_data, on_checkpoint=keep)
    traces = CountingEncoder.traces
    rest = train(training_plan, [model_of()], saved[2], first_epoch=2, data=new_data)
    assert identical(whole, rest)
    assert CountingEncoder.traces == traces
    same = train(training_plan, [model_of()], [first], data=new_data(0))
    assert not identical(whole, same)
    assert CountingEncoder.traces == traces


def test_the_batch_of_a_model_that_failed_is_of_its_own_epoch():
    def poisoned(epoch):
        return new_data(epoch) if epoch != 1 else new_data(1).at[:, 0, 0].set(jnp.inf)

    failures = []
    train(
        plan(),
        [model_of()],
        [initial_state(plan(), model_of(), new_data(0))],
        data=poisoned,
        on_failure=lambda index, batch: failures.append(batch),
    )
    (batch,) = failures
    assert batch.step == 4
    assert (batch.positions == np.asarray(poisoned(1))[batch.rows]).all()


def test_asked_to_stop_an_epoch_is_reported_and_kept_and_resuming_gives_the_same_training():
    whole = train(plan(), [model_of()])
    epochs, saved = [], {}
    early = train(
        plan(),
        [model_of()],
        on_epoch=lambda epoch, metrics: epochs.append(epoch),
        on_checkpoint=lambda done, states: saved.update({done: jax.tree.map(jnp.copy, states)}),
        stop=lambda: True,
        epochs_per_checkpoint=50,
    )
    assert epochs == [0]
    assert list(saved) == [1]
    assert identical(early, saved[1])
    assert identical(whole, train(plan(), [model_of()], early, first_epoch=1))
