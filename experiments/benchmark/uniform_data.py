"""Uniform data for timing training: the cost of a step does not depend on positions."""

import dataclasses

import jax

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.training import TrainingPlan


def plan_and_uniform_data(config: Config, number: int) -> tuple[TrainingPlan, Configurations2D]:
    """The config's training plan, its ordering learnt, and uniform configurations in the model's order."""
    plan = build_plan(config)
    uniform = jax.random.uniform(key_of_seed(Seed.EVALUATION), (number, config.system.num_particles, 2))
    data = config.system.box_side * uniform
    if plan.representation.lacks_template:
        plan = dataclasses.replace(plan, representation=plan.representation.learn(data))
    return plan, plan.representation.order(data)
