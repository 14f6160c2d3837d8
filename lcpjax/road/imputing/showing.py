"""The figures of missing data."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.imputation import rigid_moves
from lcpjax.reconstruction import align, embed_distances, symmetrised
from lcpjax.report import RunFolder
from lcpjax.report.figures.missing_data import (
    BeforeAfter,
    DrawnConfigurations,
    draw_before_after,
    draw_configurations,
    draw_intervals,
    draw_solved,
)
from lcpjax.road.imputing.families import Asked
from lcpjax.road.imputing.methods import COMPLETION, EXACT, IMPORTANCE, PASS, Imputed

_MOST_DRAWS = 64


def draw_missing_data(
    asked: Sequence[Asked],
    imputed: Mapping[str, Sequence[Imputed]],
    completed: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    run_folder: RunFolder,
) -> None:
    """All figures: of single configurations the first one's, by each case's first seed; the rest of all seeds."""
    run_folder.save_figure("before_after", *draw_before_after([_before_after(each, imputed) for each in asked]))
    if completed:
        run_folder.save_figure("solved", *draw_solved(completed))
    if any(np.isfinite(row["coverage"]) and row["rigid_share"] < 1 for row in rows):
        run_folder.save_figure("intervals", *draw_intervals(rows))
    exact = [(each, one) for each in asked for one in imputed[each.name] if one.method == EXACT]
    if exact:
        run_folder.save_figure("configurations", *draw_configurations([_drawn(*each) for each in exact]))


def _before_after(asked: Asked, imputed: Mapping[str, Sequence[Imputed]]) -> BeforeAfter:
    part, filled = asked.test, {}
    for one in imputed[asked.name]:
        name = one.method if one.method in (COMPLETION, EXACT) else f"{one.case}: {one.method}".replace("_", " ")
        if one.method in (COMPLETION, PASS):
            filled.setdefault(name, one.point[0])
        elif one.draws is not None and one.method in (EXACT, IMPORTANCE):
            filled.setdefault(f"{name}: a draw" if one.method == EXACT else f"{name} draw", one.draws[0, 0])
    return BeforeAfter(asked.name, np.asarray(part.distances)[0], part.missing[0], filled)


def _drawn(asked: Asked, imputed: Imputed) -> DrawnConfigurations:
    """Draws as points, laid upon the true places of the largest piece that is known."""
    part = asked.test
    assert imputed.draws is not None  # Of the exact posterior there always are.
    moves, truth = rigid_moves(np.asarray(part.observed)[0]), np.asarray(part.positions)[0]
    groups = np.where(moves.is_loose, -1, moves.group)
    largest = max(np.unique(groups[groups >= 0]), key=lambda group: np.sum(groups == group))
    known = groups == largest
    points = np.asarray(embed_distances(symmetrised(jnp.asarray(imputed.draws[0, :_MOST_DRAWS]))).positions)
    return DrawnConfigurations(asked.name, truth, known, np.stack([_laid_upon(each, truth, known) for each in points]))


def _laid_upon(points: np.ndarray, truth: np.ndarray, known: np.ndarray) -> np.ndarray:
    """All points moved by the rigid motion, a mirror allowed, that brings the known ones to their places."""
    moved = np.asarray(jax.device_get(align(jnp.asarray(points[known]), jnp.asarray(truth[known]))[0]))
    before, after = points[known].mean(axis=0), moved.mean(axis=0)
    matrix, *_ = np.linalg.lstsq(points[known] - before, moved - after, rcond=None)
    return (points - before) @ matrix + after
