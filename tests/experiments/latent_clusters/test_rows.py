"""What is said of codes, with codes that are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_plan, build_system
from lcpjax.config.check import changed, typed_config
from lcpjax.config.presets import CONF
from lcpjax.dataset import Dataset
from lcpjax.evaluation.samples.observables import observables
from lcpjax.experiments.latent_clusters.clusters import cluster_rows
from lcpjax.experiments.latent_clusters.gamma_information import gamma_rows, readout_rows, warn_of_gamma_leaks
from lcpjax.experiments.latent_probes.few_latents import (
    FIVE_AND_REST,
    FLOOR,
    ONLY_FIVE,
    REAL,
    chosen_rows,
    few_latent_rows,
    sources,
)
from lcpjax.experiments.latent_probes.traversals import ZERO, path_rows, paths, traversal_rows
from lcpjax.experiments.latent_probes.zero import zero_rows
from lcpjax.model import Posterior, initial_variables
from lcpjax.pipeline.latent_codes import Codes, GroundTruth, LabelledSplit, latent_kl_rows
from lcpjax.representation import Normalisation
from lcpjax.sampler import sample
from lcpjax.training import ModelSetting
from tests.trained_models import trained

SMALL = ["system.num_particles=6", "system.box_side=5.0", "system.gammas=[0.1,1.0]"]
NETWORKS = {
    "representation.name": "coordinates",
    "model.encoder": "perceptron",
    "model.decoder": "perceptron",
    "model.latent_dim": 8,
    "model.width": 16,
    "model.depth": 1,
}
NUMBER = 200


@pytest.fixture(scope="module")
def config():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return changed(typed_config(compose("config", overrides=[*SMALL, "+experiment=latent_clusters"])), NETWORKS)


@pytest.fixture(scope="module")
def dataset(config):
    gamma = jnp.tile(jnp.array([0.1, 1.0]), NUMBER // 2)
    first, second = (sample(jax.random.key(seed), build_system(config), gamma, num_sweeps=300) for seed in (0, 1))
    return Dataset(first, first, second, (0.1, 1.0))


@pytest.fixture(scope="module")
def ground_truth(config, dataset):
    system = build_system(config)
    index = np.tile([0, 1], NUMBER // 2)
    split = LabelledSplit(dataset.test.positions, index, jax.device_get(observables(dataset.test.positions, system)))
    heights = np.asarray(dataset.test.positions[..., 1], np.float64).sum(axis=1)
    # As if ln Z made both gammas alike at the middle of what there is.
    exact = -np.outer(heights - np.median(heights), [0.1, 1.0])
    exact -= np.logaddexp.reduce(exact, axis=1)[:, None]
    return GroundTruth(system, np.array([0.1, 1.0]), split, split, split, exact)


def codes_of(config, latents, weight=1.0, width=0.5, mean=2.5):
    """A model with these posterior means."""
    plan = build_plan(config)
    variables = initial_variables(
        plan.model, jax.random.key(0), Normalisation(jnp.broadcast_to(mean, (6, 2)), jnp.float32(1.0))
    )
    model = trained(plan, variables, ModelSetting(weight, latents.shape[1], 0), build_system(config))
    posterior = Posterior(jnp.asarray(latents, jnp.float32), jnp.full(latents.shape, 2 * np.log(width), jnp.float32))
    return Codes(model, latents, latents, latents, posterior, posterior)


def rows_of(latents, config, ground_truth, **settings):
    return cluster_rows(ground_truth, [codes_of(config, latents, **settings)])[0]


RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(size=(NUMBER, 8))


def test_gammas_that_lie_apart_are_clusters_and_isotropic_codes_are_none(config, ground_truth):
    apart = NOISE + 30.0 * ground_truth.test.gamma_index[:, None] * np.eye(8)[0]
    separate, mixed = (rows_of(latents, config, ground_truth) for latents in (apart, NOISE))
    assert separate["agreement"] == separate["agreement_2"] == 1.0
    assert separate["silhouette_2"] > 0.9
    assert abs(mixed["agreement"]) < 0.1
    assert mixed["isotropic_2"] == 2 / 8
    # As few isotropic codes have somewhat more than 2 / d in two axes.
    assert mixed["isotropic_2"] < mixed["fraction_of_2"] == pytest.approx(mixed["isotropic_sample_2"], abs=0.03)
    assert separate["fraction_of_2"] > 0.9


def test_a_latent_that_the_prior_already_has_is_not_active(config, ground_truth):
    closed = NOISE.copy()
    closed[:, 3:] = 0.0
    row = rows_of(closed, config, ground_truth, width=1.0)
    assert row["active_by_variance"] == row["active_by_kl"] == 3
    assert np.isnan(rows_of(NOISE, config, ground_truth, weight=0.0)["kl_nats"])
    rows = latent_kl_rows([codes_of(config, closed, width=1.0)])
    assert [row["latent"] for row in rows if row["kl_nats"] > 0.01] == [0, 1, 2]
    assert sum(row["kl_nats"] for row in rows) == pytest.approx(row_sum(config, ground_truth, closed), rel=1e-5)


def row_sum(config, ground_truth, latents):
    return rows_of(latents, config, ground_truth, width=1.0)["kl_nats"]


def test_heights_among_the_latents_predict_gamma_and_the_mean_height_and_noise_predicts_nothing(
    config, ground_truth, dataset
):
    heights = np.asarray(dataset.test.positions[..., 1])
    telling = codes_of(config, np.concatenate([heights, 0.1 * NOISE[:, :2]], axis=1))
    silent = codes_of(config, NOISE)
    exact, *rows = gamma_rows(ground_truth, [telling, silent], dataset)
    assert exact["variant"] == "exact"
    assert exact["fraction_of_exact"] == 1.0
    by_latents = [row for row in rows if row["features"] == "latents"]
    assert by_latents[0]["fraction_of_exact"] > 0.9 > by_latents[1]["fraction_of_exact"]
    assert {row["features"] for row in rows} == {"latents", "first 2 axes", "input"}
    readouts = readout_rows(ground_truth, [telling])
    (mean_height,) = [row for row in readouts if row["observable"] == "mean_height" and row["axes"] == 8]
    assert mean_height["r_squared"] == pytest.approx(1.0, abs=1e-4)
    first = [row["r_squared"] for row in readouts if row["observable"] == "mean_height"]
    assert first == sorted(first)


def test_how_far_zero_is_from_the_mean_is_measured_in_the_scatter_of_the_data(config, ground_truth, dataset):
    """An untrained decoder gives 0, which stands for the normalisation's mean."""
    mean = jnp.mean(build_plan(config).representation.of(dataset.train.positions), axis=0)
    (row,) = zero_rows([codes_of(config, NOISE, mean=mean)], dataset)
    assert row["to_mean"] == pytest.approx(0.0, abs=1e-6)
    (row,) = zero_rows([codes_of(config, NOISE)], dataset)
    assert row["to_mean"] > 0.1
    # All particles at one place: no fluid looks like that.
    assert row["smallest_distance"] < 1e-3 < row["typical_smallest_distance"]
    assert row["pair_energy"] == 100.0 > row["typical_pair_energy"]


