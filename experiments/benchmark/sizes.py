"""Numbers of particles, chains and sweeps of the timed runs, all from the config."""

import dataclasses
import math
from typing import NamedTuple

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.errors import OneLineError
from lcpjax.sampler.blocks import largest_block_size, num_block_threads
from lcpjax.system import System

# The fixed cost of a call is timed apart; more sweeps only make the difference more precise.
_FEWEST_SWEEPS = 10
# Chain numbers beyond this many times the dataset's need a larger scale.
_LARGEST_FACTOR = 10
# Of one timed run of a program that makes one chain after the other; 8e6 moves at N = 30, about a second.
_REFERENCE_PARTNERS_PER_CORE = 8e6 * 29
_REFERENCE_CHAINS_PER_GAMMA = 16


class Size(NamedTuple):
    """One timed run."""

    system: System
    num_chains: int
    num_sweeps: int

    @property
    def num_moves(self) -> int:
        """Proposed moves in total."""
        return self.num_chains * self.num_sweeps * self.system.num_particles

    @property
    def num_partners(self) -> int:
        """Pair evaluations of these moves, their cost."""
        return self.num_moves * max(self.system.num_particles - 1, 1)


def dataset_size(config: Config) -> Size:
    """The dataset of the config."""
    num_chains = config.dataset.chains_per_gamma * len(config.system.gammas)
    return Size(build_system(config), num_chains, config.sampler.num_sweeps)


def dataset_round_size(config: Config) -> Size:
    """All chains of the dataset, with the sweeps of one timed run."""
    dataset = dataset_size(config)
    return _size(config, dataset.system, dataset.num_chains, _partners_per_run(config), _FEWEST_SWEEPS)


def systems_to_time(config: Config) -> list[System]:
    """The config's system and others with more or fewer particles, at its number density and temperature.

    Raises:
        ConfigError: so dense a box cannot be scaled to one of the particle numbers.
    """
    system = build_system(config)
    numbers = sorted({system.num_particles, *config.settings.num_particles})
    sides = {number: system.box_side * math.sqrt(number / system.num_particles) for number in numbers}
    try:
        return [dataclasses.replace(system, num_particles=number, box_side=side) for number, side in sides.items()]
    except OneLineError as error:
        raise ConfigError(f"settings.num_particles: {error}") from None


def sampler_sizes(config: Config, system: System) -> list[Size]:
    """The sizes at which a sampler of many chains is timed.

    The config's own system at the dataset's number of chains and at others;
    another at one, which gives every host thread equally many full blocks. All
    rounds of one size compare with about as many partners as the dataset does.
    """
    dataset = dataset_size(config)
    if system == dataset.system:
        most = _LARGEST_FACTOR * dataset.num_chains
        fewer = {number for number in config.settings.num_chains if number <= most}
        numbers = {dataset.num_chains, *fewer}
    else:
        full = num_block_threads() * largest_block_size()
        wanted = dataset.num_chains * dataset.system.num_particles / system.num_particles
        numbers = {min(dataset.num_chains, full * max(1, round(wanted / full)))}
    budget = _partners_per_run(config)
    return [_size(config, system, number, budget, _FEWEST_SWEEPS) for number in sorted(numbers)]


def reference_size(config: Config, system: System, cores: int) -> Size:
    """The size for a program whose rate does not depend on the number of chains: enough for its cores."""
    num_gammas = len(config.system.gammas)
    budget = min(_partners_per_run(config), _REFERENCE_PARTNERS_PER_CORE * cores)
    whole = Size(system, num_gammas, config.sampler.num_sweeps)
    chains_per_gamma = max(_REFERENCE_CHAINS_PER_GAMMA, cores, round(budget / whole.num_partners))
    return _size(config, system, num_gammas * chains_per_gamma, budget, fewest_sweeps=1)


def _partners_per_run(config: Config) -> float:
    return dataset_size(config).num_partners / config.settings.num_rounds


def _size(config: Config, system: System, num_chains: int, partners: float, fewest_sweeps: int) -> Size:
    num_sweeps = max(fewest_sweeps, round(partners / Size(system, num_chains, 1).num_partners))
    return Size(system, num_chains, min(num_sweeps, config.sampler.num_sweeps))
