"""Measured rows of a model whose worth is known: the perfect autoencoder of a linear-Gaussian world."""

import math
from unittest.mock import Mock

import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from lcpjax.dataset import Dataset
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian
from lcpjax.evaluation.reconstruction.linear_code import learn_linear_code
from lcpjax.model.sample_kinds import VECTOR
from lcpjax.pipeline import comparison
from lcpjax.pipeline.bounds import Bounds, FluidBound, linear_rows
from lcpjax.pipeline.metrics import kl_per_latent_rows, measured_rows
from lcpjax.pipeline.run import Run, summary_of_stages
from lcpjax.pipeline.variants import MeasuredModels
from lcpjax.report import RunFolder
from lcpjax.representation import Representation
from lcpjax.sampler import Configurations
from lcpjax.system import System
from lcpjax.training import NEVER, Best, ModelSetting, TrainState
from tests.evaluation.exact_autoencoder import exact_vae, variables_of
from tests.evaluation.linear_gaussian_world import ENTROPY, LENGTHS, NOISE, NUM_PARTICLES, ROWS
from tests.smoke_runs import composed
from tests.trained_models import trained
from tests.training.small_models import plan

COORDINATES = Representation("coordinates", "none")
ANCHORED = Representation("anchored_distances", "none")
POSITIONS = jnp.asarray(ROWS, jnp.float32).reshape(-1, NUM_PARTICLES, 2)
LOG_DENSITY = fit_gaussian(ROWS).log_density(ROWS)
INFORMATION = 0.5 * np.log(1 + LENGTHS**2 / NOISE**2)
LEAK_NATS, LN_Z_ERROR = 3.0, 0.25


class OtherPrior(nn.Module):
    """N(0, I) by another name, as a learned one would be; with a gift it is no density."""

    latents = VECTOR
    latent_dim: int
    gift_nats: float = 0.0

    def log_density(self, latent):
        return self.gift_nats - 0.5 * jnp.sum(latent**2 + math.log(2 * math.pi), axis=-1)


def plan_of(representation=COORDINATES, prior=None):
    model = exact_vae(representation, prior)
    return plan(model, representation=representation, evaluation_batch_size=300)


def state_of(training_plan):
    variables = variables_of(training_plan.model)
    best = Best(variables, jnp.float32(0.0), jnp.int32(0))
    return TrainState(variables, (), jnp.int32(0), jnp.int32(NEVER), best)


def model_of(training_plan, setting):
    return trained(training_plan, state_of(training_plan).best.variables, setting, System(NUM_PARTICLES))


def dataset_of_the_world():
    zeros = jnp.zeros(len(POSITIONS))
    part = Configurations(POSITIONS, zeros, zeros, zeros, zeros, zeros)
    return Dataset(part, part, part, (0.0,))


DATASET = dataset_of_the_world()


def bounds_of(representation):
    return Bounds(learn_linear_code(representation, POSITIONS), FluidBound(ENTROPY, 0.0, LOG_DENSITY, LN_Z_ERROR))


# Of models whose latents are particles alone.
OF_THE_PRIOR = ["prior_above_entropy_nats", "prior_above_entropy_error_nats"]


def row_of(training_plan, kl_weight=1.0):
    representation = training_plan.representation
    bounds, setting = bounds_of(representation), ModelSetting(kl_weight, 3, 0)
    linear = linear_rows(training_plan, DATASET, bounds, [3])
    (row,) = measured_rows([model_of(training_plan, setting)], [state_of(training_plan)], DATASET, bounds, linear)
    return row


def test_the_perfect_autoencoder_has_no_rate_above_the_bound_which_is_the_entropy():
    row = row_of(plan_of())
    error = row["above_shannon_error_nats"]
    assert abs(row["above_shannon_nats"]) < 4.3 * error
    # What configurations share with the fluid's density drops out: less than the scatter of that density.
    assert 0 < error < 0.7 * LOG_DENSITY.std() / len(ROWS) ** 0.5
    # Its bound is ln p whatever the posterior sample: all that is left is rounding, of sums of some ten nats.
    assert abs(row["above_entropy_nats"]) < 1e-4
    assert row["above_entropy_error_nats"] < 1e-5
    assert row["kl_nats"] == pytest.approx(INFORMATION.sum(), abs=1e-4)
    assert row["active_latents"] == 3


