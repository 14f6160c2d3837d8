"""Trials of a sampler: systems, samplers and exact results, one after another."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import jax

from lcpjax.array_types import PRNGKey
from lcpjax.sampler.rules import LOCAL_MOVES, LOCAL_SWEEPS_FACTOR, SWEEP_ORDERS, MoveRules
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.tempering import Ladder
from lcpjax.sampler.verification.check import Check, Subject
from lcpjax.sampler.verification.gamma_slope import check_gamma_slopes, check_mean_across
from lcpjax.sampler.verification.joint_test import check_joint_distribution
from lcpjax.sampler.verification.reference_means import check_reference_means
from lcpjax.sampler.verification.sampled_chains import SampledChains, Sampler, sample_chains
from lcpjax.sampler.verification.small_systems import check_one_particle, check_two_particles
from lcpjax.sampler.verification.vanishing_fields import check_pair_strength, check_temperature
from lcpjax.sampler.verification.wall_sum_rule import check_wall_sum_rule
from lcpjax.system import PAIR_POTENTIALS, System

CheckFunction: TypeAlias = Callable[[SampledChains], list[Check]]


class SamplerVariant(NamedTuple):
    """A sampler under trial."""

    sampler: Sampler
    sweeps_factor: int = 1
    """So many times the sweeps of the default moves to equilibrium, from a random start."""
    joint_options: Mapping[str, Any] = {}
    """Of the sampler in the joint test, where nothing may be tuned: the next sweep would depend on the one before."""

    def with_options(self, **options: Any) -> "SamplerVariant":
        """The same with these options of the sampler."""
        return self._replace(sampler=functools.partial(self.sampler, **options))


SAMPLERS: dict[str, SamplerVariant] = {
    **{
        name: SamplerVariant(
            functools.partial(sample, rules=MoveRules(order=order)), joint_options={"nonlocal_fraction": 0.5}
        )
        for name, order in SWEEP_ORDERS.items()
    },
    "sequential, local": SamplerVariant(
        functools.partial(sample, rules=LOCAL_MOVES), sweeps_factor=LOCAL_SWEEPS_FACTOR
    ),
}
"""The shipped kernel in every sweep order with mixed moves, and with local ones; the first is checked most."""
NONLOCAL = {"sequential, non-local": SamplerVariant(functools.partial(sample, nonlocal_fraction=1.0))}
"""Non-local moves alone, which only few particles accept often enough."""
LADDER = Ladder(temperature_factors=(1.0, 1.5, 2.0), gamma_factors=(1.0, 0.8, 0.5))

# A few particles cost little: more chains, and a box in which two meet often. The slowest of their motions,
# two particles' drift across that box, takes about 25 sweeps; an equilibrium to 1e-5 takes 12 times as many.
_CHAINS_FACTOR, _NUM_SWEEPS, _PAIR_BOX_SIDE = 8, 500, 4.0
_JOINT_CHAINS_FACTOR = 4
_OTHER_TEMPERATURE = 1.3
# Warm enough that the long-ranged soft_power is no droplet, which would sink and drift as a whole.
_WARM = 2.0


@runtime_checkable
class Trial(Protocol):
    """A test of a sampler."""

    def run(self, key: PRNGKey) -> list[Check]:
        """Sample and check."""
        ...


@dataclass(frozen=True)
class IndependentChains:
    """Chains from uniformly random starts, checked against their equilibrium."""

    subject: Subject
    sampler: Sampler
    checks: tuple[CheckFunction, ...]
    gammas: tuple[float, ...]
    num_chains: int
    """Of each gamma."""
    num_sweeps: int
    step_size: float | None = None

    @property
    def num_moves(self) -> int:
        """Number of moves."""
        return len(self.gammas) * self.num_chains * self.num_sweeps * self.subject.system.num_particles

    def run(self, key: PRNGKey) -> list[Check]:
        """Sample and check."""
        numbers = self.gammas, self.num_chains, self.num_sweeps, self.step_size
        chains = sample_chains(key, self.subject, self.sampler, *numbers)
        return [check for function in self.checks for check in function(chains)]


@dataclass(frozen=True)
class JointTest:
    """Gamma and positions in turn."""

    subject: Subject
    sampler: Sampler
    num_chains: int

    def run(self, key: PRNGKey) -> list[Check]:
        """Alternate and check."""
        return check_joint_distribution(key, self.subject, self.sampler, self.num_chains)


def small_system_trials(
    system: System,
    gammas: Sequence[float],
    num_chains: int,
    samplers: Mapping[str, SamplerVariant] = SAMPLERS | NONLOCAL,
    ladder: Ladder | None = LADDER,
) -> list[Trial]:
    """One and two particles: the first sampler at two temperatures and with every pair potential, then the others.

    Args:
        system: gives temperature, pair potential and one particle's box.
        num_chains: of each gamma; multiplied, because these are cheap.
        ladder: the first sampler is tried with it too; None: not.
    """
    main, *others = samplers.items()
    temperatures = system.temperature, _OTHER_TEMPERATURE * system.temperature
    one = [dataclasses.replace(system, num_particles=1, temperature=temperature) for temperature in temperatures]
    pair = dataclasses.replace(
        system, num_particles=2, box_side=_PAIR_BOX_SIDE, temperature=_OTHER_TEMPERATURE * system.temperature
    )

    def independent(name: str, variant: SamplerVariant, system: System) -> IndependentChains:
        check_function = check_one_particle if system.num_particles == 1 else check_two_particles
        subject = Subject("independent", system, name)
        chains = _CHAINS_FACTOR * num_chains
        return IndependentChains(subject, variant.sampler, (check_function,), tuple(gammas), chains, _NUM_SWEEPS)

    def joint(name: str, variant: SamplerVariant, system: System) -> JointTest:
        fixed = functools.partial(variant.sampler, **variant.joint_options)
        return JointTest(Subject("gamma in turn", system, name), fixed, _JOINT_CHAINS_FACTOR * num_chains)

    pairs = [
        dataclasses.replace(pair, temperature=temperature, pair_potential=potential)
        for potential in PAIR_POTENTIALS
        for temperature in temperatures
    ]
    trials: list[Trial] = [independent(*main, small) for small in (*one, *pairs)]
    trials += [independent(*other, pair) for other in others]
    if ladder is not None:
        trials.append(independent("tempering", main[1].with_options(ladder=ladder), pair))
    return [*trials, joint(*main, one[1]), *(joint(*each, pair) for each in samplers.items())]


def full_system_trials(
    system: System,
    gammas: Sequence[float],
    num_chains: int,
    num_sweeps: int,
    samplers: Mapping[str, SamplerVariant] = SAMPLERS,
    step_size: float | None = None,
) -> list[IndependentChains]:
    """The whole system under every sampler; the first also at another temperature and with every other potential.

    Args:
        num_chains: of each gamma.
        num_sweeps: must be enough for equilibrium from a random start; too few fail, as they should. Times each
            sampler's factor.
        step_size: in sigma; None: tuned.
    """
    main, *_ = samplers.items()
    other_systems = [
        dataclasses.replace(system, pair_potential=potential, temperature=_WARM * system.temperature)
        for potential in PAIR_POTENTIALS
        if potential != system.pair_potential
    ]
    warmer = dataclasses.replace(system, temperature=_OTHER_TEMPERATURE * system.temperature)
    tried = [(each, system) for each in samplers.items()] + [(main, other) for other in (warmer, *other_systems)]
    laws = check_wall_sum_rule, check_gamma_slopes, check_mean_across, check_temperature, check_pair_strength
    checks = *laws, check_reference_means
    return [
        IndependentChains(
            Subject("independent", of_system, name),
            variant.sampler,
            checks,
            tuple(gammas),
            num_chains,
            num_sweeps * variant.sweeps_factor,
            step_size,
        )
        for (name, variant), of_system in tried
    ]


def verify(key: PRNGKey, trials: Sequence[Trial], on_trial: Callable[[int], None] | None = None) -> list[Check]:
    """Checks of all trials, each with its own random numbers.

    Args:
        on_trial: called after each trial with 1.
    """
    checks = []
    for index, trial in enumerate(trials):
        checks += trial.run(jax.random.fold_in(key, index))
        if on_trial is not None:
            on_trial(1)
    return checks
