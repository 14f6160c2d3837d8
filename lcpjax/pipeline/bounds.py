"""Bounds and references from the data alone: linear codes, Gaussians, and the fluid's exact entropy and density."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_system
from lcpjax.dataset import Dataset
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.evaluation.density.rate import ordered_entropy
from lcpjax.evaluation.latents.gaussian_codes import fit_gaussian, gaussian_of_each_gamma, log_density_of_mixture
from lcpjax.evaluation.reconstruction.linear_code import LinearCode, learn_linear_code, linear_code_errors
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.run import Run
from lcpjax.report import print_line
from lcpjax.representation import Representation
from lcpjax.training import TrainingPlan


class FluidBound(NamedTuple):
    """Entropy of the fluid and its exact density of the test set, of coordinates in the model's order, in nats."""

    entropy: float
    entropy_error: float
    log_density: np.ndarray
    """(configurations,): the mean of its negative is the entropy with the scatter of this test set."""
    log_partition_function_error: float
    """Standard error of ln Z, averaged over gamma as if those of all gammas were the same: of any gap to
    ``log_density``, whatever the configurations."""

    @property
    def of_test_set(self) -> float:
        """-<ln p> over the test set."""
        return -float(self.log_density.mean())


class Bounds(NamedTuple):
    """Bounds and references for the models of one plan."""

    linear_code: LinearCode
    fluid: FluidBound | None
    """None where the representation has no coordinates."""


def learn_bounds(run: Run, plan: TrainingPlan, dataset: Dataset) -> Bounds:
    """Linear code of the training set, and the fluid's exact density where models know coordinates."""
    representation = plan.representation
    code = learn_linear_code(representation, representation.augmented(dataset.train.positions))
    if not representation.has_coordinates:
        return Bounds(code, None)
    return Bounds(code, fluid_bound(run, representation, dataset.test.positions))


def fluid_bound(run: Run, representation: Representation, positions: Configurations2D) -> FluidBound:
    """Entropy of coordinates in the representation's order, and their exact density at some configurations.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.
    """
    known = fluid_free_energy(run)
    labelled = fluid_log_density(build_system(run.config), known, positions)
    entropy = ordered_entropy(known.mixture_entropy, run.config.system.num_particles, representation)
    ordered = labelled + (known.mixture_entropy - entropy)
    of_ln_z = float(np.mean(known.log_partition_function_error))
    return FluidBound(entropy, known.mixture_entropy_error, ordered, of_ln_z)


def linear_rows(
    plan: TrainingPlan, dataset: Dataset, bounds: Bounds, latent_dims: Sequence[int]
) -> list[dict[str, Any]]:
    """A linear-PCA row for each number of components, learned from the models' training set; 0 components: the mean."""
    representation, rows = plan.representation, []
    ids = {"representation": representation.name, "ordering": representation.ordering}
    for dims in (0, *latent_dims):
        errors = jax.device_get(linear_code_errors(bounds.linear_code, representation, dataset.test.positions, dims))
        rows.append({**ids, "latent_dim": dims, **{name: float(error) for name, error in errors._asdict().items()}})
    return rows


def gaussian_rows(plan: TrainingPlan, dataset: Dataset, bounds: Bounds) -> list[dict[str, Any]]:
    """Rows of one Gaussian, and of one per gamma, of ordered coordinates on the test set; none without a frame."""
    if bounds.fluid is None:
        return []
    train, test = (_coordinate_rows(plan, split.positions) for split in (dataset.train, dataset.test))
    gammas = np.asarray(dataset.train.gamma)
    if min(np.sum(gammas == gamma) for gamma in np.unique(gammas)) <= train.shape[1]:
        print_line(
            f"no density of one Gaussian to compare with: it takes more than {train.shape[1]} training configurations "
            "of each gamma; raise dataset.chains_per_gamma"
        )
        return []
    densities = {"one Gaussian": [fit_gaussian(train)], "one Gaussian per gamma": gaussian_of_each_gamma(train, gammas)}
    return [
        {
            "density": name,
            "above_entropy_nats": float((bounds.fluid.log_density - log_density_of_mixture(each, test)).mean()),
            "entropy_nats": bounds.fluid.entropy,
            "entropy_error_nats": bounds.fluid.entropy_error,
            "entropy_of_test_set_nats": bounds.fluid.of_test_set,
        }
        for name, each in densities.items()
    ]


def _coordinate_rows(plan: TrainingPlan, positions: jax.Array) -> np.ndarray:
    ordered = np.asarray(plan.representation.order(positions))
    return ordered.reshape(len(ordered), -1)
