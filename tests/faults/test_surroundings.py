"""Whole runs where a disk is full, a folder closed, a clock wrong or a proxy silent: to the end, or one clear line."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.smoke_runs import without_times

ROOT = Path(__file__).parents[2]
SAMPLING = ["+experiment=sample", "+scale=smoke", "sampler.num_sweeps=16", "hydra.run.dir=run"]

pytestmark = pytest.mark.slow


def start(folder, *arguments, program=("-m", "lcpjax.run"), **variables):
    """A run in a process of its own, its output in a file."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "WANDB_MODE": "disabled", "XDG_CACHE_HOME": "/nowhere"}
    environment |= {"LCPJAX_DATASETS": str(folder / "datasets")} | variables
    environment = {name: value for name, value in environment.items() if value is not None}
    with (folder / f"log-{len(list(folder.glob('log-*')))}").open("w") as log:
        command = [sys.executable, *program, *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log), Path(log.name)


def run(folder, *arguments, **options):
    """Exit status of a run and what it said; never a traceback."""
    process, log = start(folder, *arguments, **options)
    status = process.wait(timeout=900)
    said = log.read_text(errors="replace")
    assert "Traceback" not in said, said
    return status, said


def complaints(said):
    return [line for line in said.splitlines() if line.startswith("lcpjax: ")]


@pytest.fixture
def disk(tmp_path):
    """Mounts a small disk in memory, or changes it; skipped where that is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True)
        if done.returncode:
            pytest.skip("no disk can be mounted here")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True)


def test_a_disk_that_is_full_ends_a_run_in_one_line_and_once_there_is_room_it_goes_on(tmp_path, disk):
    disk("size=8k")
    arguments = [*SAMPLING, "hydra.run.dir=disk/run"]
    status, said = run(tmp_path, *arguments)
    assert status == 1, said
    (line,) = complaints(said)
    assert "No space left on device" in line
    disk("remount,size=16m")
    assert run(tmp_path, *arguments)[0] == 0


def test_a_working_folder_that_was_deleted_is_one_line(tmp_path):
    (gone := tmp_path / "gone").mkdir()
    script = "import os, shutil, sys; shutil.rmtree(os.getcwd()); from lcpjax.run import main; main()"
    process, log = start(gone, *SAMPLING, program=("-c", script))
    # The log was in it as well; what counts is that it ends, and how.
    assert process.wait(timeout=300) in (1, 2)
    assert not log.exists()


def test_two_jobs_of_one_folder_and_two_of_one_cache(tmp_path):
    first, _ = start(tmp_path, *SAMPLING, "sampler.num_sweeps=400")
    deadline = time.monotonic() + 300
    while not (tmp_path / "run" / "status.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    second = start(tmp_path, *SAMPLING, "sampler.num_sweeps=400")
    other = start(tmp_path, *SAMPLING, "sampler.num_sweeps=400", "hydra.run.dir=other")
    statuses = [process.wait(timeout=900) for process in (first, second[0], other[0])]
    # The second one finds the folder taken, or the first one's result.
    assert statuses[0] == statuses[2] == 0
    assert statuses[1] == 0 or "another process is working in this run folder" in second[1].read_text()
    summaries = [json.loads((tmp_path / name / "summary.json").read_text()) for name in ("run", "other")]
    assert without_times(summaries[0]) == without_times(summaries[1])
    (dataset,) = (tmp_path / "datasets").iterdir()
    assert [path.name for path in dataset.glob("*chains*")] == ["chains-0-255"]


def test_no_home_and_the_c_locale(tmp_path):
    status, said = run(tmp_path, *SAMPLING, HOME=None, XDG_CACHE_HOME=None, LC_ALL="C", LANG="C", PYTHONUTF8=None)
    assert status == 0, said


def test_a_proxy_that_never_answers_costs_a_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        variables = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "WANDB_MODE": "online", "WANDB_API_KEY": "0" * 40}
        status, said = run(tmp_path, *SAMPLING, "tracker.wandb.timeout_seconds=3", **variables)
    assert status == 0, said
    assert "warning:" in said
