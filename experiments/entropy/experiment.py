"""The entropy of the fluid.

Question: what is the exact ceiling of every density model, the differential
entropy of the fluid's configurations, at each gamma and of all together?

Expectation, written before the run: for the default system ln Z of 128.5, 96.7,
73.7 and 54.9 and h of 118.9, 102.7, 87.0 and 75.7 nats at gamma 0.1, 0.4, 0.7
and 1; ordered coordinates of the four together 22.4 nats.

Time: five minutes on two CPU cores at any scale; nothing where it is known, as
that of the default system is.
"""

import math

from lcpjax.pipeline.free_energy import entropy_rows, fluid_free_energy
from lcpjax.pipeline.run import Run


def run(run: Run) -> None:
    """Look the entropy up or integrate it; one table, one row per gamma."""
    fluid = fluid_free_energy(run)
    run.folder.save_table("entropy", entropy_rows(fluid))
    ordered = fluid.mixture_entropy - math.lgamma(run.config.system.num_particles + 1)
    run.folder.finish(
        {
            "entropy/largest_drift_standard_errors": fluid.largest_drift,
            "entropy/mixture_nats": fluid.mixture_entropy,
            "entropy/mixture_standard_error_nats": fluid.mixture_entropy_error,
            "entropy/ordered_mixture_nats": ordered,
            "entropy/information_about_gamma_nats": fluid.information,
            "entropy/information_about_gamma_standard_error_nats": fluid.information_error,
        }
    )
