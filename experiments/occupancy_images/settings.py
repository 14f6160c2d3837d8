"""Keys of +experiment=occupancy_images alone: ``settings.KEY`` on the command line."""

from dataclasses import dataclass

from lcpjax.config import at_least, words


@dataclass(kw_only=True)
class Settings:
    """Values are in conf/experiment/occupancy_images.yaml."""

    cells: list[int] = at_least(2, 64, unit="along a side of the box")
    route_cells: list[int] = at_least(2, 64, unit="along a side of the box")
    safe_cells: int = at_least(2, 64, unit="along a side of the box")
    models: list[str] = words()
    passes_per_epoch: int = at_least(1)
    num_overfitted: int = at_least(1)
    overfitting_steps: int = at_least(10)
