"""Distances of generated configurations from equilibrium at each gamma; raw, and after Metropolis sweeps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.reconstruction.energies import CLOSE, HIGHEST, pair_energies
from lcpjax.evaluation.samples.generated import (
    distance_in_deviations,
    outside_fraction,
    structure_distances,
    structure_of,
)
from lcpjax.pipeline.summary import grouped_means
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import LOCAL_MOVES, sample
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.system import smallest_distances

from .generated import FITTED_TO, Generated, of_gamma
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
    - fitted_to: observables that the source was fitted to directly, so that their W1 is no evidence; the correction's
      are pair_energy and sum_of_heights. Empty for all others.
    - correlation_distance, profile_distance: of g(r) and of n(y): integral of the difference over that of the fluid's.
      Codes and posterior samples are as few as the test set, and farther away by chance: their floor is the mean over
      equally many other chains.
    - smallest_distance_wasserstein: W1 of the smallest distance in each configuration, in its standard deviations.
    - pair_energy_wasserstein, sum_of_heights_wasserstein: W1 from equilibrium, likewise; of energies clipped at
      100 epsilon.
    - outside_fraction: of configurations with a particle outside the box. They count unchanged; in Metropolis sweeps
      such particles begin at the wall.
    - clipped_fraction: of energies above 100; close_fraction: smallest distance below 0.9 sigma;
      close_fraction_of_fluid.
    """
    rows = floor_rows(fluid)
    for each in generated:
        for sweeps in num_sweeps if each.is_from_prior else (0,):
            moved = swept(fluid, each, sweeps)
            fitted_to = " ".join(FITTED_TO.get(each.source, ()))
            for index, gamma in enumerate(fluid.gammas):
                ids = {**each.ids, "gamma": gamma, "sweeps": sweeps, "fitted_to": fitted_to}
                rows.append({**ids, **fluid_distances(of_gamma(moved, index), fluid, gamma)})
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
    system = fluid.system
    inside = jnp.clip(positions, 0.0, system.box_side)
    key = jax.random.fold_in(key_of_seed(Seed.GENERATED_METRICS), Stream.COMPARING)
    gammas = jnp.asarray(gamma, jnp.float32)
    step_size = fluid.step_size
    moved = sample(key, system, gammas, num_sweeps, initial_positions=inside, step_size=step_size, rules=LOCAL_MOVES)
    return moved.positions


def floor_rows(fluid: EquilibriumFluid) -> list[dict[str, Any]]:
    """Distances between two samples of the fluid: as many as are generated, and as few as the test set has.

    Columns as in ``generated_rows``.
    """
    rows = []
    for index, gamma in enumerate(fluid.gammas):
        ids = {"variant": EQUILIBRIUM, "seed": -1, "gamma": gamma, "sweeps": 0, "fitted_to": ""}
        others, few = fluid.others[gamma], int(np.sum(fluid.ground_truth.test.gamma_index == index))
        rows.append(ids | {"source": OTHER_CHAINS, **fluid_distances(others, fluid, gamma)})
        parts = [others[first : first + few] for first in range(0, len(others) - few + 1, few)][:_MOST_PARTS]
        if parts:
            distances = [fluid_distances(part, fluid, gamma) for part in parts]
            means = {name: float(np.mean([each[name] for each in distances])) for name in distances[0]}
            rows.append(ids | {"source": AS_FEW, **means})
    return sorted(rows, key=lambda row: row["source"] == AS_FEW)


def fluid_distances(positions: jax.Array, fluid: EquilibriumFluid, gamma: float) -> dict[str, float]:
    """The columns of ``generated_rows`` for configurations at this gamma, nan for too few."""
    others, side = fluid.positions[gamma], fluid.system.box_side
    true_nearest = np.asarray(smallest_distances(others))
    counted = {"number": len(positions), "close_fraction_of_fluid": float(np.mean(true_nearest < CLOSE))}
    if len(positions) < _FEWEST:
        return counted | dict.fromkeys((*_GENERATED, "clipped_fraction", "close_fraction"), math.nan)
    nearest = np.asarray(smallest_distances(positions))
    correlation, profile = structure_distances(structure_of(positions, side), fluid.structures[gamma])
    distances = {
        "correlation_distance": correlation,
        "profile_distance": profile,
        "smallest_distance_wasserstein": distance_in_deviations(nearest, true_nearest),
        **weighted_distances(fluid, positions, others),
        "outside_fraction": outside_fraction(positions, side),
        "clipped_fraction": float(np.mean(clipped_energies(positions, fluid) >= HIGHEST)),
        "close_fraction": float(np.mean(nearest < CLOSE)),
    }
    return counted | distances


