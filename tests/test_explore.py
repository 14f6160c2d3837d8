"""The command that makes an explorer, and what it refuses; what it makes is in tests/report/explorer."""

import gc
import json
import sys
import tarfile
from pathlib import Path

import pytest

from lcpjax.explore import explore_command

RUN = Path(__file__).with_name("run_of_version_0_1_0.tar.gz")


@pytest.fixture
def run(tmp_path):
    with tarfile.open(RUN) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "run"


def refused(arguments, capsys):
    """The one line of a refusal; nothing is printed besides."""
    assert explore_command([str(argument) for argument in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("kl_wieght=1", "did you mean 'kl_weight'"),
        ("seed=x", "must be an integer"),
        ("seed=7", "0 models match seed=7; there are kl_weight=0.001"),
    ],
)
def test_a_setting_that_no_model_has_is_refused_in_one_line(run, word, reason, capsys):
    assert reason in refused([run, word], capsys)


def test_a_folder_that_is_no_run_is_refused_in_one_line(tmp_path, capsys):
    assert "no run folder can be read there" in refused([tmp_path / "nothing"], capsys)
    assert "no checkpoints there" in refused([tmp_path], capsys)


def test_a_run_without_a_whole_config_is_refused_in_one_line(run, capsys):
    config = run / "config.yaml"
    config.write_text(config.read_text().replace("num_sweeps: 40", "num_sweeps: many"))
    assert "config.yaml: num_sweeps" in refused([run], capsys)
    config.write_text("experiment: [")
    assert "no config of a run" in refused([run], capsys)
    config.unlink()
    assert "cannot be read" in refused([run], capsys)
    assert not (run / "explorer.html").exists()


def test_a_damaged_checkpoint_is_refused_in_one_line(run, capsys):
    for path in (run / "checkpoints").rglob("*"):
        if path.is_file() and path.stat().st_size > 200:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "checkpoint" in refused([run], capsys)


def test_of_many_reads_that_fail_one_is_told(run, capsys, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda left: told.append(str(left.exc_value)))
    (sizes,) = (run / "checkpoints").glob("*/*/best/array_metadatas/process_0")
    content = bytearray(sizes.read_bytes())
    content[len(content) // 2] ^= 4
    sizes.write_bytes(content)
    assert "the checkpoint cannot be read" in refused([run], capsys)
    gc.collect()
    assert told == []


def test_without_arguments_the_usage_is_shown(capsys):
    assert explore_command(["--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: python -m lcpjax.explore RUN_FOLDER")
    assert explore_command([]) == 2


def test_a_run_whose_models_see_images_is_refused_in_one_line(run, capsys):
    (description,) = (run / "checkpoints").glob("*/*/config/metadata")
    content = json.loads(description.read_text())
    description.write_text(json.dumps(content | {"learned_from": "digits"}))
    assert "its models learned from digits" in refused([run], capsys)


def test_a_page_that_is_there_already_links_the_explorer(run, capsys):
    (run / "report.html").write_text("a page without it")
    assert explore_command([str(run)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(run / "explorer.html")
    assert 'href="explorer.html"' in (run / "report.html").read_text()
