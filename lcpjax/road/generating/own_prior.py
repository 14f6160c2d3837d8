"""Configurations from a prior that a model learned itself: as it is, and corrected by rejection."""

import time
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.evaluation import (
    Observables,
    RatioError,
    density_ratio,
    exact_log_posterior,
    kept_by_rejection,
    observables,
)
from lcpjax.report import say
from lcpjax.road.case_models import CaseModel
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import CORRECTED, OWN, Generated, decode_timed, draw_latents

_SEED = 5
# Draws for each configuration that is asked for: gammas are equally likely, not equally many.
_SPARE, _MOST_TURNS = 1.15, 4


def from_own_prior(model: CaseModel, key: PRNGKey, fluid: EquilibriumFluid) -> list[Generated]:
    """The prior as it is, and corrected by rejection: what is too common or too rare by U and sum y.

    Each configuration gets a gamma from the exact p(gamma | x), so that those of a gamma follow the prior's own
    p(x | gamma). Of as many draws as the correction needs.
    """
    draw_latents(model, jax.random.fold_in(key, _MOST_TURNS), 1)  # Compiles.
    number = int(_SPARE * fluid.num_of_each * len(fluid.facts.gammas))
    pool: list[Generated] = []
    for turn in range(_MOST_TURNS):
        turn_key = jax.random.fold_in(key, turn)
        started = time.perf_counter()
        latents = draw_latents(model, turn_key, number)
        spent = time.perf_counter() - started
        made = decode_timed(model, OWN, latents, np.zeros(number, np.int64))
        labels = _told_gamma(jax.random.fold_in(turn_key, 1), fluid, made.positions)
        pool.append(made._replace(gamma_index=labels, wall_seconds=made.wall_seconds + spent))
        drawn = _joined(pool)
        try:
            corrected = _corrected(drawn, fluid)
        except RatioError as error:
            say(f"{model.case}: its prior is not corrected ({error})")
            return [_first_of_each(drawn, fluid)]
        if min(np.bincount(corrected.gamma_index, minlength=len(fluid.facts.gammas))) >= fluid.num_of_each:
            break
    return [_first_of_each(drawn, fluid), _first_of_each(corrected, fluid)]


def _told_gamma(key: PRNGKey, fluid: EquilibriumFluid, positions: jax.Array) -> np.ndarray:
    told = exact_log_posterior(fluid.facts.system, fluid.free_energy, positions)
    return np.asarray(jax.random.categorical(key, jnp.asarray(told, jnp.float32), axis=1))


def _corrected(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    """Those that rejection leaves: of each gamma the ratio is learnt from the training part's energies and heights."""
    started = time.perf_counter()
    train, random = fluid.facts.train, np.random.default_rng(_SEED)
    real, made = (_told(each) for each in (train.observables, observables(drawn.positions, fluid.facts.system)))
    kept = []
    for index in range(len(fluid.facts.gammas)):
        own = np.flatnonzero(drawn.gamma_index == index)
        ratios = density_ratio(real[train.gamma_index == index], made[own])
        kept.append(own[kept_by_rejection(random, ratios)])
    rows = np.sort(np.concatenate(kept))
    return drawn._replace(
        source=CORRECTED,
        positions=drawn.positions[rows],
        gamma_index=drawn.gamma_index[rows],
        wall_seconds=drawn.wall_seconds + time.perf_counter() - started,
    )


def _told(found: Observables) -> np.ndarray:
    return np.stack([np.asarray(found.pair_energy), np.asarray(found.mean_height)], axis=1)


def _joined(parts: Sequence[Generated]) -> Generated:
    return parts[0]._replace(
        positions=jnp.concatenate([each.positions for each in parts]),
        gamma_index=np.concatenate([each.gamma_index for each in parts]),
        wall_seconds=sum(each.wall_seconds for each in parts),
    )


def _first_of_each(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    """As many of each gamma as the fluid has, or as there are; the time is that of all that was drawn for it."""
    indices = range(len(fluid.facts.gammas))
    kept = np.concatenate([np.flatnonzero(drawn.gamma_index == index)[: fluid.num_of_each] for index in indices])
    return drawn._replace(positions=drawn.positions[kept], gamma_index=drawn.gamma_index[kept])
