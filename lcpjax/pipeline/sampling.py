"""Sampling of the config's dataset onto the device, with its figure and record."""

import functools
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.build import (
    build_sampling_plan,
    build_system,
    num_kept_chains,
    num_per_epoch,
)
from lcpjax.config import Config
from lcpjax.dataset import (
    Dataset,
    Parts,
    Store,
    describe_store,
    fingerprint,
    merged,
    split_by_chain,
    sums_by_gamma,
    totals,
)
from lcpjax.errors import OneLineError
from lcpjax.pipeline.equilibrium import (
    along_chains,
    equilibration_metrics,
    long_chain_metrics,
    num_burn_in_moves,
    report_equilibration,
)
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, print_estimate, print_line, progress
from lcpjax.report.figures.configurations import draw_configurations
from lcpjax.runtime.interruption import deferred, stop_requested
from lcpjax.runtime.user_cache import usable_cache_folder, user_cache_folder
from lcpjax.sampler import Configurations, Verdict
from lcpjax.sampler.block_search import fastest_block_size, search_moves
from lcpjax.sampler.blocks import BlockSettings, configure_blocks

# A search costs a fiftieth of what it makes faster, once a machine.
_MOVES_WORTH_A_SEARCH = 50


class SamplingError(OneLineError):
    """A run cannot resume with the data it began with."""


def announce(
    config: Config, num_models: int = 0, num_densities: int = 0, num_datasets: float = 1.0, num_new_chains: int = 0
) -> None:
    """Print an estimate of the run's time, and that a smaller scale exists.

    Args:
        num_densities: how many of the models learn their prior; all where the config's own model does.
        num_datasets: what is sampled in all, in multiples of the dataset.
        num_new_chains: on which densities are measured besides, one configuration each.
    """
    plan, num_chains, num_epochs = build_sampling_plan(config), num_kept_chains(config), config.training.num_epochs
    if config.dataset.source == "stream" and num_models:
        num_chains += num_per_epoch(config) // config.sampler.samples_per_chain * num_epochs
    density_epochs = config.sweep.density_epochs or num_epochs
    if config.model.prior == "autoregressive":
        num_densities, density_epochs = num_models, num_epochs
    moves = num_datasets * (num_chains * plan.moves_per_chain + num_burn_in_moves(config, plan))
    moves += num_new_chains * plan.moves_per_chain
    shown_in_an_epoch: float = num_per_epoch(config)
    if config.training.half_length_check:
        shown_in_an_epoch *= 1.0 + 0.5 / len(config.sweep.seeds)
    work = {
        "partners": moves * (config.system.num_particles - 1),
        "configurations": (num_models - num_densities) * num_epochs * shown_in_an_epoch,
        # Evaluated three times, which takes as long as a step forwards and backwards.
        "configurations of a density": num_densities * (density_epochs * shown_in_an_epoch + num_new_chains),
    }
    print_estimate(f"{config.experiment}: {num_models} model(s)" if num_models else config.experiment, work)


def sample_dataset(run: Run) -> Dataset:
    """The configurations in their three splits, on the device: from the cache where it has them, else sampled."""
    with sampled_parts(run) as parts:
        taken = list(parts)
    configurations = _joined(taken)
    del taken
    long_chains = long_chain_metrics(run, [along_chains(configurations)])
    _log(run.folder, configurations, parts.moves_per_second, long_chains)
    dataset = split_by_chain(
        configurations,
        tuple(run.config.system.gammas),
        run.config.dataset.validation_fraction,
        run.config.dataset.test_fraction,
        run.config.sampler.samples_per_chain,
    )
    shown = jax.device_get((dataset.test.positions, dataset.test.gamma))
    figure, data = draw_configurations(*shown, run.config.system.box_side, run.config.report.num_examples)
    run.folder.save_figure(
        "configurations",
        figure,
        data,
        caption="Some of the test configurations of each gamma, particles as discs of diameter sigma.",
    )
    return dataset


def sample_in_parts(run: Run) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """A row for each gamma, and metrics over all gammas, of configurations sampled into the cache part by part.

    Never more than one part is held in memory.
    """
    gammas = run.config.system.gammas
    with sampled_parts(run) as parts:
        # map, because a loop's variable would hold a part while the next one is sampled.
        sums, values = zip(*map(functools.partial(_seen, gammas=gammas), parts), strict=True)
    long_chains = long_chain_metrics(run, values)
    overall = totals([of_gamma for part in sums for of_gamma in part]) | {"moves_per_second": parts.moves_per_second}
    metrics = {f"sampler/{name}": value for name, value in overall.items() if value is not None}
    return merged(sums, gammas), metrics | equilibration_metrics(run.folder) | long_chains


