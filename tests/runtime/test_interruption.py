"""Real signals to real processes: what was done is saved, the exit status says so, and the same command resumes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lcpjax.dataset import parts
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.runtime.interruption import (
    EXIT_INTERRUPTED,
    Interrupted,
    deferred,
    listening,
    stop_requested,
    time_limit,
)
from tests.smoke_runs import SMALL_MODEL, SMOKE, metrics_of, the_run_folder, without_times

# 32 sweeps of 30 particles: one block of chains is done in a moment, and parts of one block can be counted.
SAMPLING = ["+experiment=sample", SMOKE, "sampler.num_sweeps=32", "dataset.chains_per_gamma=2560"]
# Whatever started the tests may ignore SIGINT, as a shell does for what it runs in the background; we would too.
PARTS_OF_TWO_BLOCKS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from lcpjax.dataset import parts
from lcpjax.run import run_command
parts.chains_per_part = lambda plan: 1024
sys.exit(run_command(sys.argv[1:]))
"""
TRAINING = [
    "+experiment=train",
    SMOKE,
    *SMALL_MODEL,
    "dataset.source=stream",
    "training.num_epochs=10",
    "training.epochs_per_checkpoint=50",
]

pytestmark = pytest.mark.usefixtures("without_figures")


def start(folder, *arguments, program=("-m", "lcpjax.run")):
    """A run in a process of its own, with a cache of its own."""
    # This checkout, even where another one is installed.
    checkout = {"PYTHONPATH": str(Path(__file__).parents[2])}
    environment = os.environ | checkout | {"WANDB_MODE": "disabled", "LCPJAX_DATASETS": str(folder / "datasets")}
    with (folder / "log").open("a") as log:
        command = [sys.executable, *program, *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


def wait_for(condition, process):
    """Until a condition holds; the process must still be at work then."""
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finish(folder, *arguments):
    """The same command to its end, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("WANDB_MODE", "disabled")
        patch.setenv("LCPJAX_DATASETS", str(folder / "datasets"))
        patch.setattr(parts, "chains_per_part", lambda plan: 1024)
        assert run_command(list(arguments)) == 0


def status_of(run_folder):
    return json.loads((run_folder / "status.json").read_text())


def stored_parts(folder):
    return sorted(path.name for path in folder.glob("datasets/*/chains-*"))


def files_of(folder):
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def summary_of(run_folder):
    return without_times(json.loads((run_folder / "summary.json").read_text()))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(folder, *SAMPLING)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_sampling_that_was_stopped_resumes_to_the_bitwise_same_store(undisturbed, tmp_path, number, capsys):
    stopped = start(tmp_path, *SAMPLING, program=("-c", PARTS_OF_TWO_BLOCKS))
    wait_for(lambda: len(stored_parts(tmp_path)) >= 2, stopped)
    stopped.send_signal(number)
    code = stopped.wait(timeout=60)
    run_folder = the_run_folder(tmp_path, "sample")
    if number == signal.SIGKILL:
        assert status_of(run_folder)["state"] == "running"
    else:
        assert code == EXIT_INTERRUPTED == 75
        assert status_of(run_folder) == {"state": "interrupted", "note": "the same command resumes where it stopped"}
        assert "lcpjax: interrupted; the same command resumes" in (tmp_path / "log").read_text()
    assert 2 <= len(stored_parts(tmp_path)) < 10
    capsys.readouterr()
    finish(tmp_path, *SAMPLING)
    assert "of 10240 chains were in the cache" in capsys.readouterr().out
    assert files_of(tmp_path / "datasets") == files_of(undisturbed / "datasets")
    assert summary_of(run_folder) == summary_of(the_run_folder(undisturbed, "sample"))


@pytest.mark.slow
def test_training_that_was_asked_to_stop_saves_its_epoch_and_resumes_after_it(tmp_path):
    process = start(tmp_path, *TRAINING)
    found = []

    def is_training():
        found[:] = tmp_path.glob("outputs/train/*/metrics.jsonl")
        return found and len(found[0].read_text().splitlines()) > 3

    wait_for(is_training, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == EXIT_INTERRUPTED
    run_folder = the_run_folder(tmp_path, "train")
    assert status_of(run_folder)["state"] == "interrupted"
    # No checkpoint was due before epoch 10: this one is the signal's, of the last epoch in the metrics.
    (checkpoint,) = (path.name for path in (run_folder / "checkpoints" / "models").iterdir() if path.name.isdigit())
    epochs = [record["epoch"] for record in metrics_of(run_folder) if record["stage"] == "training"]
    assert epochs == list(range(int(checkpoint)))
    assert 0 < len(epochs) < 10
    before = metrics_of(run_folder)
    finish(tmp_path, *TRAINING)
    after = metrics_of(run_folder)
    assert [record["epoch"] for record in after if record["stage"] == "training"] == list(range(10))
    # What there was is not made again; the sampler's record, read from the cache, has no rate.
    assert all(record in after for record in before if record["stage"] == "training")


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(tmp_path):
    # One part of many sweeps: minutes, so that the first signal is still being obeyed when the second comes.
    process = start(tmp_path, "+experiment=sample", SMOKE, "sampler.num_sweeps=1000000")
    wait_for(lambda: list(tmp_path.glob("datasets/*/.lock")), process)
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: "SIGTERM: stops after this part or epoch" in (tmp_path / "log").read_text(), process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == -signal.SIGTERM


@pytest.mark.slow
def test_a_grid_that_was_told_to_stop_starts_no_other_job(tmp_path):
    process = start(tmp_path, "-m", *SAMPLING, "sampler.seed=0,1,2", program=("-c", PARTS_OF_TWO_BLOCKS))
    wait_for(lambda: stored_parts(tmp_path), process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == EXIT_INTERRUPTED
    (grid,) = (tmp_path / "outputs" / "sample").iterdir()
    rows = read_table(grid / "grid.csv")
    assert [row["state"] for row in rows] == 3 * ["interrupted"]
    assert "resumes where it stopped" in rows[0]["error"]
    assert ["not started" in row["error"] for row in rows] == [False, True, True]
    assert len(list((tmp_path / "datasets").iterdir())) == 1


@pytest.fixture
def hangup():
    """SIGHUP as a process begins, whatever started the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield signal.SIGHUP
    signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_is_closed_ends_a_run_at_its_next_safe_point(hangup, monkeypatch):
    def refuse(*_):
        raise OSError("the terminal is gone")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(Interrupted):
        _hang_up_within_deferred(hangup)
    assert signal.getsignal(hangup) == signal.SIG_DFL


def _hang_up_within_deferred(number):
    with listening(), deferred():
        os.kill(os.getpid(), number)
        assert stop_requested()


def test_what_nohup_started_is_not_ended_by_its_terminal(hangup):
    signal.signal(hangup, signal.SIG_IGN)
    with listening(), deferred():
        os.kill(os.getpid(), hangup)
        assert not stop_requested()
    assert signal.getsignal(hangup) == signal.SIG_IGN


def wait_until_stopped():
    deadline = time.monotonic() + 10
    while not stop_requested():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def work_until_stopped(minutes):
    with listening(), time_limit(minutes), deferred():
        wait_until_stopped()


def test_a_time_limit_ends_work_at_its_next_safe_point_and_leaves_the_signals_their_handlers(capfd):
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(Interrupted):
        work_until_stopped(1e-4)
    assert "run.max_minutes = 0.0001 are over: stops after this part or epoch" in capfd.readouterr().err
    assert signal.getsignal(signal.SIGALRM) == before
    with listening(), time_limit(1e-4), pytest.raises(Interrupted):
        time.sleep(10)  # Where nothing must be finished first.


def test_a_time_limit_is_one_for_all_that_a_command_does_and_gone_after_it():
    with listening():
        # A chapter within a study neither begins it anew nor ends it.
        with time_limit(1e-3), time_limit(1e6):
            pass
        # The next job has what is left of it.
        with pytest.raises(Interrupted), time_limit(1e6):
            time.sleep(10)
        assert stop_requested()
    with listening(), time_limit(None), deferred():
        time.sleep(0.07)
        assert not stop_requested()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
