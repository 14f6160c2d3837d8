"""Whether, how fast and to what the chains of the config equilibrate."""

from lcpjax.road.equilibrating.boxes import Box, announce_equilibration, boxes_to_equilibrate, check_boxes
from lcpjax.road.equilibrating.burn_in import (
    BurnInStudy,
    burn_in_rows,
    equilibration_rows,
    equilibration_summary,
    follow_to_equilibrium,
)
from lcpjax.road.equilibrating.laws import hold_to_laws
from lcpjax.road.equilibrating.long_runs import long_run_gains, long_run_rows
from lcpjax.road.equilibrating.orders import order_rows
from lcpjax.road.equilibrating.structure import measure_structure
from lcpjax.road.equilibrating.tempering import tempering_gains, tempering_rows

__all__ = [
    "Box",
    "BurnInStudy",
    "announce_equilibration",
    "boxes_to_equilibrate",
    "burn_in_rows",
    "check_boxes",
    "equilibration_rows",
    "equilibration_summary",
    "follow_to_equilibrium",
    "hold_to_laws",
    "long_run_gains",
    "long_run_rows",
    "measure_structure",
    "order_rows",
    "tempering_gains",
    "tempering_rows",
]
