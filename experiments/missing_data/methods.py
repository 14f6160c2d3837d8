"""Imputation of missing distances by every method, for every family of masks."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.sparse.csgraph import connected_components

from lcpjax.array_types import DistanceMatrix, PRNGKey
from lcpjax.dataset import Dataset
from lcpjax.dataset.masks import ENTRIES, ROWS
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.evaluation.density.particle_density import particle_density_of
from lcpjax.evaluation.imputation import (
    PiecesError,
    exact_posterior,
    importance_imputations,
    passed_through,
    pseudo_gibbs,
    widening,
)
from lcpjax.model import encode, kl_divergence
from lcpjax.pipeline.run import Run
from lcpjax.reconstruction import complete_distances
from lcpjax.report import progress
from lcpjax.representation import distance_matrix
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import NO_MASKS

from .lost_particle import LogDensity, place_lost_particle
from .masks import AskedFamily, MaskedSet, mean_distances, mean_filled, some_distances
from .settings import Settings

PHYSICS = "physics"
"""In the place of a model's name."""
MEAN_FILL, SCALED, COMPLETION, OTHERS = "mean", "mean, scaled", "completion", "training configurations"
PASS, GIBBS, IMPORTANCE, WIDENED = "pass", "pseudo-Gibbs", "importance", "importance, widened"
EXACT, EXACT_IN_FRAME, DENSITY_IN_FRAME = "exact posterior", "exact, frame known", "density, frame known"

# Chains for each draw of the exact posterior, since not all of them converge.
_SPARE_CHAINS = 2

_GIBBS, _IMPORTANCE, _EXACT, _IN_FRAME = range(4)
"""Purposes of random numbers."""


class Imputed(NamedTuple):
    """Imputations of one family's test set by one method."""

    variant: str
    seed: int
    """-1: without a seed."""
    method: str
    point: np.ndarray
    """(configurations, particles, particles): one matrix for each, in sigma; the mean of the draws where there are."""
    draws: np.ndarray | None = None
    """(configurations, draws, particles, particles), in sigma."""
    effective_number: np.ndarray | None = None
    """(configurations,), the number of candidates that count, or the exact posterior's converged chains. Where they are
    too few the draws are nan, and both are where a configuration was left out."""
    knows_frame: bool = False
    """Whether it was also given the places in the box of all particles not lost."""
    kl_nats: float = math.nan
    """Of a network's posteriors given the observed distances, to its prior."""


class ImputationSetup(NamedTuple):
    """Input of the methods."""

    run: Run
    system: System
    free_energy: FreeEnergy
    means: DistanceMatrix
    others: DistanceMatrix
    """Of configurations of the training set, as many as there are draws."""
    models: Sequence[TrainedModel]


def impute_all(
    run: Run,
    models: Sequence[TrainedModel],
    asked: Sequence[AskedFamily],
    dataset: Dataset,
    system: System,
    free_energy: FreeEnergy,
) -> dict[str, list[Imputed]]:
    """By name of family, the imputations of every method."""
    others = some_distances(dataset, run.config.settings.num_draws)
    setup = ImputationSetup(run, system, free_energy, mean_distances(dataset), others, models)
    imputed = {}
    with run.folder.stage("imputation"), progress("imputing", len(asked), "families") as advance:
        for index, each in enumerate(asked):
            imputed[each.name] = _of_family(setup, each, index)
            advance(1)
    return imputed


def _of_family(setup: ImputationSetup, asked: AskedFamily, index: int) -> list[Imputed]:
    data = asked.test
    imputed = _without_models(setup, data)
    for model in setup.models:
        if model.representation.has_coordinates:
            continue
        imputed += _of_network(setup, model, asked, index)
    if data.is_rigid.all():
        return imputed
    # What random entries leave underdetermined bends in more ways than pieces move.
    if asked.family.kind != ENTRIES:
        try:
            imputed.append(_exactly(setup, asked.name, data, index))
        except PiecesError as error:
            setup.run.folder.warn(f"{asked.name}: no exact posterior to compare with: {error}")
    if asked.family.kind == ROWS and asked.family.size == 1:
        imputed += _in_frame(setup, data, index)
    return imputed


def _without_models(setup: ImputationSetup, data: MaskedSet) -> list[Imputed]:
    filled, scaled = mean_filled(data.distances, data.observed, setup.means)
    named = {MEAN_FILL: filled, SCALED: scaled}
    # Distances between unconnected pieces have no best fit.
    if all(connected_components(mask)[0] == 1 for mask in np.asarray(data.observed)):
        starts = setup.run.config.settings.num_starts
        named[COMPLETION] = complete_distances(data.distances, data.observed, num_starts=starts)
    imputed = [Imputed(PHYSICS, -1, name, np.asarray(distances)) for name, distances in named.items()]
    # The distribution of distances without any observation: intervals with the same coverage.
    draws = np.where(data.missing[:, None], np.asarray(setup.others)[None], np.asarray(data.distances)[:, None])
    return [*imputed, Imputed(PHYSICS, -1, OTHERS, draws.mean(axis=1), draws)]


def _of_network(setup: ImputationSetup, model: TrainedModel, asked: AskedFamily, index: int) -> list[Imputed]:
    """One pass of any network; draws of a masked one by importance, of others by pseudo-Gibbs."""
    data, name, seed = asked.test, model.name, model.setting.seed
    passed = passed_through(model, data.distances, data.observed)
    imputed = [Imputed(name, seed, PASS, np.asarray(passed))]
    if not model.is_variational:
        return imputed
    seen = jnp.where(data.observed, data.distances, 0.0)
    kl_nats = float(jnp.mean(kl_divergence(encode(model.model, model.variables, seen))))
    return [each._replace(kl_nats=kl_nats) for each in [*imputed, *_draws_of_network(setup, model, asked, index)]]


