"""W&B may be missing, dead, without a key or without a network: training finishes and one line says so."""

import base64
import hashlib
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from lcpjax.report import wandb_tracker
from lcpjax.report.wandb_tracker import WandbTracker, within


def arguments(folder, mode, timeout=20.0):
    return {
        "mode": mode,
        "folder": folder,
        "group": "train",
        "experiment": "train",
        "config": {"a": 1},
        "project": "lcpjax",
        "entity": None,
        "timeout_seconds": timeout,
    }


def use(tracker):
    for epoch in range(3):
        tracker.log({"epoch": epoch, "training/mse": 1.0})
    tracker.log_summary({"a": 1.0})
    tracker.close(exit_code=0)


def run_script(folder, script, **environment):
    """A script in a process of its own, with nothing of the user's W&B settings."""
    # This checkout, even where another one is installed.
    checkout = {"PYTHONPATH": str(Path(__file__).parents[2])}
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), **checkout, **environment}
    (folder / "home").mkdir(exist_ok=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return done, time.monotonic() - start


PREAMBLE = """
from pathlib import Path
from lcpjax.report.wandb_tracker import WandbTracker
settings = dict(folder=Path("run"), group="train", experiment="train", config={}, project="lcpjax", entity=None)
Path("run").mkdir()
"""


def test_disabled_touches_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "wandb", None)
    use(WandbTracker(**arguments(tmp_path, "disabled")))
    assert capsys.readouterr().err == ""
    assert list(tmp_path.iterdir()) == []


def test_a_missing_wandb_costs_one_warning_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "wandb", None)
    use(WandbTracker(**arguments(tmp_path, "offline")))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: W&B is left out")


@pytest.mark.slow
def test_online_without_a_key_goes_on_offline_with_one_warning_line(tmp_path):
    script = PREAMBLE + (
        """
tracker = WandbTracker(mode="online", timeout_seconds=20.0, **settings)
tracker.log({"epoch": 0, "training/mse": 1.0})
tracker.close(exit_code=0)
print("finished")
"""
    )
    done, _ = run_script(tmp_path, script)
    assert (done.returncode, done.stdout.split()) == (0, ["finished"])
    (line,) = done.stderr.splitlines()
    assert "online W&B did not start" in line
    assert "continuing offline" in line
    assert list((tmp_path / "run" / "wandb").glob("offline-run-*"))
    # Nothing of W&B lies in the home folder.
    assert not [path for path in (tmp_path / "home").rglob("*") if "wandb" in path.name]


@pytest.mark.slow
def test_online_with_a_key_but_no_network_is_time_boxed(tmp_path):
    script = PREAMBLE + (
        """
tracker = WandbTracker(mode="online", timeout_seconds=4.0, **settings)
tracker.log({"epoch": 0, "training/mse": 1.0})
tracker.close(exit_code=0)
print("finished")
"""
    )
    # Port 9 (discard) of this machine: nothing listens there, so every connection is refused.
    done, seconds = run_script(tmp_path, script, WANDB_API_KEY="0" * 40, WANDB_BASE_URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout.split()) == (0, ["finished"])
    assert done.stderr.count("warning:") in (1, 2)
    assert seconds < 60


@pytest.mark.slow
def test_a_killed_wandb_process_costs_one_warning_line(tmp_path):
    script = PREAMBLE + (
        """
import os, psutil
tracker = WandbTracker(mode="offline", timeout_seconds=10.0, **settings)
tracker.log({"epoch": 0, "training/mse": 1.0})
killed = [child.kill() for child in psutil.Process(os.getpid()).children(recursive=True)]
assert killed
import time; time.sleep(0.5)
for epoch in range(1, 200):
    tracker.log({"epoch": epoch, "training/mse": 1.0})
    time.sleep(0.005)
tracker.log_summary({"a": 1.0})
tracker.close(exit_code=0)
print("finished")
"""
    )
    done, seconds = run_script(tmp_path, script)
    assert (done.returncode, done.stdout.split()) == (0, ["finished"])
    (line,) = done.stderr.splitlines()
    assert "is left out from here" in line
    assert seconds < 60


def md5_of(path):
    return base64.b64encode(hashlib.md5(path.read_bytes()).digest()).decode()


def test_the_wandb_run_has_its_group_and_the_experiment_as_its_type(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(wandb_tracker, "start_wandb_run", lambda mode, given, seconds: started.append((mode, given)))
    WandbTracker(**arguments(tmp_path / "0-ab", "offline") | {"group": "a grid", "prefix": "train-a grid"})
    ((mode, given),) = started
    assert mode == "offline"
    assert {name: given[name] for name in ("id", "name", "group", "job_type")} == {
        "id": "train-a-grid-0-ab",
        "name": "0-ab",
        "group": "a grid",
        "job_type": "train",
    }


def test_checkpoints_and_data_are_artifacts_by_reference(tmp_path):
    script = PREAMBLE + (
        """
from lcpjax.report.run_folder import RunFolder
for path in ("run/checkpoints/models/array", "data/chains-0-9/zarr"):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(path * 100)
tracker = WandbTracker(mode="offline", timeout_seconds=20.0, artifacts="references", **settings)
folder = RunFolder(Path("run"), tracker, None)
folder.add_info(dataset={"folder": str(Path("data").absolute())})
folder.finish({})
folder.close(exit_code=0)
"""
    )
    done, _ = run_script(tmp_path, script)
    assert (done.returncode, done.stderr) == (0, "")
    (record,) = (tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb")
    content = record.read_bytes()
    logged = {"train-run-checkpoints": "run/checkpoints/models/array", "dataset-data": "data/chains-0-9/zarr"}
    for name, path in logged.items():
        assert name.encode() in content
        assert (tmp_path / path).as_uri().encode() in content
        assert md5_of(tmp_path / path).encode() in content
    # Nothing is copied.
    assert not list((tmp_path / "run" / "wandb").rglob("staging/*"))


def test_without_artifacts_nothing_is_asked_of_the_wandb_run(tmp_path, capsys):
    tracker = WandbTracker(**arguments(tmp_path, "disabled") | {"artifacts": "none"})
    tracker._run = "a run without methods"
    tracker.log_artifact("model", tmp_path)
    assert capsys.readouterr().err == ""


def test_within_returns_raises_and_gives_up():
    assert within(5.0, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5.0, lambda: {}["absent"])
    with pytest.raises(TimeoutError, match=r"no answer in 0\.05 s"):
        within(0.05, lambda: time.sleep(1.0))
