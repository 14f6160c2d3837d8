"""How runs restart, fail, come in grids, and go on after a kill, at smoke scale."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.load import LoadError
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.runtime.files import read_arrays
from tests.smoke_runs import SMALL_MODEL, SMOKE, metrics_of, the_run_folder, without_times

pytestmark = pytest.mark.usefixtures("without_figures")


@pytest.mark.slow
def test_restart_sets_the_old_folder_aside(in_empty_folder):
    command = ["+experiment=train", SMOKE, *SMALL_MODEL, "training.num_epochs=1"]
    assert run_command(command) == 0
    first = the_run_folder(in_empty_folder, "train")
    old = [without_times(record) for record in metrics_of(first)]
    (first / "mark").write_text("")
    assert run_command([*command, "restart=true"]) == 0
    assert not (first / "mark").exists()
    assert first.with_name(f"{first.name}.set-aside-1").joinpath("mark").exists()
    # And the same seed gives the same numbers.
    assert [without_times(record) for record in metrics_of(first)] == old


@pytest.mark.slow
def test_a_model_of_a_sweep_that_diverges_is_recorded_and_the_exit_status_says_so(in_empty_folder, capsys):
    command = ["+experiment=lambda_sweep", SMOKE, "sweep.kl_weights=[1e-5,1e38]", "sweep.plane_orderings=[]"]
    assert run_command(command) == 1
    folder = the_run_folder(in_empty_folder, "lambda_sweep")
    healthy, failed = read_table(folder / "tables" / "lambda_sweep.csv")
    assert np.isfinite(healthy["mse_test"])
    assert np.isnan(failed["mse_test"])
    assert json.loads((folder / "summary.json").read_text())["training/num_failed_models"] == 1
    assert read_arrays(folder / "failed_batch-models-1.npz")["positions"].shape == (32, 30, 2)
    assert "kl_weight=1e+38, latent_dim=40, seed=0: the loss or gradient of step" in capsys.readouterr().err
    load_run(folder, kl_weight=1e-5)
    with pytest.raises(LoadError, match="failed at step"):
        load_run(folder, kl_weight=1e38)
    assert run_command(command) == 1


def test_a_single_model_that_diverges_stops_the_run_with_its_step_and_batch(in_empty_folder, capsys):
    assert run_command(["+experiment=train", SMOKE, *SMALL_MODEL, "training.kl_weight=1e38"]) == 1
    folder = the_run_folder(in_empty_folder, "train")
    assert "training stopped" in capsys.readouterr().err
    status = json.loads((folder / "status.json").read_text())
    assert status["state"] == "failed"
    assert "of step 0 was not finite; batches: " in status["error"]
    assert "; last good state: " in status["error"]
    assert status["error"].endswith("checkpoints/models/1")
    assert int(read_arrays(folder / "failed_batch-models-0.npz")["step"]) == 0


@pytest.mark.slow
def test_a_grid_runs_every_job_and_records_those_that_were_refused(in_empty_folder, capsys):
    grid = ["training.num_epochs=1", "model.channels=[4]", "model.latent_dim=0,4", "training.kl_weight=1e-3,1e38"]
    command = ["-m", "+experiment=train", SMOKE, *grid]
    assert run_command(command) == 1
    (grid,) = (in_empty_folder / "outputs" / "train").iterdir()
    rows = read_table(grid / "grid.csv")
    assert [row["state"] for row in rows] == ["refused", "refused", "finished", "failed"]
    assert [row["job"] for row in rows] == [0, 1, 2, 3]
    assert "model.latent_dim = 0: must be at least 1" in rows[0]["error"]
    assert "not finite" in rows[3]["error"]
    assert "model.latent_dim=4 training.kl_weight=0.001" in rows[2]["overrides"]
    assert (grid / rows[2]["folder"] / "summary.json").exists()
    assert "4 jobs, 3 not finished" in capsys.readouterr().out
    assert run_command([*command, "restart=true"]) == 1
    again = read_table(grid / "grid.csv")
    assert [row["state"] for row in again] == ["refused", "refused", "finished", "failed"]
    assert [row["folder"] for row in again] == [row["folder"] for row in rows]


def start(folder, *arguments):
    # This checkout, even where another one is installed.
    checkout = {"PYTHONPATH": str(Path(__file__).parents[1])}
    environment = os.environ | checkout | {"WANDB_MODE": "disabled", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "lcpjax.run", *arguments]
    with (folder / "log").open("a") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@pytest.mark.slow
def test_a_killed_run_resumes_from_its_checkpoint_with_no_metric_lost_or_double(in_empty_folder):
    tmp_path = in_empty_folder
    command = ["+experiment=train", SMOKE, *SMALL_MODEL, "training.num_epochs=5"]
    killed = start(tmp_path, *command)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and killed.poll() is None:
        found = list(tmp_path.glob("outputs/train/*/metrics.jsonl"))
        if found and len(found[0].read_text().splitlines()) > 3:
            break
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    folder = the_run_folder(tmp_path, "train")
    assert json.loads((folder / "status.json").read_text())["state"] == "running"
    # As a kill in the middle of a line would leave it.
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "training", "epoch": 9')
    assert run_command(command) == 0
    records = metrics_of(folder)
    assert [record["epoch"] for record in records if record["stage"] == "training"] == list(range(5))
    assert [record["stage"] for record in records].count("sampler") == 1

    assert run_command([*command, "hydra.run.dir=whole"]) == 0

    def ordered(path):
        return sorted((without_times(record) for record in metrics_of(path)), key=lambda r: r.get("epoch", -1))

    assert ordered(folder) == ordered(tmp_path / "whole")
