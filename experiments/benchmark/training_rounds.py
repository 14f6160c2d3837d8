"""Training one model, in alternating rounds with PyTorch's, and the fraction of the device's peak."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.array_types import Configurations2D
from lcpjax.build import num_training_configurations
from lcpjax.config import Config
from lcpjax.report import progress
from lcpjax.report.tables import Row
from lcpjax.training import Hyperparameters, LossTerms, TrainingPlan, initial_state
from lcpjax.training.train_step import batch_order, train_steps

from .medians import metric_name, rate_columns
from .programs import OURS
from .roofline_rows import Bounds
from .trainers import trainers
from .uniform_data import plan_and_uniform_data

_RATE = "steps_per_second"
# On a CPU, epochs of this many take seconds; longer ones have the same rate.
_MOST_CONFIGURATIONS_ON_CPU = 4096


def batch_sizes(config: Config) -> list[int]:
    """The config's own first, then the benchmark's others that the training set can fill."""
    own, most = config.training.batch_size, num_training_configurations(config)
    return [own, *(size for size in config.settings.batch_sizes if size != own and size <= most)]


def time_training(config: Config) -> list[dict[str, Any]]:
    """A row for each round, batch size and program: an epoch of the config's model; nothing that compiles is timed."""
    most = num_training_configurations(config)
    number = min(most, _MOST_CONFIGURATIONS_ON_CPU) if jax.default_backend() == "cpu" else most
    plan, data = plan_and_uniform_data(config, number)
    entries = []
    for batch_size in batch_sizes(config):
        sized = dataclasses.replace(plan, batch_size=batch_size)
        sizes = {"batch_size": batch_size, "operations_per_step": operations_per_step(sized, data)}
        sizes["num_steps"] = sized.steps_per_epoch(number)
        entries += [(trainer, sizes) for trainer in trainers(config, sized, data)]
    for trainer, _ in entries:
        trainer.epoch()
    num_rounds, rows = config.settings.num_rounds, []
    with progress("training", num_rounds * len(entries), "runs") as advance:
        for round_ in range(num_rounds):
            for trainer, sizes in entries:
                named = {"program": trainer.program, "device": trainer.device, "cores": trainer.cores}
                seconds = trainer.epoch()
                timed = {"round": round_, "wall_seconds": seconds, _RATE: sizes["num_steps"] / seconds}
                rows.append({**named, "model": config.model.encoder, **sizes, **timed})
                advance(1)
    return rows


def operations_per_step(plan: TrainingPlan, data: Configurations2D) -> float:
    """Arithmetic operations of one of our gradient steps, representation included, as XLA counts them.

    Counted before it optimises, products by zero included; nan where it does not count.

    Args:
        data: the training set in the model's particle order.
    """
    model = Hyperparameters.on_device(1.0, 1.0, 0)
    state = initial_state(plan, model, data)
    sums = LossTerms(*(jnp.float32(0) for _ in LossTerms._fields))
    order = batch_order(plan, model, state.step, data.shape[0])
    costs = train_steps.lower(plan, 1, state, sums, model, data, order).cost_analysis()
    return (costs or {}).get("flops", math.nan)


def training_medians(rows: Sequence[Row], peaks: Bounds) -> list[dict[str, Any]]:
    """A row for each program and batch size: median rate, range, fraction of the peak, ratio to each other program.

    Args:
        peaks: of ``measured_peaks``; in float32, which a GPU's tensor cores may exceed.
    """
    runs: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        runs.setdefault((row["program"], row["batch_size"]), []).append(row)
    medians = []
    for (_, batch_size), own in runs.items():
        others = {
            name: [row[_RATE] for row in theirs]
            for (name, size), theirs in runs.items()
            if size == batch_size and name != OURS
        }
        rates = rate_columns(_RATE, [row[_RATE] for row in own], others)
        kept = {name: value for name, value in own[0].items() if name not in ("round", "wall_seconds", _RATE)}
        operations, most = rates[_RATE] * kept.pop("operations_per_step"), peaks.operations_per_second
        fraction = {"operations_per_second": operations, "fraction_of_peak_operations_per_second": operations / most}
        if not own[0]["program"].startswith(OURS):
            # Its operations were not counted.
            fraction = dict.fromkeys(fraction, math.nan)
        medians.append({**kept, **rates, **fraction})
    return medians


def training_headline(config: Config, medians: Sequence[Row]) -> dict[str, float]:
    """The metrics of one model in training: plain names at the config's batch size, others say theirs."""
    summary = {}
    for row in medians:
        size = "" if row["batch_size"] == config.training.batch_size else f"batch_{row['batch_size']}_"
        program = "" if row["program"] == OURS else f"{metric_name(row['program'])}_"
        summary[f"training/{size}{program}{_RATE}"] = row[_RATE]
        if row["program"] == OURS:
            ratios = [name for name in row if name.startswith(("ratio_to_", "fraction_of_"))]
            summary |= {f"training/{size}{name}": row[name] for name in ratios}
    return summary