def clipped_energies(positions: jax.Array, fluid: EquilibriumFluid) -> np.ndarray:
    """In epsilon, at most 100."""
    energies = np.asarray(pair_energies(positions, fluid.system), np.float64)
    return np.minimum(np.where(np.isnan(energies), np.inf, energies), HIGHEST)


def weighted_distances(
    fluid: EquilibriumFluid, positions: jax.Array, others: jax.Array, weights: np.ndarray | None = None
) -> dict[str, float]:
    """W1 of pair energies and of sum y between two sets, the first weighted, in standard deviations of the second."""
    energies, true = (clipped_energies(each, fluid) for each in (positions, others))
    heights, true_heights = (np.asarray(each[..., 1]).sum(axis=1) for each in (positions, others))
    return {
        "pair_energy_wasserstein": distance_in_deviations(energies, true, weights),
        "sum_of_heights_wasserstein": distance_in_deviations(heights, true_heights, weights),
    }


_GENERATED = {
    "correlation_distance": "generation/pair_correlation_distance",
    "profile_distance": "generation/height_profile_distance",
    "smallest_distance_wasserstein": "generation/smallest_distance_wasserstein_sd",
    "pair_energy_wasserstein": "generation/pair_energy_wasserstein_sd",
    "sum_of_heights_wasserstein": "generation/sum_of_heights_wasserstein_sd",
    "outside_fraction": "generation/outside_fraction",
}
_METRICS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "generated": (("variant", "source", "sweeps"), _GENERATED),
    "nats": (
        ("variant", "source"),
        {
            "above_entropy_nats": "rate/above_entropy_nats",
            "tighter_nats": "rate/tighter_above_entropy_nats",
            "above_entropy_error_nats": "rate/above_entropy_error_nats",
        },
    ),
    "variety": (
        ("variant", "source"),
        {"novelty": "generation/novelty_ratio", "coverage": "generation/coverage_fraction"},
    ),
    "importance": (
        ("variant", "source"),
        {"effective_fraction": "generation/effective_fraction", "log_mean_nats": "generation/log_mean_weight_nats"},
    ),
    "warm_start_over_seeds": (
        ("variant", "source", "moves", "gamma"),
        {
            "sweeps_median": "generation/sweeps_to_equilibrium",
            "sweeps_ratio_median": "generation/sweeps_saved_ratio",
            "wall_time_ratio_median": "generation/wall_time_ratio",
            "with_training_wall_time_ratio_median": "generation/with_training_wall_time_ratio",
        },
    ),
    "continued": (
        ("moves", "gamma"),
        {"sweeps_per_effective_configuration": "generation/continued_sweeps_per_effective_configuration"},
    ),
    "reweighted": (
        ("variant", "source", "gamma"),
        {
            "effective_number": "generation/reweighted_effective_number",
            "pair_energy_wasserstein": "generation/reweighted_pair_energy_wasserstein_sd",
            "sum_of_heights_wasserstein": "generation/reweighted_sum_of_heights_wasserstein_sd",
        },
    ),
    "new_gammas": (
        ("variant", "source", "way", "gamma", "sweeps"),
        {
            "effective_number": "generation/new_gamma_effective_number",
            "pair_energy_wasserstein": "generation/new_gamma_pair_energy_wasserstein_sd",
            "sum_of_heights_wasserstein": "generation/new_gamma_sum_of_heights_wasserstein_sd",
        },
    ),
}
"""By table: the columns that tell its rows apart, and the name of the metric of each column that has one."""


def generation_summary(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, float]:
    """Means of the tables' columns over seeds, by names of metrics; of the table generated the largest over gammas.

    The largest of the means, not the mean of each seed's largest, which noise pushes up.
    """
    rows = {**tables, "generated": _worst_gamma(tables["generated"])}
    return {
        metric: mean
        for table, (by, metrics) in _METRICS.items()
        for metric, mean in grouped_means(rows[table], metrics, by).items()
    }


def _worst_gamma(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each variant, source and number of sweeps."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["variant"], row["source"], row["sweeps"]), []).append(row)
    return [{**own[0], **{measure: _worst_mean(own, measure) for measure in _GENERATED}} for own in groups.values()]


def _worst_mean(rows: Sequence[Mapping[str, Any]], measure: str) -> float:
    gammas = {row["gamma"] for row in rows}
    means = [np.mean([row[measure] for row in rows if row["gamma"] == gamma]) for gamma in gammas]
    # Not Python's max, which may drop a nan.
    return float(np.max(means))
