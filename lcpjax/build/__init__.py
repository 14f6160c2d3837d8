"""From the config to objects, before anything is written: every name is looked up and every size is checked here."""

from lcpjax.build.models import (
    Described,
    build_coordinate_network,
    build_model,
    build_representation,
    build_system,
)
from lcpjax.build.plans import (
    build_formats,
    build_image_plan,
    build_occupancy_plan,
    build_plan,
    build_sampling_plan,
    check,
    num_kept_chains,
    num_training_chains,
    num_training_configurations,
)

__all__ = [
    "Described",
    "build_coordinate_network",
    "build_formats",
    "build_image_plan",
    "build_model",
    "build_occupancy_plan",
    "build_plan",
    "build_representation",
    "build_sampling_plan",
    "build_system",
    "check",
    "num_kept_chains",
    "num_training_chains",
    "num_training_configurations",
]
