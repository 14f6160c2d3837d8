"""Help on one experiment."""

import subprocess
import sys

import pytest

from lcpjax.cli.experiment_help import experiment_help
from lcpjax.config.experiments import experiment_names
from lcpjax.run import run_command


@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_says_its_question_time_and_keys(name):
    text = experiment_help(name)
    assert text.startswith(f"{name}: ")
    assert f"python -m lcpjax.run +experiment={name}\n" in text
    assert " on two CPU cores" in text
    assert "None" not in text


def test_a_key_has_its_value_its_range_and_its_unit():
    text = experiment_help("anomalies")
    assert (
        "  settings.largest_steps=[0.2,0.3,0.5]\n      list of float, in brackets; above 0 (sigma); sigma, of" in text
    )
    assert "  settings.nodes_of_a_particle=4\n      int; at least 4 and at most 512; " in text


@pytest.mark.parametrize(
    "words", [["--help", "experiment=train"], ["+experiment=train", "--help"], ["-h", "experiment=train"]]
)
def test_help_with_an_experiment_is_about_it_alone(words, capsys, in_empty_folder):
    assert run_command(words) == 0
    assert capsys.readouterr().out == experiment_help("train") + "\n"
    assert list(in_empty_folder.iterdir()) == []


def test_an_unknown_experiment_is_refused_with_the_nearest_name(capsys):
    assert run_command(["--help", "experiment=verfication"]) == 2
    line = capsys.readouterr().err
    assert "experiment = verfication: did you mean 'verification'?" in line
    assert line.count("\n") == 1


def test_help_on_an_experiment_starts_no_jax():
    script = "import sys; from lcpjax.cli.experiment_help import experiment_help; experiment_help('anomalies');"
    script += "print([name for name in ('jax', 'numpy', 'matplotlib') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
