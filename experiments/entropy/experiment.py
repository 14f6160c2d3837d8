"""The entropy of the fluid."""

import math

from lcpjax.pipeline.free_energy import entropy_rows, fluid_free_energy
from lcpjax.pipeline.run import Run


def run(run: Run) -> None:
    """Load or integrate the entropy; one table, a row for each gamma."""
    fluid = fluid_free_energy(run)
    run.folder.save_table("entropy", entropy_rows(fluid))
    ordered = fluid.mixture_entropy - math.lgamma(run.config.system.num_particles + 1)
    run.folder.finish(
        {
            "entropy/largest_drift_standard_errors": fluid.largest_drift,
            "entropy/largest_disagreement_standard_errors": fluid.largest_disagreement,
            "entropy/mixture_nats": fluid.mixture_entropy,
            "entropy/mixture_standard_error_nats": fluid.mixture_entropy_error,
            "entropy/ordered_mixture_nats": ordered,
            "entropy/information_about_gamma_nats": fluid.information,
            "entropy/information_about_gamma_standard_error_nats": fluid.information_error,
        }
    )
