"""What observed distances fix, found by completion: from how many starts, and whether a network knows a better one."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.config import Config
from lcpjax.reconstruction import embed_distances, fit_points
from lcpjax.report import RunFolder, progress
from lcpjax.road.imputing.families import Asked, MaskedPart
from lcpjax.road.imputing.methods import MEAN_FILL, PASS, Imputed

SOLVED = 1e-6
"""In sigma: no missing distance is further off, in double precision."""

ONE_LIFTED, ALL_LIFTED = "shortest paths, in space", "with restarts, in space"
AT_RANDOM, MEANS = "at random, in the plane", "means, in the plane"


def completion_rows(
    config: Config, asked: Sequence[Asked], imputed: Mapping[str, Sequence[Imputed]], run_folder: RunFolder
) -> list[dict[str, Any]]:
    """A row for each family with globally rigid masks and each kind of start: how often the rest is found.

    - masks, start: of searches lifted into space, or of one in the plane: at random, from the means of what is
      missing, or, under a network's name and seed, from what it gives in one pass.
    - num_configurations: with a globally rigid mask; solved_share: of them, with no missing distance off by more than
      1e-6 sigma, in double precision; solved_share_error.
    - rmse: of the missing distances, in sigma, over all of them; worst: the largest error.
    """
    rigid = [each for each in asked if each.test.is_rigid.any()]
    rows = []
    with (
        run_folder.stage("completion"),
        progress("completing what is fixed", len(rigid), "families") as advance,
        jax.enable_x64(new_val=True),
    ):
        for each in rigid:
            rows += _of_family(config, each, [one for one in imputed[each.name] if one.method in (MEAN_FILL, PASS)])
            advance(1)
    return rows


def _of_family(config: Config, asked: Asked, filled: Sequence[Imputed]) -> list[dict[str, Any]]:
    part, rigid = asked.test, asked.test.is_rigid
    positions = np.asarray(part.positions, np.float64)[rigid]
    truth = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=-1)
    observed = jnp.asarray(np.asarray(part.observed)[rigid])
    distances = jnp.where(observed, jnp.asarray(truth), 0.0)

    def row(start: str, seed: int, found: jax.Array) -> dict[str, Any]:
        return {"masks": asked.name, "start": start, "seed": seed} | _figures(found, truth, part, rigid)

    def planar(starts: np.ndarray) -> jax.Array:
        return fit_points(distances, observed, starts=jnp.asarray(starts, jnp.float64)[:, None]).positions

    restarts = config.evaluation.missing_data.num_starts
    random = np.random.default_rng(0).normal(size=positions.shape) * positions.std(axis=(1, 2), keepdims=True)
    rows = [
        row(AT_RANDOM, -1, planar(random)),
        row(ONE_LIFTED, -1, fit_points(distances, observed, num_starts=1).positions),
        row(ALL_LIFTED, -1, fit_points(distances, observed, num_starts=restarts).positions),
    ]
    for one in filled:
        given = jnp.asarray(one.point[rigid], jnp.float64)
        name = MEANS if one.method == MEAN_FILL else one.case
        rows.append(row(name, one.seed, planar(np.asarray(embed_distances(given).positions))))
    return rows


def _figures(found: jax.Array, truth: np.ndarray, part: MaskedPart, rigid: np.ndarray) -> dict[str, float]:
    points = np.asarray(found)
    distances = np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)
    errors = np.where(part.missing[rigid], np.abs(distances - truth), 0.0)
    solved = errors.max(axis=(1, 2)) < SOLVED
    share, number = float(solved.mean()), len(solved)
    return {
        "num_configurations": number,
        "solved_share": share,
        "solved_share_error": float(np.sqrt(share * (1 - share) / number)),
        "rmse": float(np.sqrt((errors**2).sum() / part.missing[rigid].sum())),
        "worst": float(errors.max()),
    }
