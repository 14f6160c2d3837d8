"""How fast the road is, measured beside other programs."""

from lcpjax.road.benchmarking.announce import announce_benchmark
from lcpjax.road.benchmarking.ceilings import measured_ceilings, roofline_rows
from lcpjax.road.benchmarking.many_models import many_models_medians, time_many_models
from lcpjax.road.benchmarking.medians import headline, median_rows
from lcpjax.road.benchmarking.rounds import time_samplers
from lcpjax.road.benchmarking.sizes import systems_to_time
from lcpjax.road.benchmarking.training_speed import time_training, training_headline, training_medians
from lcpjax.road.benchmarking.whole_way import time_whole_way

__all__ = [
    "announce_benchmark",
    "headline",
    "many_models_medians",
    "measured_ceilings",
    "median_rows",
    "roofline_rows",
    "systems_to_time",
    "time_many_models",
    "time_samplers",
    "time_training",
    "time_whole_way",
    "training_headline",
    "training_medians",
]