def _draws_of_network(setup: ImputationSetup, model: TrainedModel, asked: AskedFamily, index: int) -> list[Imputed]:
    data, name, seed, sizes = asked.test, model.name, model.setting.seed, setup.run.config.settings
    if model.masks == NO_MASKS:
        key = jax.random.fold_in(_key(_GIBBS, index), seed)
        first = jnp.broadcast_to(setup.means[None], data.distances.shape)
        given = model, data.distances, data.observed, first
        draws = np.asarray(pseudo_gibbs(*given, key, sizes.num_draws, sizes.gibbs_rounds).distances).swapaxes(0, 1)
        return [Imputed(name, seed, GIBBS, draws.mean(axis=1), draws)]
    key = jax.random.fold_in(_key(_IMPORTANCE, index), seed)
    draws, numbers = _by_importance(setup, model, data, jax.random.fold_in(key, 0))
    own = Imputed(name, seed, IMPORTANCE, draws.mean(axis=1), draws, numbers)
    held_out = asked.validation
    others, _ = _by_importance(setup, model, held_out, jax.random.fold_in(key, 1))
    scale = widening(others, np.asarray(held_out.distances), held_out.missing)
    mean = draws.mean(axis=1, keepdims=True)
    return [own, own._replace(method=WIDENED, draws=mean + scale * (draws - mean))]


def _by_importance(
    setup: ImputationSetup, model: TrainedModel, data: MaskedSet, key: PRNGKey
) -> tuple[np.ndarray, np.ndarray]:
    sizes: Settings = setup.run.config.settings
    given = model, data.distances, data.observed
    result = importance_imputations(*given, key, sizes.num_draws, sizes.num_proposals)
    return np.asarray(result.distances).swapaxes(0, 1), sizes.num_proposals * np.asarray(result.effective_fraction)


def _exactly(setup: ImputationSetup, name: str, data: MaskedSet, index: int) -> Imputed:
    """Draws of the exact posterior: the first chains that converged; nan for a configuration with too few of them."""
    sizes: Settings = setup.run.config.settings
    given = setup.system, setup.free_energy, data.distances, data.observed
    result = exact_posterior(_key(_EXACT, index), *given, _SPARE_CHAINS * sizes.num_draws, sizes.num_moves)
    converged = np.asarray(result.has_converged)
    draws = np.full((len(converged), sizes.num_draws, *data.distances.shape[1:]), np.nan)
    for own, positions, has_converged in zip(draws, result.positions, converged, strict=True):
        chosen = np.flatnonzero(has_converged)[: sizes.num_draws]
        if len(chosen) == sizes.num_draws:
            own[:] = distance_matrix(positions[chosen])
    if missing := int(np.isnan(draws[:, 0, 0, 0]).sum()):
        setup.run.folder.warn(
            f"{name}: fewer than {sizes.num_draws} chains of the exact posterior converged in {missing} of "
            f"{len(converged)} configurations, which are excluded from its scores; settings.num_moves is too small"
        )
    return Imputed(PHYSICS, -1, EXACT, draws.mean(axis=1), draws, converged.sum(axis=1))


def _in_frame(setup: ImputationSetup, data: MaskedSet, index: int) -> list[Imputed]:
    """One lost particle with all others in place, by the fluid's density and by learned ones."""

    def exactly(positions: jax.Array) -> np.ndarray:
        return fluid_log_density(setup.system, setup.free_energy, positions)

    imputed = [_placed(setup, data, exactly, (PHYSICS, -1, EXACT_IN_FRAME), index)]
    for model in setup.models:
        if model.model.has_learned_prior:
            density = particle_density_of(model)
            imputed.append(_placed(setup, data, density, (model.name, model.setting.seed, DENSITY_IN_FRAME), index))
    return imputed


def _placed(
    setup: ImputationSetup, data: MaskedSet, log_density: LogDensity, names: tuple[str, int, str], index: int
) -> Imputed:
    """Of the first configurations, for each takes thousands of evaluations of the density; nan for the others."""
    sizes: Settings = setup.run.config.settings
    num_placed = min(sizes.num_in_frame, len(data.positions))
    masks = np.asarray(data.observed)[:num_placed]
    key = _key(_IN_FRAME, index)
    placed = [
        place_lost_particle(
            jax.random.fold_in(key, number),
            log_density,
            setup.system,
            positions,
            mask,
            sizes.num_candidates,
            sizes.num_draws,
        )
        for number, (positions, mask) in enumerate(zip(data.positions[:num_placed], masks, strict=True))
    ]
    draws = np.full((len(data.positions), *placed[0].distances.shape), np.nan)
    numbers = np.full(len(draws), np.nan)
    draws[:num_placed] = [each.distances for each in placed]
    numbers[:num_placed] = [each.effective_number for each in placed]
    if nowhere := int(np.sum(numbers == 0)):
        variant, seed, method = names
        setup.run.folder.warn(
            f"{variant}, seed {seed}: {method} has no place for the lost particle in {nowhere} of {len(placed)} "
            f"configurations, which are excluded from its scores"
        )
    return Imputed(*names, draws.mean(axis=1), draws, numbers, knows_frame=True)


def _key(purpose: int, index: int) -> PRNGKey:
    return jax.random.fold_in(jax.random.fold_in(key_of_seed(Seed.IMPUTATION), purpose), index)
