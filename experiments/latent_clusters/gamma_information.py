"""Information about gamma and other observables in codes, relative to the exact bound."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation.latents.gamma_information import fraction_of_exact, gamma_information, linear_probe, missed_nats
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.evaluation.samples.observables import linear_readout
from lcpjax.pipeline.latent_codes import Codes, GroundTruth, labelled
from lcpjax.pipeline.summary import grouped_means
from lcpjax.report import RunFolder
from lcpjax.representation import Representation
from lcpjax.sampler.diagnostics import LARGEST_Z

_CLUSTER_METRICS = {
    "fraction_of_2": "latents/variance_of_two_axes_fraction",
    "isotropic_2": "latents/isotropic_two_axes_fraction",
    "isotropic_sample_2": "latents/isotropic_sample_two_axes_fraction",
    "decoded_fraction_of_2": "latents/decoded_variance_of_two_axes_fraction",
    "active_by_variance": "latents/num_active_by_variance",
    "silhouette": "latents/silhouette",
    "agreement": "latents/adjusted_rand_index",
}

_GAMMA_METRICS = {
    "accuracy": "latents/gamma_accuracy",
    "fraction_of_exact": "latents/gamma_fraction_of_exact_accuracy",
    "fraction_of_nats": "latents/gamma_fraction_of_exact_nats",
}


EXACT, RAW = "exact", "input"
"""The exact posterior, and a probe of a model's input."""


class Features(NamedTuple):
    """Probed features of every configuration of each split."""

    variant: str
    seed: int
    """-1: there is no model."""
    features: str
    """``latents``, ``first 2 axes`` or ``input``."""
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def gamma_rows(ground_truth: GroundTruth, codes: Sequence[Codes], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each predictor of gamma: the exact posterior first, then inputs and codes.

    - variant, seed, features: latents (posterior means), first 2 axes of them, or input: the representation itself,
      entry by entry (seed -1).
    - accuracy, accuracy_error: of the likeliest gamma, on the test set; fraction_of_exact, fraction_of_exact_error:
      over that of the exact posterior, on the same configurations.
    - nats, nats_error: of information on gamma, H less cross entropy; fraction_of_nats.
    - missed_nats, missed_nats_error: additional information of the exact posterior, on the same configurations.
    """
    exact = gamma_information(ground_truth.exact, ground_truth.test.gamma_index)
    rows = [
        {"variant": EXACT, "seed": -1, "features": "sum y", **_columns(ground_truth, ground_truth.exact, exact.nats)}
    ]
    for each in [*_inputs(codes, dataset), *_codes(codes)]:
        train, validation = labelled(ground_truth.train, each.train), labelled(ground_truth.validation, each.validation)
        ids = {"variant": each.variant, "seed": each.seed, "features": each.features}
        rows.append(ids | _columns(ground_truth, linear_probe(train, validation, each.test), exact.nats))
    return rows


def _columns(ground_truth: GroundTruth, log_posterior: np.ndarray, exact_nats: float) -> dict[str, float]:
    own = gamma_information(log_posterior, ground_truth.test.gamma_index)
    fraction, error = fraction_of_exact(log_posterior, ground_truth.exact, ground_truth.test.gamma_index)
    missed, missed_error = missed_nats(log_posterior, ground_truth.exact, ground_truth.test.gamma_index)
    return {
        "accuracy": own.accuracy,
        "accuracy_error": own.accuracy_error,
        "fraction_of_exact": fraction,
        "fraction_of_exact_error": error,
        "nats": own.nats,
        "nats_error": own.nats_error,
        "fraction_of_nats": own.nats / exact_nats,
        "missed_nats": missed,
        "missed_nats_error": missed_error,
    }


def warn_of_gamma_leaks(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Warn of features with more information about gamma than sum y."""
    for row in rows:
        over = row["fraction_of_exact"] - 1.0 > LARGEST_Z * row["fraction_of_exact_error"]
        if over or row["missed_nats"] < -LARGEST_Z * row["missed_nats_error"]:
            run_folder.warn(
                f"{row['variant']}, seed {row['seed']}: {row['features']} predict gamma better than the exact "
                f"posterior ({row['fraction_of_exact']:.3f} of its accuracy, {-row['missed_nats']:.3f} nats more): "
                "a leak"
            )


def _inputs(codes: Sequence[Codes], dataset: Dataset) -> list[Features]:
    """The input of each representation, once."""
    features = []
    for each in dict.fromkeys(each.model.representation for each in codes):
        name = f"{each.name.replace('_', ' ')}, {each.ordering}"
        features.append(Features(name, -1, RAW, *(_entries(each, part.positions) for part in dataset.splits)))
    return features


def _entries(representation: Representation, positions: Any) -> np.ndarray:
    """Entries without duplicates: of a matrix those above its diagonal."""
    samples = np.asarray(representation.of(positions))
    if samples.ndim == 3 and samples.shape[1] == samples.shape[2]:
        return samples[:, *np.triu_indices(samples.shape[1], k=1)]
    return samples.reshape(len(samples), -1)


def _codes(codes: Sequence[Codes]) -> list[Features]:
    features = []
    for each in codes:
        means = each.train, each.validation, each.test
        axes = principal_axes(each.train)
        ids = each.name, each.model.setting.seed
        features.append(Features(*ids, "latents", *means))
        features.append(Features(*ids, "first 2 axes", *(axes.coordinates(part, 2) for part in means)))
    return features


def readout_rows(ground_truth: GroundTruth, codes: Sequence[Codes]) -> list[dict[str, Any]]:
    """A row for each model, observable and number of axes: R^2 of a linear regression, on the test set.

    Columns: variant, seed; observable: pair_energy, mean_height, radius_of_gyration; axes: the first so many principal
    axes of the latent means; r_squared.
    """
    rows = []
    for each in codes:
        axes, size = principal_axes(each.train), each.latent_dim
        train, test = (axes.coordinates(part, size) for part in (each.train, each.test))
        numbers = sorted({number for number in (1, 2, 3, 5, 10, 20, 40, size) if number <= size})
        for name in ground_truth.test.observables._fields:
            values, test_values = (getattr(part.observables, name) for part in (ground_truth.train, ground_truth.test))
            rows += [
                {
                    **each.model.ids,
                    "observable": name,
                    "axes": number,
                    "r_squared": linear_readout(train[:, :number], values, test[:, :number], test_values),
                }
                for number in numbers
            ]
    return rows


def latent_summary(clusters: Sequence[Mapping[str, Any]], gammas: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Means over seeds: geometry of each variant's codes, their information about gamma, and the exact bound."""
    exact, *others = gammas
    of_latents = [row for row in others if row["features"] == "latents"]
    return {
        "latents/exact_gamma_accuracy": exact["accuracy"],
        "latents/exact_gamma_nats": exact["nats"],
        **grouped_means(clusters, _CLUSTER_METRICS),
        **grouped_means(of_latents, _GAMMA_METRICS),
    }
