"""+experiment=digits at its smallest: what it leaves, what it refuses, and that nobody takes it for a fluid."""

import json

import pytest

from lcpjax import load_run
from lcpjax.load import LoadError
from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE, metrics_of, the_run_folder

SMALL = ["model.width=8", "model.depth=1", "settings.num_passes=2"]
FEW = ["settings.num_prior_samples=40"]


@pytest.mark.slow
def test_a_run_leaves_a_row_for_each_model_and_prior_and_the_figure(in_empty_folder):
    assert run_command(["+experiment=digits", SMOKE, *SMALL, *FEW]) == 0
    folder = the_run_folder(in_empty_folder, "digits")
    rows = read_table(folder / "tables" / "digits.csv")
    assert [(row["model"], row["kl_weight"], row["latent_dim"], row["seed"]) for row in rows] == [
        ("autoencoder", 0.0, 2, 0),
        ("vae", 0.001, 2, 0),
    ]
    # The mean image's error is 0.073; two epochs are enough for the autoencoder to know more.
    assert 0.0 < rows[0]["mse_test"] < 0.073
    priors = read_table(folder / "tables" / "prior_samples.csv")
    assert [row["source"] for row in priors] == 2 * ["N(0, I)", "N(0, I) scaled", "held-out latents"]
    # What defines what is anomalous: one in twenty.
    assert [row["anomalous_fraction"] for row in priors[2::3]] == pytest.approx([0.05, 0.05])
    assert {path.stem for path in (folder / "figures").glob("*.png")} == {"digits", "learning_curves"}
    assert {name for name in metrics_of(folder)[0] if "mse" in name} == {
        "training/mse_grey2",
        "training/validation_mse_grey2",
    }
    summary = json.loads((folder / "summary.json").read_text())
    assert {"latent/mmd_squared_number/autoencoder_scaled", "latent/far_samples_fraction/vae"} <= set(summary)
    with pytest.raises(LoadError, match="its models learned from digits; load_run gives those of configurations"):
        load_run(folder, kl_weight=0.001)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.latent_dim=3", "model.latent_dim = 3: must be 2, since the latents are drawn"),
        ("training.kl_weight=0", "training.kl_weight = 0.0: must be above 0"),
        ("model.variance=shared", "model.variance, model.prior: must be fixed and standard"),
        ("training.batch_size=1000", "training.batch_size = 1000: the training set has only 208 configurations"),
    ],
)
def test_what_makes_no_comparison_in_a_plane_is_refused(in_empty_folder, capsys, override, message):
    assert run_command(["+experiment=digits", SMOKE, override]) == 2
    assert message in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
