"""The entropy of the fluid, and ln Z by several routes."""

import math

import lcpjax.build
from lcpjax.config import Config
from lcpjax.errors import InputError
from lcpjax.evaluation.density.partition_functions import LearnedRoute
from lcpjax.pipeline.free_energy import entropy_rows, fluid_free_energy
from lcpjax.pipeline.run import Run
from lcpjax.sampler.thermodynamic_integration import FreeEnergy

from .answer import answer
from .effort import announce_routes
from .figures import draw_routes
from .integrals import integrals_of
from .learned import check_density, route_of, train_density
from .routes import all_routes, mixture_rows, route_rows, route_summary, warn_of_routes


def check(config: Config) -> None:
    """Refuse what cannot be built, and a model that is no density where there are to be draws of it."""
    lcpjax.build.check(config)
    check_density(config)


def run(run: Run) -> None:
    """Load or integrate the entropy; then ln Z by a learned density, and by integrals with other numbers of nodes."""
    sizes = run.config.settings
    announce_routes(run.config)
    fluid = fluid_free_energy(run)
    run.folder.save_table("entropy", entropy_rows(fluid))
    learned = _learned(run) if sizes.draws_per_configuration else None
    routes = all_routes(fluid, integrals_of(run), learned)
    rows = route_rows(fluid, routes)
    mixture = mixture_rows(fluid, routes, run.config.system.num_particles)
    run.folder.save_table("routes", rows)
    run.folder.save_table("mixture", mixture)
    run.folder.save_figure(
        "routes",
        *draw_routes(rows),
        caption=(
            "ln Z by every other route, less the reference, one panel for each gamma. Bars are one standard error"
            " of the difference, the band is that of the reference alone; routes that are right scatter about 0."
        ),
    )
    warn_of_routes(rows, run.folder)
    summary = entropy_summary(fluid, run.config.system.num_particles) | route_summary(mixture, rows)
    if sizes.draws_per_configuration:
        run.finish(summary, 1, [], answer)
    else:
        run.folder.finish(summary, answering=answer)


def _learned(run: Run) -> LearnedRoute | None:
    density = train_density(run)
    try:
        return route_of(run, density)
    except InputError as error:
        run.folder.warn(f"no ln Z by a learned density: {error}")
        return None


def entropy_summary(fluid: FreeEnergy, num_particles: int) -> dict[str, float]:
    """Metrics of the reference."""
    return {
        "entropy/largest_drift_standard_errors": fluid.largest_drift,
        "entropy/largest_disagreement_standard_errors": fluid.largest_disagreement,
        "entropy/mixture_nats": fluid.mixture_entropy,
        "entropy/mixture_standard_error_nats": fluid.mixture_entropy_error,
        "entropy/ordered_mixture_nats": fluid.mixture_entropy - math.lgamma(num_particles + 1),
        "entropy/information_about_gamma_nats": fluid.information,
        "entropy/information_about_gamma_standard_error_nats": fluid.information_error,
    }