def test_the_error_of_ln_z_has_a_column_of_its_own_and_is_in_no_other():
    row = row_of(plan_of())
    assert row["log_partition_function_error_nats"] == LN_Z_ERROR
    assert max(row["above_shannon_error_nats"], row["above_entropy_error_nats"]) < LN_Z_ERROR


def test_one_that_leaks_is_caught_as_negative_by_as_much_as_it_leaks():
    row = row_of(plan_of(prior=OtherPrior(3, LEAK_NATS)))
    value, error = row["above_shannon_nats"], row["above_shannon_error_nats"]
    assert abs(value + LEAK_NATS) < 4.3 * error
    assert value < -4.3 * error
    assert row["above_entropy_nats"] == pytest.approx(-LEAK_NATS, abs=1e-4)


def test_anchored_distances_have_the_rate_above_the_bound_of_the_particles_and_not_of_the_matrix():
    row, of_coordinates = row_of(plan_of(ANCHORED)), row_of(plan_of())
    for name in ("kl_nats", "rmsd_of_sample", "above_shannon_nats"):
        assert row[name] == pytest.approx(of_coordinates[name], abs=1e-3)
    by_hand = ENTROPY - NUM_PARTICLES * math.log(math.pi * math.e * row["rmsd_of_sample"] ** 2)
    assert row["above_shannon_nats"] == pytest.approx(row["kl_nats"] - by_hand, abs=1e-6)
    # A bound on ln p is of coordinates alone.
    assert math.isnan(row["above_entropy_nats"])


def test_a_plain_autoencoder_has_errors_and_no_rate_nor_bound():
    row = row_of(plan_of(), kl_weight=0.0)
    assert row["mse_test"] == row["sample_mse"] > 0
    of_rates = [name for name, value in row.items() if math.isnan(value)]
    assert of_rates == [
        "kl_nats",
        "active_latents",
        "linear_mse_at_rate",
        "above_shannon_nats",
        "above_shannon_error_nats",
        "above_entropy_nats",
        "above_entropy_error_nats",
        *OF_THE_PRIOR,
    ]


def test_latents_have_rates_of_their_own_only_under_a_standard_prior():
    setting, learned = ModelSetting(1.0, 3, 0), plan_of(prior=OtherPrior(3))

    def rows_of(of_plan, of_setting):
        return kl_per_latent_rows([model_of(of_plan, of_setting)], [state_of(of_plan)], DATASET)

    rows = rows_of(plan_of(), setting)
    np.testing.assert_allclose([row["kl_nats"] for row in rows], INFORMATION, atol=1e-4)
    assert [(row["latent"], row["active"]) for row in rows] == [(0, True), (1, True), (2, True)]
    assert rows_of(learned, setting) == []
    assert math.isnan(row_of(learned)["active_latents"])
    assert rows_of(plan_of(), setting._replace(kl_weight=0.0)) == []


def test_every_row_has_what_linear_pca_leaves_with_as_many_components_failed_ones_too():
    training_plan, bounds = plan_of(), bounds_of(COORDINATES)
    failed = state_of(training_plan)._replace(failed_step=jnp.int32(0))
    models = [model_of(training_plan, ModelSetting(1.0, 3, seed)) for seed in (0, 1)]
    linear = linear_rows(training_plan, DATASET, bounds, [2, 3])
    rows = measured_rows(models, [state_of(training_plan), failed], DATASET, bounds, linear)
    # All that is left is the noise of the five directions without a latent.
    left = NOISE**2 * (2 * NUM_PARTICLES - 3) / (2 * NUM_PARTICLES)
    for row in rows:
        assert row["linear_mse"] == pytest.approx(left, rel=1e-4)
        assert row["linear_rmsd"] == pytest.approx(math.sqrt(2 * left), rel=1e-4)
        assert row["linear_distance_mse"] > 0
    assert math.isnan(rows[1]["mse_test"])


def case_of(rows, ordering="none", fluid=None):
    representation = Representation("coordinates", ordering)
    bounds = Bounds(learn_linear_code(representation, POSITIONS), fluid)
    return MeasuredModels(
        plan_of(representation), [], [], bounds, [], [{"variant": ordering, **row} for row in rows], []
    )


