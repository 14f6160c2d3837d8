"""What comes back of the test part: coordinates by every way, and their energies."""

from lcpjax.road.reconstructing.energies import draw_energies, energy_rows, energy_summary, fluid_energies
from lcpjax.road.reconstructing.examples import draw_coordinate_examples
from lcpjax.road.reconstructing.learned_routes import coordinate_networks, learned_route_rows, over_route_seeds
from lcpjax.road.reconstructing.reconstructions import reconstruct_test_part
from lcpjax.road.reconstructing.repair import draw_repairs, repair_rows
from lcpjax.road.reconstructing.route_errors import (
    draw_routes,
    measured_routes,
    orientation_rows,
    route_rows,
    route_summary,
)
from lcpjax.road.reconstructing.routes import all_routes

__all__ = [
    "all_routes",
    "coordinate_networks",
    "draw_coordinate_examples",
    "draw_energies",
    "draw_repairs",
    "draw_routes",
    "energy_rows",
    "energy_summary",
    "fluid_energies",
    "learned_route_rows",
    "measured_routes",
    "orientation_rows",
    "over_route_seeds",
    "reconstruct_test_part",
    "repair_rows",
    "route_rows",
    "route_summary",
]
