import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from lcpjax.errors import InputError
from lcpjax.report import RunFolderError, open_run_folder, read_table, write_table
from lcpjax.report.jsonl_tracker import JsonlTracker
from lcpjax.runtime.files import write_arrays

CONFIG = {
    "experiment": "train",
    "model": {"latent_dim": 4},
    "tracker": {
        "wandb": {
            "mode": "disabled",
            "project": "p",
            "entity": None,
            "group": None,
            "artifacts": "none",
            "timeout_seconds": 1.0,
        }
    },
}


def opened(path, config=CONFIG, *, restart=False):
    return open_run_folder(path, config, {"model": config["model"]}, restart=restart)


def test_a_table_keeps_every_digit(tmp_path):
    rows = [{"a": 1, "b": 0.1 + 0.2, "c": "word"}, {"a": -2, "b": float(np.float32(1e-5)), "c": "x,y"}]
    write_table(tmp_path / "tables" / "t.csv", rows)
    assert read_table(tmp_path / "tables" / "t.csv") == rows


def test_records_survive_a_line_that_was_cut_short(tmp_path):
    tracker = JsonlTracker(tmp_path / "metrics.jsonl")
    for epoch in range(4):
        tracker.log({"stage": "training", "epoch": epoch})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "trai')
    assert [record["epoch"] for record in tracker.records()] == [0, 1, 2, 3]
    tracker.forget({"stage": "training"}, from_epoch=2)
    tracker.log({"stage": "training", "epoch": 2})
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [0, 1, 2]


def test_forgetting_one_stage_keeps_the_others(tmp_path):
    tracker = JsonlTracker(tmp_path / "metrics.jsonl")
    tracker.log({"stage": "sampler"})
    tracker.log({"stage": "training", "epoch": 0})
    tracker.forget({"stage": "sampler"}, from_epoch=0)
    assert tracker.records() == [{"stage": "training", "epoch": 0}]


def test_a_finished_folder_is_known_as_such_and_failures_stay(tmp_path):
    with opened(tmp_path / "run") as folder:
        assert not folder.is_finished
        folder.finish({"a/b": 1.0}, ["model 3 failed"])
    with opened(tmp_path / "run") as folder:
        assert folder.is_finished
        assert folder.failures == ["model 3 failed"]
    assert json.loads((tmp_path / "run" / "summary.json").read_text()) == {"a/b": 1.0}


def test_stage_times_add_up_over_starts(tmp_path):
    for _ in range(2):
        with opened(tmp_path / "run") as folder, folder.stage("sampler"):
            pass
    with opened(tmp_path / "run") as folder, folder.stage("training"):
        pass
    assert set(json.loads((tmp_path / "run" / "run_info.json").read_text())["wall_seconds"]) == {"sampler", "training"}


def test_what_no_stage_times_is_counted_too_and_nothing_twice(tmp_path, monkeypatch):
    now = iter([100.0, 101.0, 111.0, 114.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    with opened(tmp_path / "run") as folder:
        with folder.stage("sampler"):
            pass
        folder.finish({"a/b": 1.0})
        # Of fourteen seconds one passed before the sampler and three after it.
        assert folder.info()["wall_seconds"] == {"sampler": 10.0, "other": 4.0}


def test_another_config_is_refused_and_named(tmp_path):
    with opened(tmp_path / "run"):
        pass
    other = CONFIG | {"model": {"latent_dim": 8}}
    with (
        pytest.raises(RunFolderError, match=r"another model.latent_dim \(4, asked for 8\)"),
        opened(tmp_path / "run", other),
    ):
        pass


def test_restart_never_overwrites_what_was_set_aside(tmp_path):
    for _ in range(3):
        with opened(tmp_path / "run", restart=True):
            pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.set-aside-1", "run.set-aside-2"]


def test_what_a_kill_left_of_files_being_written_does_not_block_the_folder_and_goes_away(tmp_path):
    (tmp_path / "run").mkdir()
    for name in (".config.yaml.123.unfinished", "tables/.t.csv.123.unfinished"):
        leftover = tmp_path / "run" / name
        leftover.parent.mkdir(exist_ok=True)
        leftover.write_text("exper")
        with opened(tmp_path / "run") as folder:
            assert not folder.is_finished
            assert not leftover.exists()


def test_a_folder_in_use_by_another_process_is_refused(tmp_path):
    script = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print('locked', flush=True); time.sleep(60)"
    )
    with opened(tmp_path / "run"):
        pass
    command = [sys.executable, "-c", script, str(tmp_path / "run" / ".lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        for restart in (False, True):
            with (
                pytest.raises(RunFolderError, match="another process is working"),
                opened(tmp_path / "run", restart=restart),
            ):
                pass
        assert [path.name for path in tmp_path.iterdir()] == ["run"]
        other.kill()
    with opened(tmp_path / "run"):
        pass


def test_a_second_figure_of_the_same_name_is_refused_and_the_first_one_stays(run_folder):
    first, second = (Figure(figsize=(1, size)) for size in (1, 2))
    run_folder.save_figure("curve", first, [{"x": 1}], caption="First.")
    kept = (run_folder.path / "figures" / "curve.png").read_bytes()
    with pytest.raises(RunFolderError, match="figures/curve: saved already"):
        run_folder.save_figure("curve", second, [{"x": 2}], caption="Second.")
    assert (run_folder.path / "figures" / "curve.png").read_bytes() == kept
    assert json.loads((run_folder.path / "figures" / "captions.json").read_text()) == {"curve": "First."}


def test_a_table_without_rows_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="no rows; a table needs at least 1"):
        write_table(tmp_path / "t.csv", [])
    assert list(tmp_path.iterdir()) == []


def test_arrays_are_there_whole_or_not_at_all(tmp_path, monkeypatch):
    write_arrays(tmp_path / "a.npz", {"x": np.arange(3)})
    before = (tmp_path / "a.npz").read_bytes()

    def half(file, **_):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", half)
    with pytest.raises(KeyboardInterrupt):
        write_arrays(tmp_path / "a.npz", {"x": np.arange(4)})
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    assert (tmp_path / "a.npz").read_bytes() == before


def test_what_systems_and_the_program_itself_left_does_not_make_a_folder_foreign(tmp_path):
    folder = tmp_path / "run"
    (folder / ".hydra").mkdir(parents=True)
    (folder / "lost+found").mkdir()
    (folder / ".DS_Store").write_text("x")
    (folder / "run.log").write_text("x")
    identity = {"model": CONFIG["model"]}
    with (
        pytest.raises(RunFolderError, match=r"it holds run\.log"),
        open_run_folder(folder, CONFIG, identity, restart=False),
    ):
        pass
    with open_run_folder(folder, CONFIG, identity, restart=False, made_before={"run.log"}):
        pass
    assert (folder / "config.yaml").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's device that is always full")
def test_a_full_disk_names_the_file_that_it_has_no_room_for():
    full = Path("/dev/full")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        JsonlTracker(full).log({"stage": "training"})
