"""The road as experiments walk it: each stage with its progress, metrics, checkpoints and figures."""

from lcpjax.road.benchmarking import (
    announce_benchmark,
    headline,
    many_models_medians,
    measured_ceilings,
    median_rows,
    roofline_rows,
    systems_to_time,
    time_many_models,
    time_samplers,
    time_whole_way,
)
from lcpjax.road.entropy import entropy_rows, fluid_free_energy
from lcpjax.road.equilibrating import (
    announce_equilibration,
    boxes_to_equilibrate,
    burn_in_rows,
    check_boxes,
    equilibration_rows,
    equilibration_summary,
    follow_to_equilibrium,
    hold_to_laws,
    long_run_gains,
    long_run_rows,
    measure_structure,
    order_rows,
    tempering_gains,
    tempering_rows,
)
from lcpjax.road.exporting import export_configurations, export_formats
from lcpjax.road.measuring import draw_examples, linear_rows, measured_rows, summary_of_stages
from lcpjax.road.representing import learn_representation
from lcpjax.road.sampling import announce, sample_dataset, sample_in_parts, sampled_parts
from lcpjax.road.training import TrainingError, failures_of, train_models
from lcpjax.road.verifying import verify_sampler

__all__ = [
    "TrainingError",
    "announce",
    "announce_benchmark",
    "announce_equilibration",
    "boxes_to_equilibrate",
    "check_boxes",
    "burn_in_rows",
    "draw_examples",
    "entropy_rows",
    "equilibration_rows",
    "equilibration_summary",
    "export_configurations",
    "export_formats",
    "failures_of",
    "fluid_free_energy",
    "follow_to_equilibrium",
    "headline",
    "hold_to_laws",
    "learn_representation",
    "linear_rows",
    "long_run_gains",
    "long_run_rows",
    "measure_structure",
    "many_models_medians",
    "measured_ceilings",
    "measured_rows",
    "median_rows",
    "order_rows",
    "roofline_rows",
    "sample_dataset",
    "sample_in_parts",
    "sampled_parts",
    "summary_of_stages",
    "systems_to_time",
    "tempering_gains",
    "tempering_rows",
    "time_many_models",
    "time_samplers",
    "time_whole_way",
    "train_models",
    "verify_sampler",
]
