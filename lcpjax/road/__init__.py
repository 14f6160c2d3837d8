"""The road as experiments walk it: each stage with its progress, metrics, checkpoints and figures."""

from lcpjax.road.benchmarking import announce_benchmark, headline, median_rows, time_samplers, time_whole_way
from lcpjax.road.entropy import fluid_free_energy
from lcpjax.road.exporting import export_configurations, export_formats
from lcpjax.road.measuring import draw_examples, linear_rows, measured_rows, summary_of_stages
from lcpjax.road.sampling import announce, sample_dataset, sample_in_parts, sampled_parts
from lcpjax.road.training import TrainingError, failures_of, train_models
from lcpjax.road.verifying import verify_sampler

__all__ = [
    "TrainingError",
    "announce",
    "announce_benchmark",
    "draw_examples",
    "export_configurations",
    "export_formats",
    "failures_of",
    "fluid_free_energy",
    "headline",
    "linear_rows",
    "measured_rows",
    "median_rows",
    "sample_dataset",
    "sample_in_parts",
    "sampled_parts",
    "summary_of_stages",
    "time_samplers",
    "time_whole_way",
    "train_models",
    "verify_sampler",
]
