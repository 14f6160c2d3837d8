"""The figures of missing data."""

from collections.abc import Iterable, Mapping, Sequence
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
from lcpjax.road.imputing.families import AskedFamily
from lcpjax.road.imputing.methods import COMPLETION, EXACT, IMPORTANCE, PASS, Imputed
from lcpjax.system import System

_MOST_DRAWS = 64


def draw_missing_data(
    system: System,
    asked: Sequence[AskedFamily],
    imputed: Mapping[str, Sequence[Imputed]],
    completed: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    run_folder: RunFolder,
) -> None:
    """All figures: of single configurations the first one's, by each case's first seed; the rest of all seeds."""
    # With links there is less to see than without.
    shown = [each for each in asked if not each.family.num_links] or asked
    names = dict.fromkeys(name for each in shown for name in _filled(imputed[each.name]))
    pictures = [_before_after(each, _filled(imputed[each.name]), names) for each in shown]
    run_folder.save_figure("before_after", *draw_before_after(pictures))
    if completed:
        run_folder.save_figure("solved", *draw_solved(completed))
    if any(np.isfinite(row["coverage"]) and row["rigid_share"] < 1 for row in rows):
        run_folder.save_figure("intervals", *draw_intervals(rows))
    exact = [(each, one) for each in asked for one in imputed[each.name] if one.method == EXACT]
    exact = [(each, one) for each, one in exact if np.isfinite(one.point[0]).all()]
    if exact:
        drawn = [_drawn(*each) for each in exact]
        run_folder.save_figure("left_open", *draw_configurations(drawn, system.box_side))


def _filled(imputed: Sequence[Imputed]) -> dict[str, np.ndarray]:
    """The first configuration's matrices, by each case's first seed: completed, of one pass, and single draws."""
    found: dict[str, np.ndarray] = {}
    for one in imputed:
        name = one.case.replace("_", " ")
        if one.method == COMPLETION:
            found[one.method] = one.point[0]
        elif one.method == PASS:
            found.setdefault(f"{name}: one pass", one.point[0])
        elif one.method == IMPORTANCE and one.draws is not None:
            found.setdefault(f"{name}: a draw", one.draws[0, 0])
        elif one.method == EXACT and one.draws is not None:
            found["exact posterior: a draw"] = one.draws[0, 0]
    return found


def _before_after(asked: AskedFamily, filled: Mapping[str, np.ndarray], names: Iterable[str]) -> BeforeAfter:
    part = asked.test
    return BeforeAfter(
        asked.name,
        np.asarray(part.distances)[0],
        part.missing[0],
        bool(part.is_rigid[0]),
        {name: filled.get(name) for name in names},
    )


def _drawn(asked: AskedFamily, imputed: Imputed) -> DrawnConfigurations:
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
