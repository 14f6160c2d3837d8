"""The experiments on the latent space, whole, at the smallest scale."""

import pytest

from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.runtime.files import read_arrays
from tests.smoke_runs import SMOKE, the_run_folder

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_empty_folder")]


def test_codes_are_compared_with_the_exact_posterior(in_empty_folder):
    models = "sweep.models=[seed_conv,autoencoder,sigma_vae]"
    assert run_command(["+experiment=latent_clusters", SMOKE, models]) == 0
    folder = the_run_folder(in_empty_folder, "latent_clusters")
    rows = read_table(folder / "tables" / "latent_clusters.csv")
    assert [row["variant"] for row in rows] == ["seed_conv", "autoencoder", "sigma_vae"]
    assert read_table(folder / "tables" / "gamma.csv")[0]["variant"] == "exact"
    # An autoencoder has no rate.
    assert {row["variant"] for row in read_table(folder / "tables" / "kl_per_latent.csv")} == {"seed_conv", "sigma_vae"}
    for name in ("latent_clusters", "kl_per_latent", "gamma_information", "readouts"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000


def test_zero_paths_and_few_latents_stand_in_tables_and_figures(in_empty_folder):
    assert run_command(["+experiment=latent_probes", SMOKE, "sweep.models=[seed_conv,sigma_vae]"]) == 0
    folder = the_run_folder(in_empty_folder, "latent_probes")
    # Of both models five latents by each of three rankings, around zero and a code of each gamma.
    assert len(read_table(folder / "tables" / "traversals.csv")) == 2 * 3 * 5 * 5 * 7
    assert len(read_table(folder / "tables" / "paths.csv")) == 2 * 3 * 2
    assert len(read_table(folder / "tables" / "few_latents.csv")) == 2 * 6
    for name in ("traversals_seed_conv", "traversals_sigma_vae", "traversal_readouts"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000


def test_what_is_generated_is_kept_with_its_gammas_and_checked(in_empty_folder):
    few = ["settings.snapshots=[0,1,5]", "settings.sweeps=[0,5]"]
    assert run_command(["+experiment=generation", SMOKE, *few]) == 0
    folder = the_run_folder(in_empty_folder, "generation")
    kept = read_arrays(folder / "generated.npz")
    assert kept["positions"].shape == (len(kept["gamma"]), 30, 2)
    rows = read_table(folder / "tables" / "generated.csv")
    assert {row["source"] for row in rows if row["variant"] == "best"} >= {"codes", "posterior samples", "own prior"}
    assert {row["variant"] for row in read_table(folder / "tables" / "warm_start.csv")} >= {"uniform", "sigma_vae"}
    assert len(read_table(folder / "tables" / "warm_start_over_seeds.csv")) % 4 == 0
    assert {row["way"] for row in read_table(folder / "tables" / "new_gammas.csv")} == {"sampled", "drawn", "weighted"}
    for name in ("generated", "structures", "warm_start"):
        assert (folder / "figures" / f"{name}.png").stat().st_size > 1000
