import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from lcpjax.runtime.checksums import first_damage
from lcpjax.training import (
    CheckpointError,
    Checkpoints,
    initial_state,
)
from lcpjax.training.train_state import stack_models
from tests.faults.damage import DAMAGES, can_be, flip_a_bit
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
    # Nobody resumes from it.
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["1-damaged-1"]


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


@pytest.fixture
def two_saved(tmp_path):
    """Checkpoints of epochs 1 and 2, and the two states."""
    states = [initial_state(plan(), model_of(seed=seed), configurations()) for seed in (1, 2)]
    with Checkpoints(tmp_path) as checkpoints:
        for epoch, state in enumerate(states, 1):
            checkpoints.save(epoch, [state], {"epoch": epoch})
    return tmp_path, states


def largest_file(folder):
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_any_file_of_a_checkpoint_is_found_and_named(damage, two_saved):
    newest = two_saved[0] / "2"
    files = [path for path in newest.rglob("*") if path.is_file() and can_be(damage, path)]
    assert len(files) > 10
    for path in files:
        good = path.read_bytes()
        DAMAGES[damage](path)
        # Without its checksums a checkpoint is as earlier versions saved it.
        is_lost = path.name == "checksums.json" and damage == "gone"
        assert first_damage(newest).startswith("" if is_lost else path.relative_to(newest).as_posix()), path
        assert bool(first_damage(newest)) != is_lost
        path.write_bytes(good)
    assert first_damage(newest) == ""


def test_where_the_newest_checkpoint_is_damaged_the_one_before_is_read_and_the_bad_one_kept(two_saved):
    folder, (first, second) = two_saved
    flip_a_bit(damaged := largest_file(folder / "2"))
    with Checkpoints(folder) as checkpoints:
        assert identical(checkpoints.restore_latest([first]), [first])
        assert checkpoints.restore_best()[1] == {"epoch": 1}
        (line,) = checkpoints.set_damaged_aside()
        assert damaged.name in line
        assert "kept as 2-damaged-1" in line
        checkpoints.save(2, [second], {})
    with Checkpoints(folder) as checkpoints:
        assert identical(checkpoints.restore_latest([first]), [second])
        assert checkpoints.damaged() == {}
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2", "2-damaged-1"]


def test_where_all_checkpoints_are_damaged_each_is_named(two_saved):
    folder, _ = two_saved
    for epoch in "12":
        flip_a_bit(largest_file(folder / epoch))
    with Checkpoints(folder) as checkpoints:
        assert checkpoints.latest_epoch() == 0
        with pytest.raises(CheckpointError, match=r"no checkpoint there that is whole; .*/2: .*; .*/1: "):
            checkpoints.restore_best()


def test_a_checkpoint_is_removed_only_where_the_one_after_it_is_whole(two_saved):
    folder, (first, second) = two_saved
    with Checkpoints(folder) as checkpoints:
        assert checkpoints.latest_epoch() == 2
        flip_a_bit(largest_file(folder / "2"))
        checkpoints.save(3, [second], {})
        assert sorted(path.name for path in folder.iterdir()) == ["1", "2", "3"]
        flip_a_bit(largest_file(folder / "3"))
    with Checkpoints(folder) as checkpoints:
        assert identical(checkpoints.restore_latest([first]), [first])


def test_a_save_that_could_not_be_committed_does_not_count_and_the_next_one_does(two_saved, monkeypatch):
    folder, (first, second) = two_saved
    rename = os.rename

    def refuse(source, target, **kwargs):
        if os.path.basename(target) == "3":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(target))
        rename(source, target, **kwargs)

    with Checkpoints(folder) as checkpoints:
        with monkeypatch.context() as patch:
            patch.setattr(os, "rename", refuse)
            with pytest.raises(CheckpointError, match="epoch 3 cannot be saved"):
                checkpoints.save(3, [first], {})
        assert checkpoints.latest_epoch() == 2
        assert identical(checkpoints.restore_latest([first]), [second])
        checkpoints.save(4, [first], {})
        assert checkpoints.latest_epoch() == 4
    assert sorted(path.name for path in folder.iterdir()) == ["2", "4"]
