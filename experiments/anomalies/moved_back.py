"""Displaced particles suspected by densities of models, which are evaluated with each particle moved back."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lcpjax.array_types import Configurations2D
from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.evaluation.anomalies import BY_MODEL, DisplacementByModel, PlacesTried, places_tried
from lcpjax.evaluation.density.particle_density import particle_density_of
from lcpjax.pipeline.run import Run
from lcpjax.report import progress

from .scores import FittedDetector, Scores
from .sets import SOFT, Sets
from .settings import Settings


class MovedBack(NamedTuple):
    """Displacements by one model's density, of normal configurations and of one set, as suspected there."""

    normal: DisplacementByModel
    own: DisplacementByModel


ByModel = Mapping[tuple[str, int], Mapping[str, MovedBack]]
"""By variant and seed, and name of set."""

Trying = Callable[[Configurations2D, float], PlacesTried]


def displacements_by_models(run: Run, detectors: Sequence[FittedDetector], sets: Sets) -> ByModel:
    """Probability that each particle was displaced, by the densities of models with a learned prior over particles.

    In sets of displaced particles what was done is suspected; in the other fluid, which has another equilibrium, the
    smallest step in the box. Each configuration takes particles x nodes evaluations of the density, normal ones as
    many for each length of steps.
    """
    sizes: Settings = run.config.settings
    densities = [each for each in detectors if each.model.model.has_learned_prior]
    if not densities:
        return {}
    suspected = {each.name: each.displacement for each in sets.anomalous if each.displacement}
    smallest = Displacement(min(sizes.largest_steps), sizes.num_displaced, stays_inside=True)
    suspected |= {each.name: smallest for each in sets.anomalous if each.name == SOFT}
    num_lengths = len({each.largest_step for each in suspected.values()})
    number = len(densities) * (num_lengths + len(suspected))
    displacements = {}
    with (
        run.folder.stage("displacements by models"),
        progress("moving particles back", number, "sets") as advance,
    ):
        for each in densities:
            log_density = particle_density_of(each.model)

            def tried(some: Configurations2D, largest_step: float, log_density: Callable = log_density) -> PlacesTried:
                system, nodes = sets.ground_truth.system, sizes.nodes_of_a_particle
                result = places_tried(log_density, system, some, largest_step, nodes)
                advance(1)
                return result

            displacements[each.ids] = _moved_back(tried, sets, suspected)
    return displacements


def _moved_back(tried: Trying, sets: Sets, suspected: Mapping[str, Displacement]) -> dict[str, MovedBack]:
    """Of each set, with normal configurations tried once for each length of steps."""
    normal = {step: tried(sets.normal, step) for step in sorted({each.largest_step for each in suspected.values()})}
    positions = {each.name: each.positions for each in sets.anomalous}
    moved_back = {}
    for name, move in suspected.items():
        places = normal[move.largest_step], tried(positions[name], move.largest_step)
        results = (one.suspecting(move.num_displaced, stays_inside=move.stays_inside) for one in places)
        moved_back[name] = MovedBack(*results)
    return moved_back


def scores_of_displacements(displacements: ByModel) -> list[Scores]:
    """The likelihood ratio of each model's density as one more score of each set, which has normal ones of its own."""
    return [
        Scores(*ids, BY_MODEL, each.normal.log_ratio, {name: each.own.log_ratio})
        for ids, of_sets in displacements.items()
        for name, each in of_sets.items()
    ]
