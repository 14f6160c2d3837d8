"""The small fluid, exact configurations of it, and uniform points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_plan, build_system
from lcpjax.config.check import changed, typed_config
from lcpjax.config.presets import CONF
from lcpjax.dataset import Dataset
from lcpjax.evaluation.samples.generated import structure_of
from lcpjax.evaluation.samples.observables import observables
from lcpjax.experiments.generation.reference_fluid import EquilibriumFluid
from lcpjax.model import initial_variables
from lcpjax.pipeline.latent_codes import GroundTruth, LabelledSplit
from lcpjax.representation import Normalisation
from lcpjax.sampler import sample
from lcpjax.sampler.thermodynamic_integration import Integration, integrate
from tests.experiments.generation.by_hand import GAMMAS, NUMBER, SMALL, generated
from tests.trained_models import trained

NETWORKS = {
    "representation.name": "coordinates",
    "model.encoder": "perceptron",
    "model.decoder": "perceptron",
    "model.latent_dim": 4,
    "model.width": 16,
    "model.depth": 1,
    "model.variance": "shared",
}


@pytest.fixture(scope="session")
def config():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return changed(typed_config(compose("config", overrides=SMALL)), NETWORKS)


@pytest.fixture(scope="session")
def system(config):
    return build_system(config)


@pytest.fixture(scope="session")
def fluid(system):
    gamma = jnp.tile(jnp.array([*GAMMAS, 0.5]), 2 * NUMBER)
    positions = sample(jax.random.key(0), system, gamma, num_sweeps=400).positions
    by_gamma = {value: positions[index::6] for index, value in enumerate((*GAMMAS, 0.5))}
    others = {value: positions[3 + index :: 6] for index, value in enumerate((*GAMMAS, 0.5))}
    integration = Integration(chains_per_node=64, num_sweeps=200, samples_per_chain=8)
    free_energy = integrate(jax.random.key(1), system, list(GAMMAS), integration)
    tested = jnp.concatenate([by_gamma[value][:100] for value in GAMMAS])
    split = LabelledSplit(tested, np.repeat([0, 1], 100), jax.device_get(observables(tested, system)))
    ground_truth = GroundTruth(system, np.array(GAMMAS), split, split, split, np.zeros((200, 2)))
    structures = {value: structure_of(each, system.box_side) for value, each in by_gamma.items()}
    return EquilibriumFluid(
        ground_truth, free_energy, by_gamma, others, structures, step_size=0.5, nonlocal_fraction=0.75
    )


@pytest.fixture(scope="session")
def dataset(fluid, system):
    gamma = jnp.repeat(jnp.array(GAMMAS), 100)
    first, second = (sample(jax.random.key(seed), system, gamma, num_sweeps=400) for seed in (3, 4))
    return Dataset(first, first, second, GAMMAS)


@pytest.fixture(scope="session")
def model(config):
    plan = build_plan(config)
    mean = Normalisation(jnp.full((4, 2), 2.5), jnp.float32(1.0))
    return trained(plan, initial_variables(plan.model, jax.random.key(0), mean), system=build_system(config))


@pytest.fixture(scope="session")
def perfect(model, system):
    """Other chains of the same fluid."""
    gamma = jnp.repeat(jnp.array(GAMMAS), NUMBER)
    return generated(model, [sample(jax.random.key(9), system, gamma, num_sweeps=400).positions])


@pytest.fixture(scope="session")
def uniform(model):
    return generated(model, [5.0 * jax.random.uniform(jax.random.key(5), (2 * NUMBER, 4, 2))])
