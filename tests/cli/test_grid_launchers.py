"""Grids whose jobs are processes of their own: one is preempted, one is refused, the rest finish (lcpjax[sweep])."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lcpjax.runtime.files import read_json

pytestmark = pytest.mark.slow
ROOT = str(Path(__file__).parents[2])
# The second job is refused: so many particles have no room in the box.
JOBS = ["+experiment=sample", "+scale=smoke", "system.num_particles=30,1000", "tracker.wandb.mode=disabled"]


def start(folder, launcher, *overrides):
    command = [sys.executable, "-m", "lcpjax.run", "-m", f"hydra/launcher={launcher}", f"hydra.sweep.dir={folder}/grid"]
    # Where the launchers are not in the environment itself.
    path = os.pathsep.join([ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": f"{folder}/cache"}
    command += [*JOBS, f"dataset.cache_dir={folder}/datasets", *overrides]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, cwd=folder)


def ending(process):
    out, err = process.communicate(timeout=900)
    assert process.returncode == 1, err
    return out, err


def states(folder):
    with (folder / "grid" / "grid.csv").open() as file:
        return [(row["job"], row["state"]) for row in csv.DictReader(file)]


def run_folder(folder):
    return next((folder / "grid").glob("0-*"), folder / "none yet")


def wait_until(condition):
    for _ in range(60_000):
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def test_a_job_that_is_preempted_is_requeued_and_resumes_and_the_same_command_does_only_what_is_missing(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    grid = start(tmp_path, "submitit_local", "hydra.launcher.timeout_min=30")
    # A job's number is that of the process which starts its task, and starts it again.
    wait_until(lambda: (read_json(run_folder(tmp_path) / "run_info.json") or {}).get("starts"))
    logs = (tmp_path / "grid" / ".submitit").glob("*/*_log.out")
    log = next(log for log in logs if "job 0:" in log.read_text())
    controller = int(log.name.split("_")[0])
    task = wait_until(lambda: Path(f"/proc/{controller}/task/{controller}/children").read_text().split())
    os.kill(int(task[0]), signal.SIGUSR2)
    _, err = ending(grid)
    assert "this job is preempted" in log.read_text()
    assert "job 1 (+experiment=sample +scale=smoke system.num_particles=1000" in err
    assert states(tmp_path) == [("0", "finished"), ("1", "refused")]
    assert len(read_json(run_folder(tmp_path) / "run_info.json")["starts"]) == 2
    made = (run_folder(tmp_path) / "summary.json").stat().st_mtime_ns
    ending(start(tmp_path, "submitit_local", "hydra.launcher.timeout_min=30"))
    assert states(tmp_path) == [("0", "finished"), ("1", "refused")]
    assert (run_folder(tmp_path) / "summary.json").stat().st_mtime_ns == made


def test_jobs_of_joblib_end_one_by_one_and_a_refused_one_is_recorded(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    ending(start(tmp_path, "joblib", "hydra.launcher.n_jobs=2"))
    assert states(tmp_path) == [("0", "finished"), ("1", "refused")]
