"""The road as experiments walk it: each stage with its progress, metrics, checkpoints and figures."""

from lcpjax.road.benchmarking import benchmark_sampler
from lcpjax.road.measuring import draw_examples, linear_rows, measured_rows, summary_of_stages
from lcpjax.road.sampling import announce, sample_dataset
from lcpjax.road.training import TrainingError, failures_of, train_models
from lcpjax.road.verifying import verify_sampler

__all__ = [
    "TrainingError",
    "announce",
    "benchmark_sampler",
    "draw_examples",
    "failures_of",
    "linear_rows",
    "measured_rows",
    "sample_dataset",
    "summary_of_stages",
    "train_models",
    "verify_sampler",
]
