"""Folders that a run cannot be made in, or read from."""

import json
import os

import pytest

from lcpjax.load import LoadError, load_run
from lcpjax.load import _run_folder as readable_run_folder
from lcpjax.run import run_command


def test_a_folder_that_hydra_cannot_make_is_one_line(in_empty_folder, monkeypatch, capsys):
    # As if it had become so after it was looked at.
    monkeypatch.setattr("lcpjax.cli.check_command._check_folder", lambda *_: None)
    assert run_command(["+experiment=train", "+scale=smoke", "hydra.run.dir=/etc/passwd/run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lcpjax: /etc/passwd/run: Not a directory")
    assert "HYDRA_FULL_ERROR" not in os.environ


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
