"""The learning rate of a kind of model, chosen on the validation set."""

import jax.numpy as jnp
import pytest

from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.pipeline import learning_rates
from lcpjax.pipeline.learning_rates import with_best_learning_rate
from lcpjax.pipeline.run import Run
from lcpjax.report.tables import read_table
from lcpjax.sampler import Configurations
from lcpjax.training import ModelSetting
from tests.smoke_runs import composed

CONFIGURATIONS = Configurations(jnp.zeros((4, 2, 2)), *[jnp.zeros(4)] * 5)
DATASET = Dataset(CONFIGURATIONS, CONFIGURATIONS, CONFIGURATIONS, (0.0,))
SETTINGS = [ModelSetting(kl_weight, 40, seed) for kl_weight in (1e-3, 1.0) for seed in (0, 1, 2)]


@pytest.fixture
def tried(monkeypatch):
    """Trainings that a search makes; those at 3e-3 end lowest."""
    made = []

    def losses(run, name, settings, dataset, rate):
        made.append((name, rate, [setting.seed for setting in settings], {each.kl_weight for each in settings}))
        return {"learning_rate": rate, "num_steps": 1, "num_seeds": 2, "validation_loss": abs(rate - 3e-3)}

    monkeypatch.setattr(learning_rates, "_tried", losses)
    return made


def searched(folder, rates, name="perceptron"):
    run = Run(changed(composed("train"), {"sweep.learning_rates": rates}), folder)
    return with_best_learning_rate(run, name, SETTINGS, DATASET)


def test_the_rate_with_the_lowest_validation_loss_is_taken(run_folder, tried):
    run = searched(run_folder, [1e-3, 3e-3, 1e-2])
    assert run.config.training.learning_rate == 3e-3
    # Every rate gets the same: two seeds of the first setting.
    assert tried == [("perceptron", rate, [0, 1], {1e-3}) for rate in (1e-3, 3e-3, 1e-2)]
    rows = read_table(run_folder.path / "tables" / "learning_rates.csv")
    assert [(row["variant"], row["learning_rate"]) for row in rows] == [("perceptron", r) for r in (1e-3, 3e-3, 1e-2)]


def test_a_resumed_run_keeps_the_rates_it_found_and_the_table_has_all_kinds(run_folder, tried):
    searched(run_folder, [1e-3, 3e-3])
    searched(run_folder, [1e-3, 3e-3])
    assert len(tried) == 2
    searched(run_folder, [1e-3, 3e-3], name="convolutional")
    rows = read_table(run_folder.path / "tables" / "learning_rates.csv")
    assert [row["variant"] for row in rows] == ["perceptron"] * 2 + ["convolutional"] * 2


def test_without_rates_to_choose_from_nothing_is_tried(run_folder, tried):
    run = searched(run_folder, [])
    assert run.config.training.learning_rate == composed("train").training.learning_rate
    assert not tried
    assert not (run_folder.path / "tables" / "learning_rates.csv").exists()
