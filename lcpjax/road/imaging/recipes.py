"""Models of images by name: the study's route, one remedy at a time, and all of them together."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lcpjax.build import build_occupancy_plan, num_training_configurations
from lcpjax.config import Config
from lcpjax.config_check import ConfigError, changed
from lcpjax.model import BERNOULLI, EXACTLY, MULTINOMIAL, PixelLikelihood
from lcpjax.representation import OccupancyGrid
from lcpjax.road.cases import check_names
from lcpjax.training import PixelWeights, TrainingPlan


class ImageRecipe(NamedTuple):
    """What is said of cells, what is minimised, and by which network."""

    changes: Mapping[str, Any] = {}
    """Beside the study's, by dotted key of the config."""
    cells: str = BERNOULLI
    with_offsets: bool = False
    knows_base_rate: bool = False
    """Whether logits begin at the share of cells that is occupied."""
    first_weight: bool = False
    """Whether occupied cells, all together, begin with the weight of the empty ones."""
    last_weight: bool = False
    """Whether they end with it."""
    focus: float = 0.0
    blur: float = 0.0
    """In cells, at the start."""


# The slides: "binary cross entropy loss", "epoch dependent parameters"; those here are the two that are usual.
_SLIDES: dict[str, Any] = {"training.kl_weight": 1.0, "training.kl_warmup_fraction": 0.5}
_SMALL_LAMBDA: dict[str, Any] = {"training.kl_weight": 3e-3}
_LOCAL: dict[str, Any] = {
    "model.encoder": "latent_grid",
    "model.decoder": "latent_grid",
    "model.channels": [64],
    "model.depth": 1,
    "model.latent_dim": 512,
}

IMAGE_MODELS: dict[str, ImageRecipe] = {
    "plain": ImageRecipe(),
    "slides": ImageRecipe(first_weight=True),
    "base_rate": ImageRecipe(first_weight=True, knows_base_rate=True),
    "weighted": ImageRecipe(first_weight=True, last_weight=True),
    "focal": ImageRecipe(focus=2.0),
    "multinomial": ImageRecipe(cells=MULTINOMIAL),
    "exactly": ImageRecipe(cells=EXACTLY),
    "blurred": ImageRecipe(blur=2.0),
    "offsets": ImageRecipe(with_offsets=True),
    "small_lambda": ImageRecipe(_SMALL_LAMBDA, first_weight=True),
    "local": ImageRecipe(_LOCAL, first_weight=True),
    "all_but_local": ImageRecipe(_SMALL_LAMBDA, EXACTLY, with_offsets=True, knows_base_rate=True),
    "all_at_lambda_1": ImageRecipe(_LOCAL, EXACTLY, with_offsets=True, knows_base_rate=True),
    "all": ImageRecipe(_SMALL_LAMBDA | _LOCAL, EXACTLY, with_offsets=True, knows_base_rate=True),
}
"""By name; with lambda = 1 and a proper density the objective is the negative ELBO."""

SLIDES, BEST = "slides", "all"


def image_config(config: Config, name: str) -> Config:
    """The run's config with a recipe's changes in it."""
    return changed(config, _SLIDES | dict(IMAGE_MODELS[name].changes))


def image_plan(own: Config, name: str, cells: int, num_images: int) -> TrainingPlan[OccupancyGrid]:
    """How the models of a recipe are trained on images of so many cells a side.

    Args:
        own: the recipe's config.
        num_images: in an epoch.

    Raises:
        ConfigError: networks or sizes that do not fit.
    """
    recipe, system = IMAGE_MODELS[name], own.system
    rate = system.num_particles / cells**2
    likelihood = PixelLikelihood(
        cells=recipe.cells,
        num_particles=system.num_particles,
        base_rate=rate if recipe.knows_base_rate else 0.5,
    )
    weights = ((1.0 - rate) / rate if weighs else 1.0 for weighs in (recipe.first_weight, recipe.last_weight))
    pixels = PixelWeights(*weights, focus=recipe.focus, blur=recipe.blur)
    grid = OccupancyGrid(cells, system.box_side, recipe.with_offsets)
    return build_occupancy_plan(own, grid, likelihood, pixels, num_images)


def check_images(config: Config) -> None:
    """Refuse grids that cannot hold the particles, and models that cannot be built.

    Raises:
        ConfigError: with the key.
    """
    sizes, number = config.evaluation.occupancy, config.system.num_particles
    for cells in all_cells(config):
        if cells**2 <= number:
            raise ConfigError(f"evaluation.occupancy.cells = {cells}: needs more than {number} cells in all")
    check_names("evaluation.occupancy.models", sizes.models, IMAGE_MODELS)
    for name in sizes.models:
        image_plan(image_config(config, name), name, sizes.safe_cells, num_shown(config))


def all_cells(config: Config) -> list[int]:
    """Every number of cells along a side that is looked at."""
    sizes = config.evaluation.occupancy
    return sorted({*sizes.cells, *sizes.route_cells, sizes.safe_cells})


def num_shown(config: Config) -> int:
    """How many images an epoch shows."""
    return num_training_configurations(config) * config.evaluation.occupancy.passes_per_epoch
