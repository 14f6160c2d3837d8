"""A whole run of the model of particle tokens at the smallest sizes."""

import csv
import json

import jax
import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.run import run_command
from lcpjax.runtime.files import read_arrays
from tests.smoke_runs import SMOKE

SMALL = [SMOKE, "training.num_epochs=1", "tracker.wandb.mode=disabled"]


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
    assert summary["rate/prior_above_entropy_nats"] > 0
    with (particle_tokens / "tables" / "density.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert [row["gamma"] for row in rows] == ["all", "0.1", "0.4", "0.7", "1.0"]
    assert float(rows[0]["above_entropy_nats"]) == summary["rate/above_entropy_nats"]
    assert float(rows[4]["above_entropy_nats"]) == summary["rate/above_entropy_nats/gamma_1"]
    # Sampled apart from the 16 configurations of the test set.
    assert [row["num_configurations"] for row in rows] == ["64", "16", "16", "16", "16"]
    assert "rate/num_active_latents" not in summary
    assert summary["reconstruction/rmsd_of_sample_sigma"] < 0.05
    assert summary["reconstruction/triangle_violations_fraction"] == 0


@pytest.mark.slow
def test_more_posterior_samples_tighten_the_bound_of_a_loaded_model(particle_tokens):
    run = load_run(particle_tokens)
    positions = read_arrays(particle_tokens / "figures" / "configurations.npz")
    configurations = jax.numpy.asarray(np.concatenate([positions[name] for name in sorted(positions)]))
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
