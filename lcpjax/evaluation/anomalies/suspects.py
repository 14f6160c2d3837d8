"""Scores of one suspected kind of anomaly: asked for by name, or as a displacement."""

import numpy as np
from jaxtyping import Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.dataset.perturbed_sets import Displacement
from lcpjax.errors import InputError, did_you_mean
from lcpjax.evaluation.anomalies.displacement_by_model import NUM_NODES, displacement_by_model
from lcpjax.evaluation.density.particle_density import particle_density_of
from lcpjax.trained_model import TrainedModel

DISPLACED = "displaced"
BY_MODEL = "displacement_by_model"
"""Name of the score."""

SUSPECTS = {DISPLACED: Displacement(largest_step=0.3, num_displaced=4, stays_inside=False)}
"""By name. Of unknown steps a middle one is suspected; walls stop nothing."""


@takes_arrays
def score_of_suspect(
    trained: TrainedModel, positions: Configurations2D, suspect: str | Displacement, num_nodes: int = NUM_NODES
) -> dict[str, Float64[np.ndarray, " configurations"]]:
    """displacement_by_model: ln of the model's density after such displacements over that before, in nats.

    Evaluates particles x nodes densities of each configuration.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.
        suspect: a name in ``SUSPECTS``, or the displacement.
        num_nodes: places that each particle is tried at.

    Raises:
        InputError: an unknown suspect, a displacement that cannot be, or a model without a density of particles.
    """
    displacement = _displacement(suspect, trained)
    if not trained.model.has_learned_prior:
        raise InputError(
            f"suspect = {suspect}: {trained.name} has no density of particles; only models with "
            "model.prior=autoregressive have, such as model=best"
        )
    moved_back = displacement_by_model(particle_density_of(trained), trained.system, positions, displacement, num_nodes)
    return {BY_MODEL: moved_back.log_ratio}


def _displacement(suspect: str | Displacement, trained: TrainedModel) -> Displacement:
    system = trained.system
    if isinstance(suspect, str):
        if suspect not in SUSPECTS:
            raise InputError(f"suspect = {suspect}: {did_you_mean(suspect, SUSPECTS)}, or a Displacement")
        named = SUSPECTS[suspect]
        return named._replace(num_displaced=min(named.num_displaced, system.num_particles))
    if not 0 < suspect.largest_step <= system.box_side:
        raise InputError(f"suspect.largest_step = {suspect.largest_step}: must be above 0, at most {system.box_side}")
    if not 1 <= suspect.num_displaced <= system.num_particles:
        raise InputError(f"suspect.num_displaced = {suspect.num_displaced}: must be 1 to {system.num_particles}")
    return suspect