def _seen(part: Configurations, gammas: Sequence[float]) -> tuple[Any, tuple[np.ndarray, np.ndarray]]:
    """Statistics kept of a part: sums by gamma, and energies and heights along its chains."""
    return sums_by_gamma(part, gammas=gammas), along_chains(part)


def for_fits(run: Run, dataset: Dataset) -> Dataset:
    """The dataset with as many training configurations as probes, densities of codes and detectors are fitted to.

    Models are trained on all; what is fitted afterwards would take as much longer, and its error is the test set's.
    """
    turn = len(run.config.system.gammas) * run.config.sampler.samples_per_chain
    rows = max(run.config.evaluation.configurations_to_fit // turn, 1) * turn
    return dataset._replace(train=Configurations(*(leaf[:rows] for leaf in dataset.train)))


@contextmanager
def sampled_parts(run: Run, verdict: Verdict | None = None) -> Generator[Parts]:
    """The dataset part by part; when all were taken, the cache's datasheet describes them.

    Args:
        verdict: of the plan's burn-in, if it was just checked.

    Raises:
        Interrupted: at the end, if a signal ended the parts early; those there were are in the cache.
    """
    plan, num_chains = build_sampling_plan(run.config), num_kept_chains(run.config)
    kept = kept_in(run.config)
    store = None if kept is None else Store(kept, plan, print_line)
    num_moves = num_chains * plan.moves_per_chain
    num_stored = 0 if store is None else sum(part.stop - part.first for part in store.parts())
    _choose_block_size(run.config, max(num_chains - num_stored, 0) * plan.moves_per_chain)
    with deferred(), run.folder.stage("sampler"), progress("sampling", num_moves, "moves") as advance:
        parts = Parts(plan, num_chains, store, advance, stop_requested, print_line)
        yield parts
    if parts.num_read:
        print_line(f"{parts.num_read} of {num_chains} chains were in the cache")
    equilibration = report_equilibration(run, plan, parts.store, verdict)
    if parts.store is not None:
        _describe(parts.store, equilibration, run.folder)


def _choose_block_size(config: Config, num_moves: int) -> None:
    """Use the fastest block size of a CPU where it is known, and find it where that pays."""
    if config.sampler.block_size or jax.default_backend() != "cpu":
        return
    system = build_system(config)
    is_worth_it = num_moves > _MOVES_WORTH_A_SEARCH * search_moves(system)
    try:
        size = fastest_block_size(system, usable_cache_folder("sampler"), search=is_worth_it)
    except OSError as error:
        print_line(f"the fastest block size is not looked for ({error})")
        return
    configure_blocks(BlockSettings(size, config.sampler.host_threads))


def _describe(store: Store, equilibration: dict[str, Any], run_folder: RunFolder) -> None:
    """Bring the cache's datasheet up to date and say where it is."""
    try:
        described = describe_store(store, equilibration)
    except OSError as error:
        print_line(f"the datasheet of the cached data cannot be written ({error})")
        return
    run_folder.add_info(dataset={"folder": str(store.path), "num_stored_chains": described["num_chains"]})


def kept_in(config: Config) -> Path | None:
    """``cache_folder``; None, and a line that says so, where nothing is to be or can be kept."""
    if not config.dataset.cache:
        return None
    try:
        return cache_folder(config)
    except (OSError, RuntimeError) as error:
        print_line(f"sampled data are not kept ({error})")
        return None


def cache_folder(config: Config) -> Path:
    """Folder of sampled data, and of results that depend on the fluid alone.

    Raises:
        OSError, RuntimeError: there is no home folder.
    """
    asked = config.dataset.cache_dir
    return Path(asked).expanduser() if asked else user_cache_folder() / "datasets"


def _joined(parts: list[Configurations]) -> Configurations:
    """All parts in one, on the device."""
    return parts[0] if len(parts) == 1 else jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *parts)


def _log(
    run_folder: RunFolder,
    configurations: Configurations,
    moves_per_second: float | None,
    long_chains: dict[str, float],
) -> None:
    means = jax.device_get(
        {
            "sampler/acceptance": jnp.mean(configurations.acceptance),
            "sampler/step_size_sigma": jnp.mean(configurations.step_size),
            "sampler/nonlocal_fraction": jnp.mean(configurations.nonlocal_fraction),
            "sampler/mean_height_sigma": jnp.mean(configurations.positions[..., 1]),
        }
    )
    record: dict[str, Any] = {name: float(value) for name, value in means.items()}
    record |= equilibration_metrics(run_folder) | long_chains
    if moves_per_second is not None:
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
