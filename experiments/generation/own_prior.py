"""Configurations from a model's learned prior: raw, and corrected by rejection."""

import time
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.evaluation.latents.gamma_information import exact_log_posterior
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.evaluation.samples.observables import Observables, observables
from lcpjax.report import print_line
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel

from .density_ratio import RatioError, density_ratio, kept_by_rejection
from .generated import CORRECTED, OWN, Generated, decode_timed, draw_latents
from .reference_fluid import EquilibriumFluid

# Draws for each configuration asked for, at first: gammas are equally likely, not equally many.
_SPARE, _SPARE_LATER, _MOST_TURNS = 1.15, 0.4, 8


def from_own_prior(model: TrainedModel, key: PRNGKey, fluid: EquilibriumFluid) -> list[Generated]:
    """The raw prior, and the prior corrected by rejection of particles outside the box and of too common U and sum y.

    Each configuration gets a gamma from the exact p(gamma | x), so that those of a gamma follow the prior's own
    p(x | gamma). There are as many draws as the correction needs.
    """
    draw_latents(model, jax.random.fold_in(key, _MOST_TURNS), 1)  # Compiles.
    pool: list[Generated] = []
    for turn in range(_MOST_TURNS):
        spare = _SPARE if turn == 0 else _SPARE_LATER
        number = int(spare * fluid.num_of_each * len(fluid.gammas))
        turn_key = jax.random.fold_in(key, turn)
        started = time.perf_counter()
        latents = draw_latents(model, turn_key, number)
        elapsed = time.perf_counter() - started
        made = decode_timed(model, OWN, latents, np.zeros(number, np.int64))
        labels = _sampled_gamma(jax.random.fold_in(turn_key, 1), fluid, made.positions)
        pool.append(made._replace(gamma_index=labels, wall_seconds=made.wall_seconds + elapsed))
        drawn = _joined(pool)
        try:
            corrected = _corrected(drawn, fluid)
        except RatioError as error:
            print_line(f"{model.name}: its prior is not corrected ({error})")
            return [_raw(drawn, fluid)]
        if min(np.bincount(corrected.gamma_index, minlength=len(fluid.gammas))) >= fluid.num_of_each:
            break
    return [_raw(drawn, fluid), corrected]


def _sampled_gamma(key: PRNGKey, fluid: EquilibriumFluid, positions: jax.Array) -> np.ndarray:
    log_posterior = exact_log_posterior(fluid.system, fluid.free_energy, positions)
    return np.asarray(jax.random.categorical(key, jnp.asarray(log_posterior, jnp.float32), axis=1))


def _corrected(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    """Rejection sampling, with each gamma's ratio learned from the training set's energies and heights.

    Configurations outside the box have probability 0.
    """
    started = time.perf_counter()
    train, random, system = fluid.ground_truth.train, np.random.default_rng(Seed.GENERATED), fluid.system
    real, made = (_energies_and_heights(each) for each in (train.observables, observables(drawn.positions, system)))
    made = np.where(np.asarray(are_inside(drawn.positions, system.box_side))[:, None], made, np.inf)
    kept = []
    for index in range(len(fluid.gammas)):
        own = np.flatnonzero(drawn.gamma_index == index)
        ratios = density_ratio(real[train.gamma_index == index], made[own])
        kept.append(own[kept_by_rejection(random, ratios)])
    needed = _first_of_each(np.concatenate(kept), drawn.gamma_index, fluid)
    elapsed = time.perf_counter() - started
    return _only(drawn, needed, elapsed)._replace(source=CORRECTED)


def _energies_and_heights(values: Observables) -> np.ndarray:
    return np.stack([np.asarray(values.pair_energy), np.asarray(values.mean_height)], axis=1)


def _joined(pools: Sequence[Generated]) -> Generated:
    return pools[0]._replace(
        positions=jnp.concatenate([each.positions for each in pools]),
        gamma_index=np.concatenate([each.gamma_index for each in pools]),
        wall_seconds=sum(each.wall_seconds for each in pools),
    )


def _raw(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    return _only(drawn, _first_of_each(np.arange(len(drawn.gamma_index)), drawn.gamma_index, fluid))


def _first_of_each(rows: np.ndarray, gamma_index: np.ndarray, fluid: EquilibriumFluid) -> np.ndarray:
    """The first rows of a pool, as many of each gamma as the fluid has, or as there are."""
    rows, indices = np.sort(rows), range(len(fluid.gammas))
    return np.concatenate([rows[gamma_index[rows] == index][: fluid.num_of_each] for index in indices])


def _only(drawn: Generated, rows: np.ndarray, seconds: float = 0.0) -> Generated:
    """These rows of a pool, with the time of drawing as far as the last of them, and of the correction."""
    fraction = (rows.max(initial=-1) + 1) / max(len(drawn.gamma_index), 1)
    return drawn._replace(
        positions=drawn.positions[rows],
        gamma_index=drawn.gamma_index[rows],
        wall_seconds=fraction * (drawn.wall_seconds + seconds),
    )
