"""Images of configurations: the study's route and its failure, the remedies, and all other models on the same grid."""

from lcpjax.road.imaging.fluid import imaged_fluid
from lcpjax.road.imaging.guesses import baseline_rows, sharing_rows
from lcpjax.road.imaging.judging import coordinate_rows, image_rows, overfitting_rows
from lcpjax.road.imaging.recipes import check_images
from lcpjax.road.imaging.showing import draw_images
from lcpjax.road.imaging.summary import occupancy_summary
from lcpjax.road.imaging.training import announce_images, train_overfitted, train_remedies, train_sweep

__all__ = [
    "announce_images",
    "baseline_rows",
    "check_images",
    "coordinate_rows",
    "draw_images",
    "image_rows",
    "imaged_fluid",
    "occupancy_summary",
    "overfitting_rows",
    "sharing_rows",
    "train_overfitted",
    "train_remedies",
    "train_sweep",
]
