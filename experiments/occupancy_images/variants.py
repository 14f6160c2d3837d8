"""Models of images by name: the study's route, one remedy at a time, and all of them together."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lcpjax.build import build_image_plan, num_per_epoch
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, changed
from lcpjax.model import BERNOULLI, EXACTLY, MULTINOMIAL, PixelLikelihood
from lcpjax.pipeline.variants import check_names
from lcpjax.representation import OccupancyGrid
from lcpjax.training import PixelWeights, TrainingPlan

from .settings import Settings


class ImagePreset(NamedTuple):
    """Likelihood of cells, loss, and network of one model."""

    changes: Mapping[str, Any] = {}
    """Changes to the study's config, by dotted key."""
    cell_distribution: str = BERNOULLI
    """One of ``PixelLikelihood``'s."""
    with_offsets: bool = False
    knows_base_rate: bool = False
    """Whether logits begin at the fraction of occupied cells."""
    first_weight: bool = False
    """Whether occupied cells, all together, begin with the weight of all empty ones."""
    last_weight: bool = False
    """Whether they end with it."""
    focus: float = 0.0
    blur: float = 0.0
    """In cells, at the start."""


# The slides: "binary cross entropy loss", "epoch dependent parameters"; here the two usual ones.
_SLIDES: dict[str, Any] = {"training.kl_weight": 1.0, "training.kl_warmup_fraction": 0.5}
_SMALL_LAMBDA: dict[str, Any] = {"training.kl_weight": 3e-3}
_LOCAL: dict[str, Any] = {
    "model.encoder": "latent_grid",
    "model.decoder": "latent_grid",
    "model.channels": [64],
    "model.depth": 1,
    "model.latent_dim": 512,
}

_PLAIN = ImagePreset()
_SLIDES_ROUTE = _PLAIN._replace(first_weight=True)
_ALL_BUT_LOCAL = ImagePreset(_SMALL_LAMBDA, EXACTLY, with_offsets=True, knows_base_rate=True)

# Cross entropy alone; the study's route, which changes its weights from epoch to epoch; one change each to cross
# entropy alone; local latents in the study's route; and all remedies together.
IMAGE_MODELS: dict[str, ImagePreset] = {
    "plain": _PLAIN,
    "slides": _SLIDES_ROUTE,
    "base_rate": _PLAIN._replace(knows_base_rate=True),
    "weighted": _PLAIN._replace(first_weight=True, last_weight=True),
    "focal": _PLAIN._replace(focus=2.0),
    "multinomial": _PLAIN._replace(cell_distribution=MULTINOMIAL),
    "exactly": _PLAIN._replace(cell_distribution=EXACTLY),
    "blurred": _PLAIN._replace(blur=2.0),
    "offsets": _PLAIN._replace(with_offsets=True),
    "small_lambda": _PLAIN._replace(changes=_SMALL_LAMBDA),
    "local": _PLAIN._replace(changes=_LOCAL),
    "slides_local": _SLIDES_ROUTE._replace(changes=_LOCAL),
    "all_but_local": _ALL_BUT_LOCAL,
    "all_at_lambda_1": _ALL_BUT_LOCAL._replace(changes=_LOCAL),
    "all": _ALL_BUT_LOCAL._replace(changes=_SMALL_LAMBDA | _LOCAL),
}
SLIDES, BEST = "slides", "all"


def image_config(config: Config, name: str) -> Config:
    """The run's config with a preset's changes."""
    return changed(config, _SLIDES | dict(IMAGE_MODELS[name].changes))


def image_plan(own: Config, name: str, cells: int, num_images: int) -> TrainingPlan[OccupancyGrid]:
    """Training plan of a preset's models on images of so many cells a side.

    Raises:
        ConfigError: invalid networks or sizes.
    """
    preset, system = IMAGE_MODELS[name], own.system
    rate = system.num_particles / cells**2
    likelihood = PixelLikelihood(
        cell_distribution=preset.cell_distribution,
        num_particles=system.num_particles,
        base_rate=rate if preset.knows_base_rate else 0.5,
    )
    weights = ((1.0 - rate) / rate if weighs else 1.0 for weighs in (preset.first_weight, preset.last_weight))
    pixels = PixelWeights(*weights, focus=preset.focus, blur=preset.blur)
    grid = OccupancyGrid(cells, system.box_side, preset.with_offsets)
    return build_image_plan(own, grid, grid.shape, num_images, likelihood, pixels)


def check_images(config: Config) -> None:
    """Refuse grids too small for the particles, and models that cannot be built.

    Raises:
        ConfigError: with the key.
    """
    sizes: Settings = config.settings
    number = config.system.num_particles
    for cells in all_cells(config):
        if cells**2 <= number:
            raise ConfigError(f"settings.cells = {cells}: needs more than {number} cells in all")
    check_names("settings.models", sizes.models, IMAGE_MODELS)
    for name in sizes.models:
        image_plan(image_config(config, name), name, sizes.safe_cells, num_shown(config))


def all_cells(config: Config) -> list[int]:
    """Every number of cells along a side."""
    sizes: Settings = config.settings
    return sorted({*sizes.cells, *sizes.route_cells, sizes.safe_cells})


def num_shown(config: Config) -> int:
    """Number of images in an epoch."""
    return num_per_epoch(config) * config.settings.passes_per_epoch
