"""Whole runs at the smallest sizes: sweeps over latents and over kinds of models, and the model of particle tokens."""

import json

import jax
import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.load import LoadError
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


@pytest.mark.slow
def test_kinds_of_models_are_compared_with_their_linear_rows_and_load_by_their_group(in_empty_folder):
    networks = "settings.networks=[point_decoder]"
    options = [*SMALL, "settings.orderings=[height]", networks, "model.width=8", "model.depth=1", "model.latent_dim=3"]
    assert run_command(["+experiment=representations", *options, "hydra.run.dir=kinds"]) == 0
    folder = in_empty_folder / "kinds"
    rows = read_table(folder / "tables" / "representations.csv")
    assert [row["variant"] for row in rows] == ["point_decoder-height"]
    assert all(row["linear_distance_mse"] > 0 and row["triangle_violations_mean"] == 0 for row in rows)
    positions = jax.random.uniform(jax.random.key(0), (4, 30, 2)) * 10.0
    run = load_run(folder, group="point_decoder-height")
    assert run.reconstruct_coordinates(positions)[1].shape == (4, 30, 2)
    with pytest.raises(LoadError, match="log_likelihood_bound: is of coordinates"):
        run.log_likelihood_bound(positions, jax.random.key(1))
    with pytest.raises(LoadError, match="group point_decoder-heigt: did you mean 'point_decoder-height'"):
        load_run(folder, group="point_decoder-heigt")


def test_an_unknown_network_is_refused_before_anything_is_written(in_empty_folder, capsys):
    assert run_command(["+experiment=representations", SMOKE, "settings.networks=[convolutionl]"]) == 2
    assert "settings.networks = convolutionl: did you mean 'convolutional'" in capsys.readouterr().err
    assert not list(in_empty_folder.iterdir())


@pytest.fixture(scope="module")
def particle_tokens(tmp_path_factory):
    """A model of particle tokens, hardly trained: its physics is there from the start."""
    folder = tmp_path_factory.mktemp("tokens") / "run"
    small = ["model=best", "model.prior_width=8", "model.prior_depth=1", "dataset.chains_per_gamma=40"]
    assert run_command(["+experiment=train", *SMALL, *small, f"hydra.run.dir={folder}"]) == 0
    return folder


@pytest.mark.slow
def test_a_model_of_particle_tokens_is_compared_with_the_entropy(particle_tokens):
    summary = json.loads((particle_tokens / "summary.json").read_text())
    assert summary["rate/above_entropy_nats"] > 0
    assert "rate/num_active_latents" not in summary
    assert summary["reconstruction/rmsd_of_sample_sigma"] < 0.05
    assert summary["reconstruction/triangle_violations_share"] == 0


@pytest.mark.slow
def test_more_posterior_samples_tighten_the_bound_of_a_loaded_model(particle_tokens):
    run = load_run(particle_tokens)
    positions = np.load(particle_tokens / "figures" / "configurations.npz")
    configurations = jax.numpy.asarray(np.concatenate([positions[name] for name in sorted(positions.files)]))
    one, many = (
        np.asarray(run.log_likelihood_bound(configurations, jax.random.key(seed), number), np.float64)
        for seed, number in ((1, 1), (2, 4))
    )
    assert (many - one).mean() > 0
    # One sample's bound is the likelihood of what it decodes to less its rate.
    assert run.rate(configurations, jax.random.key(1)).shape == one.shape


@pytest.mark.slow
def test_a_loaded_model_gives_coordinates_back_in_its_own_order(particle_tokens):
    run = load_run(particle_tokens)
    positions = jax.random.uniform(jax.random.key(0), (4, 30, 2)) * 10.0
    ordered, found = run.reconstruct_coordinates(positions, jax.random.key(1))
    assert bool((jax.numpy.diff(ordered[..., 1], axis=1) >= 0).all())
    assert float(jax.numpy.abs(ordered - found).max()) < 0.05
