"""Every name of a metric or a column that a run leaves has a label and, where it has one, a unit."""

import csv
import json
from pathlib import Path

import pytest

from lcpjax.report.quantities import axis_label, quantity_of_column, quantity_of_metric, short, title_of_stage
from lcpjax.report.quantities.stages import _TITLES

ROOT = Path(__file__).parents[3]
SUMMARIES = [*ROOT.glob("experiments/*/results/**/summary.json"), *ROOT.glob("tests/experiments/*/golden.json")]
TABLES = sorted(ROOT.glob("experiments/*/results/**/*.csv"))


def test_every_metric_of_every_run_has_a_label_from_the_rules():
    assert len(SUMMARIES) > 30
    named = {name: quantity_of_metric(name) for path in SUMMARIES for name in json.loads(path.read_text())}
    assert [name for name, quantity in named.items() if not quantity.is_known] == []
    for name, quantity in named.items():
        assert quantity.label != name
        assert not {"_", "/"} & set(quantity.label), name


def test_every_stage_of_every_metric_has_a_heading():
    stages = {name.partition("/")[0] for path in SUMMARIES for name in json.loads(path.read_text())}
    assert stages <= set(_TITLES)
    assert title_of_stage("anomalies/auroc") == "Anomalies"


def test_every_column_of_every_table_has_a_label_from_the_rules():
    assert len(TABLES) > 100
    for path in TABLES:
        with path.open(newline="") as file:
            columns = next(csv.reader(file))
        assert [name for name in columns if not quantity_of_column(name, path.stem).is_known] == [], path


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("reconstruction/mse_test_sigma2/kl_weight=1e-05", "test MSE, lambda = 1e-05 (sigma²)"),
        ("rate/above_entropy_error_nats", "above the entropy, standard error (nats)"),
        ("generation/pair_energy_wasserstein_sd/best/n0_i/sweeps_50", None),
        ("training/fraction_of_peak_operations_per_second", "fraction of peak operations per second"),
        ("sampler/sampling_wall_seconds", "wall time: sampling (s)"),
        ("rate/least_mean_above_shannon_sd_nats/x", "least rate above Shannon's bound, sd, x (nats)"),
    ],
)
def test_units_are_read_off_the_names_end(name, label):
    label = label or "Wasserstein distance of pair energy, best, N(0, I), sweeps = 50 (sd of the fluid)"
    assert quantity_of_metric(name).with_unit == label


def test_columns_that_no_committed_table_has_yet_have_labels_too():
    names = "above_energy_test_set_error auroc_seed_sd is_fixed is_identity sum_y_rms_error aligned_to_truth fitted_to"
    names += " prior_above_entropy_error_nats log_partition_function_error_nats learned_from question num_scored"
    assert [name for name in names.split() if not quantity_of_column(name).is_known] == []
    assert quantity_of_column("above_energy_test_set_error").label == (
        "above the plain energy, standard error of the test set"
    )


def test_a_column_has_the_unit_of_its_table():
    assert quantity_of_column("mse_test").unit == "sigma²"
    assert quantity_of_column("mse_test", "digits").unit == "grey value²"
    assert quantity_of_column("pair_energy_epsilon_nested_rhat").with_unit == "nested R-hat of pair energy"
    assert quantity_of_column("pair_energy_epsilon_at_twice").unit == "epsilon"


@pytest.mark.parametrize("name", ["", "/", "a/", "new_thing", "<b>/x_sigma", "x" * 300, "_sd", "_error_error"])
def test_a_name_without_a_rule_is_shown_in_its_own_words(name):
    for quantity in (quantity_of_metric(name), quantity_of_column(name)):
        assert isinstance(quantity.with_unit, str)
    assert quantity_of_metric("stage/glorb_of_things_nats").with_unit == "glorb of things (nats)"
    assert not quantity_of_metric("stage/glorb_of_things_nats").is_known


def test_an_axis_has_the_same_label_in_mathematical_type():
    assert quantity_of_column("mse_test").on_axis == r"test MSE ($\sigma^2$)"
    assert axis_label("kl_weight") == r"$\lambda$"
    assert axis_label("training/validation_mse_grey2") == "validation MSE (grey value$^2$)"
    # A word in a word is left alone.
    assert axis_label("exact_gamma_accuracy") == r"exact accuracy of $\gamma$"
    assert "$" not in axis_label("gammas")


def test_numbers_are_short_and_other_values_are_their_own_text():
    values = [0.000123456, 12, 2.0, 1e6, float("nan"), True, None, "word"]
    assert [short(value) for value in values] == ["0.0001235", "12", "2", "1e+06", "nan", "yes", "", "word"]
