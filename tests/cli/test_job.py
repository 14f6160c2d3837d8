"""How a job ends when its file system refuses, and what Hydra puts into its folder before."""

import errno
import os
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from lcpjax import report, run
from lcpjax.cli import job
from lcpjax.run import run_command
from lcpjax.runtime.interruption import EXIT_INTERRUPTED


@pytest.mark.parametrize(
    ("refusal", "place"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/runs/1/tables/t.csv"), "/runs/1/tables/t.csv"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "/runs/1"),
        (PermissionError(errno.EACCES, "Permission denied", "/runs/1/metrics.jsonl"), "/runs/1/metrics.jsonl"),
        (ValueError("RESOURCE_EXHAUSTED: Failed to write: No space left on device"), "/runs/1"),
    ],
)
def test_a_file_system_that_refuses_ends_a_job_in_one_line(refusal, place, monkeypatch, capsys):
    def refuse(*_):
        raise refusal

    monkeypatch.setattr(job, "run_job", refuse)
    exit_code, line = job.outcome_of_job(DictConfig({}), Path("/runs/1"), set())
    assert exit_code == 1
    assert line.startswith(f"{place}: ")
    assert line.endswith("; once that is fixed, the same command resumes where it stopped")
    assert not "".join(capsys.readouterr())


def test_memory_that_is_exhausted_is_no_matter_of_the_file_system(monkeypatch, capsys):
    def exhaust(*_):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes")

    monkeypatch.setattr(job, "run_job", exhaust)
    assert "a fault in the program" in job.outcome_of_job(DictConfig({}), Path("/runs/1"), set())[1]
    assert "Traceback" in capsys.readouterr().err


def test_what_hydra_makes_before_the_job_is_known_by_name(tmp_path):
    made = {
        "output_subdir": "own/configs",
        "job_logging": {"handlers": {"file": {"filename": str(tmp_path / "name.log")}, "console": {"class": "x"}}},
        "hydra_logging": {"handlers": {"file": {"filename": "/elsewhere/name.log"}}},
    }
    assert job.made_by_hydra(OmegaConf.create(made), tmp_path) == {"own", "name.log"}
    assert job.made_by_hydra(OmegaConf.create({**made, "job_logging": {}, "output_subdir": None}), tmp_path) == set()


def test_the_jobs_of_a_grid_share_a_group_and_a_single_run_has_its_experiments(in_empty_folder, monkeypatch):
    groups = []

    def opened(path, config, *_, grid, **__):
        groups.append((config["experiment"], grid))
        raise job.ConfigError("enough seen")

    monkeypatch.setattr(report, "open_run_folder", opened)
    monkeypatch.setattr(job, "check_job", lambda _: None)
    monkeypatch.setattr(run, "check_job", lambda _: None)
    assert run_command(["-m", "+experiment=sample,train"]) == 1
    (grid,) = (in_empty_folder / "outputs").iterdir()
    assert groups == [("sample", grid.name), ("train", grid.name)]
    assert run_command(["+experiment=train"]) == 2
    assert groups[2:] == [("train", None)]


def test_the_exit_statuses_are_those_of_the_documentation():
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    table = page[page.index("| exit status | means |") :].split("\n\n")[0]
    documented = {int(row.split("|")[1]) for row in table.splitlines()[2:]}
    assert documented == {0, job.EXIT_FAILED, job.EXIT_REFUSED, EXIT_INTERRUPTED}
