"""Gravities outside the training data: conditional densities asked for them, and reweighted draws of all others."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation.density.importance import importance_sampling, log_tilt
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.sampler.streams import Seed

from .distances import EQUILIBRIUM, OTHER_CHAINS, fluid_distances, swept_at, weighted_distances
from .generated import Generated, from_priors
from .reference_fluid import EquilibriumFluid

# Weighted draws come more than once. With so few that count, twins are a tenth of the pairs of g(r).
_FEWEST_THAT_COUNT = 10.0

DRAWN, WEIGHTED = "drawn", "weighted"


def new_gamma_rows(
    fluid: EquilibriumFluid,
    generated: Sequence[Generated],
    drawn: Sequence[tuple[Generated, float]],
    num_sweeps: Sequence[int],
) -> list[dict[str, Any]]:
    """A row for each source, new gamma, way and number of Metropolis sweeps after it; the fluid's own floor first.

    - variant, seed, source; gamma; way: drawn from a density of codes given this gamma, or weighted: configurations
      generated at all gammas of the dataset, tilted by exp(-gamma sum y / T) as if they were the fluid's own mixture.
      Configurations outside the box have no weight.
    - sweeps: of Metropolis moves at this gamma; of weighted ones after as many as the fluid has were drawn by weight.
    - effective_number: effective sample size; all where they were drawn.
    - pair_energy_wasserstein, sum_of_heights_wasserstein, correlation_distance, profile_distance, outside_fraction: as
      in ``generated_rows``. Before any sweep the former two are weighted, and structures are of a resample; nan for
      fewer than ten.
    """
    rows = [_floor(fluid, gamma) for gamma in fluid.new_gammas]
    for each, gamma in drawn:
        ids = {**each.ids, "gamma": gamma, "way": DRAWN, "effective_number": float(len(each.positions))}
        for sweeps in num_sweeps:
            moved = swept_at(fluid, each.positions, np.full(len(each.positions), gamma), sweeps)
            rows.append(ids | {"sweeps": sweeps, **_few(fluid_distances(moved, fluid, gamma))})
    for each in from_priors(generated):
        for gamma in fluid.new_gammas:
            rows += _weighted_rows(fluid, each, gamma, num_sweeps)
    return rows


def _floor(fluid: EquilibriumFluid, gamma: float) -> dict[str, Any]:
    ids = {"variant": EQUILIBRIUM, "seed": -1, "source": OTHER_CHAINS, "gamma": gamma, "way": "sampled"}
    others = fluid.others[gamma]
    distances = _few(fluid_distances(others, fluid, gamma))
    return ids | {"effective_number": float(len(others)), "sweeps": 0, **distances}


def _few(columns: dict[str, float]) -> dict[str, float]:
    names = ("pair_energy_wasserstein", "sum_of_heights_wasserstein", "correlation_distance", "profile_distance")
    return {name: columns[name] for name in (*names, "outside_fraction")}


def _weighted_rows(
    fluid: EquilibriumFluid, generated: Generated, gamma: float, num_sweeps: Sequence[int]
) -> list[dict[str, Any]]:
    inside = np.asarray(are_inside(generated.positions, fluid.system.box_side))
    tilt = log_tilt(fluid.system, fluid.free_energy, generated.positions, gamma)
    log_weights = np.where(inside, tilt, -np.inf)
    if np.isfinite(log_weights).sum() < 2:
        return []
    effective = importance_sampling(log_weights).effective_fraction * len(log_weights)
    weights = np.exp(log_weights - log_weights.max())
    chosen = np.random.default_rng(Seed.GENERATED_METRICS).choice(
        len(weights), size=fluid.num_of_each, p=weights / weights.sum()
    )
    positions, rows = generated.positions[chosen], []
    for sweeps in num_sweeps:
        moved = swept_at(fluid, positions, np.full(len(chosen), gamma), sweeps)
        distances = _few(fluid_distances(moved, fluid, gamma))
        if sweeps == 0:
            distances |= weighted_distances(fluid, generated.positions, fluid.positions[gamma], weights)
        if effective < _FEWEST_THAT_COUNT:
            distances |= {"correlation_distance": math.nan, "profile_distance": math.nan}
        ids = {**generated.ids, "gamma": gamma, "way": WEIGHTED, "effective_number": effective}
        rows.append({**ids, "sweeps": sweeps, **distances})
    return rows
