"""+experiment=latent_dim_sweep, whole, at the smallest sizes."""

import jax
import pytest

from lcpjax import load_run
from lcpjax.report import read_table
from lcpjax.run import run_command
from tests.smoke_runs import SMOKE

SMALL = [SMOKE, "training.num_epochs=1", "tracker.wandb.mode=disabled"]


@pytest.mark.slow
def test_a_sweep_over_latents_is_one_group_and_every_model_loads_at_its_own_size(in_empty_folder, without_figures):
    options = [*SMALL, "model=mlp", "model.width=8", "sweep.latent_dims=[2,3]", "sweep.plane_orderings=[]"]
    assert run_command(["+experiment=latent_dim_sweep", *options, "hydra.run.dir=sweep"]) == 0
    rows = read_table(in_empty_folder / "sweep" / "tables" / "latent_dim_sweep.csv")
    assert [row["latent_dim"] for row in rows] == [2, 3]
    linear = read_table(in_empty_folder / "sweep" / "tables" / "linear_pca.csv")
    assert [row["latent_dim"] for row in linear] == [2, 3]
    assert [row["linear_mse"] for row in rows] == [row["mse"] for row in linear]
    latents = read_table(in_empty_folder / "sweep" / "tables" / "kl_per_latent.csv")
    assert [(row["latent_dim"], row["latent"]) for row in latents] == [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
    positions = jax.random.uniform(jax.random.key(0), (4, 30, 2)) * 10.0
    for dim in (2, 3):
        assert load_run(in_empty_folder / "sweep", latent_dim=dim).encode(positions).mean.shape == (4, dim)
