"""Completion of determined distances: success rates from different starts, and from a network's output."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import binomtest

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation.imputation import passed_through
from lcpjax.pipeline.run import Run
from lcpjax.reconstruction import embed_distances, fit_points
from lcpjax.report import progress
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel

from .masks import AskedFamily, MaskedSet, asked_families, mean_distances, mean_filled
from .settings import Settings

SOLVED = 1e-6
"""In sigma: the largest error of a recovered distance, in double precision."""

ONE_LIFTED, ALL_LIFTED = "shortest paths, in space", "with restarts, in space"
AT_RANDOM, MEANS = "at random, in the plane", "means, in the plane"


def completion_rows(run: Run, models: Sequence[TrainedModel], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each family with globally rigid masks and each kind of start: how often the rest is recovered.

    - masks, start: of searches lifted into space, or of one in the plane: from random points in the box, from the mean
      distances, or, under a network's name and seed, from its output in one pass.
    - num_configurations: with a globally rigid mask; solved_fraction: of them, with all missing distances within
      1e-6 sigma, in double precision; solved_low, solved_high: its Wilson interval of 95 %.
    - rmse: of the missing distances, in sigma, over all of them; worst: the largest error.
    """
    sizes: Settings = run.config.settings
    means = mean_distances(dataset)
    # No completion is asked of underdetermined masks.
    asked = [each for each in asked_families(run.config, dataset, sizes.num_completed) if each.test.is_rigid.any()]
    networks = [model for model in models if not model.representation.has_coordinates]
    rows = []
    with run.folder.stage("completion"), progress("completing determined masks", len(asked), "families") as advance:
        for each in asked:
            data = each.test
            filled = {(MEANS, -1): mean_filled(data.distances, data.observed, means)[0]}
            for model in networks:
                filled[model.name, model.setting.seed] = passed_through(model, data.distances, data.observed)
            with jax.enable_x64(new_val=True):
                rows += _of_family(
                    run.config, each, {start: np.asarray(matrices) for start, matrices in filled.items()}
                )
            advance(1)
    return rows


def _of_family(
    config: Config, asked: AskedFamily, filled: Mapping[tuple[str, int], np.ndarray]
) -> list[dict[str, Any]]:
    """Args: filled: by name of start and seed, whole matrices that points in the plane are made of."""
    data, rigid = asked.test, asked.test.is_rigid
    positions = np.asarray(data.positions, np.float64)[rigid]
    truth = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=-1)
    observed = jnp.asarray(np.asarray(data.observed)[rigid])
    distances = jnp.where(observed, jnp.asarray(truth), 0.0)

    def planar(starts: np.ndarray) -> jax.Array:
        return fit_points(distances, observed, starts=jnp.asarray(starts, jnp.float64)[:, None]).positions

    at_random = config.system.box_side * np.random.default_rng(Seed.EVALUATION).random(positions.shape)
    completed = {
        (AT_RANDOM, -1): planar(at_random),
        (ONE_LIFTED, -1): fit_points(distances, observed, num_starts=1).positions,
        (ALL_LIFTED, -1): fit_points(distances, observed, num_starts=config.settings.num_starts).positions,
    }
    for way, matrices in filled.items():
        points = embed_distances(jnp.asarray(matrices[rigid], jnp.float64)).positions
        completed[way] = planar(np.asarray(points))
    return [
        {"masks": asked.name, "start": start, "seed": seed} | _figures(points, truth, data, rigid)
        for (start, seed), points in completed.items()
    ]


def _figures(completed: jax.Array, truth: np.ndarray, data: MaskedSet, rigid: np.ndarray) -> dict[str, float]:
    points = np.asarray(completed)
    distances = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    errors = np.where(data.missing[rigid], np.abs(distances - truth), 0.0)
    solved = errors.max(axis=(1, 2)) < SOLVED
    interval = binomtest(int(solved.sum()), len(solved)).proportion_ci(method="wilson")
    return {
        "num_configurations": len(solved),
        "solved_fraction": float(solved.mean()),
        "solved_low": float(interval.low),
        "solved_high": float(interval.high),
        "rmse": float(np.sqrt((errors**2).sum() / data.missing[rigid].sum())),
        "worst": float(errors.max()),
    }
