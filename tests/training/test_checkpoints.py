import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from lcpjax.training import (
    CheckpointError,
    Checkpoints,
    initial_state,
)
from lcpjax.training.train_state import stack_models
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


@pytest.mark.parametrize("name", ["lj [2026]", "a*b", "two**stars", "back\\slash"])
def test_models_come_back_from_a_folder_of_any_name(name, tmp_path):
    states = [initial_state(plan(), model_of(), configurations())]
    # What a pattern would find as well.
    (tmp_path / "axb" / "7").mkdir(parents=True)
    with Checkpoints(tmp_path / name) as checkpoints:
        checkpoints.save(3, states, {"a": 1})
    with Checkpoints(tmp_path / name) as checkpoints:
        assert checkpoints.latest_epoch() == 3
        assert identical(checkpoints.restore_latest(states), states)
        assert checkpoints.restore_best()[1] == {"a": 1}
    assert [path.name for path in (tmp_path / name).iterdir()] == ["3"]
    assert not [
        link for link in Path(tempfile.gettempdir()).glob("lcpjax-*/folder") if link.resolve() == tmp_path / name
    ]


def test_what_was_saved_and_is_not_found_or_is_other_when_read_back_is_an_error(tmp_path, monkeypatch):
    states = [initial_state(plan(), model_of(), configurations())]
    others = [initial_state(plan(), model_of(seed=5), configurations())]
    with Checkpoints(tmp_path / "lost") as checkpoints:
        monkeypatch.setattr(checkpoints._manager, "all_steps", lambda **_: [])
        with pytest.raises(CheckpointError, match=r"lost: epoch 1 was saved and cannot be read back \(it is not found"):
            checkpoints.save(1, states, {})
    with Checkpoints(tmp_path / "other") as checkpoints:
        monkeypatch.setattr(checkpoints, "_restore", lambda *_: stack_models(others)._asdict())
        with pytest.raises(CheckpointError, match=r"other: epoch 1 was saved and cannot be read back \(latest/"):
            checkpoints.save(1, states, {})


@pytest.mark.parametrize(
    "refusal",
    [
        ValueError('RESOURCE_EXHAUSTED: Error writing "x": No space left on device [os_error_code=28]'),
        RuntimeError("Failed to open: Disk quota exceeded"),
        OSError(errno.EROFS, os.strerror(errno.EROFS)),
    ],
)
def test_a_disk_that_refuses_a_checkpoint_is_one_line_and_leaves_nothing_half(refusal, tmp_path, monkeypatch):
    def refuse(*_, **__):
        (tmp_path / "1.orbax-checkpoint-tmp" / "latest").mkdir(parents=True)
        raise refusal

    with Checkpoints(tmp_path) as checkpoints:
        monkeypatch.setattr(checkpoints._manager, "save", refuse)
        with pytest.raises(CheckpointError) as caught:
            checkpoints.save(1, [initial_state(plan(), model_of(), configurations())], {})
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{tmp_path}: ")
    assert "the same command resumes" in line
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_that_finds_no_room_is_refused_before_a_thread_writes(tmp_path, monkeypatch):
    states = [initial_state(plan(), model_of(), configurations())]
    with Checkpoints(tmp_path) as checkpoints:
        monkeypatch.setattr(checkpoints._manager, "save", lambda *_, **__: pytest.fail("began to write"))
        free = shutil.disk_usage(tmp_path)._replace(free=1000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
        with pytest.raises(CheckpointError, match="No space left on device: epoch 1 cannot be saved"):
            checkpoints.save(1, states, {})
