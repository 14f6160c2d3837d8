"""The test set for the scores of images."""

import math
from typing import NamedTuple

import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_system
from lcpjax.dataset import Dataset
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.run import Run
from lcpjax.system import System


class ImagedFluid(NamedTuple):
    """The test set with its energies and exact density."""

    system: System
    positions: Configurations2D
    gamma: np.ndarray
    energies: np.ndarray
    """Of pairs, in epsilon."""
    log_density: np.ndarray
    """Ln p of each set of positions under the fluid, in nats."""
    entropy_error: float
    """Of its mean, from that of ln Z, in nats."""


def imaged_fluid(run: Run, dataset: Dataset) -> ImagedFluid:
    """The test set with its exact density: of sets, N! times that of labelled particles."""
    system, known, positions = build_system(run.config), fluid_free_energy(run), dataset.test.positions
    of_sets = fluid_log_density(system, known, positions) + math.lgamma(system.num_particles + 1)
    energies = np.asarray(pair_energies(positions, system))
    return ImagedFluid(
        system, positions, np.asarray(dataset.test.gamma), energies, of_sets, float(known.mixture_entropy_error)
    )