def test_paths_begin_at_zero_and_at_real_codes_and_change_one_latent(config, ground_truth):
    codes = codes_of(config, NOISE)
    found = paths(ground_truth, codes)
    assert {path.centre for path in found} == {ZERO, "gamma 0.1", "gamma 1"}
    assert len(found) == 3 * 5
    rows = traversal_rows(ground_truth, [codes])
    # Five latents by relevance, five by variance and five by their KL.
    assert len(rows) == 3 * 3 * 5 * 7
    assert {row["step"] for row in rows} == {-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0}
    by_variance = [row["latent"] for row in rows if row["ranking"] == "variance" and row["centre"] == ZERO][::7]
    assert by_variance == np.argsort(-NOISE.var(axis=0))[:5].tolist()
    # Where nothing is changed all paths of a centre meet.
    middles = {row["pair_energy"] for row in rows if row["step"] == 0 and row["centre"] == "gamma 1"}
    assert len(middles) == 1
    ranges = path_rows(rows)
    assert {(row["ranking"], row["centre"]) for row in ranges} >= {("relevance", "zero"), ("kl_nats", "codes")}


def test_how_much_a_path_changes_is_the_mean_of_its_ranges():
    step = {"variant": "any", "seed": 0, "ranking": "relevance", "centre": ZERO, "radius_of_gyration": 1.0}
    heights, energies = [0.0] * 6 + [2.0] + [5.0] * 6 + [1.0], [-9.0] * 7 + [-9.0] * 6 + [99.0]
    rows = [
        step | {"mean_height": height, "smallest_distance": 0.5, "far_pair_energy": energy}
        for height, energy in zip(heights, energies, strict=True)
    ]
    (row,) = path_rows(rows)
    assert row["mean_height_range"] == 3.0
    # From -log 10 to +log 100, along the second of two paths.
    assert row["magnitude_range"] == pytest.approx(1.5)
    assert row["radius_of_gyration_range"] == row["smallest_distance_range"] == 0.0


