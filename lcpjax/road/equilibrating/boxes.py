"""Which boxes are looked at, with how many chains; all follows from the config."""

import dataclasses
from typing import NamedTuple

import jax

from lcpjax.array_types import PRNGKey
from lcpjax.build import build_sampling_plan
from lcpjax.config import Config
from lcpjax.dataset import SamplingPlan
from lcpjax.report import Work, estimated_time, say
from lcpjax.sampler import SWEEP_ORDERS, Ladder, MoveRules

_MOST_LONG_CHAINS = 256
# Each study has random numbers of its own, and so has each box.
LONG_RUNS, TEMPERING, LAWS = range(3)


class Box(NamedTuple):
    """The config with one of the box sides, and what follows from it."""

    config: Config
    index: int

    @property
    def label(self) -> str:
        """For names of metrics and figures."""
        return f"box_side={self.config.system.box_side:g}"

    @property
    def gammas(self) -> tuple[float, ...]:
        """In the order of the config."""
        return tuple(self.config.system.gammas)

    @property
    def num_sweeps(self) -> int:
        """S, the number that is judged."""
        return self.config.sampler.num_sweeps

    @property
    def plan(self) -> SamplingPlan:
        """What the dataset of this box is sampled by."""
        return build_sampling_plan(self.config)

    @property
    def rules(self) -> MoveRules:
        """The config's order of sweeps."""
        return MoveRules(order=SWEEP_ORDERS[self.config.sampler.order])

    @property
    def num_long_chains(self) -> int:
        """Of each gamma; a few tell as much as many."""
        return min(max(self.config.dataset.chains_per_gamma // 4, 4), _MOST_LONG_CHAINS)

    @property
    def ladders(self) -> dict[str, Ladder]:
        """Parallel tempering in temperature and in gamma."""
        temperatures = tuple(self.config.evaluation.equilibration_temperature_ladder)
        gammas = tuple(self.config.evaluation.equilibration_gamma_ladder)
        return {
            "temperature": Ladder(temperatures, (1.0,) * len(temperatures)),
            "gamma": Ladder((1.0,) * len(gammas), gammas),
        }

    def key(self, study: int) -> PRNGKey:
        """Random numbers of one study of this box."""
        return jax.random.fold_in(jax.random.fold_in(jax.random.key(self.config.sampler.seed), study), self.index)


def boxes_to_equilibrate(config: Config) -> list[Box]:
    """The config's own box, and the others it names.

    Raises:
        OneLineError: a box too small for the particles, or rungs that make no ladder.
    """
    sides = dict.fromkeys([config.system.box_side, *config.evaluation.equilibration_box_sides])
    boxes = [
        Box(dataclasses.replace(config, system=dataclasses.replace(config.system, box_side=side)), index)
        for index, side in enumerate(sides)
    ]
    # Built once and thrown away: what cannot be is said before anything is sampled.
    _ = [(box.plan, box.ladders) for box in boxes]
    return boxes


def announce_equilibration(config: Config) -> None:
    """Say how long the run will take, and that a smaller one exists."""
    boxes = boxes_to_equilibrate(config)
    moves_per_chain = 2 * config.sampler.num_sweeps * config.system.num_particles * len(config.system.gammas)
    followed = config.sampler.num_superchains * config.sampler.chains_per_superchain
    others = len(SWEEP_ORDERS) - 1
    # A dataset, and three studies of tempering, of which the last two swap as well.
    sampled = 4 * config.dataset.chains_per_gamma + 1.5 * boxes[0].num_long_chains
    laws = (len(boxes) + others) * config.evaluation.equilibration_verification_chains / 2
    num_chains = len(boxes) * (followed + sampled) + others * followed + laws
    work = Work(moves_per_chain * num_chains, config.system.num_particles, 0)
    smaller = "" if estimated_time(work).startswith("less") else "; +scale=smoke takes seconds"
    say(f"{config.experiment}: {estimated_time(work)}{smaller}")
