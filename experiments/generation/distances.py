"""Distances of generated configurations from equilibrium at each gamma; raw, and after Metropolis sweeps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.reconstruction.energies import CLOSE, HIGHEST, pair_energies
from lcpjax.evaluation.samples.generated import (
    Structure,
    distance_in_deviations,
    outside_fraction,
    structure_distances,
    structure_of,
)
from lcpjax.pipeline.summary import grouped_means
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.system import smallest_distances

from .generated import Generated, of_gamma
from .reference_fluid import EquilibriumFluid

EQUILIBRIUM = "equilibrium"
"""The variant without a model."""
OTHER_CHAINS, AS_FEW = "other chains", "other chains, as few as the test set"
"""Of the fluid: the noise floors of generated configurations, and of those decoded from the test set."""

_FEWEST, _MOST_PARTS = 4, 20


def generated_rows(
    fluid: EquilibriumFluid, generated: Sequence[Generated], num_sweeps: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each source, gamma and number of Metropolis sweeps after it; other chains of the fluid first.

    - variant, seed, source; gamma; sweeps: 0 is raw; number of configurations.
    - pair_energy_wasserstein, sum_of_heights_wasserstein: W1 from equilibrium, in standard deviations of it; of
      energies clipped at 100 epsilon.
    - correlation_distance, profile_distance: of g(r) and of n(y): integral of the difference over that of the fluid's.
      Codes and posterior samples are as few as the test set, and farther away by chance: their floor is the mean over
      equally many other chains. The correction uses energies and heights of the training set, so that g(r) and n(y) are
      the stricter checks of it.
    - smallest_distance_wasserstein: W1 of the smallest distance in each configuration, likewise in its deviations.
    - outside_fraction: of configurations with a particle outside the box. They count unchanged; in Metropolis sweeps
      such particles begin at the wall.
    - clipped_fraction: of energies above 100; close_fraction: smallest distance below 0.9 sigma;
      close_fraction_of_fluid.
    """
    rows = floor_rows(fluid)
    for each in generated:
        ids = {"variant": each.variant, "seed": each.model.setting.seed, "source": each.source}
        for sweeps in num_sweeps if each.is_from_prior else (0,):
            moved = swept(fluid, each, sweeps)
            rows += [
                {**ids, "gamma": gamma, "sweeps": sweeps, **fluid_distances(of_gamma(moved, index), fluid, gamma)}
                for index, gamma in enumerate(fluid.ground_truth.gammas.tolist())
            ]
    return rows


def swept(fluid: EquilibriumFluid, generated: Generated, num_sweeps: int) -> Generated:
    """The same configurations after Metropolis sweeps at their own gamma; particles outside begin at the wall."""
    if num_sweeps == 0:
        return generated
    gamma = fluid.ground_truth.gammas[generated.gamma_index]
    return generated._replace(positions=swept_at(fluid, generated.positions, gamma, num_sweeps))


def swept_at(fluid: EquilibriumFluid, positions: jax.Array, gamma: np.ndarray, num_sweeps: int) -> jax.Array:
    """Configurations after Metropolis sweeps at these gammas."""
    if num_sweeps == 0:
        return positions
    system = fluid.ground_truth.system
    inside = jnp.clip(positions, 0.0, system.box_side)
    key = jax.random.fold_in(key_of_seed(Seed.GENERATED_METRICS), Stream.COMPARING)
    gammas = jnp.asarray(gamma, jnp.float32)
    return sample(key, system, gammas, num_sweeps, initial_positions=inside, step_size=fluid.step_size).positions


def floor_rows(fluid: EquilibriumFluid) -> list[dict[str, Any]]:
    """Distances between two samples of the fluid: as many as are generated, and as few as the test set has.

    Columns as in ``generated_rows``.
    """
    rows = []
    for index, gamma in enumerate(fluid.ground_truth.gammas.tolist()):
        ids = {"variant": EQUILIBRIUM, "seed": -1, "gamma": gamma, "sweeps": 0}
        others, few = fluid.others[gamma], int(np.sum(fluid.ground_truth.test.gamma_index == index))
        rows.append(ids | {"source": OTHER_CHAINS, **fluid_distances(others, fluid, gamma)})
        parts = [others[first : first + few] for first in range(0, len(others) - few + 1, few)][:_MOST_PARTS]
        if parts:
            distances = [fluid_distances(part, fluid, gamma) for part in parts]
            means = {name: float(np.mean([each[name] for each in distances])) for name in distances[0]}
            rows.append(ids | {"source": AS_FEW, **means})
    return sorted(rows, key=lambda row: row["source"] == AS_FEW)


