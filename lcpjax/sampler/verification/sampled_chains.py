"""Independent chains of one system at several gammas."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.array_types import PRNGKey
from lcpjax.sampler.run_chains import Configurations
from lcpjax.sampler.verification.check import Subject

Sampler: TypeAlias = Callable[..., Configurations]
"""Signature of ``lcpjax.sampler.sample``."""


class SampledChains(NamedTuple):
    """One configuration of each of many independent chains."""

    subject: Subject
    positions: dict[float, Float64[np.ndarray, "chains particles 2"]]
    """In sigma, by gamma."""


def sample_chains(
    key: PRNGKey,
    subject: Subject,
    sampler: Sampler,
    gammas: Sequence[float],
    num_chains: int,
    num_sweeps: int,
    step_size: float | None = None,
) -> SampledChains:
    """A number of chains at each gamma, all in one call of the sampler."""
    gamma = jnp.tile(jnp.asarray(gammas, jnp.float32), num_chains)
    sampled = sampler(key, subject.system, gamma, num_sweeps=num_sweeps, step_size=step_size)
    positions = np.asarray(sampled.positions, np.float64)
    # Exact results are taken at the gamma that the chains had, which is a float32.
    return SampledChains(
        subject, {float(value): positions[index :: len(gammas)] for index, value in enumerate(gamma[: len(gammas)])}
    )
