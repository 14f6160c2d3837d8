"""Export of the dataset in the formats of other programs."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.build.with_key import with_key
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.report.trajectories import Format, Frames, require_library, trajectory_format

from .settings import Settings


def export_formats(config: Config) -> dict[str, Format]:
    """The formats of the config, each with its library installed.

    Raises:
        ConfigError: an unknown format.
        InputError: a library is missing.
    """
    settings: Settings = config.settings
    with with_key("settings"):
        formats = {name: trajectory_format(name) for name in settings.formats}
    for format_ in formats.values():
        require_library(format_)
    return formats


def export_configurations(run: Run, formats: Mapping[str, Format], dataset: Dataset) -> dict[str, float]:
    """Write the first configurations of each gamma in every format; numbers of frames, and bytes of a frame."""
    numbers = run.config.settings.configurations_per_gamma, len(run.config.system.gammas)
    frames = first_frames(dataset, *numbers, run.config.sampler.samples_per_chain)
    folder, sizes = run.folder.path / "trajectories", {}
    with run.folder.stage("export"):
        for name, format_ in formats.items():
            path = folder / f"configurations.{format_.ending}"
            format_.write(path, frames, run.config.system.box_side)
            sizes[f"export/{name}_bytes"] = path.stat().st_size
    return {"export/num_frames": len(frames.chain), **sizes}


def first_frames(dataset: Dataset, per_gamma: int, num_gammas: int, samples_per_chain: int) -> Frames:
    """The first configurations of each gamma in the order of their chains, on the host."""
    # Gammas take turns from chain to chain; a chain's samples lie together.
    num_rows = -(-per_gamma // samples_per_chain) * num_gammas * samples_per_chain
    chain, sample = divmod(np.arange(num_rows), samples_per_chain)
    rows = np.flatnonzero(chain // num_gammas * samples_per_chain + sample < per_gamma)

    def first(*arrays: jax.Array) -> jax.Array:
        joined = jnp.concatenate([array[:num_rows] for array in arrays])
        return joined[rows[rows < joined.shape[0]]]

    # The splits are consecutive chains: training, validation, test.
    positions, gamma, energy = jax.device_get(
        [first(*(getattr(split, name) for split in dataset.splits)) for name in ("positions", "gamma", "energy")]
    )
    return Frames(positions, gamma, energy, chain[rows[: len(gamma)]])
