import pytest

from lcpjax.training import (
    CheckpointError,
    Checkpoints,
    initial_state,
)
from tests.training.small_models import configurations, dense_model, identical, model_of, plan, train


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
