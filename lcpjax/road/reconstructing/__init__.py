"""What comes back of the test part: coordinates by every way, and their energies."""

from lcpjax.road.reconstructing.energies import draw_energies, energy_rows, fluid_energies, repair_rows
from lcpjax.road.reconstructing.examples import draw_coordinate_examples
from lcpjax.road.reconstructing.learned_routes import learned_route_rows, over_route_seeds
from lcpjax.road.reconstructing.models import num_models, reconstruct_test_part, reconstructing_cases
from lcpjax.road.reconstructing.routes import draw_routes, orientation_rows, route_rows
from lcpjax.road.reconstructing.summary import energy_summary, route_summary

__all__ = [
    "draw_coordinate_examples",
    "draw_energies",
    "draw_routes",
    "energy_rows",
    "energy_summary",
    "fluid_energies",
    "learned_route_rows",
    "num_models",
    "orientation_rows",
    "over_route_seeds",
    "reconstruct_test_part",
    "reconstructing_cases",
    "repair_rows",
    "route_rows",
    "route_summary",
]
