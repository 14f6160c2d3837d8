"""Nats above the entropy on new chains, of the model whose density is known."""

import math
from unittest.mock import MagicMock

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.build import num_all_chains
from lcpjax.dataset import SamplingPlan
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian
from lcpjax.pipeline import density
from lcpjax.pipeline.bounds import FluidBound
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder
from lcpjax.representation import Representation
from lcpjax.sampler import Configurations
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting
from tests.evaluation.exact_autoencoder import exact_vae, variables_of
from tests.evaluation.linear_gaussian_world import ENTROPY, NUM_PARTICLES, ROWS
from tests.smoke_runs import composed

SIZES = (
    "representation=coordinates",
    "model.variance=shared",
    "evaluation.density_chains_per_gamma=250",
    "system.gammas=[0.1,0.4,0.7,1.0]",
)
# Of each gamma, by which the fluid's density is raised: the gap of a model that is perfect otherwise.
RAISED = np.array([0.5, 0.0, 1.0, 2.5])


def run_of(*overrides):
    return Run(composed("train", *SIZES, *overrides), MagicMock(spec=RunFolder))


def perfect(kl_weight=1.0):
    representation = Representation("coordinates", "none")
    vae = exact_vae(representation)
    setting = ModelSetting(kl_weight, 3, 7)
    return TrainedModel("perfect", vae, representation, variables_of(vae), setting, System(NUM_PARTICLES), 500)


@pytest.fixture
def first_chains(monkeypatch):
    """The world's rows as what is sampled, gammas taking turns; the first chain of each call."""
    asked = []
    index = np.arange(len(ROWS)) % len(RAISED)
    positions = jnp.asarray(ROWS, jnp.float32).reshape(-1, NUM_PARTICLES, 2)

    def sampled(plan, first_chain, num_chains, on_moves=None):
        asked.append((first_chain, num_chains, plan.samples_per_chain))
        gamma, zeros = jnp.asarray(np.asarray(plan.gammas)[index], jnp.float32), jnp.zeros(len(ROWS))
        return Configurations(positions, gamma, zeros, zeros, zeros, zeros)

    monkeypatch.setattr(SamplingPlan, "sample", sampled)
    log_density = fit_gaussian(ROWS).log_density(ROWS) + RAISED[index]
    monkeypatch.setattr(density, "fluid_bound", lambda *_: FluidBound(ENTROPY, 0.1, log_density, 0.25))
    return asked


def test_gaps_are_told_apart_by_gamma_and_averaged_with_an_error_over_configurations_alone(first_chains):
    rows = density.density_rows(run_of(), [perfect()])
    assert [row["gamma"] for row in rows] == [density.ALL_GAMMAS, 0.1, 0.4, 0.7, 1.0]
    assert [row["num_configurations"] for row in rows] == [1000, 250, 250, 250, 250]
    # float32 sums of some ten nats, averaged.
    np.testing.assert_allclose([row["above_entropy_nats"] for row in rows], [RAISED.mean(), *RAISED], atol=1e-4)
    errors = [row["above_entropy_error_nats"] for row in rows]
    assert errors[0] == pytest.approx(RAISED.std() / math.sqrt(1000), rel=1e-3)
    # Of each gamma the gap is the same everywhere: nothing of ln Z's error, nor of a posterior sample's noise.
    assert max(errors[1:]) < 1e-4
    assert {row["log_partition_function_error_nats"] for row in rows} == {0.25}
    assert all(math.isnan(row["prior_above_entropy_nats"]) for row in rows)


def test_metrics_name_the_gamma_and_leave_out_what_there_is_not(first_chains):
    metrics = density.density_metrics(density.density_rows(run_of(), [perfect()]))
    assert metrics["rate/above_entropy_nats"] == pytest.approx(1.0, abs=1e-4)
    assert metrics["rate/above_entropy_nats/gamma_0.7"] == pytest.approx(1.0, abs=1e-4)
    assert not [name for name in metrics if "prior" in name]
    assert len(metrics) == 10


def test_a_model_without_a_density_has_no_rows_and_no_chains_are_sampled(first_chains):
    assert density.density_rows(run_of(), [perfect(kl_weight=0.0)]) == []
    assert first_chains == []


@pytest.mark.parametrize("source", ["sampled", "stream"])
def test_new_chains_begin_after_all_that_a_run_learns_from(first_chains, source):
    run = run_of(f"dataset.source={source}", "sampler.samples_per_chain=2", "dataset.chains_per_gamma=100")
    density.density_rows(run, [perfect()])
    kept, streamed = 400, run.config.training.num_epochs * 784 // 2
    assert num_all_chains(run.config) == (kept if source == "sampled" else kept + streamed)
    # One configuration a chain, or the standard error would be too small.
    assert first_chains == [(num_all_chains(run.config), 1000, 1)]
