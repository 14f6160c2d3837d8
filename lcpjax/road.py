"""The road as experiments walk it: each stage with its progress, metrics, checkpoints and figures."""

import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_representation, build_system, num_training_configurations
from lcpjax.config import Config, plain
from lcpjax.dataset import Dataset, fingerprint, gamma_of_chains, split_by_chain
from lcpjax.errors import OneLineError
from lcpjax.evaluation import compile_reference, linear_pca_error, mean_error, run_reference
from lcpjax.model import decode, encode
from lcpjax.report import RunFolder, Work, estimated_time, progress, say
from lcpjax.report.figures import draw_configurations, draw_learning_curves, draw_reconstructions
from lcpjax.sampler import Configurations, sample
from lcpjax.system import System
from lcpjax.training import (
    Checkpoints,
    EpochMetrics,
    FailedBatch,
    Hyperparameters,
    TrainingPlan,
    TrainState,
    evaluate,
    fit,
    has_failed,
    initial_state,
)

# Of the study's liquid: accepts 0.54 to 0.32 of the moves from gamma 0.1 to 1.0.
_BENCHMARK_STEP_SIZE = 0.45
# 64 chains of 3000 sweeps are 6e6 moves, about a second of C++.
_REFERENCE_CHAINS_PER_GAMMA = 16

Setting = dict[str, Any]
"""What tells the models of one run apart: kl_weight, latent_dim, seed."""


class TrainingError(OneLineError):
    """No model of a run could be trained to the end."""


def announce(config: Config, num_models: int) -> None:
    """Say how long the run will take, and that a smaller one exists."""
    moves = config.dataset.chains_per_gamma * len(config.system.gammas) * config.sampler.num_sweeps
    samples = num_training_configurations(config) * config.training.num_epochs * num_models
    work = Work(moves * config.system.num_particles, config.system.num_particles, samples)
    smaller = "" if estimated_time(work).startswith("less") else "; +scale=smoke takes seconds"
    say(f"{config.experiment}: {num_models} model(s), {estimated_time(work)}{smaller}")


def sample_dataset(config: Config, run_folder: RunFolder) -> Dataset:
    """The sampled configurations in their three parts, on the device they were sampled on."""
    system = build_system(config)
    gamma = gamma_of_chains(config.system.gammas, config.dataset.chains_per_gamma)
    num_moves = gamma.shape[0] * config.sampler.num_sweeps * system.num_particles
    key, step_size = jax.random.key(config.sampler.seed), config.sampler.step_size
    with run_folder.stage("sampler"), progress("sampling", num_moves, "moves") as advance:
        # One sweep first: the number of sweeps is traced, so this compiles all there is to compile.
        sample(key, system, gamma[:1], num_sweeps=1, step_size=step_size)
        start = time.perf_counter()
        configurations = sample(
            key, system, gamma, num_sweeps=config.sampler.num_sweeps, step_size=step_size, on_moves=advance
        )
        rate = num_moves / (time.perf_counter() - start)
    _log_sampling(run_folder, configurations, rate)
    dataset = split_by_chain(
        configurations,
        len(config.system.gammas),
        config.dataset.validation_fraction,
        config.dataset.test_fraction,
    )
    run_folder.add_info(data_hash=fingerprint(configurations.positions))
    positions, gamma = jax.device_get(dataset.test)
    figure, data = draw_configurations(positions, gamma, system.box_side, config.report.num_examples)
    run_folder.save_figure("configurations", figure, data)
    return dataset