def farthest_covariance(own, real):
    """The largest difference of covariances, in standard errors of a difference of independent samples."""
    variances = np.diag(np.cov(real.T))
    error = np.sqrt(2.0 * (np.outer(variances, variances) + np.cov(real.T) ** 2) / len(real))
    return float(np.max(np.abs(np.cov(own.T) - np.cov(real.T)) / error))


def test_five_latents_are_held_and_the_others_are_zero_or_drawn_given_them(config):
    random = np.random.default_rng(1)
    correlated = random.normal(size=(4000, 8)) @ random.normal(size=(8, 8))
    found = sources(codes_of(config, correlated), np.arange(4000))
    only, both, real = (found[name] for name in (ONLY_FIVE, FIVE_AND_REST, REAL))
    held = np.all(only == real, axis=0)
    assert held.sum() == 5
    assert np.all(only[:, ~held] == 0.0)
    np.testing.assert_array_equal(both[:, held], real[:, held])
    # The others come back with the covariance that they have with those held.
    assert farthest_covariance(both, real) < 4.3
    # Which they have not if they are drawn without looking.
    apart = np.where(held, real, random.permutation(both))
    assert farthest_covariance(apart, real) > 10.0


def test_less_is_decoded_from_fewer_latents_and_the_floor_needs_no_model(config, ground_truth, dataset):
    mean = jnp.mean(build_plan(config).representation.of(dataset.train.positions), axis=0)
    codes = codes_of(config, NOISE, mean=mean)
    rows = {row["source"]: row for row in few_latent_rows(ground_truth, [codes], dataset)}
    assert rows[ONLY_FIVE]["spread"] < rows[REAL]["spread"]
    # The training set is the test set here: nothing differs from itself.
    assert rows[FLOOR]["pair_energy_wasserstein"] == rows[FLOOR]["mean_height_wasserstein"] == 0.0


def test_codes_that_are_held_are_as_many_of_each_gamma_as_the_test_set_has(ground_truth):
    few = ground_truth.test._replace(gamma_index=np.array([0, 1, 1]))
    rows = chosen_rows(ground_truth._replace(test=few))
    assert ground_truth.train.gamma_index[rows].tolist() == [0, 1, 1]


@pytest.mark.parametrize(("fraction", "missed", "is_leak"), [(1.2, 0.1, True), (0.9, -0.2, True), (1.01, -0.01, False)])
def test_codes_with_more_information_on_gamma_than_the_exact_posterior_are_warned_of(
    run_folder, fraction, missed, is_leak
):
    row = {
        "variant": "best",
        "seed": 0,
        "features": "latents",
        "fraction_of_exact": fraction,
        "fraction_of_exact_error": 0.02,
    }
    warn_of_gamma_leaks([row | {"missed_nats": missed, "missed_nats_error": 0.02}], run_folder)
    assert len(run_folder.warnings) == is_leak
    assert all("a leak" in warning and "best" in warning for warning in run_folder.warnings)
