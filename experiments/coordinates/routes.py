"""Routes to coordinates, each with what it determines: shape, angle, mirror image, place."""

from collections.abc import Sequence
from typing import NamedTuple

from lcpjax.array_types import Configurations2D, DistanceMatrix
from lcpjax.dataset import Dataset
from lcpjax.pipeline.reconstructions import HeldOutReconstructions
from lcpjax.reconstruction import embed_distances, symmetrised, tumble, turn_upright
from lcpjax.representation import Representation, distance_matrix

TRUE_DISTANCES = "true distances"
"""The variant without a model: the error of the route alone."""

GRAM_OF_FIRST, GRAM, TUMBLED, UPRIGHT = "Gram, first particle", "Gram, centroid", "tumbled", "by height order"
POINTS, IN_THE_BOX = "decoded points", "in the box"


class Route(NamedTuple):
    """Coordinates of every configuration by one route."""

    variant: str
    seed: int
    """Of the model; -1 without one."""
    name: str
    positions: Configurations2D
    """(configurations, particles, 2), in sigma."""
    distances: DistanceMatrix
    """The decoded distances they came from, (configurations, particles, particles), in sigma."""
    truth: Configurations2D
    """The true positions, in the same particle order."""
    knows_angle: bool = False
    """Whether it determines the direction up."""
    knows_place: bool = False
    """Whether the positions are those in the box."""
    origin: str = "centroid"
    """Origin of Gram's matrix, a name in ``ORIGINS``."""


def all_routes(
    dataset: Dataset, representation: Representation, models: Sequence[HeldOutReconstructions]
) -> list[Route]:
    """Every route from the true distances, then from the output of every model.

    Args:
        representation: of the true distances: its particle order.
    """
    truth = representation.order(dataset.test.positions)
    routes = _from_distances(TRUE_DISTANCES, -1, distance_matrix(truth), truth, representation)
    return routes + [route for model in models for route in routes_of(model)]


def routes_of(model: HeldOutReconstructions) -> list[Route]:
    """Every route from the output of one model, decoded from the latent mean."""
    trained, decoded = model.model, model.decoded
    points = Route(model.name, model.setting.seed, IN_THE_BOX, decoded.of_mean, decoded.distances, model.truth)
    if trained.knows_frame:
        return [points._replace(knows_angle=True, knows_place=True)]
    if trained.model.decodes_coordinates:
        points = points._replace(name=POINTS)
        return [points, *_poses(points, trained.representation)]
    return _from_distances(model.name, model.setting.seed, decoded.distances, model.truth, trained.representation)


def _from_distances(
    variant: str, seed: int, decoded: DistanceMatrix, truth: Configurations2D, representation: Representation
) -> list[Route]:
    routes = []
    for name, origin in ((GRAM_OF_FIRST, "first_particle"), (GRAM, "centroid")):
        positions = embed_distances(symmetrised(decoded), origin=origin).positions
        routes.append(Route(variant, seed, name, positions, decoded, truth, origin=origin))
    return [*routes, *_poses(routes[-1], representation)]


def _poses(shape: Route, representation: Representation) -> list[Route]:
    poses = [shape._replace(name=TUMBLED, positions=tumble(shape.positions), knows_angle=True)]
    if representation.ordering == "height":
        poses.append(shape._replace(name=UPRIGHT, positions=turn_upright(shape.positions), knows_angle=True))
    return poses
