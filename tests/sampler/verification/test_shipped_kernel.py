"""The shipped kernel against everything known exactly, with few chains; `make verify` takes many."""

import functools

import jax
import pytest

from lcpjax.sampler import MoveRules, sample
from lcpjax.sampler.verification import (
    SAMPLERS,
    JointTest,
    Subject,
    failures_of,
    full_system_trials,
    joint_p_value,
    small_system_trials,
    verify,
)
from lcpjax.sampler.verification.gamma_slope import check_gamma_slopes
from lcpjax.sampler.verification.sampled_chains import sample_chains
from lcpjax.sampler.verification.small_systems import check_two_particles
from lcpjax.sampler.verification.wall_sum_rule import check_wall_sum_rule
from lcpjax.system import System

GAMMAS = (0.1, 0.4, 0.7, 1.0)
# As dense as the study's 30 particles in a box of side 10, and sooner in equilibrium.
TEN = System(num_particles=10, box_side=5.77)
KEY = jax.random.key(2)


@pytest.mark.slow
def test_one_and_two_particles_obey_their_laws_in_every_order():
    # Without tempering, whose program takes long to compile: test_tempering holds a ladder to the barometric law.
    trials = small_system_trials(System(), GAMMAS, num_chains=128, ladder=None)
    # `make verify` has two particles at temperature 1 too.
    trials = [each for each in trials if each.subject.system.num_particles == 1 or each.subject.system.temperature != 1]
    kinds = {"sequential, local", "sequential, non-local"}
    assert {each.subject.sampler_name for each in trials} == {"sequential", "forward_backward", "random", *kinds}
    assert {each.subject.system.pair_potential for each in trials} == {"lennard_jones", "soft_power"}
    assert sum(isinstance(each, JointTest) for each in trials) == 6
    assert failures_of(verify(KEY, trials)) == []


def test_the_full_set_tries_tempering_too():
    trials = small_system_trials(System(), GAMMAS, num_chains=128)
    assert "tempering" in {each.subject.sampler_name for each in trials}


@pytest.mark.slow
def test_ten_particles_obey_wall_sum_rule_and_gamma_slopes():
    first = {"sequential": SAMPLERS["sequential"]}
    trials = full_system_trials(TEN, GAMMAS, num_chains=128, num_sweeps=2000, samplers=first)
    assert {each.subject.system.temperature for each in trials} == {1.0, 1.3, 2.0}
    # `make verify` has temperature 1.3 too.
    trials = [each for each in trials if each.subject.system.temperature != 1.3]
    assert [each.subject.system.pair_potential for each in trials] == ["lennard_jones", "soft_power"]
    checks = verify(jax.random.fold_in(KEY, 1), trials)
    assert {check.name for check in checks} >= {"n(0) - n(L) (1/sigma)", "gamma slope (1/sigma)"}
    assert failures_of(checks) == []


def test_chains_of_other_gammas_break_wall_sum_rule_and_gamma_slopes():
    chains = sample_chains(KEY, Subject("independent", TEN, "sequential"), sample, GAMMAS, 256, 500)
    swapped = chains._replace(positions=dict(zip(chains.positions, reversed(chains.positions.values()), strict=True)))
    for check in (check_wall_sum_rule, check_gamma_slopes):
        assert failures_of(check(swapped)), check.__name__


def test_two_particles_of_one_potential_do_not_have_the_distribution_of_another():
    system = System(num_particles=2, box_side=4.0, temperature=1.3)
    chains = sample_chains(KEY, Subject("independent", system, "sequential"), sample, GAMMAS, 1024, 500)
    other = chains.subject._replace(system=System(2, 4.0, 1.3, "soft_power"))
    failed = [check.name for check in check_two_particles(chains._replace(subject=other)) if check.has_failed]
    assert set(failed) == {"histogram of distance"}


def hotter(temperature, threshold):
    return 1.3 * temperature * threshold


@pytest.mark.slow
def test_the_joint_distribution_drifts_under_a_wrong_temperature():
    subject = Subject("gamma in turn", System(num_particles=1, temperature=1.3), "sequential")
    wrong = functools.partial(sample, rules=MoveRules(headroom=hotter, nonlocal_moves=None))
    checks = JointTest(subject, wrong, num_chains=2048).run(KEY)
    assert "histogram of gamma" in [check.name for check in checks if check.has_failed]
    assert joint_p_value(checks) < 1e-4
