"""What came back, with models whose errors are known because they were made by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_plan, build_system
from lcpjax.config.check import ConfigError, changed, typed_config
from lcpjax.config.presets import CONF
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.model_reconstructions import ModelReconstructions
from lcpjax.experiments.coordinates.route_errors import measured_routes, orientation_rows, route_rows
from lcpjax.experiments.coordinates.routes import all_routes
from lcpjax.experiments.energies.energies import energy_rows, fluid_energies
from lcpjax.experiments.energies.repair import repair_rows
from lcpjax.pipeline.model_zoo import model_variants
from lcpjax.pipeline.reconstructions import HeldOutReconstructions
from lcpjax.representation import distance_matrix
from lcpjax.sampler import sample
from lcpjax.training import ModelSetting
from tests.trained_models import trained

SMALL = ["+experiment=energies", "system.num_particles=8", "system.box_side=5.0", "settings.sweeps=[2]"]
SMALL += ["settings.tethers=[400.0]", "sweep.models=[seed_conv]"]


@pytest.fixture(scope="module")
def config():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=SMALL))


@pytest.fixture(scope="module")
def dataset(config):
    gamma = jnp.tile(jnp.array([0.1, 1.0]), 64)
    part = sample(jax.random.key(0), build_system(config), gamma, num_sweeps=300)
    return Dataset(part, part, part, (0.1, 1.0))


def model_of(config, dataset, positions, name="coordinates", variant="by hand"):
    networks = {"model.encoder": "perceptron", "model.decoder": "perceptron", "representation.name": name}
    plan = build_plan(changed(config, networks))
    truth = plan.representation.order(dataset.test.positions)
    made = positions(truth)
    found = ModelReconstructions(made, made, distance_matrix(made), jnp.ones(len(truth)))
    model = trained(plan, {}, ModelSetting(1.0, 40, 0), build_system(config), variant)
    return HeldOutReconstructions(model, truth, dataset.test.gamma, found, (made,) * 2)


def rows_by_route(config, dataset, model):
    routes = all_routes(dataset, build_plan(config).representation, [model])
    rows = route_rows(measured_routes(routes))
    return {row["route"]: row for row in rows if row["variant"] == model.name}, rows


def test_what_came_back_as_it_was_has_no_error_of_any_kind(config, dataset):
    (row,) = rows_by_route(config, dataset, model_of(config, dataset, lambda truth: truth))[0].values()
    assert row["route"] == "in the box"
    # float32 at 5 sigma.
    assert max(row["rmsd"], row["rmsd_aligned"]) < 1e-5
    assert row["missing_angle_median"] < 0.01
    assert (row["orientation_fraction"], row["mirror_fraction"], row["triangle_violations"]) == (1.0, 0.0, 0.0)
    assert row["rank_two_fraction"] == pytest.approx(1.0, abs=1e-5)


def test_a_mirror_image_is_seen_as_one_and_its_shape_is_right(config, dataset):
    image = model_of(config, dataset, lambda truth: jnp.array([[[5.0, 0.0]]]) + truth * jnp.array([[[-1.0, 1.0]]]))
    (row,) = rows_by_route(config, dataset, image)[0].values()
    assert row["mirror_fraction"] == 1.0
    assert row["rmsd_aligned"] < 1e-5
    assert row["rmsd"] > 1.0
    assert row["orientation_fraction"] == 1.0  # heights are what they were


def test_upside_down_is_seen_as_that(config, dataset):
    (row,) = rows_by_route(config, dataset, model_of(config, dataset, lambda truth: 5.0 - truth))[0].values()
    assert row["upside_down_fraction"] == 1.0
    assert row["missing_angle_median"] == pytest.approx(180.0, abs=0.1)


def test_distances_give_the_shape_and_the_height_order_the_angle(config, dataset):
    turned = model_of(config, dataset, lambda truth: truth[..., ::-1], "distance_matrix")
    by_route, rows = rows_by_route(config, dataset, turned)
    assert {"Gram, centroid", "Gram, first particle", "tumbled", "by height order"} == set(by_route)
    for row in by_route.values():
        assert row["rmsd_aligned"] < 1e-4
        assert np.isnan(row["rmsd"])  # no way knows the place
    assert by_route["by height order"]["orientation_fraction"] > 0.9
    assert 0.3 < by_route["by height order"]["mirror_fraction"] < 0.7  # 128 coins: 0.5 +- 0.044
    exact = {row["route"]: row for row in rows if row["variant"] == "true distances"}
    assert exact["tumbled"]["orientation_fraction"] == by_route["tumbled"]["orientation_fraction"]


def test_orientation_is_reported_for_each_gamma_apart(config, dataset):
    turned = model_of(config, dataset, lambda truth: truth, "distance_matrix")
    routes = all_routes(dataset, build_plan(config).representation, [turned])
    rows = orientation_rows(measured_routes(routes), dataset)
    fractions = {(row["variant"], row["route"], row["gamma"]): row["orientation_fraction"] for row in rows}
    assert len(fractions) == 2 * 2 * 2
    low, high = (fractions["true distances", "tumbled", gamma] for gamma in (0.1, 1.0))
    assert low < high


def test_energies_of_the_truth_are_its_own_and_gaussian_errors_cost_what_gaussian_errors_cost(config, dataset):
    fluid = fluid_energies(config, dataset)
    exact = model_of(config, dataset, lambda truth: truth)
    noise = 0.05 * jax.random.normal(jax.random.key(3), (128, 8, 2))
    noisy = model_of(config, dataset, lambda truth: truth + noise)
    # Errors along the softest direction of all: the whole fluid moves.
    shifted = model_of(config, dataset, lambda truth: truth + noise[:, :1])
    (right, _), (rough, _), (soft, _) = (energy_rows(fluid, [each]) for each in (exact, noisy, shifted))
    assert right["wasserstein"] == pytest.approx(0.0, abs=1e-5)
    assert right["median"] == pytest.approx(right["fluid_median"], rel=1e-6)
    # One draw against the mean of eight, of 128 configurations.
    assert rough["gaussian_fraction"] == pytest.approx(1.0, rel=0.5)
    assert rough["wasserstein"] > 5 * soft["wasserstein"]
    assert soft["gaussian_fraction"] < 0.2
    assert soft["rmsd"] == pytest.approx(0.05 * 2**0.5, rel=0.2)


def test_repair_lowers_energies_and_says_what_it_cost(config, dataset):
    fluid = fluid_energies(config, dataset)
    noisy = model_of(config, dataset, lambda truth: truth + 0.1 * jax.random.normal(jax.random.key(4), truth.shape))
    decoded, relaxed, moved = repair_rows(config, fluid, [noisy])
    assert (decoded["method"], decoded["displacement"]) == ("decoded", 0.0)
    assert (relaxed["method"], relaxed["strength"], moved["method"]) == ("relaxed", 400.0, "Metropolis sweeps")
    assert relaxed["wasserstein"] < decoded["wasserstein"]
    assert 0.0 < relaxed["displacement"] < decoded["rmsd"]
    assert moved["rmsd"] > decoded["rmsd"]


def test_unknown_models_are_refused(config):
    with pytest.raises(ConfigError, match=r"sweep\.models = bst: did you mean 'best'"):
        model_variants(changed(config, {"sweep.models": ["bst"]}))


def test_a_model_is_what_its_preset_says(config):
    (variant,) = model_variants(changed(config, {"sweep.models": ["anchored"]}))
    assert build_plan(changed(config, variant.changes)).representation.name == "anchored_distances"
