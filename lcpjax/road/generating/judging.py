"""Generated configurations beside those of equilibrium, at each gamma; raw, and after Metropolis sweeps."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    CLOSE,
    HIGHEST,
    Structure,
    coverage,
    distance_in_deviations,
    importance_sampling,
    log_tilt,
    novelty,
    pair_energies,
    smallest_distances,
    structure_distances,
    structure_of,
)
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import Generated, from_priors, of_gamma
from lcpjax.sampler import sample
from lcpjax.sampler.streams import Stream

EQUILIBRIUM = "equilibrium"
"""The case without a model: other chains of the fluid, as many as are generated: the noise floor."""

_SEED = 7
_FEWEST, _FEWEST_OF_A_STRUCTURE = 4, 50


def generated_rows(
    fluid: EquilibriumFluid, generated: Sequence[Generated], num_sweeps: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each source, gamma and number of Metropolis sweeps after it; other chains of the fluid first.

    - case, seed, source; gamma; sweeps: 0 is raw; number of configurations.
    - pair_energy_wasserstein, sum_of_heights_wasserstein: W1 from equilibrium, in standard deviations of it; of
      energies clipped at 100 epsilon.
    - correlation_distance, profile_distance: of g(r) and of n(y): integral of the difference over that of the fluid's.
      Codes and posterior samples are as few as the test part, and farther away by chance. What was corrected was
      chosen by energies and heights of the training part: of it g(r), n(y) and coverage tell more.
    - smallest_distance_wasserstein: W1 of the smallest distance in each configuration, likewise in its deviations.
    - clipped_share: of energies above 100; close_share: smallest distance below 0.9 sigma; close_share_of_fluid.
    """
    rows = [row for gamma in fluid.facts.gammas.tolist() for row in _floor_rows(fluid, gamma)]
    for each in generated:
        about = {"case": each.case, "seed": each.model.setting.seed, "source": each.source}
        for sweeps in num_sweeps if each.is_from_prior else (0,):
            moved = swept(fluid, each, sweeps)
            rows += [
                {**about, "gamma": gamma, "sweeps": sweeps, **_beside(of_gamma(moved, index), fluid, gamma)}
                for index, gamma in enumerate(fluid.facts.gammas.tolist())
            ]
    return rows


def swept(fluid: EquilibriumFluid, generated: Generated, num_sweeps: int) -> Generated:
    """The same configurations after Metropolis sweeps at their own gamma; what lies outside begins at the wall."""
    if num_sweeps == 0:
        return generated
    system, gamma = fluid.facts.system, jnp.asarray(fluid.facts.gammas[generated.gamma_index], jnp.float32)
    inside = jnp.clip(generated.positions, 0.0, system.box_side)
    key = jax.random.fold_in(jax.random.key(_SEED), Stream.COMPARING)
    moved = sample(key, system, gamma, num_sweeps, initial_positions=inside, step_size=fluid.step_size)
    return generated._replace(positions=moved.positions)


def _floor_rows(fluid: EquilibriumFluid, gamma: float) -> list[dict[str, Any]]:
    columns = _beside(fluid.others[gamma], fluid, gamma)
    return [{"case": EQUILIBRIUM, "seed": -1, "source": "other chains", "gamma": gamma, "sweeps": 0, **columns}]


def _beside(positions: jax.Array, fluid: EquilibriumFluid, gamma: float) -> dict[str, float]:
    return _columns(positions, fluid, fluid.positions[gamma], fluid.structures[gamma])


def _columns(
    positions: jax.Array, fluid: EquilibriumFluid, others: jax.Array, structure: Structure
) -> dict[str, float]:
    names = (
        "pair_energy_wasserstein",
        "sum_of_heights_wasserstein",
        "smallest_distance_wasserstein",
        "correlation_distance",
        "profile_distance",
    )
    if len(positions) < _FEWEST:
        return {"number": len(positions), **dict.fromkeys((*names, "clipped_share", "close_share"), math.nan)} | {
            "close_share_of_fluid": _close_share(others)
        }
    energies, true = (_clipped(each, fluid) for each in (positions, others))
    heights, true_heights = (np.asarray(each[..., 1]).sum(axis=1) for each in (positions, others))
    nearest, true_nearest = (np.asarray(smallest_distances(each)) for each in (positions, others))
    distances = (
        distance_in_deviations(energies, true),
        distance_in_deviations(heights, true_heights),
        distance_in_deviations(nearest, true_nearest),
        *structure_distances(structure_of(positions, fluid.facts.system.box_side), structure),
    )
    return {
        "number": len(positions),
        **dict(zip(names, distances, strict=True)),
        "clipped_share": float(np.mean(energies >= HIGHEST)),
        "close_share": _close_share(positions),
        "close_share_of_fluid": _close_share(others),
    }


