"""The ensemble check of the package physical_validation, where it is installed: nothing of it is written here."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler import LOCAL_MOVES, MoveRules, sample
from lcpjax.system import System

physical_validation = pytest.importorskip("physical_validation", reason="physical_validation is not installed")

NUM_CHAINS = 4000
TEMPERATURES = (1.0, 1.15)


def ensemble(temperature, sampler, gamma=0.4):
    """Potential energies, of pairs and gravity, of independent chains at one temperature."""
    system = System(num_particles=10, box_side=5.77, temperature=temperature)
    energy = sampler(jax.random.key(4), system, jnp.full(NUM_CHAINS, gamma)).energy
    data = physical_validation.data
    ones = dict.fromkeys(("energy", "length", "volume", "temperature", "pressure", "time"), 1.0)
    units = data.UnitData(kb=1.0, **{f"{name}_conversion": value for name, value in ones.items()})
    return data.SimulationData(
        units=units,
        ensemble=data.EnsembleData("NVT", natoms=10, volume=33.3, temperature=temperature),
        observables=data.ObservableData(potential_energy=np.asarray(energy, np.float64)),
    )


def deviations(first, second):
    """Of the slope of the log ratio of two energy distributions from the exact one, in standard errors."""
    low, high = ensemble(TEMPERATURES[0], first), ensemble(TEMPERATURES[1], second)
    return physical_validation.ensemble.check(
        low, high, total_energy=False, data_is_uncorrelated=True, verbosity=0, bootstrap_seed=1
    )


@pytest.mark.parametrize(("rules", "num_sweeps"), [(None, 300), (LOCAL_MOVES, 2000)], ids=["mixed", "local"])
@pytest.mark.filterwarnings("ignore")
def test_energies_at_two_temperatures_have_the_ratio_of_boltzmann(rules, num_sweeps):
    right = functools.partial(sample, num_sweeps=num_sweeps, rules=rules)
    assert max(map(abs, deviations(right, right))) < 4.3


@pytest.mark.filterwarnings("ignore")
def test_the_check_fails_for_a_temperature_that_is_fifteen_per_cent_too_high():
    right = functools.partial(sample, num_sweeps=300)
    hotter = MoveRules(headroom=lambda temperature, threshold: 1.15 * temperature * threshold)
    assert max(map(abs, deviations(right, functools.partial(right, rules=hotter)))) > 4.3
