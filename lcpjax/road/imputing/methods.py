"""Every way to fill in missing distances, asked of every family of masks."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.sparse.csgraph import connected_components

from lcpjax.array_types import DistanceMatrix, PRNGKey
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.dataset.masks import ROWS
from lcpjax.evaluation import decoder_scale, fluid_log_density, particle_log_density
from lcpjax.evaluation.imputation import (
    LogDensity,
    exact_posterior,
    importance_imputations,
    mean_filled,
    passed_through,
    place_lost_particle,
    pseudo_gibbs,
    widening,
)
from lcpjax.reconstruction import complete_distances
from lcpjax.report import RunFolder, progress
from lcpjax.representation import distance_matrix
from lcpjax.road.case_models import CaseModel
from lcpjax.road.imputing.families import Asked, MaskedPart, mean_distances
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System
from lcpjax.training import NO_MASKS

PHYSICS = "physics"
"""In the place of a model's name."""
MEAN_FILL, SCALED, COMPLETION = "mean", "mean, scaled", "completion"
PASS, GIBBS, IMPORTANCE, WIDENED = "pass", "pseudo-Gibbs", "importance", "importance, widened"
EXACT, EXACT_IN_FRAME, DENSITY_IN_FRAME = "exact posterior", "exact, frame known", "density, frame known"

_SEED = 22
_GIBBS, _IMPORTANCE, _EXACT, _IN_FRAME = range(4)
"""Purposes of random numbers."""


class Imputed(NamedTuple):
    """What one method makes of one family's test part."""

    case: str
    seed: int
    """-1: no seed has a say."""
    method: str
    point: np.ndarray
    """(configurations, particles, particles): one matrix for each, in sigma; the mean of the draws where there are."""
    draws: np.ndarray | None = None
    """(configurations, draws, particles, particles), in sigma."""
    effective_share: float = 1.0
    """Of what the draws were drawn from, that counts; of the exact posterior, of its chains, that settled."""
    scale: float = 1.0
    """Deviations of the draws from their mean count so many times."""


class Imputing(NamedTuple):
    """What methods need to know."""

    config: Config
    system: System
    free_energy: FreeEnergy
    means: DistanceMatrix
    models: Sequence[CaseModel]


def impute_all(
    config: Config,
    models: Sequence[CaseModel],
    asked: Sequence[Asked],
    dataset: Dataset,
    system: System,
    free_energy: FreeEnergy,
    run_folder: RunFolder,
) -> dict[str, list[Imputed]]:
    """By name of family, every method's imputations."""
    about = Imputing(config, system, free_energy, mean_distances(dataset), models)
    found = {}
    with run_folder.stage("imputation"), progress("imputing", len(asked), "families") as advance:
        for index, each in enumerate(asked):
            found[each.name] = _of_family(about, each, index)
            advance(1)
    return found


def _of_family(about: Imputing, asked: Asked, index: int) -> list[Imputed]:
    part = asked.test
    found = _without_models(about, part)
    for model in about.models:
        if model.plan.representation.has_coordinates:
            continue
        found += _of_network(about, model, asked, index)
    if part.is_rigid.all():
        return found
    if asked.family.kind == ROWS or not asked.rigid_share:
        found.append(_exactly(about, part, index))
    if asked.family.kind == ROWS and asked.family.size == 1:
        found += _in_frame(about, part, index)
    return found


def _without_models(about: Imputing, part: MaskedPart) -> list[Imputed]:
    filled, scaled = mean_filled(part.distances, part.observed, about.means)
    named = {MEAN_FILL: filled, SCALED: scaled}
    # What no observed distance joins has no distance that fits best.
    if all(connected_components(mask)[0] == 1 for mask in np.asarray(part.observed)):
        starts = about.config.evaluation.missing_data.num_starts
        named[COMPLETION] = complete_distances(part.distances, part.observed, num_starts=starts)
    return [Imputed(PHYSICS, -1, name, np.asarray(distances)) for name, distances in named.items()]