def fluid_distances(positions: jax.Array, fluid: EquilibriumFluid, gamma: float) -> dict[str, float]:
    """The columns of ``generated_rows`` for configurations at this gamma."""
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
        return {
            "number": len(positions),
            **dict.fromkeys((*names, "outside_fraction", "clipped_fraction", "close_fraction"), math.nan),
        } | {"close_fraction_of_fluid": _close_fraction(others)}
    energies, true = (clipped_energies(each, fluid) for each in (positions, others))
    heights, true_heights = (np.asarray(each[..., 1]).sum(axis=1) for each in (positions, others))
    nearest, true_nearest = (np.asarray(smallest_distances(each)) for each in (positions, others))
    distances = (
        distance_in_deviations(energies, true),
        distance_in_deviations(heights, true_heights),
        distance_in_deviations(nearest, true_nearest),
        *structure_distances(structure_of(positions, fluid.ground_truth.system.box_side), structure),
    )
    return {
        "number": len(positions),
        **dict(zip(names, distances, strict=True)),
        "outside_fraction": outside_fraction(positions, fluid.ground_truth.system.box_side),
        "clipped_fraction": float(np.mean(energies >= HIGHEST)),
        "close_fraction": _close_fraction(positions),
        "close_fraction_of_fluid": _close_fraction(others),
    }


def clipped_energies(positions: jax.Array, fluid: EquilibriumFluid) -> np.ndarray:
    """In epsilon, at most 100."""
    energies = np.asarray(pair_energies(positions, fluid.ground_truth.system), np.float64)
    return np.minimum(np.where(np.isnan(energies), np.inf, energies), HIGHEST)


def _close_fraction(positions: jax.Array) -> float:
    return float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE))


def weighted_distances(
    fluid: EquilibriumFluid, positions: jax.Array, others: jax.Array, weights: np.ndarray
) -> dict[str, float]:
    """W1 of pair energies and of sum y between weighted configurations and others, in standard deviations of those."""
    energies, true = (clipped_energies(each, fluid) for each in (positions, others))
    heights, true_heights = (np.asarray(each[..., 1]).sum(axis=1) for each in (positions, others))
    return {
        "pair_energy_wasserstein": distance_in_deviations(energies, true, weights),
        "sum_of_heights_wasserstein": distance_in_deviations(heights, true_heights, weights),
    }


_GENERATED = {
    "pair_energy_wasserstein": "generation/pair_energy_wasserstein_sd",
    "sum_of_heights_wasserstein": "generation/sum_of_heights_wasserstein_sd",
    "correlation_distance": "generation/pair_correlation_distance",
    "profile_distance": "generation/height_profile_distance",
    "smallest_distance_wasserstein": "generation/smallest_distance_wasserstein_sd",
    "outside_fraction": "generation/outside_fraction",
}
_NATS = {
    "above_entropy_nats": "rate/above_entropy_nats",
    "tighter_nats": "rate/tighter_above_entropy_nats",
    "above_entropy_error_nats": "rate/above_entropy_error_nats",
}
_VARIETY = {"novelty": "generation/novelty_ratio", "coverage": "generation/coverage_fraction"}
_IMPORTANCE = {
    "effective_fraction": "generation/effective_fraction",
    "log_mean_nats": "generation/log_mean_weight_nats",
}
_REWEIGHTED = {
    "effective_number": "generation/reweighted_effective_number",
    "pair_energy_wasserstein": "generation/reweighted_pair_energy_wasserstein_sd",
    "sum_of_heights_wasserstein": "generation/reweighted_sum_of_heights_wasserstein_sd",
}
_NEW_GAMMAS = {
    "effective_number": "generation/new_gamma_effective_number",
    "pair_energy_wasserstein": "generation/new_gamma_pair_energy_wasserstein_sd",
    "sum_of_heights_wasserstein": "generation/new_gamma_sum_of_heights_wasserstein_sd",
}
_WARM = {
    "sweeps_median": "generation/sweeps_to_equilibrium",
    "sweeps_ratio_median": "generation/sweeps_saved_ratio",
    "wall_time_ratio_median": "generation/wall_time_ratio",
    "with_training_wall_time_ratio_median": "generation/with_training_wall_time_ratio",
}


def generation_summary(
    generated: Sequence[Mapping[str, Any]],
    nats: Sequence[Mapping[str, Any]],
    variety: Sequence[Mapping[str, Any]],
    importance: Sequence[Mapping[str, Any]],
    warm: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """Distances of each source, largest over gammas, mean over seeds; the median of a warm start."""
    return {
        **grouped_means(_worst_gamma(generated), _GENERATED, ("variant", "source", "sweeps")),
        **grouped_means(nats, _NATS, ("variant", "source")),
        **grouped_means(variety, _VARIETY, ("variant", "source")),
        **grouped_means(importance, _IMPORTANCE, ("variant", "source")),
        **grouped_means(warm, _WARM, ("variant", "source", "gamma")),
    }


def reweighting_summary(
    reweighted: Sequence[Mapping[str, Any]], new_gammas: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """Mean over seeds of the distances of reweighted draws at each gamma; new ones are not in the training data."""
    by = ("variant", "source", "gamma")
    return {
        **grouped_means(reweighted, _REWEIGHTED, by),
        **grouped_means(new_gammas, _NEW_GAMMAS, ("variant", "source", "way", "gamma", "sweeps")),
    }


def _worst_gamma(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["variant"], row["seed"], row["source"], row["sweeps"]), []).append(row)
    # Not Python's max, which may drop a nan.
    return [
        {**own[0], **{measure: float(np.max([row[measure] for row in own])) for measure in _GENERATED}}
        for own in groups.values()
    ]
