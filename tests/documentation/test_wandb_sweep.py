"""The sample sweep: what W&B's agent would start is a command that this program takes."""

import json
import sys
from pathlib import Path

import pytest
import yaml
from wandb.sdk.launch.sweeps.utils import create_sweep_command, create_sweep_command_args

from lcpjax import run
from lcpjax.config.check import key_types

ROOT = Path(__file__).parents[2]
SWEEP = yaml.safe_load((ROOT / "docs" / "wandb-sweep.yaml").read_text(encoding="utf-8"))
PARAMETERS = SWEEP["parameters"]
ENDS = {key: [said["min"], said["max"]] if "min" in said else said["values"] for key, said in PARAMETERS.items()}


def as_the_agent_starts_it(values):
    """The words of the command, put together from the file as W&B's agent does it."""
    given = create_sweep_command_args({"args": {key: {"value": value} for key, value in values.items()}})
    given |= {"interpreter": ["python"], "program": [SWEEP["program"]]}
    words = create_sweep_command(SWEEP["command"])
    return [one for word in words for one in (given[word[2:-1]] if word.startswith("${") else [word])]


@pytest.mark.parametrize("end", [0, -1])
def test_the_ends_of_every_range_are_a_run_that_would_start(end, in_empty_folder, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(run, "job", lambda: started.append(sys.argv[1:]))
    monkeypatch.setattr(sys, "argv", ["lcpjax"])
    words = as_the_agent_starts_it({key: values[end] for key, values in ENDS.items()})
    assert words[:4] == ["python", "-m", "lcpjax.run", "+experiment=train"]
    run.run_command(words[3:])
    assert capsys.readouterr().err == ""
    (taken,) = started
    assert taken == words[3:]
    assert f"model.latent_dim={ENDS['model.latent_dim'][end]}" in taken


def test_parameters_are_keys_and_the_metric_is_one_that_train_leaves():
    assert set(PARAMETERS) <= set(key_types("train"))
    left = json.loads((ROOT / "tests" / "experiments" / "train" / "golden.json").read_text())
    assert SWEEP["metric"]["name"] in left
    # 1e-5 without a point is a word in YAML, and no end of a range.
    assert all(isinstance(value, int | float) for values in ENDS.values() for value in values)