def _clipped(positions: jax.Array, fluid: EquilibriumFluid) -> np.ndarray:
    energies = np.asarray(pair_energies(positions, fluid.facts.system), np.float64)
    return np.minimum(np.where(np.isnan(energies), np.inf, energies), HIGHEST)


def _close_share(positions: jax.Array) -> float:
    return float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE))


def variety_rows(fluid: EquilibriumFluid, generated: Sequence[Generated], dataset: Dataset) -> list[dict[str, Any]]:
    """A row for each source: whether it makes something new, and everything there is.

    - novelty: median distance to the nearest training configuration over that of test configurations; 1 for the
      fluid, near 0 for copies.
    - coverage: share of test configurations with a generated one within their own fifth neighbour; of as many
      configurations as the test part has. The row of equilibrium is what the fluid itself has.
    """
    size, rows = len(dataset.test.positions), []
    own = jnp.concatenate(
        [fluid.positions[gamma][: max(size // len(fluid.facts.gammas), 1)] for gamma in fluid.facts.gammas.tolist()]
    )
    sets: list[tuple[dict[str, Any], jax.Array]] = [({"case": EQUILIBRIUM, "seed": -1, "source": "fluid"}, own)]
    for each in from_priors(generated):
        if len(each.positions) < _FEWEST:
            continue
        about = {"case": each.case, "seed": each.model.setting.seed, "source": each.source}
        # Of all gammas alike, whatever their order.
        shown = np.random.default_rng(_SEED).permutation(len(each.positions))[: len(own)]
        sets.append((about, each.positions[shown]))
    for about, positions in sets:
        found = {
            "novelty": novelty(positions, dataset.train.positions, dataset.test.positions),
            "coverage": coverage(positions, dataset.test.positions),
        }
        rows.append({**about, **found})
    return rows


def new_gamma_rows(fluid: EquilibriumFluid, generated: Sequence[Generated]) -> list[dict[str, Any]]:
    """A row for each source and gamma that no model has learnt from: what is generated, weighted to that gamma.

    Gravity enters as exp(-gamma sum y / T), so that configurations of all gammas together tell of another one: they are
    tilted as if they were the fluid's own mixture, which they are as far as the source is good. Columns as in
    ``generated_rows``, and effective_share of the configurations that the weights leave; structures are of
    those that rejection by weight leaves, nan below 50. What lies outside the box has no weight.
    """
    rows = []
    for each in from_priors(generated):
        for gamma in fluid.new_gammas:
            log_weights = _tilted(fluid, each.positions, gamma)
            if np.isfinite(log_weights).sum() < _FEWEST:
                continue
            share = importance_sampling(log_weights).effective_share
            about = {"case": each.case, "seed": each.model.setting.seed, "source": each.source, "gamma": gamma}
            rows.append({**about, "effective_share": share, **_weighted(each, log_weights, fluid, gamma)})
    return rows


def _tilted(fluid: EquilibriumFluid, positions: jax.Array, gamma: float) -> np.ndarray:
    side = fluid.facts.system.box_side
    inside = np.asarray(jnp.all((positions >= 0) & (positions <= side), axis=(1, 2)))
    return np.where(inside, log_tilt(fluid.facts.system, fluid.free_energy, positions, gamma), -np.inf)


def _weighted(generated: Generated, log_weights: np.ndarray, fluid: EquilibriumFluid, gamma: float) -> dict[str, float]:
    weights = np.exp(log_weights - log_weights.max())
    correlation, profile = math.nan, math.nan
    # By rejection: none comes twice, which would look like a pair without any correlation.
    drawn = np.flatnonzero(np.random.default_rng(_SEED).uniform(size=len(weights)) < weights)
    if drawn.size >= _FEWEST_OF_A_STRUCTURE:
        structure = structure_of(generated.positions[drawn], fluid.facts.system.box_side)
        correlation, profile = structure_distances(structure, fluid.structures[gamma])
    distances = weighted_distances(fluid, generated.positions, fluid.positions[gamma], weights)
    return {**distances, "correlation_distance": correlation, "profile_distance": profile}


def weighted_distances(
    fluid: EquilibriumFluid, positions: jax.Array, others: jax.Array, weights: np.ndarray
) -> dict[str, float]:
    """W1 of pair energies and of sum y between weighted configurations and others, in standard deviations of those."""
    energies, true = (_clipped(each, fluid) for each in (positions, others))
    heights, true_heights = (np.asarray(each[..., 1]).sum(axis=1) for each in (positions, others))
    return {
        "pair_energy_wasserstein": distance_in_deviations(energies, true, weights),
        "sum_of_heights_wasserstein": distance_in_deviations(heights, true_heights, weights),
    }
