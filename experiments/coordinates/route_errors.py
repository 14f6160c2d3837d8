"""Errors of each route on every configuration; tables and figures of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.distance_geometry import fraction_of_triangle_violations
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all, rmsd
from lcpjax.pipeline.summary import grouped_means
from lcpjax.reconstruction import align, embed_distances, orientation_error, symmetrised
from lcpjax.report import RunFolder
from lcpjax.representation import distance_matrix

from .route_figures import draw_route_errors
from .routes import TUMBLED, UPRIGHT, Route

_ROUTE_METRICS = {
    "rmsd_aligned": "reconstruction/rmsd_aligned_sigma",
    "rmsd": "reconstruction/rmsd_in_the_box_sigma",
    "orientation_fraction": "reconstruction/orientation_within_10_degrees_fraction",
    "rank_two_fraction": "reconstruction/rank_two_fraction",
    "triangle_violations": "reconstruction/triangle_violations_fraction",
}


# In degrees: the largest right angle, and the least upside down.
_RIGHT, _UPSIDE_DOWN = 10.0, 135.0


class RouteErrors(NamedTuple):
    """One route, and its errors."""

    variant: str
    seed: int
    name: str
    of_each: Mapping[str, np.ndarray]
    """By name, of every configuration; only those defined for the route."""


def measured_routes(routes: Sequence[Route]) -> list[RouteErrors]:
    """The errors of every route on every configuration."""
    return [RouteErrors(route.variant, route.seed, route.name, jax.device_get(_errors(route))) for route in routes]


def _errors(route: Route) -> dict[str, jax.Array]:
    decoded = symmetrised(route.distances)
    embedding = embed_distances(decoded, origin=route.origin)
    away = jnp.sum((distance_matrix(route.positions) - decoded) ** 2, axis=(-2, -1))
    errors = {
        "rmsd_aligned": aligned_rmsd(route.truth, route.positions),
        "stress": jnp.sqrt(away / jnp.sum(decoded**2, axis=(-2, -1))),
        "rank_two_fraction": embedding.rank_two_fraction,
        "negative_fraction": embedding.negative_fraction,
        "triangle_violations": fraction_of_triangle_violations(route.distances),
        "asymmetry": _asymmetry(route.distances),
    }
    if route.knows_angle:
        errors["missing_angle"] = orientation_error(route.positions, route.truth)
        errors["is_mirrored"] = _is_mirrored(route.positions, route.truth)
    if route.knows_place:
        errors["rmsd"] = rmsd(route.truth, route.positions)
    return errors


def _asymmetry(distances: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean((0.5 * (distances - jnp.swapaxes(distances, -2, -1))) ** 2, axis=(-2, -1)))


def _is_mirrored(positions: Configurations2D, truth: Configurations2D) -> jax.Array:
    """Whether the mirror image would fit better, whatever the angle."""
    image = positions * jnp.array([-1.0, 1.0])[None, None]
    of_itself, of_image = (align(each, truth, mirror_allowed=False)[1] for each in (positions, image))
    return of_image < of_itself


def route_rows(routes: Sequence[RouteErrors]) -> list[dict[str, Any]]:
    """A row for each route: means over the test set.

    Nan where undefined for a route:

    - variant, seed (-1: no model), route.
    - rmsd_aligned: root mean square distance of particles from where they were after the best rigid motion, a mirror
      allowed, in sigma: the shape's error.
    - rmsd: the same with nothing moved, where the route gives the place.
    - missing_angle_median, in degrees, orientation_fraction: of which it is below 10; upside_down_fraction: above 135.
    - mirror_fraction: of which the mirror image would have fitted better; of distances, 1/2 by chance.
    - stress: root of the squared errors of the route's distances over the squared distances it came from.
    - rank_two_fraction, negative_fraction: of the Gram matrix of those distances, as seen from the route's origin.
    - triangle_violations: fraction of triples of the decoded distances; asymmetry: root mean square of their
      antisymmetric part, in sigma, which no route uses.
    """
    return [
        {"variant": route.variant, "seed": route.seed, "route": route.name, **_row(route.of_each)} for route in routes
    ]


def _row(of_each: Mapping[str, np.ndarray]) -> dict[str, float]:
    nothing = np.array([np.nan], np.float32)
    row = {name: float(over_all(jnp.asarray(of_each.get(name, nothing)))) for name in ("rmsd_aligned", "rmsd")}
    row |= _of_angles(of_each.get("missing_angle", nothing))
    row["mirror_fraction"] = float(np.mean(of_each.get("is_mirrored", nothing)))
    names = ("stress", "rank_two_fraction", "negative_fraction", "triangle_violations", "asymmetry")
    return row | {name: float(np.mean(of_each[name], dtype=np.float64)) for name in names}


def _of_angles(degrees: np.ndarray) -> dict[str, float]:
    # A comparison with nan is false; its fraction is nan.
    is_right, is_upside_down = (
        np.where(np.isnan(degrees), np.nan, each) for each in (degrees < _RIGHT, degrees > _UPSIDE_DOWN)
    )
    return {
        "missing_angle_median": float(np.median(degrees)),
        "orientation_fraction": float(np.mean(is_right)),
        "upside_down_fraction": float(np.mean(is_upside_down)),
    }


def orientation_rows(routes: Sequence[RouteErrors], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each gamma and each route that gives the angle, all seeds' models together.

    Columns: variant, route, gamma; missing_angle_median in degrees, the fractions right (within 10) and upside down.
    """
    gamma_index = dataset.gamma_index(dataset.test)
    groups: dict[tuple[str, str], list[np.ndarray]] = {}
    for route in routes:
        if "missing_angle" in route.of_each:
            groups.setdefault((route.variant, route.name), []).append(route.of_each["missing_angle"])
    return [
        {
            "variant": variant,
            "route": name,
            "gamma": gamma,
            **_of_angles(np.stack(degrees)[:, gamma_index == index].ravel()),
        }
        for (variant, name), degrees in groups.items()
        for index, gamma in enumerate(dataset.gammas)
    ]


def draw_routes(routes: Sequence[RouteErrors], dataset: Dataset, run_folder: RunFolder) -> None:
    """The figure of the distributions of errors over configurations, by the models of the first seed."""
    first = {(route.variant, route.name): route.of_each for route in reversed(routes)}
    ways = dict(reversed(first.items()))
    # The pose does not change the shape.
    shapes = {way: of_each for way, of_each in ways.items() if way[1] not in (TUMBLED, UPRIGHT)}
    run_folder.save_figure(
        "routes",
        *draw_route_errors(ways, shapes, np.asarray(dataset.test.gamma)),
        caption=(
            "Errors of every way from distances back to particles: intervals that hold 50 % and 90 % of the test "
            "configurations. True distances go back exactly, but for rounding, so their lines show what a route "
            "itself loses; what lies below the end of an axis is in the grey strip at its left."
        ),
    )


def route_summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Means over seeds of the errors of each route of each variant."""
    return grouped_means(rows, _ROUTE_METRICS, ("variant", "route"))
