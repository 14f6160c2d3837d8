"""Thirty particles in the default box with temperature or pair energy slightly wrong: the checks of energies see it."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import pytest

from lcpjax.sampler import sample
from lcpjax.sampler.verification import Subject, failures_of
from lcpjax.sampler.verification.reference_means import REFERENCE_SYSTEM, check_reference_means
from lcpjax.sampler.verification.sampled_chains import sample_chains
from lcpjax.sampler.verification.vanishing_fields import check_pair_strength, check_temperature
from lcpjax.system import PAIR_POTENTIALS, lennard_jones

LAWS = (check_temperature, check_pair_strength, check_reference_means)
VERIFY_CHAINS = 4000
"""Of each gamma, as in `make verify`."""


def stronger(squared_distances, factor):
    return factor * lennard_jones(squared_distances)


def cut_at_two_and_a_half_sigma(squared_distances):
    return jnp.where(squared_distances < 6.25, lennard_jones(squared_distances), 0.0)


def with_pairs(name, potential, monkeypatch):
    # Under a name of its own: compiled programs are found again by name.
    monkeypatch.setitem(PAIR_POTENTIALS, name, potential)
    return dataclasses.replace(REFERENCE_SYSTEM, pair_potential=name)


def checks_of(wrong_system, gammas, num_chains):
    """What is said of chains of another system, every check of energies and temperature."""

    def sampler(key, system, *arguments, **options):
        return sample(key, wrong_system, *arguments, **options)

    subject = Subject("independent", REFERENCE_SYSTEM, "sequential")
    chains = sample_chains(jax.random.key(8), subject, sampler, gammas, num_chains, 300)
    return [check for law in LAWS for check in law(chains)]


@pytest.mark.slow
def test_the_right_system_passes_and_four_per_cent_of_temperature_or_eight_of_pair_energy_do_not(monkeypatch):
    few = functools.partial(checks_of, gammas=(0.4, 1.0), num_chains=512)
    assert failures_of(few(REFERENCE_SYSTEM)) == []
    assert failures_of(few(dataclasses.replace(REFERENCE_SYSTEM, temperature=1.04)))
    potential = functools.partial(stronger, factor=1.08)
    assert failures_of(few(with_pairs("eight per cent stronger", potential, monkeypatch)))


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["T + 1 %", "T + 2 %", "epsilon + 2 %", "epsilon + 5 %", "cut at 2.5 sigma", "none"])
def test_small_faults_are_found_at_the_size_of_make_verify(fault, monkeypatch):
    kind, _, percent = fault.replace(" %", "").partition(" + ")
    wrong = REFERENCE_SYSTEM
    if kind == "T":
        wrong = dataclasses.replace(REFERENCE_SYSTEM, temperature=1.0 + float(percent) / 100)
    elif kind == "epsilon":
        wrong = with_pairs(fault, functools.partial(stronger, factor=1.0 + float(percent) / 100), monkeypatch)
    elif kind != "none":
        wrong = with_pairs(fault, cut_at_two_and_a_half_sigma, monkeypatch)
    checks = checks_of(wrong, (0.1, 0.4, 0.7, 1.0), VERIFY_CHAINS)
    assert bool(failures_of(checks)) is (fault != "none")