def measure_sampler(config: Config, system: System, run_folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each timed run: our sampler and the scalar C++ program in turn, on the same system.

    Both make the same moves of the same size; the C++ program runs fewer chains,
    one after the other on one core, since its time grows with them.
    """
    gamma = gamma_of_chains(config.system.gammas, config.dataset.chains_per_gamma)
    step_size, num_sweeps = config.sampler.step_size or _BENCHMARK_STEP_SIZE, config.sampler.num_sweeps
    few = [float(value) for value in gamma[: len(config.system.gammas) * _REFERENCE_CHAINS_PER_GAMMA]]
    program = compile_reference(run_folder.path)
    key, rows = jax.random.key(config.sampler.seed), []
    sample(key, system, gamma[:1], num_sweeps=1, step_size=step_size)
    with run_folder.stage("sampler"), progress("measuring", config.evaluation.num_rounds, "rounds") as advance:
        for round_ in range(config.evaluation.num_rounds):
            start = time.perf_counter()
            sample(key, system, gamma, num_sweeps=num_sweeps, step_size=step_size)
            timed = [("lcpjax", gamma.shape[0], time.perf_counter() - start)]
            if program is not None and system.pair_potential == "lennard_jones":
                seconds = run_reference(program, system, few, num_sweeps, step_size, seed=round_).seconds
                timed.append(("scalar C++", len(few), seconds))
            for name, num_chains, seconds in timed:
                rate = num_chains * num_sweeps * system.num_particles / seconds
                about = {"round": round_, "program": name, "num_chains": num_chains, "num_sweeps": num_sweeps}
                rows.append({**about, "wall_seconds": seconds, "moves_per_second": rate})
            advance(1)
    return rows


def train_models(
    config: Config, plan: TrainingPlan, settings: Sequence[Setting], dataset: Dataset, run_folder: RunFolder
) -> list[TrainState]:
    """All models trained side by side, from the last checkpoint where there is one.

    Raises:
        TrainingError: none of them could be trained to the end.
    """
    train, validation = (plan.representation.order(part.positions) for part in (dataset.train, dataset.validation))
    models = [
        Hyperparameters.on_device(setting["kl_weight"], config.training.learning_rate, setting["seed"])
        for setting in settings
    ]
    states = [initial_state(plan, model, train) for model in models]
    saved = {"config": plain(config), "models": list(settings)}
    with (
        Checkpoints(run_folder.checkpoints) as checkpoints,
        run_folder.stage("training"),
        progress("training", plan.num_epochs, "epochs") as advance,
    ):
        if first_epoch := checkpoints.latest_epoch():
            states = checkpoints.restore_latest(states)
            advance(first_epoch)
        run_folder.metrics.keep_epochs_before("training", first_epoch)
        states = fit(
            plan,
            models,
            states,
            train,
            validation,
            on_epoch=_EpochLog(run_folder, settings, advance),
            on_checkpoint=lambda done, states: checkpoints.save(done, states, saved),
            on_failure=lambda index, batch: _save_failed_batch(run_folder, settings[index], index, batch),
            epochs_per_checkpoint=config.training.epochs_per_checkpoint,
            first_epoch=first_epoch,
        )
    if all(has_failed(state) for state in states):
        raise TrainingError(f"training stopped: {'; '.join(failures_of(settings, states))}")
    records = [record for record in run_folder.metrics.records() if record["stage"] == "training"]
    run_folder.save_figure("learning_curves", *draw_learning_curves(records))
    return states


def failures_of(settings: Sequence[Setting], states: Sequence[TrainState]) -> list[str]:
    """One line for each model that failed."""
    return [
        f"{label(setting)}: the loss or gradient of step {int(state.failed_step)} was not finite "
        f"(its batch: failed_batch-{index}.npz)"
        for index, (setting, state) in enumerate(zip(settings, states, strict=True))
        if has_failed(state)
    ]


def test_errors(
    plan: TrainingPlan, settings: Sequence[Setting], states: Sequence[TrainState], dataset: Dataset
) -> list[dict[str, Any]]:
    """A row for each model: its setting, MSE and KL on the test part; nan where it failed."""
    ordered, rows = plan.representation.order(dataset.test.positions), []
    for setting, state in zip(settings, states, strict=True):
        terms = evaluate(plan, state.best.variables, jnp.float32(setting["kl_weight"]), ordered)
        mse, kl_nats = (float("nan") if has_failed(state) else float(x) for x in (terms.mse, terms.kl_nats))
        rows.append({**setting, "mse_test": mse, "kl_nats": kl_nats})
    return rows


def linear_rows(config: Config, dataset: Dataset, latent_dims: Sequence[int]) -> list[dict[str, Any]]:
    """The linear-PCA row for each number of components, on the data the models saw; 0 components: the mean."""
    representation = build_representation(config)
    train, test = (_represented(config, part.positions) for part in (dataset.train, dataset.test))
    rows = []
    for dims in (0, *latent_dims):
        error = linear_pca_error(train, test, dims) if dims else mean_error(train, test)
        about = {"representation": representation.name, "ordering": representation.ordering}
        rows.append({**about, "latent_dim": dims, "mse": float(error)})
    return rows


def draw_examples(
    config: Config, plan: TrainingPlan, state: TrainState, dataset: Dataset, run_folder: RunFolder
) -> None:
    """The figure of some test matrices, their reconstructions from the latent mean, and the residuals."""
    # Consecutive chains differ in gamma, so the first ones show different gammas.
    num_shown = min(config.report.num_examples, dataset.test.gamma.shape[0])
    samples = _represented(config, dataset.test.positions[:num_shown])
    outputs = decode(plan.model, state.best.variables, encode(plan.model, state.best.variables, samples).mean)
    shown = jax.device_get((samples, outputs, dataset.test.gamma[:num_shown]))
    run_folder.save_figure("reconstructions", *draw_reconstructions(*shown))


def summary_of_stages(run_folder: RunFolder) -> dict[str, float]:
    """The sampler's and the training's own figures, from metrics.jsonl, so that a resumed run has them too."""
    records = run_folder.metrics.records()
    sampled = next(record for record in records if record["stage"] == "sampler")
    walls = {r["epoch"]: r["training/epoch_wall_seconds"] for r in records if r["stage"] == "training"}
    return {
        **{name: value for name, value in sampled.items() if "/" in name},
        "training/epoch_wall_seconds": float(np.median(list(walls.values()))),
    }


def label(setting: Setting) -> str:
    """A model's setting in one word or two.

    >>> label({"kl_weight": 1e-3, "latent_dim": 40, "seed": 0})
    'kl_weight=0.001, latent_dim=40, seed=0'
    """
    return ", ".join(f"{name}={value:g}" for name, value in setting.items())


class _EpochLog:
    """Turns an epoch's metrics of all models into records."""

    def __init__(self, run_folder: RunFolder, settings: Sequence[Setting], advance: Any) -> None:
        self._run_folder, self._settings, self._advance = run_folder, settings, advance
        self._last = time.perf_counter()

    def __call__(self, epoch: int, metrics: list[EpochMetrics | None]) -> None:
        now = time.perf_counter()
        wall, self._last = now - self._last, now
        records, mirrored = [], {"epoch": epoch, "training/epoch_wall_seconds": wall}
        for setting, metric in zip(self._settings, metrics, strict=True):
            if metric is None:
                continue
            values = {f"training/{name}": float(value) for name, value in metric.train._asdict().items()}
            validated = metric.validation._asdict().items()
            values |= {f"training/validation_{name}": float(value) for name, value in validated}
            about = {"stage": "training", "epoch": epoch, "model": label(setting), **setting}
            records.append(about | values | {"training/epoch_wall_seconds": wall})
            # One model keeps the plain names, so that runs can be laid over each other.
            suffix = f"/{label(setting)}" if len(self._settings) > 1 else ""
            mirrored |= {name + suffix: value for name, value in values.items()}
        self._run_folder.log(records, mirrored)
        self._advance(1)


def _log_sampling(run_folder: RunFolder, configurations: Configurations, moves_per_second: float) -> None:
    means = jax.device_get(
        {
            "sampler/acceptance": jnp.mean(configurations.acceptance),
            "sampler/step_size_sigma": jnp.mean(configurations.step_size),
            "sampler/mean_height_sigma": jnp.mean(configurations.positions[..., 1]),
        }
    )
    record = {name: float(value) for name, value in means.items()}
    record["sampler/moves_per_second"] = moves_per_second
    run_folder.metrics.keep_epochs_before("sampler", 0)
    run_folder.log([{"stage": "sampler", **record}], record)


def _save_failed_batch(run_folder: RunFolder, setting: Setting, index: int, batch: FailedBatch) -> None:
    path = run_folder.save_arrays(
        f"failed_batch-{index}", step=np.array(batch.step), rows=batch.rows, positions=batch.positions
    )
    say(f"{label(setting)}: loss or gradient not finite at step {batch.step}; its batch is in {path}")


def _represented(config: Config, positions: Configurations2D) -> jax.Array:
    representation = build_representation(config)
    return representation.represent(representation.order(positions))
