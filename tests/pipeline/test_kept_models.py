"""Models that one run has trained serve others, and only those that would have trained the very same."""

import shutil
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.dataset import Dataset
from lcpjax.pipeline import kept_models
from lcpjax.pipeline.kept_models import KeptModels
from lcpjax.pipeline.run import Run
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.sampler import Configurations
from lcpjax.training import ModelSetting
from tests.smoke_runs import SMALL_MODEL, SMOKE, composed, metrics_of, without_times

KEPT = "training.kept_models=kept"
SETTINGS = [ModelSetting(1e-3, 2, 0)]


def dataset_of(seed):
    positions = np.random.default_rng(seed).uniform(size=(4, 3, 2)).astype(np.float32)
    part = Configurations(jnp.asarray(positions), *[jnp.zeros(4)] * 5)
    return Dataset(part, part, part, (0.0,))


def models_of(run_folder, *overrides, experiment="train", settings=SETTINGS, seed=0):
    config = composed(experiment, SMOKE, *SMALL_MODEL, KEPT, *overrides)
    return KeptModels.of_run(Run(config, run_folder), settings, dataset_of(seed))


@pytest.fixture
def trained(run_folder):
    """A run folder with one group, as training leaves it."""
    folder = run_folder.checkpoints / "models"
    folder.mkdir(parents=True)
    (folder / "arrays").write_text("numbers")
    run_folder.log([{"stage": "training", "group": "models", "epoch": 0, "training/loss": 2.0}], {})
    run_folder.add_info(convergence={"models": [{"is_converged": False}]}, commit="abc")
    return run_folder


@pytest.mark.usefixtures("in_empty_folder")
def test_a_group_that_was_kept_is_taken_with_its_records_and_its_verdict(trained):
    models = models_of(trained)
    assert not models.take(trained, "another name")
    models.keep(trained, "models")
    assert not models.take(trained, "models"), "a run that has begun to train goes on by itself"
    assert models.take(trained, "another name")
    assert (trained.checkpoints / "another name" / "arrays").read_text() == "numbers"
    assert trained.records({"group": "another name"}) == [
        {"stage": "training", "group": "another name", "epoch": 0, "training/loss": 2.0}
    ]
    assert trained.info()["convergence"]["another name"] == [{"is_converged": False}]


@pytest.mark.usefixtures("in_empty_folder")
def test_what_decides_the_models_decides_where_they_are_kept(run_folder):
    kept = models_of(run_folder)
    for same in (["tracker.wandb.mode=offline"], ["evaluation.configurations_per_gamma=40"], ["restart=true"]):
        assert models_of(run_folder, *same) == kept, same
    assert models_of(run_folder, experiment="lambda_sweep") == kept
    for other in ("training.learning_rate=2e-3", "model.width=8", "system.temperature=2.0", "sampler.seed=3"):
        assert models_of(run_folder, other).folder != kept.folder, other
    assert models_of(run_folder, settings=[*SETTINGS, ModelSetting(1e-3, 2, 1)]).folder != kept.folder
    assert models_of(run_folder, seed=1).folder != kept.folder
    assert models_of(run_folder, "dataset.source=stream") is None
    assert models_of(run_folder, "training.kept_models=null") is None


@pytest.mark.usefixtures("in_empty_folder")
def test_a_damaged_entry_is_said_to_be_one_and_made_anew(trained, capsys):
    models = models_of(trained)
    models.keep(trained, "models")
    entry = models.folder / "models.json"
    whole = entry.read_text()
    entry.write_text(whole[:40])
    assert not models.take(trained, "another name")
    assert "models.json: cannot be read" in capsys.readouterr().out
    models.keep(trained, "models")
    assert entry.read_text() == whole


@pytest.mark.usefixtures("in_empty_folder")
@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_damaged_checkpoints_are_not_taken_and_leave_no_record(trained, capsys, damage):
    models = models_of(trained)
    models.keep(trained, "models")
    arrays = models.folder / "checkpoints" / "arrays"
    arrays.unlink() if damage == "missing" else arrays.write_text("other numbers")
    assert not models.take(trained, "another name")
    assert "cannot be read" in capsys.readouterr().out
    assert not trained.records({"group": "another name"})
    assert "another name" not in trained.info()["convergence"]
    assert [path.name for path in trained.checkpoints.iterdir()] == ["models"]


@pytest.mark.usefixtures("in_empty_folder")
def test_of_two_runs_that_keep_the_same_models_at_once_the_first_one_counts(trained, monkeypatch, capsys):
    models, write = models_of(trained), kept_models.write_json

    def write_after_another(path, content):
        monkeypatch.setattr(kept_models, "write_json", write)
        models.keep(trained, "models")
        write(path, content)

    monkeypatch.setattr(kept_models, "write_json", write_after_another)
    models.keep(trained, "models")
    assert capsys.readouterr().out == ""
    assert models.take(trained, "another name")
    assert [path.name for path in models.folder.parent.iterdir()] == [models.folder.name]


@pytest.mark.usefixtures("in_empty_folder")
def test_a_change_of_the_code_takes_no_models_of_before(run_folder, monkeypatch):
    before = models_of(run_folder)
    monkeypatch.setattr(kept_models, "source_hash", lambda _: "other")
    assert models_of(run_folder).folder != before.folder


@pytest.mark.usefixtures("in_empty_folder")
def test_a_folder_that_refuses_costs_a_line(trained, capsys):
    Path("kept").write_text("no folder")
    models_of(trained).keep(trained, "models")
    assert "models cannot be kept" in capsys.readouterr().out


@pytest.mark.slow
def test_another_experiment_finds_the_same_numbers_without_training(tmp_path, monkeypatch, without_figures):
    monkeypatch.chdir(tmp_path)
    small = [SMOKE, *SMALL_MODEL, KEPT, "tracker.wandb.mode=disabled", "system.num_particles=5"]
    assert run_command(["+experiment=train", *small, "hydra.run.dir=first"]) == 0
    swept = ["+experiment=lambda_sweep", *small, "sweep.kl_weights=[1e-3]", "hydra.run.dir=second"]
    with monkeypatch.context() as patch:
        patch.setattr("lcpjax.training.train_step.train_steps", None)
        assert run_command(swept) == 0
    tables = [
        read_table(Path(folder) / "tables" / f"{name}.csv")
        for folder, name in (("first", "train"), ("second", "lambda_sweep"))
    ]
    for column in ("mse_test", "kl_nats", "rmsd_of_sample"):
        assert tables[0][0][column] == tables[1][0][column]
    of_training = [
        [without_times(r) for r in metrics_of(Path(folder)) if r["stage"] == "training"]
        for folder in ("first", "second")
    ]
    assert of_training[0] == of_training[1] != []
    # What was taken is the run's own: it needs the folder no longer.
    shutil.rmtree("kept")
    positions = jax.random.uniform(jax.random.key(0), (3, 5, 2)) * 10.0
    codes = [load_run(folder).encode(positions).mean for folder in ("first", "second")]
    np.testing.assert_array_equal(*codes)
