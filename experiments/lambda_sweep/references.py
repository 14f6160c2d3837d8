"""Models of other experiments that the rate-distortion plane shows for comparison."""

from pathlib import Path
from typing import Any

from lcpjax.config import Config
from lcpjax.config.check import plain
from lcpjax.report import read_table

# Of the runs that references.csv is taken from.
_FLUID = {
    "num_particles": 30,
    "box_side": 10.0,
    "temperature": 1.0,
    "pair_potential": "lennard_jones",
    "gammas": [0.1, 0.4, 0.7, 1.0],
}


def references_of(config: Config) -> list[dict[str, Any]]:
    """Rows variant, seed, kl_nats, rmsd_of_sample in sigma of models of the config's fluid; none of another fluid.

    Copied from ``experiments/train/results/best``: results are no part of the installed package.
    """
    if plain(config)["system"] != _FLUID:
        return []
    return read_table(Path(__file__).parent / "references.csv")
