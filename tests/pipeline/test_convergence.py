"""Convergence of a run's models: trained once more with half of the steps, judged, and said."""

import pytest

from lcpjax.config.check import changed
from lcpjax.pipeline.convergence import convergence_columns
from lcpjax.pipeline.fit_group import TrainingData
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import train_on
from lcpjax.report.tables import read_table
from lcpjax.training import ModelSetting
from tests.smoke_runs import composed
from tests.training.small_models import configurations, plan

SETTINGS = [ModelSetting(kl_weight, 4, seed) for kl_weight in (1e-3, 1.0) for seed in (0, 1)]


def trained(folder, *, half_length_check, settings=SETTINGS):
    config = changed(composed("train"), {"training.half_length_check": half_length_check})
    data = TrainingData(configurations(), configurations(16, seed=1), {})
    run = Run(config, folder)
    train_on(run, plan(num_epochs=4), settings, data, group="small")
    return run


def test_one_seed_of_each_setting_is_trained_with_half_of_the_steps_too(run_folder):
    run = trained(run_folder, half_length_check=True)
    rows = read_table(run_folder.path / "tables" / "convergence.csv")
    assert [(row["kl_weight"], row["seed"]) for row in rows] == [(each.kl_weight, each.seed) for each in SETTINGS]
    half = run_folder.records({"group": "small, half length"})
    assert {(record["kl_weight"], record["seed"]) for record in half} == {(1e-3, 0), (1.0, 0)}
    assert {record["epoch"] for record in half} == {0, 1}
    # Both seeds have the verdict of the one that was trained twice; a few steps never count as converged.
    lowest = min(each["training/validation_loss_sigma2"] for each in half if each["kl_weight"] == 1.0)
    expected = (lowest - rows[2]["validation_loss"]) / rows[2]["validation_loss"]
    for row in rows[2:]:
        assert abs(row["fall_by_doubling"] - expected) < 1e-5
        assert row["is_converged"] == "False"
    (warning,) = run_folder.warnings
    assert warning.startswith("small: 4 of 4 models have NOT CONVERGED")
    assert "raise training.num_epochs" in warning
    assert convergence_columns(run.folder, "small", SETTINGS[0])["is_converged"] is False
    assert not (run_folder.path / "half_length").exists()


def test_without_the_comparison_nothing_counts_as_converged_and_nothing_warns(run_folder):
    trained(run_folder, half_length_check=False)
    rows = read_table(run_folder.path / "tables" / "convergence.csv")
    assert {row["is_converged"] for row in rows} == {"False"}
    assert {row["reason"] for row in rows} == {"no training of half its length to compare with"}
    assert not run_folder.warnings


@pytest.mark.slow
def test_trackers_see_no_training_that_only_serves_the_comparison(run_folder, monkeypatch):
    mirrored, log = [], run_folder.log
    monkeypatch.setattr(run_folder, "log", lambda records, shown: mirrored.append(shown) or log(records, shown))
    trained(run_folder, half_length_check=True, settings=SETTINGS[:1])
    assert [shown.get("epoch") for shown in mirrored] == [0, 1, 2, 3, None, None]


@pytest.mark.slow
def test_a_resumed_run_does_not_compare_again(run_folder):
    trained(run_folder, half_length_check=True)
    before = run_folder.records({"group": "small, half length"})
    table = (run_folder.path / "tables" / "convergence.csv").read_text()
    trained(run_folder, half_length_check=True)
    assert run_folder.records({"group": "small, half length"}) == before
    assert (run_folder.path / "tables" / "convergence.csv").read_text() == table
