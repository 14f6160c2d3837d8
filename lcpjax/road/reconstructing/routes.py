"""Ways back to coordinates, and what each of them knows: shape, angle, mirror image, place."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, DistanceMatrix
from lcpjax.dataset import Dataset
from lcpjax.evaluation import aligned_rmsd, over_all, rmsd, share_of_triangle_violations
from lcpjax.reconstruction import (
    ORIGINS,
    align,
    embed_distances,
    orientation_error,
    symmetrised,
    tumble,
    turn_upright,
)
from lcpjax.report import RunFolder
from lcpjax.report.figures import draw_route_errors
from lcpjax.representation import Representation, distance_matrix
from lcpjax.road.reconstructing.models import TestReconstructions

TRUE_DISTANCES = "true distances"

GRAM_OF_FIRST, GRAM, TUMBLED, UPRIGHT = "Gram, first particle", "Gram, centroid", "tumbled", "by height order"
POINTS, IN_THE_BOX = "decoded points", "in the box"

# In degrees: an angle that one would call right, and one that is upside down.
_RIGHT, _UPSIDE_DOWN = 10.0, 135.0


class Route(NamedTuple):
    """Coordinates by one way."""

    positions: Configurations2D
    knows_angle: bool = False
    knows_place: bool = False


def routes_of(reconstructions: TestReconstructions) -> dict[str, Route]:
    """Every way back from what one model gives, by name."""
    representation, found = reconstructions.plan.representation, reconstructions.found
    if representation.has_coordinates:
        return {IN_THE_BOX: Route(found.of_mean, knows_angle=True, knows_place=True)}
    if reconstructions.plan.model.decodes_coordinates:
        return {POINTS: Route(found.of_mean)} | _poses(found.of_mean, representation)
    return _routes_from_distances(symmetrised(found.distances), representation)


def _routes_from_distances(distances: DistanceMatrix, representation: Representation) -> dict[str, Route]:
    names = dict(zip(ORIGINS, (GRAM, GRAM_OF_FIRST), strict=True))
    routes = {name: Route(embed_distances(distances, origin=origin).positions) for origin, name in names.items()}
    return routes | _poses(routes[GRAM].positions, representation)


def _poses(shapes: Configurations2D, representation: Representation) -> dict[str, Route]:
    poses = {TUMBLED: Route(tumble(shapes), knows_angle=True)}
    if representation.ordering == "height":
        poses[UPRIGHT] = Route(turn_upright(shapes), knows_angle=True)
    return poses


def exact_routes(representation: Representation, truth: Configurations2D) -> dict[str, Route]:
    """Every way back from the true distances: what is lost before any model."""
    return _routes_from_distances(distance_matrix(truth), representation)


def route_rows(
    dataset: Dataset, representation: Representation, models: Sequence[TestReconstructions]
) -> list[dict[str, Any]]:
    """A row for each way back, from the true distances first, then from every model.

    Nan where a way says nothing of it:

    - case, seed, route: of what, and which way.
    - rmsd_aligned: root mean square distance of particles from where they were after the best rigid motion, a mirror
      allowed, in sigma: the shape's error.
    - rmsd: the same with nothing moved, where the way knows the place.
    - orientation_median, orientation_share: where it knows the angle, the median of the angle still missing in
      degrees, and the share below 10; upside_down_share: above 135.
    - mirror_share: share of which the mirror image would have fitted better, where it knows the angle; distances
      leave one half.
    - rank_two_share, negative_share, stress: of the distances' Gram matrix and of its points.
    - triangle_violations: share of triples of distances.
    """
    truth = representation.order(dataset.test.positions)
    about = {"case": TRUE_DISTANCES, "seed": -1}
    rows = _rows(about, exact_routes(representation, truth), truth, distance_matrix(truth))
    for model in models:
        about = {"case": model.case, "seed": model.setting.seed}
        rows += _rows(about, routes_of(model), model.truth, model.found.distances)
    return rows


def _rows(
    about: Mapping[str, Any], routes: Mapping[str, Route], truth: Configurations2D, distances: DistanceMatrix
) -> list[dict[str, Any]]:
    embedding = embed_distances(symmetrised(distances))
    quality = {
        "rank_two_share": embedding.rank_two_share,
        "negative_share": embedding.negative_share,
        "stress": embedding.stress,
        "triangle_violations": share_of_triangle_violations(distances),
    }
    of_distances = {name: float(np.mean(np.asarray(values), dtype=np.float64)) for name, values in quality.items()}
    return [
        {**about, "route": name, **_errors(route, truth), **of_distances, **_angles(route, truth)}
        for name, route in routes.items()
    ]


def _errors(route: Route, truth: Configurations2D) -> dict[str, float]:
    return {
        "rmsd_aligned": float(over_all(aligned_rmsd(truth, route.positions))),
        "rmsd": float(over_all(rmsd(truth, route.positions))) if route.knows_place else math.nan,
    }


def _angles(route: Route, truth: Configurations2D) -> dict[str, float]:
    if not route.knows_angle:
        names = ("orientation_median", "orientation_share", "upside_down_share", "mirror_share")
        return dict.fromkeys(names, math.nan)
    degrees = np.asarray(orientation_error(route.positions, truth))
    return _orientation_columns(degrees) | {"mirror_share": float(np.mean(_is_mirrored(route.positions, truth)))}


def _orientation_columns(degrees: np.ndarray) -> dict[str, float]:
    return {
        "orientation_median": float(np.median(degrees)),
        "orientation_share": float(np.mean(degrees < _RIGHT)),
        "upside_down_share": float(np.mean(degrees > _UPSIDE_DOWN)),
    }


def _is_mirrored(positions: Configurations2D, truth: Configurations2D) -> jax.Array:
    """Whether the mirror image would fit better, whatever the angle."""
    image = positions * jnp.array([-1.0, 1.0])[None, None]
    of_itself, of_image = (align(each, truth, mirror_allowed=False)[1] for each in (positions, image))
    return of_image < of_itself


def orientation_rows(
    dataset: Dataset, representation: Representation, models: Sequence[TestReconstructions]
) -> list[dict[str, Any]]:
    """A row for each gamma and each way that knows the angle, of the true distances and the first seed's models.

    Columns: case, route, gamma; orientation_median in degrees, the shares right (within 10) and upside down.
    """
    truth, gamma = representation.order(dataset.test.positions), np.asarray(dataset.test.gamma)
    of_cases = {TRUE_DISTANCES: (exact_routes(representation, truth), truth)}
    for model in reversed(models):
        of_cases[model.case] = routes_of(model), model.truth
    rows = []
    for case, (routes, own_truth) in of_cases.items():
        for name, route in routes.items():
            if route.knows_angle:
                degrees, about = (
                    np.asarray(orientation_error(route.positions, own_truth)),
                    {"case": case, "route": name},
                )
                rows += [
                    {**about, "gamma": each, **_orientation_columns(degrees[gamma == each])}
                    for each in np.unique(gamma).tolist()
                ]
    return rows


def draw_routes(
    dataset: Dataset, representation: Representation, models: Sequence[TestReconstructions], run_folder: RunFolder
) -> None:
    """The figure of how the errors of shapes and angles are distributed, first seed."""
    truth = representation.order(dataset.test.positions)
    shapes, angles = {}, {}
    for name, route in exact_routes(representation, truth).items():
        if route.knows_angle:
            angles[f"{TRUE_DISTANCES}, {name}"] = np.asarray(orientation_error(route.positions, truth))
    for model in first_of_each(models):
        for name, route in routes_of(model).items():
            if route.knows_angle:
                angles[f"{model.case}, {name}"] = np.asarray(orientation_error(route.positions, model.truth))
            if name not in (TUMBLED, UPRIGHT):
                shapes[f"{model.case}, {name}"] = np.asarray(aligned_rmsd(model.truth, route.positions))
    run_folder.save_figure("routes", *draw_route_errors(shapes, angles, np.asarray(dataset.test.gamma)))


def first_of_each(models: Sequence[TestReconstructions]) -> list[TestReconstructions]:
    """Of each case the model of the first seed."""
    return list({model.case: model for model in reversed(models)}.values())[::-1]
