"""One run from the command line in two processes, stopped, and resumed in one."""

import json
import signal
import time

import pytest

from lcpjax.run import run_command
from lcpjax.runtime.files import read_json
from tests.runtime.processes.started import free_port, outcome, start

TRAIN = ["+experiment=train", "+scale=smoke", "model=mlp", "model.width=8", "training.num_epochs=30", "device=cpu"]


def command(folder, *overrides):
    own = [f"hydra.run.dir={folder}/run", f"dataset.cache_dir={folder}/datasets", "tracker.wandb.mode=disabled"]
    return ["-m", "lcpjax.run", *TRAIN, *own, *overrides]


@pytest.mark.slow
def test_a_run_of_two_processes_stops_at_a_signal_to_the_first_and_goes_on_in_one(tmp_path):
    place = ["device.distributed=explicit", f"device.coordinator=localhost:{free_port()}", "device.num_processes=2"]
    processes = [start(command(tmp_path, *place, f"device.process={index}")) for index in range(2)]
    while not list((tmp_path / "run" / "checkpoints").glob("*/[0-9]*/config")):
        assert processes[0].poll() is None, outcome(processes[0])
        time.sleep(0.1)
    processes[0].send_signal(signal.SIGTERM)
    (exit_code, _, err), helper = map(outcome, processes)
    assert exit_code == 75, err
    assert err.endswith("lcpjax: interrupted; the same command resumes where it stopped\n")
    assert helper == (75, "", "")
    assert read_json(tmp_path / "run" / "status.json")["state"] == "interrupted"
    exit_code, _, err = outcome(start(command(tmp_path), num_devices=1), seconds=600)
    assert exit_code == 0, err
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    epochs = [record["epoch"] for record in map(json.loads, lines) if record["stage"] == "training"]
    assert sorted(epochs) == list(range(30))
    info = read_json(tmp_path / "run" / "run_info.json")
    assert [begun["device"] for begun in info["starts"]] == ["4 x cpu (cpu)", "1 x cpu (cpu)"]
    assert {each["strategy"] for each in info["strategies"].values()} == {"batches"}


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (["device.distributed=auto"], "no step of a Slurm job here"),
        (["device.distributed=on"], "device.distributed = on: "),
        (["device.num_processes=2"], "is read with device.distributed=explicit only"),
        (
            ["device.distributed=explicit", "device.coordinator=localhost:9", "device.num_processes=2"],
            "device.process: device.distributed=explicit needs a value",
        ),
        (
            [
                "device.distributed=explicit",
                "device.coordinator=localhost:9",
                "device.num_processes=2",
                "device.process=1",
                "sweep.strategy=vmap",
            ],
            "sweep.strategy = vmap: keeps all models in one process, and there are 2; choose auto or batches",
        ),
    ],
)
def test_a_run_of_several_processes_that_cannot_be_is_refused_and_writes_nothing(
    overrides, complaint, in_empty_folder, monkeypatch, capsys
):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert run_command(["+experiment=train", *overrides]) == 2
    err = capsys.readouterr().err
    assert complaint in err
    assert err.count("\n") == 1
    assert list(in_empty_folder.iterdir()) == []


def test_a_grid_of_several_processes_is_refused(in_empty_folder, capsys):
    assert run_command(["-m", "+experiment=train", "model.latent_dim=2,4", "device.distributed=auto"]) == 2
    assert "device.distributed = auto: a job of a grid (-m) is one process" in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
