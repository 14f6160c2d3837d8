"""Where generated configurations come from: codes of real ones, posterior samples, densities fitted to the codes."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    density_ratio,
    exact_log_posterior,
    kept_by_rejection,
    observables,
    posterior_of_all,
)
from lcpjax.model import Posterior, sample_posterior, sample_prior
from lcpjax.report import RunFolder, progress
from lcpjax.road.case_models import CaseModel
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.latents.codes import Codes
from lcpjax.road.latents.decoding import decode_all
from lcpjax.training import LatentDensity, StandardDensity, fit_flow, fit_mixtures

REAL_CODES, POSTERIOR_SAMPLES = "codes", "posterior samples"
"""Of the test part: what the decoder alone costs, and what the noise of the posterior costs besides."""
STANDARD, GAUSSIAN, MIXTURE, FLOW, OWN, CORRECTED = (
    "N(0, I)",
    "Gaussian of each gamma",
    "mixtures of each gamma",
    "flow",
    "own prior",
    "own prior, corrected",
)
"""What stands in place of the prior; own: the model's learned one, which knows no gamma and is told it by physics;
corrected: by rejection, until pair energies and heights are as common as in the training part."""

_SEED = 5
_NUM_COMPONENTS = (1, 2, 4, 8)
# Draws of a prior that knows no gamma, for each that is asked for: gammas are equally likely, not equally many.
_SPARE, _MOST_TURNS = 1.15, 4
# Latents drawn at once.
_BATCH = 512


class Generated(NamedTuple):
    """Configurations from one source, decoded and in no way repaired."""

    model: CaseModel
    source: str
    positions: jax.Array
    """(configurations, particles, 2), in sigma."""
    gamma_index: np.ndarray
    """Of each, counted from the smallest gamma."""
    wall_seconds: float
    """To draw and decode them; compiling is not in it."""

    @property
    def case(self) -> str:
        """The model's name."""
        return self.model.case

    @property
    def is_from_prior(self) -> bool:
        """Whether no configuration of the test part went into it."""
        return self.source not in (REAL_CODES, POSTERIOR_SAMPLES)


class FittedPriors(NamedTuple):
    """What stands in place of a model's prior."""

    codes: Codes
    densities: dict[str, LatentDensity]
    """None for a model whose prior was learned with it."""


def fit_priors(codes: Codes, dataset: Dataset, gamma_index: np.ndarray, held_out_index: np.ndarray) -> FittedPriors:
    """Densities of the latents of the training part given gamma, fitted to samples of its posteriors.

    Args:
        gamma_index: of the training part; held_out_index: of the validation part.
    """
    model = codes.model
    if model.plan.model.has_learned_prior:
        return FittedPriors(codes, {})
    train_key, held_out_key, flow_key = (jax.random.fold_in(_key(model), number) for number in (20, 21, 22))
    posterior = _posterior(model, dataset.train.positions), _posterior(model, dataset.validation.positions)
    train, held_out = (
        np.asarray(sample_posterior(each, part_key, model.noise))
        for each, part_key in zip(posterior, (train_key, held_out_key), strict=True)
    )
    parts = train, gamma_index, held_out, held_out_index
    return FittedPriors(
        codes,
        {
            STANDARD: StandardDensity(codes.latent_dim, int(gamma_index.max()) + 1),
            GAUSSIAN: fit_mixtures(*parts, (1,)),
            MIXTURE: fit_mixtures(*parts, _NUM_COMPONENTS),
            FLOW: fit_flow(flow_key, *parts),
        },
    )


def generate_all(
    fluid: EquilibriumFluid, codes: Sequence[Codes], dataset: Dataset, run_folder: RunFolder
) -> tuple[list[FittedPriors], list[Generated]]:
    """What stands in place of every model's prior, and configurations from every source."""
    index = fluid.facts.train.gamma_index, fluid.facts.validation.gamma_index
    with run_folder.stage("generation"), progress("generating", len(codes), "models") as advance:
        priors, generated = [], []
        for each in codes:
            priors.append(fit_priors(each, dataset, *index))
            generated += generate(priors[-1], fluid)
            advance(1)
    return priors, generated


def generate(priors: FittedPriors, fluid: EquilibriumFluid) -> list[Generated]:
    """Configurations of one model from every source: as many for each gamma as the equilibrium fluid has."""
    codes = priors.codes
    model, key = codes.model, _key(codes.model)
    tested = fluid.facts.test.gamma_index
    sampled = np.asarray(sample_posterior(codes.posterior, jax.random.fold_in(key, 1), model.noise))
    found = [
        _decoded(model, REAL_CODES, codes.test, tested),
        _decoded(model, POSTERIOR_SAMPLES, sampled, tested),
    ]
    asked = np.repeat(np.arange(len(fluid.facts.gammas)), fluid.num_of_each)
    for number, (name, density) in enumerate(priors.densities.items(), start=2):
        started = time.perf_counter()
        latents = density.draw(jax.random.fold_in(key, number), asked)
        spent = time.perf_counter() - started
        made = _decoded(model, name, latents, asked)
        found.append(made._replace(wall_seconds=made.wall_seconds + spent))
    if model.plan.model.has_learned_prior:
        found += _from_own_prior(model, jax.random.fold_in(key, 2), fluid)
    return found


