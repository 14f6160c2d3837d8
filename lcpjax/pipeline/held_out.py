"""Test configurations of a finished run, from its folder: read from the cache, or its chains sampled again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import yaml
from jaxtyping import Float

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan
from lcpjax.config import SystemConfig
from lcpjax.config.check import typed_group
from lcpjax.config.groups import DatasetConfig, SamplerConfig
from lcpjax.dataset import SamplingPlan, Store, split_sizes
from lcpjax.errors import InputError
from lcpjax.report import print_line
from lcpjax.report.explorer import RealConfigurations
from lcpjax.runtime.files import read_text
from lcpjax.runtime.user_cache import user_cache_folder

# Of runs from before there were these keys; they moved particles only locally.
_EARLIER_SAMPLER = {"moves": "local", "nonlocal_fraction": None, "block_size": None, "host_threads": None}


@dataclass
class _Sampled:
    """The groups of a run's config that decide its dataset."""

    system: SystemConfig
    sampler: SamplerConfig
    dataset: DatasetConfig


def held_out_configurations(folder: Path, most: int) -> RealConfigurations:
    """Configurations of a run's test set, the first of each gamma, every gamma equally often.

    A chain is bitwise the same however many others are sampled, so what the cache no longer holds is made again.

    Args:
        folder: the run folder.
        most: configurations in all; at least one of each gamma is taken.

    Raises:
        InputError: no config there, or one without the keys of a dataset.
    """
    config = _sampled_config(folder)
    plan, dataset = build_sampling_plan(config), config.dataset
    turn, gammas = len(plan.gammas), tuple(sorted(plan.gammas))
    sizes = split_sizes(dataset.chains_per_gamma, dataset.validation_fraction, dataset.test_fraction)
    first = (sizes[0] + sizes[1]) * turn
    number = min(sizes[2], max(most // turn, 1)) * turn
    # Of each chain its first sample.
    positions = _chains(plan, config, first, first + number)
    gamma = np.asarray(plan.gamma(first, number))
    return RealConfigurations(positions, np.searchsorted(np.asarray(gammas, np.float32), gamma), gammas)


def _sampled_config(folder: Path) -> _Sampled:
    path = folder / "config.yaml"
    try:
        values: Any = yaml.safe_load(read_text(path))
        return _Sampled(
            typed_group(SystemConfig, values["system"]),
            typed_group(SamplerConfig, _EARLIER_SAMPLER | values["sampler"]),
            typed_group(DatasetConfig, values["dataset"]),
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); it says which data the run had") from None
    except (yaml.YAMLError, KeyError, TypeError):
        raise InputError(f"{path}: no config of a run: it needs the groups system, sampler and dataset") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _chains(plan: SamplingPlan, config: _Sampled, first: int, stop: int) -> Float[np.ndarray, "chains particles 2"]:
    cache = config.dataset.cache_dir
    store = Store(Path(cache).expanduser() if cache else user_cache_folder() / "datasets", plan, print_line)
    found = _stored(store, first, stop)
    if found is None:
        print_line(f"sampling {stop - first} test configurations, which the cache does not hold")
        found = plan.sample(first, stop - first).positions[:: plan.samples_per_chain]
    return np.asarray(found)


def _stored(store: Store, first: int, stop: int) -> Configurations2D | None:
    """First sample of each of these chains; None unless the cache holds all of them."""
    each, taken = store.plan.samples_per_chain, []
    for part in store.parts():
        if part.first < stop and part.stop > first and (found := store.read(part.first)):
            rows = slice((max(first, part.first) - part.first) * each, (min(stop, part.stop) - part.first) * each, each)
            taken.append(found[1].positions[rows])
    return jnp.concatenate(taken) if sum(map(len, taken)) == stop - first else None