def _of_network(about: Imputing, model: CaseModel, asked: Asked, index: int) -> list[Imputed]:
    """One pass of any network; draws of a masked one by importance, of others by pseudo-Gibbs."""
    part, name, seed = asked.test, model.case, model.setting.seed
    passed = passed_through(model.plan.model, model.variables, part.distances, part.observed)
    found = [Imputed(name, seed, PASS, np.asarray(passed))]
    if not model.noise:
        return found
    key = jax.random.fold_in(_key(_IMPORTANCE, index), seed)
    if model.plan.masks == NO_MASKS:
        return [*found, _by_gibbs(about, model, part, jax.random.fold_in(_key(_GIBBS, index), seed))]
    draws, share = _by_importance(about, model, part, jax.random.fold_in(key, 0))
    own = Imputed(name, seed, IMPORTANCE, draws.mean(axis=1), draws, share)
    held_out = asked.validation
    others, _ = _by_importance(about, model, held_out, jax.random.fold_in(key, 1))
    scale = widening(others, np.asarray(held_out.distances), held_out.missing)
    return [*found, own, own._replace(method=WIDENED, scale=scale)]


def _by_gibbs(about: Imputing, model: CaseModel, part: MaskedPart, key: PRNGKey) -> Imputed:
    sizes, plan = about.config.evaluation.missing_data, model.plan
    scale = decoder_scale(plan.model.likelihood, model.variables, model.setting.kl_weight, part.distances[0].size)
    first = jnp.broadcast_to(about.means[None], part.distances.shape)
    given = plan.model, model.variables, part.distances, part.observed, first
    found = pseudo_gibbs(*given, key, scale, sizes.num_draws, sizes.gibbs_rounds)
    draws = np.asarray(found.distances).swapaxes(0, 1)
    return Imputed(model.case, model.setting.seed, GIBBS, draws.mean(axis=1), draws)


def _by_importance(about: Imputing, model: CaseModel, part: MaskedPart, key: PRNGKey) -> tuple[np.ndarray, float]:
    sizes, plan = about.config.evaluation.missing_data, model.plan
    scale = decoder_scale(plan.model.likelihood, model.variables, model.setting.kl_weight, part.distances[0].size)
    given = plan.model, model.variables, part.distances, part.observed
    found = importance_imputations(*given, key, scale, sizes.num_draws, sizes.num_proposals)
    return np.asarray(found.distances).swapaxes(0, 1), float(np.mean(np.asarray(found.effective_share)))


def _exactly(about: Imputing, part: MaskedPart, index: int) -> Imputed:
    """Draws of the exact posterior; chains that did not settle give their place to others of the same configuration."""
    sizes = about.config.evaluation.missing_data
    given = about.system, about.free_energy, part.distances, part.observed
    found = exact_posterior(_key(_EXACT, index), *given, sizes.num_draws, sizes.num_moves)
    draws, settled = np.array(distance_matrix(found.positions)), np.asarray(found.is_settled)
    for own, is_settled in zip(draws, settled, strict=True):
        if is_settled.any():
            own[:] = own[np.resize(np.flatnonzero(is_settled), len(own))]
    return Imputed(PHYSICS, -1, EXACT, draws.mean(axis=1), draws, float(settled.mean()))


def _in_frame(about: Imputing, part: MaskedPart, index: int) -> list[Imputed]:
    """One lost particle with all others in their places in the box, by the fluid's density and by learned ones."""

    def exactly(positions: jax.Array) -> np.ndarray:
        return fluid_log_density(about.system, about.free_energy, positions)

    found = [_placed(about, part, exactly, (PHYSICS, -1, EXACT_IN_FRAME), index)]
    for model in about.models:
        if model.plan.model.has_learned_prior:
            density = particle_log_density(model.plan.model, model.plan.representation, model.variables)
            found.append(_placed(about, part, density, (model.case, model.setting.seed, DENSITY_IN_FRAME), index))
    return found


def _placed(
    about: Imputing, part: MaskedPart, log_density: LogDensity, names: tuple[str, int, str], index: int
) -> Imputed:
    sizes, masks = about.config.evaluation.missing_data, np.asarray(part.observed)
    key = _key(_IN_FRAME, index)
    found = [
        place_lost_particle(
            jax.random.fold_in(key, number),
            log_density,
            about.system,
            positions,
            mask,
            sizes.num_candidates,
            sizes.num_draws,
        )
        for number, (positions, mask) in enumerate(zip(part.positions, masks, strict=True))
    ]
    draws = np.stack([each.distances for each in found])
    return Imputed(*names, draws.mean(axis=1), draws, float(np.mean([each.effective_share for each in found])))


def _key(purpose: int, index: int) -> PRNGKey:
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(_SEED), purpose), index)
