"""A dataset that is not in equilibrium is used with a warning that everyone sees; one that is, without."""

import json
from pathlib import Path
from unittest.mock import Mock

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_sampling_plan
from lcpjax.config.check import typed_config
from lcpjax.pipeline import equilibrium
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder
from lcpjax.run import CONF, run_command
from lcpjax.sampler import BurnIn, Configurations, equilibration_verdict
from tests.smoke_runs import SMOKE, the_run_folder

# In a second it forgets its start: a gas of four, with a box of a few free paths.
GAS = [
    "system.num_particles=4",
    "system.box_side=6.0",
    "sampler.num_sweeps=400",
    "evaluation.equilibration.chains_per_superchain=128",
]

pytestmark = pytest.mark.usefixtures("without_figures")


def sample_once(*overrides):
    assert run_command(["+experiment=sample", SMOKE, "dataset.cache_dir=cache", *overrides]) == 0


def test_too_few_sweeps_are_warned_of_in_the_run_the_report_and_the_datasheet(in_empty_folder, capsys):
    sample_once()
    folder = the_run_folder(in_empty_folder, "sample")
    info = json.loads((folder / "run_info.json").read_text())
    (warning,) = info["warnings"]
    assert "NOT SHOWN TO BE IN EQUILIBRIUM after 40 sweeps" in warning
    assert "\n" not in warning
    assert warning.endswith("raise sampler.num_sweeps")
    assert f"WARNING: {warning}" in capsys.readouterr().out
    assert "NOT SHOWN TO BE IN EQUILIBRIUM after 40 sweeps" in (folder / "report.html").read_text()
    assert json.loads((folder / "summary.json").read_text())["sampler/is_equilibrated"] == 0
    store = Path(info["dataset"]["folder"])
    assert "equilibrated: no, because" in (store / "DATASHEET.md").read_text()
    held = json.loads((store / "dataset.json").read_text())["equilibration"]
    assert held == info["equilibration"]
    assert {row["gamma"] for row in held["judged"]} == {0.1, 0.4, 0.7, 1.0}


@pytest.mark.slow
def test_enough_sweeps_are_not_warned_of(in_empty_folder):
    sample_once(*GAS)
    folder = the_run_folder(in_empty_folder, "sample")
    info = json.loads((folder / "run_info.json").read_text())
    assert "warnings" not in info
    assert info["equilibration"]["verdict"].startswith("equilibrated: yes, because means at 400 and 800 sweeps agree")
    assert "EQUILIBRIUM" not in (folder / "report.html").read_text()


@pytest.mark.slow
def test_a_plan_is_checked_once_and_anew_when_asked_in_another_way(in_empty_folder, monkeypatch):
    calls = []
    follow = equilibrium.follow
    monkeypatch.setattr(equilibrium, "follow", lambda *args: calls.append(args) or follow(*args))
    sample_once(*GAS)
    sample_once(*GAS, "dataset.chains_per_gamma=80")
    assert len(calls) == 1
    # The second run tells the same verdict.
    first, second = (
        json.loads((path / "run_info.json").read_text())["equilibration"]
        for path in (in_empty_folder / "outputs" / "sample").iterdir()
    )
    assert first == second
    sample_once(*GAS, "evaluation.equilibration.chains_per_superchain=100")
    assert len(calls) == 2


# Parts hold whole chains, here five and three of them.
PARTS = slice(0, 200), slice(200, 320)


def metrics_of_long_chains(drift):
    """What is said, and warned of, of 8 chains of two gammas with 40 samples each whose energies drift."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        overrides = ["+experiment=sample", "sampler.samples_per_chain=40", "system.gammas=[0.1,1.0]"]
        config = typed_config(compose("config", overrides=overrides))
    energy = np.random.default_rng(0).normal(size=(8, 40)) + drift * np.arange(40)
    positions, ones = jax.random.normal(jax.random.key(1), (320, 3, 2)), jnp.ones(320)
    configurations = Configurations(positions, ones, jnp.asarray(energy.reshape(-1), jnp.float32), ones, ones, ones)
    parts = [equilibrium.along_chains(Configurations(*(leaf[rows] for leaf in configurations))) for rows in PARTS]
    run_folder = Mock(spec=RunFolder)
    metrics = equilibrium.long_chain_metrics(Run(config, run_folder), parts)
    return metrics, [call.args[0] for call in run_folder.warn.call_args_list]


def test_samples_along_chains_that_mix_are_worth_their_number():
    metrics, warnings = metrics_of_long_chains(drift=0.0)
    # Four chains of 40 independent samples at each gamma.
    assert metrics["sampler/smallest_effective_sample_size"] == pytest.approx(160, rel=0.35)
    assert metrics["sampler/largest_split_rhat"] < 1.06
    assert warnings == []


def test_samples_along_chains_that_drift_are_warned_of():
    metrics, (warning,) = metrics_of_long_chains(drift=0.2)
    assert metrics["sampler/largest_split_rhat"] > 1.5
    assert warning.startswith("the 40 samples along each chain have NOT MIXED: split R-hat")


def test_too_few_burn_in_chains_are_said_to_be_too_few():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", overrides=["+experiment=sample"]))
    values = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    acceptance = np.full(values.shape, 0.4)
    burn_in = BurnIn((0.1,), np.array([10, 20]), values, np.zeros_like(values), acceptance, 10)
    run_folder = Mock(spec=RunFolder)
    metrics = equilibrium.report_equilibration(
        Run(config, run_folder), build_sampling_plan(config), None, equilibration_verdict(burn_in)
    )
    (warning,) = (call.args[0] for call in run_folder.warn.call_args_list)
    assert warning.startswith("not enough chains to tell whether the configurations in the box of 10 sigma are in")
    assert "it takes 175: raise evaluation.equilibration.chains_per_superchain" in warning
    assert (metrics["is_equilibrated"], metrics["chains_needed"]) == (False, 175)
