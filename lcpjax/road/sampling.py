"""From the config to a dataset on the device, with a figure and a record of how it went."""

import time

import jax
import jax.numpy as jnp

from lcpjax.build import build_system, num_training_configurations
from lcpjax.config import Config
from lcpjax.dataset import Dataset, fingerprint, gamma_of_chains, split_by_chain
from lcpjax.errors import OneLineError
from lcpjax.report import RunFolder, Work, estimated_time, progress, say
from lcpjax.report.figures import draw_configurations
from lcpjax.sampler import Configurations, sample


class SamplingError(OneLineError):
    """A run cannot go on with the data it began with."""


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
    _log(run_folder, configurations, rate)
    dataset = split_by_chain(
        configurations,
        len(config.system.gammas),
        config.dataset.validation_fraction,
        config.dataset.test_fraction,
    )
    shown = jax.device_get((dataset.test.positions, dataset.test.gamma))
    figure, data = draw_configurations(*shown, system.box_side, config.report.num_examples)
    run_folder.save_figure("configurations", figure, data)
    return dataset


def _log(run_folder: RunFolder, configurations: Configurations, moves_per_second: float) -> None:
    means = jax.device_get(
        {
            "sampler/acceptance": jnp.mean(configurations.acceptance),
            "sampler/step_size_sigma": jnp.mean(configurations.step_size),
            "sampler/mean_height_sigma": jnp.mean(configurations.positions[..., 1]),
        }
    )
    record = {name: float(value) for name, value in means.items()}
    record["sampler/moves_per_second"] = moves_per_second
    run_folder.forget({"stage": "sampler"}, from_epoch=0)
    run_folder.log([{"stage": "sampler", **record}], record)
    data_hash, known = fingerprint(configurations.positions), run_folder.info().get("data_hash")
    if known not in (None, data_hash):
        raise SamplingError(
            f"{run_folder.path}: began with other data ({known}) than this device and these versions "
            f"sample ({data_hash}); restart=true sets it aside"
        )
    run_folder.add_info(data_hash=data_hash)
