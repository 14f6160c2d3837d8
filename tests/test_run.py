"""How a job ends when its file system refuses, and what Hydra puts into its folder before."""

import errno
import json
import os
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from lcpjax import run
from lcpjax.load import LoadError, load_run
from lcpjax.load import _run_folder as readable_run_folder


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

    monkeypatch.setattr(run, "run_job", refuse)
    exit_code, line = run._outcome(DictConfig({}), Path("/runs/1"), set())
    assert exit_code == 1
    assert line.startswith(f"{place}: ")
    assert line.endswith("; once that is fixed, the same command resumes where it stopped")
    assert not "".join(capsys.readouterr())


def test_memory_that_is_exhausted_is_no_matter_of_the_file_system(monkeypatch, capsys):
    def exhaust(*_):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes")

    monkeypatch.setattr(run, "run_job", exhaust)
    assert "a fault in the program" in run._outcome(DictConfig({}), Path("/runs/1"), set())[1]
    assert "Traceback" in capsys.readouterr().err


def test_a_folder_that_hydra_cannot_make_is_one_line(in_empty_folder, monkeypatch, capsys):
    # As if it had become so after it was looked at.
    monkeypatch.setattr("lcpjax.cli.command_line._check_folder", lambda *_: None)
    assert run.run_command(["+experiment=train", "+scale=smoke", "hydra.run.dir=/etc/passwd/run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lcpjax: /etc/passwd/run: Not a directory")
    assert "HYDRA_FULL_ERROR" not in os.environ


def test_what_hydra_makes_before_the_job_is_known_by_name(tmp_path):
    made = {
        "output_subdir": "own/configs",
        "job_logging": {"handlers": {"file": {"filename": str(tmp_path / "name.log")}, "console": {"class": "x"}}},
        "hydra_logging": {"handlers": {"file": {"filename": "/elsewhere/name.log"}}},
    }
    assert run._made_by_hydra(OmegaConf.create(made), tmp_path) == {"own", "name.log"}
    assert run._made_by_hydra(OmegaConf.create({**made, "job_logging": {}, "output_subdir": None}), tmp_path) == set()


def test_what_is_no_run_folder_is_refused_in_one_line_and_a_grid_names_its_jobs(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "file").write_text("")
    for folder, complaint in [
        ("~/none", "No such file"),
        (tmp_path / "file", "Not a directory"),
        ("~", "no checkpoints"),
    ]:
        with pytest.raises(LoadError, match=complaint):
            load_run(folder)
    with pytest.raises(LoadError, match="not int"):
        readable_run_folder(3)
    for name in ("0-abc", "1-def"):
        (tmp_path / "grid" / name).mkdir(parents=True)
        (tmp_path / "grid" / name / "job.json").write_text(json.dumps({}))
    (tmp_path / "grid" / "grid.csv").write_text("")
    with pytest.raises(LoadError, match="a grid's folder, it holds 2 runs; load one: 0-abc, 1-def"):
        load_run("~/grid")
