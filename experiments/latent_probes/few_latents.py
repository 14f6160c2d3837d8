"""Decoded configurations when only the most relevant latents are set, and when the others are drawn given them."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.energies import CLOSE
from lcpjax.model import sample_posterior
from lcpjax.pipeline.latent_codes import Codes, GroundTruth
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed

from .conditional_gaussian import draw_given
from .decoding import columns_of, decoded
from .traversals import most_relevant

ONLY_FIVE, FIVE_AND_REST, GAUSSIAN, STANDARD, REAL, FLOOR = (
    "five latents of codes, others 0",
    "five latents of codes, others given them",
    "Gaussian of the codes",
    "N(0, I)",
    "codes",
    "configurations themselves",
)
"""Sources of latents: the study's way, the other latents drawn from the Gaussian conditional, and all of them. Codes
are those of training configurations, so that nothing is compared with its own input. The floor is of the same
configurations, neither encoded nor decoded."""


def few_latent_rows(ground_truth: GroundTruth, codes: Sequence[Codes], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each model and source of latents, all decoded, compared with the independent test set.

    - variant, seed, source.
    - spread: mean squared distance of decoded configurations from the training set's mean, over that of the test set,
      entry by entry of the representation: 0 is the mean itself.
    - pair_energy_wasserstein in epsilon, of energies clipped at 100; mean_height_wasserstein (nan without a frame) and
      radius_of_gyration_wasserstein in standard deviations of the test set: W1 from its distribution.
    - close_fraction: with two particles nearer than 0.9 sigma.
    """
    return [row for each in codes for row in _rows(ground_truth, each, dataset)]


def _rows(ground_truth: GroundTruth, codes: Codes, dataset: Dataset) -> list[dict[str, Any]]:
    model, representation = codes.model, codes.model.representation
    train, test = (representation.of(split.positions) for split in (dataset.train, dataset.test))
    mean = jnp.mean(train, axis=0, keepdims=True)
    usual = float(jnp.mean((test - mean) ** 2))
    true = columns_of(dataset.test.positions, model)
    chosen = chosen_rows(ground_truth)
    decoded_of = {FLOOR: (train[chosen], columns_of(ground_truth.train.positions[chosen], model))}
    for source, latents in sources(codes, chosen).items():
        each = decoded(model, latents)
        decoded_of[source] = jnp.asarray(each.outputs), each.columns
    return [
        {**model.ids, "source": source}
        | {"spread": float(jnp.mean((outputs - mean) ** 2)) / usual, **_distances(columns, true)}
        for source, (outputs, columns) in decoded_of.items()
    ]


def _distances(columns: dict[str, np.ndarray], true: dict[str, np.ndarray]) -> dict[str, float]:
    return (
        {"pair_energy_wasserstein": _distance(columns["pair_energy"], true["pair_energy"])}
        | {
            f"{name}_wasserstein": _distance(columns[name], true[name]) / float(np.std(true[name]))
            for name in ("mean_height", "radius_of_gyration")
        }
        | {"close_fraction": float(np.mean(columns["smallest_distance"] < CLOSE))}
    )


def chosen_rows(ground_truth: GroundTruth) -> np.ndarray:
    """The first rows of the training set, as many of each gamma as the test set has, or as there are."""
    numbers = np.bincount(ground_truth.test.gamma_index)
    rows = [np.flatnonzero(ground_truth.train.gamma_index == index)[:number] for index, number in enumerate(numbers)]
    return np.sort(np.concatenate(rows))


def sources(codes: Codes, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """Latents by source, of samples of the training set's posteriors.

    Args:
        chosen: rows of the training set whose latents are held.
    """
    keys = jax.random.split(jax.random.fold_in(key_of_seed(Seed.FEW_LATENTS), codes.model.setting.seed), 4)
    learned = np.asarray(sample_posterior(codes.train_posterior, keys[0], codes.model.noise))
    real = learned[chosen]
    five, nothing = most_relevant(codes), np.array([], np.int64)
    only = np.zeros_like(real)
    only[:, five] = real[:, five]
    return {
        ONLY_FIVE: only,
        FIVE_AND_REST: draw_given(keys[1], learned, five, real),
        GAUSSIAN: draw_given(keys[2], learned, nothing, real),
        STANDARD: np.asarray(jax.random.normal(keys[3], real.shape)),
        REAL: real,
    }


def _distance(values: np.ndarray, true: np.ndarray) -> float:
    return float(stats.wasserstein_distance(values, true)) if np.isfinite(values).all() else float("nan")