def test_the_least_rate_above_the_bound_is_of_the_setting_that_is_nearest_on_average():
    values = [(0.1, -1.0), (0.1, 5.0), (1.0, 1.0), (1.0, 2.0), (1.0, math.nan)]
    rows = [{"kl_weight": weight, "latent_dim": 3, "above_shannon_nats": value} for weight, value in values]
    found = comparison.least_rate_above_bound([case_of(rows), case_of([{"kl_weight": 0.0, "latent_dim": 3}])])
    assert found == {
        "rate/least_mean_above_shannon_nats/none": 1.5,
        "rate/least_mean_above_shannon_sd_nats/none": pytest.approx(0.5**0.5),
    }


@pytest.mark.parametrize("name", ["distance_matrix", "coordinates"])
def test_the_mean_of_one_shape_at_all_angles_has_no_error_where_only_shapes_count(name):
    angles = jnp.linspace(0.0, 5.0, 20)
    cosines, sines = jnp.cos(angles), jnp.sin(angles)
    turns = jnp.stack([cosines, sines, -sines, cosines], axis=1).reshape(-1, 2, 2)
    turned, zeros = jnp.matmul(POSITIONS[:1], turns, precision="highest"), jnp.zeros(len(angles))
    part = Configurations(turned, zeros, zeros, zeros, zeros, zeros)
    dataset, representation = Dataset(part, part, part, (0.0,)), Representation(name, "none")
    bounds, training_plan = Bounds(learn_linear_code(representation, turned), None), plan_of(representation)
    linear = linear_rows(training_plan, dataset, bounds, [])
    drawn = Mock(return_value=(None, []))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "draw_sweep_curve", drawn)
        patch.setattr(comparison, "draw_examples", Mock())
        patch.setattr(comparison, "draw_codes", Mock())
        result = MeasuredModels(training_plan, [None], [], bounds, linear, [{"mse_test": 1.0, "seed": 0}], [])
        comparison.draw_sweep(Run(composed("lambda_sweep"), Mock(spec=RunFolder)), result, "kl_weight", dataset)
    error = drawn.call_args.args[-1]
    if name == "coordinates":
        deviations = turned - turned.mean(axis=0, keepdims=True)
        assert error == pytest.approx(float(jnp.sqrt(jnp.mean(jnp.sum(deviations**2, axis=-1)))), rel=1e-4)
        assert error > 0.1
    else:
        # Roots of eigenvalues in float32.
        assert error < 2e-3


def test_the_plane_without_an_order_is_drawn_apart_and_each_with_the_entropy_of_its_rows(monkeypatch):
    drawn = []
    monkeypatch.setattr(comparison, "draw_rate_distortion", lambda *given: (drawn.append(given), (None, []))[1])
    folder = Mock(spec=RunFolder)
    of_order = math.lgamma(NUM_PARTICLES + 1)
    fluids = {
        "none": FluidBound(ENTROPY, 0.0, LOG_DENSITY - 0.5, 0.0),
        "height": FluidBound(ENTROPY - of_order, 0.0, LOG_DENSITY - 0.5 + of_order, 0.0),
    }
    results = [case_of([{"kl_nats": 1.0}], ordering, fluid) for ordering, fluid in fluids.items()]
    comparison.draw_plane(Run(composed("lambda_sweep"), folder), results)
    assert [call.args[0] for call in folder.save_table.call_args_list] == [
        "rate_distortion",
        "rate_distortion_unordered",
    ]
    for (rows, codes, entropy, _, _), ordering in zip(drawn, ("height", "none"), strict=True):
        assert [row["variant"] for row in rows] == [ordering] == list(codes)
        assert entropy == fluids[ordering].of_test_set != fluids[ordering].entropy


def test_a_run_whose_models_were_trained_before_reports_its_sampler_alone(run_folder):
    run_folder.log([{"stage": "sampler", "sampler/acceptance": 0.5}], {})
    assert summary_of_stages(run_folder) == {"sampler/acceptance": 0.5}
    epochs = [{"stage": "training", "epoch": epoch, "training/epoch_wall_seconds": epoch + 1.0} for epoch in range(3)]
    run_folder.log(epochs, {})
    assert summary_of_stages(run_folder) == {"sampler/acceptance": 0.5, "training/epoch_wall_seconds": 2.0}