def _from_own_prior(model: CaseModel, key: PRNGKey, fluid: EquilibriumFluid) -> list[Generated]:
    """The prior as it is, and corrected by rejection: what is too common or too rare by U and sum y.

    Each configuration gets a gamma from the exact p(gamma | x), so that those of a gamma follow the prior's own
    p(x | gamma). Of as many draws as the correction needs.
    """
    draw_latents(model, key, 1)  # Compiles.
    number = int(_SPARE * fluid.num_of_each * len(fluid.facts.gammas))
    pool: list[Generated] = []
    for turn in range(_MOST_TURNS):
        turn_key = jax.random.fold_in(key, turn)
        started = time.perf_counter()
        latents = draw_latents(model, turn_key, number)
        spent = time.perf_counter() - started
        made = _decoded(model, OWN, latents, np.zeros(number, np.int64))
        labels = _told_gamma(jax.random.fold_in(turn_key, 1), fluid, made.positions)
        pool.append(made._replace(gamma_index=labels, wall_seconds=made.wall_seconds + spent))
        drawn = _joined(pool)
        corrected = _corrected(drawn, fluid)
        if min(np.bincount(corrected.gamma_index, minlength=len(fluid.facts.gammas))) >= fluid.num_of_each:
            break
    return [_first_of_each(drawn, fluid), _first_of_each(corrected, fluid)]


def _told_gamma(key: PRNGKey, fluid: EquilibriumFluid, positions: jax.Array) -> np.ndarray:
    told = exact_log_posterior(fluid.facts.system, fluid.free_energy, positions)
    return np.asarray(jax.random.categorical(key, jnp.asarray(told, jnp.float32), axis=1))


def _corrected(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    """Those that rejection leaves: the ratio is learnt from the training part's pair energies and heights."""
    found = jax.device_get(observables(drawn.positions, fluid.facts.system))
    known = fluid.facts.train.observables
    real, made = (np.stack([each.pair_energy, each.mean_height], axis=1) for each in (known, found))
    kept = kept_by_rejection(np.random.default_rng(_SEED), density_ratio(real, made))
    return drawn._replace(
        source=CORRECTED, positions=drawn.positions[np.flatnonzero(kept)], gamma_index=drawn.gamma_index[kept]
    )


def _joined(parts: Sequence[Generated]) -> Generated:
    return parts[0]._replace(
        positions=jnp.concatenate([each.positions for each in parts]),
        gamma_index=np.concatenate([each.gamma_index for each in parts]),
        wall_seconds=sum(each.wall_seconds for each in parts),
    )


def _first_of_each(drawn: Generated, fluid: EquilibriumFluid) -> Generated:
    """As many of each gamma as the fluid has, or as there are; drawing the others is left out of the time."""
    indices = range(len(fluid.facts.gammas))
    kept = np.concatenate([np.flatnonzero(drawn.gamma_index == index)[: fluid.num_of_each] for index in indices])
    spent = drawn.wall_seconds if drawn.source == CORRECTED else drawn.wall_seconds * len(kept) / len(drawn.positions)
    return drawn._replace(positions=drawn.positions[kept], gamma_index=drawn.gamma_index[kept], wall_seconds=spent)


def draw_latents(model: CaseModel, key: PRNGKey, number: int) -> np.ndarray:
    """Latents from the model's own prior, (number, latent), in whole batches of which the first ones are kept."""
    batches = [
        sample_prior(model.plan.model, model.variables, jax.random.fold_in(key, first), _BATCH)
        for first in range(0, number, _BATCH)
    ]
    return np.concatenate([np.asarray(batch) for batch in batches])[:number]


def _decoded(model: CaseModel, source: str, latents: np.ndarray, gamma_index: np.ndarray) -> Generated:
    size = model.plan.evaluation_batch_size
    padded = np.concatenate([latents, np.repeat(latents[:1], -len(latents) % size, axis=0)])
    decode_all(model, padded[:size])  # Compiles.
    started = time.perf_counter()
    positions = decode_all(model, padded)[1][: len(latents)]
    return Generated(model, source, jnp.asarray(positions), gamma_index, time.perf_counter() - started)


def _posterior(model: CaseModel, positions: jax.Array) -> Posterior:
    plan = model.plan
    ordered = plan.representation.order(positions)
    return posterior_of_all(plan.model, plan.representation, model.variables, ordered, plan.evaluation_batch_size)


def _key(model: CaseModel) -> PRNGKey:
    return jax.random.fold_in(jax.random.key(_SEED), model.setting.seed)


def of_gamma(generated: Generated, index: int) -> jax.Array:
    """The configurations of one gamma."""
    return generated.positions[np.flatnonzero(generated.gamma_index == index)]


def from_priors(generated: Sequence[Generated]) -> list[Generated]:
    """Those that no configuration of the test part went into."""
    return [each for each in generated if each.is_from_prior]
