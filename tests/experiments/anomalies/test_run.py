"""The experiment on anomalies, whole, at the smallest scale; and what a loaded model then says."""

import jax
import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.dataset.perturbed_sets import uniform_points
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.system import System
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = pytest.mark.usefixtures("in_empty_folder")

FEW = [
    "settings.new_gammas=[1.5]",
    "settings.largest_steps=[0.2]",
    "settings.regret_steps=2",
    "settings.num_choosing=8",
]


@pytest.mark.slow
def test_every_score_is_compared_with_the_exact_ratio_and_thresholds_are_kept(in_empty_folder):
    assert run_command(["+experiment=anomalies", SMOKE, *FEW]) == 0
    folder = the_run_folder(in_empty_folder, "anomalies")
    rows = read_table(folder / "tables" / "detection.csv")
    sets = {"gamma 1.5", "soft_power", "uniform points", "displaced 0.2", "displaced 0.2, in the box"}
    assert {row["set"] for row in rows} == sets
    exact = [row for row in rows if row["score"] == "exact_ratio"]
    assert len(exact) == len(sets)
    assert all(row["auroc"] == row["oracle_auroc"] for row in exact)
    assert {"likelihood_regret", "latent_mahalanobis", "local_outlier_factor", "displacement_by_model"} <= {
        row["score"] for row in rows
    }
    by_model = {row["set"] for row in rows if row["score"] == "displacement_by_model"}
    assert by_model == {"soft_power", "displaced 0.2", "displaced 0.2, in the box"}
    fixed = [row for row in read_table(folder / "tables" / "chosen_scores.csv") if row["is_fixed"]]
    assert sorted(row["set"] for row in fixed) == sorted(sets)
    # Of no model's density.
    read_back = read_table(folder / "tables" / "gamma_ratio.csv")
    assert {row["set"] for row in read_back} == {"gamma 1.5"}
    assert {row["is_identity"] for row in read_back if row["variant"] == "best"} == {1}
    assert "latent_gamma_ratio" not in {row["score"] for row in rows}
    for name in ("detection", "errors", "latent_maps", "shifts"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000

    asked = load_run(folder, group="best").score(uniform_points(jax.random.key(0), 2, System()), suspect="displaced")
    assert asked["displacement_by_model"].shape == (2,)
    run = load_run(folder, group="sigma_vae")
    points = uniform_points(jax.random.key(0), 8, System())
    table = {
        row["score"]: row for row in read_table(folder / "tables" / "thresholds.csv") if row["variant"] == "sigma_vae"
    }
    limits = run.detector.thresholds()
    assert limits["latent_mahalanobis"].value == pytest.approx(float(table["latent_mahalanobis"]["threshold"]))
    assert np.all(run.predict(points)["energy"])
    assert not np.any(run.predict(points, thresholds={"energy": np.inf})["energy"])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("settings.num_displaced=31", "settings.num_displaced = 31: there are 30 particles"),
        ("settings.largest_steps=[11]", "settings.largest_steps = 11.0: must be at most 10.0 sigma"),
        ("system.pair_potential=soft_power", "system.pair_potential = soft_power: must be another one"),
    ],
)
def test_anomalies_that_there_cannot_be_are_refused(override, message, in_empty_folder, capsys):
    assert run_command(["+experiment=anomalies", SMOKE, override]) == 2
    assert message in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
