"""Public functions with arrays that they take, from which the tried ones are made; most of them work on the host."""

import jax
import numpy as np

from lcpjax import reconstruction, representation, sampler
from lcpjax.evaluation.anomalies.detection import detect
from lcpjax.evaluation.anomalies.detector import threshold_of
from lcpjax.evaluation.anomalies.scores import learn_latent_distribution
from lcpjax.evaluation.anomalies.unusual_gravity import learn_heights
from lcpjax.evaluation.density.importance import importance_sampling
from lcpjax.evaluation.latents import gamma_information, gaussian_codes, latent_axes, latent_coherence
from lcpjax.evaluation.reconstruction.energies import compare_energies, energy_rise
from lcpjax.evaluation.samples import generated, mean_discrepancy, neighbours
from lcpjax.evaluation.samples.observables import linear_readout
from tests.test_array_arguments import CASES, DISTANCES, FLUID, MANY, ROWS

VALUES = ROWS[:, 1]
CLASSES = np.array([0, 1, 0, 1])
LOG_POSTERIOR = np.log(np.array([[0.5, 0.5], [0.25, 0.75], [0.75, 0.25], [0.5, 0.5]]))
COMPLETE = np.ones((4, 4), bool)
GAUSSIAN = gaussian_codes.fit_gaussian(ROWS)
HEIGHTS = learn_heights(ROWS, VALUES)

# The function, its array arguments, and the others, as in CASES; these take integers and truths besides.
HOST_CASES = {
    "detect": (detect, (VALUES, VALUES + 1), {"num_resamples": 8}),
    "threshold_of": (threshold_of, (VALUES,), {"quantile": 0.9}),
    "importance_sampling": (importance_sampling, (VALUES,), {}),
    "distance_in_deviations": (generated.distance_in_deviations, (VALUES, VALUES + 1, VALUES), {}),
    "coverage": (generated.coverage, (ROWS, ROWS), {"num_neighbours": 2}),
    "compare_energies": (compare_energies, (VALUES, VALUES + 1), {}),
    "energy_rise": (energy_rise, (VALUES, VALUES + 1), {}),
    "linear_readout": (linear_readout, (ROWS, VALUES, ROWS + 1, VALUES), {}),
    "learn_heights": (learn_heights, (ROWS, VALUES), {}),
    "HeightReading.sums_of_heights": (HEIGHTS.sums_of_heights, (ROWS,), {}),
    "HeightReading.anomaly_score": (HEIGHTS.anomaly_score, (ROWS,), {}),
    "learn_latent_distribution": (learn_latent_distribution, (ROWS,), {}),
    "LatentDistribution.squared_distance": (learn_latent_distribution(ROWS).squared_distance, (ROWS,), {}),
    "Gaussian.log_density": (GAUSSIAN.log_density, (ROWS,), {}),
    "gaussian_of_each_gamma": (gaussian_codes.gaussian_of_each_gamma, (ROWS, np.zeros(4)), {}),
    "distortion_of_rate": (gaussian_codes.distortion_of_rate, (VALUES,), {"rate_nats": 1.0}),
    "rate_of_distortion": (gaussian_codes.rate_of_distortion, (VALUES,), {"error_per_coordinate": 0.5}),
    "PrincipalAxes.coordinates": (latent_axes.principal_axes(ROWS).coordinates, (ROWS,), {"number": 1}),
    "decoded_axes": (latent_axes.decoded_axes, (ROWS, np.eye(2)), {}),
    "root_of_gain": (latent_axes.root_of_gain, (np.eye(2),), {}),
    "index_of_gamma": (gamma_information.index_of_gamma, (VALUES,), {}),
    "gamma_information": (gamma_information.gamma_information, (LOG_POSTERIOR, CLASSES), {}),
    "fraction_of_exact": (gamma_information.fraction_of_exact, (LOG_POSTERIOR, LOG_POSTERIOR, CLASSES), {}),
    "missed_nats": (gamma_information.missed_nats, (LOG_POSTERIOR, LOG_POSTERIOR, CLASSES), {}),
    "silhouette": (latent_coherence.silhouette, (ROWS, CLASSES), {}),
    "cluster_agreement": (latent_coherence.cluster_agreement, (ROWS, CLASSES), {}),
    "neighbour_accuracy": (
        latent_coherence.neighbour_accuracy,
        (ROWS, CLASSES, ROWS + 1, CLASSES),
        {"num_neighbours": 2},
    ),
    "is_globally_rigid": (reconstruction.is_globally_rigid, (COMPLETE,), {}),
}
DEVICE_CASES = {
    "distances_to_nearest": (neighbours.distances_to_nearest, (ROWS, ROWS + 1), {}),
    "fraction_beyond": (neighbours.fraction_beyond, (VALUES, VALUES), {}),
    "median_distance": (mean_discrepancy.median_distance, (ROWS, ROWS + 1), {}),
    "mmd_squared": (mean_discrepancy.mmd_squared, (ROWS, ROWS + 1), {"width": 1.0}),
    "check_positions": (representation.check_positions, (MANY,), {"wanted_by": "trial"}),
    "check_distances": (representation.check_distances, (DISTANCES,), {"wanted_by": "trial"}),
    "sample": (
        lambda gamma, start, step_size: sampler.sample(
            jax.random.key(0), FLUID, gamma, num_sweeps=2, initial_positions=start, step_size=step_size
        ),
        (np.array([0.0, 1.0]), MANY, np.array([0.5, 0.25])),
        {},
    ),
}
ALL_CASES = CASES | HOST_CASES | DEVICE_CASES
