"""The boxes studied, and their numbers of chains, from the config."""

import dataclasses
from typing import NamedTuple

import jax

from lcpjax.array_types import PRNGKey
from lcpjax.build import build_sampling_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.dataset import SamplingPlan
from lcpjax.errors import OneLineError
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import Ladder, MoveRules
from lcpjax.sampler.streams import Stream

_MOST_LONG_CHAINS = 256


class Box(NamedTuple):
    """The config with one of the box sides, and derived quantities."""

    config: Config
    index: int

    @property
    def label(self) -> str:
        """Name in metrics and figures."""
        return f"box_side={self.config.system.box_side:g}"

    @property
    def gammas(self) -> tuple[float, ...]:
        """In the order of the config."""
        return tuple(self.config.system.gammas)

    @property
    def num_sweeps(self) -> int:
        """S, the number that is checked."""
        return self.config.sampler.num_sweeps

    @property
    def plan(self) -> SamplingPlan:
        """Sampling plan of this box's dataset."""
        return build_sampling_plan(self.config)

    @property
    def rules(self) -> MoveRules:
        """The config's move rules."""
        return self.plan.program.rules

    @property
    def num_long_chains(self) -> int:
        """Of each gamma; a few suffice."""
        return min(max(self.config.dataset.chains_per_gamma // 4, 4), _MOST_LONG_CHAINS)

    @property
    def ladders(self) -> dict[str, Ladder]:
        """Parallel tempering in temperature and in gamma."""
        temperatures = tuple(self.config.settings.temperature_factors)
        gammas = tuple(self.config.settings.gamma_factors)
        return {
            "temperature": Ladder(temperatures, (1.0,) * len(temperatures)),
            "gamma": Ladder((1.0,) * len(gammas), gammas),
        }

    def key(self, stream: Stream) -> PRNGKey:
        """Random numbers of one study of this box."""
        return jax.random.fold_in(jax.random.fold_in(key_of_seed(self.config.sampler.seed), stream), self.index)


def boxes_to_equilibrate(config: Config) -> list[Box]:
    """The config's own box, and the others it names."""
    sides = dict.fromkeys([config.system.box_side, *config.settings.box_sides])
    return [
        Box(dataclasses.replace(config, system=dataclasses.replace(config.system, box_side=side)), index)
        for index, side in enumerate(sides)
    ]


def check_boxes(config: Config) -> None:
    """Build every box and ladder once.

    Raises:
        ConfigError: a box too small for the particles, or rungs that make no ladder.
    """
    for box in boxes_to_equilibrate(config):
        try:
            _ = box.plan, box.ladders
        except OneLineError as error:
            raise ConfigError(f"settings, of {box.label}: {error}") from None
