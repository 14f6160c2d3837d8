"""Pair energies of raw reconstructions, relative to the fluid's and to their errors; nothing is repaired."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, PerConfiguration
from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.energies import (
    CLOSE,
    HIGHEST,
    EnergyComparison,
    compare_energies,
    cut_pair_energies,
    energy_rise,
    noise_floor,
    pair_energies,
    with_gaussian_error,
)
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all, rmsd
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.pipeline.reconstructions import MEAN, NUM_DRAWS, SAMPLE, HeldOutReconstructions
from lcpjax.pipeline.summary import grouped_means
from lcpjax.report import RunFolder
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.system import System, smallest_distances

from .figures import draw_energy_against_error, draw_energy_histograms

_ENERGY_METRICS = {
    "wasserstein": "energies/wasserstein_epsilon",
    "energy_rise": "energies/energy_rise_epsilon",
    "gaussian_wasserstein": "energies/gaussian_wasserstein_epsilon",
    "draws_wasserstein": "energies/draws_wasserstein_epsilon",
    "gaussian_fraction": "energies/gaussian_fraction",
    "gaussian_energy_rise": "energies/gaussian_energy_rise_epsilon",
    "cut_wasserstein": "energies/cut_wasserstein_epsilon",
    "kolmogorov_smirnov": "energies/kolmogorov_smirnov",
    "close_fraction": "energies/close_fraction",
    "rmsd": "energies/rmsd_sigma",
}


# In sigma, of the Gaussian errors drawn as a curve.
_RMSDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
# Above this fraction of clipped energies all errors look alike.
_MOST_CLIPPED = 0.5


class FluidEnergies(NamedTuple):
    """Pair energies of the test set."""

    system: System
    positions: Configurations2D
    raw: np.ndarray
    """Of each configuration, in epsilon."""
    cut: np.ndarray
    """The same with the potential cut at 1 sigma."""
    close_fraction: float
    """Fraction of configurations with a pair nearer than 0.9 sigma."""
    floor: EnergyComparison
    """Between halves of the test set."""

    @property
    def median(self) -> float:
        """Of the raw energies, in epsilon."""
        return float(np.median(self.raw))


def fluid_energies(config: Config, dataset: Dataset) -> FluidEnergies:
    """Pair energies of the test set, and the distance between its halves."""
    system, positions = build_system(config), dataset.test.positions
    raw = np.asarray(pair_energies(positions, system))
    return FluidEnergies(
        system,
        positions,
        raw,
        np.asarray(cut_pair_energies(positions, system)),
        float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE)),
        noise_floor(key_of_seed(Seed.ENERGIES), raw, np.asarray(dataset.test.gamma)),
    )


def energy_rows(fluid: FluidEnergies, models: Sequence[HeldOutReconstructions]) -> list[dict[str, Any]]:
    """Two rows for each model, decoded from the latent mean and from a posterior sample; nothing is repaired.

    Energies are pair energies clipped at 100 epsilon.

    - variant, seed, decoded: mean or sample; kl_nats: of the code.
    - rmsd: of the particles, in sigma, after rigid alignment where the model knows no frame.
    - wasserstein: W1, in epsilon; kolmogorov_smirnov; median, in epsilon, and fluid_median; clipped_fraction: above
      100; close_fraction: smallest distance below 0.9 sigma, and fluid_close_fraction.
    - energy_rise, energy_rise_error: mean gain of a configuration, and its standard error, in epsilon.
    - cut_wasserstein, cut_kolmogorov_smirnov, cut_median: with the potential cut at 1 sigma, as in the study.
    - gaussian_wasserstein, gaussian_energy_rise: of the true positions with independent Gaussian errors, of each
      configuration the model's own RMSD; the mean of 8 draws. draws_wasserstein: of the model, the mean of 8 draws
      from its posteriors (of the latent mean there is one). gaussian_fraction, gaussian_fraction_error: the latter over
      the former, and its standard error by the scatter of both; below 1 where errors follow the soft directions of the
      fluid; nan where more than half of the energies are clipped.
    - floor, floor_kolmogorov_smirnov: between halves of the fluid.
    """
    rows = []
    for model in models:
        for decoded, draws in ((MEAN, (model.decoded.of_mean,)), (SAMPLE, model.samples)):
            nats = float(jnp.mean(model.decoded.kl_nats)) if model.model.is_variational else math.nan
            ids = {**model.model.ids, "decoded": decoded, "kl_nats": nats}
            rows.append({**ids, **_energy_columns(fluid, model, draws)})
    return rows


def _energy_columns(
    fluid: FluidEnergies, model: HeldOutReconstructions, draws: Sequence[Configurations2D]
) -> dict[str, float]:
    positions = draws[0]
    deviation = (rmsd if model.knows_frame else aligned_rmsd)(model.truth, positions)
    energies = np.asarray(pair_energies(positions, fluid.system))
    raw, rise = compare_energies(energies, fluid.raw), energy_rise(energies, fluid.raw)
    cut = compare_energies(np.asarray(cut_pair_energies(positions, fluid.system)), fluid.cut)
    gaussian, gaussian_rise = gaussian_energies(fluid, deviation, is_aligned=not model.knows_frame)
    own = np.array([compare_energies(np.asarray(pair_energies(each, fluid.system)), fluid.raw)[0] for each in draws])
    fraction, error = _ratio(own, gaussian)
    if raw.clipped_fraction >= _MOST_CLIPPED:
        fraction = error = math.nan
    return {
        "rmsd": float(over_all(deviation)),
        **raw._asdict(),
        "fluid_median": fluid.median,
        "close_fraction": float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE)),
        "fluid_close_fraction": fluid.close_fraction,
        "energy_rise": rise.mean,
        "energy_rise_error": rise.standard_error,
        "cut_wasserstein": cut.wasserstein,
        "cut_kolmogorov_smirnov": cut.kolmogorov_smirnov,
        "cut_median": cut.median,
        "gaussian_wasserstein": float(gaussian.mean()),
        "gaussian_energy_rise": float(gaussian_rise.mean()),
        "draws_wasserstein": float(own.mean()),
        "gaussian_fraction": fraction,
        "gaussian_fraction_error": error,
        "floor": fluid.floor.wasserstein,
        "floor_kolmogorov_smirnov": fluid.floor.kolmogorov_smirnov,
    }


def _ratio(values: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Ratio of the means of draws, and its standard error; a single value counts without error."""
    if not others.mean() > 0:
        return math.nan, math.nan
    ratio = float(values.mean() / others.mean())
    scatters = (each.std(ddof=1) / each.mean() / math.sqrt(each.size) for each in (values, others) if each.size > 1)
    return ratio, ratio * math.hypot(*scatters)


def gaussian_energies(
    fluid: FluidEnergies, deviation: PerConfiguration, *, is_aligned: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """W1 and mean rise of the energies in epsilon, of each draw of independent Gaussian errors of true positions.

    Args:
        deviation: RMSD of each configuration, in sigma.
        is_aligned: whether that is after rigid alignment.
    """
    distances = []
    for draw in jax.random.split(key_of_seed(Seed.ENERGIES), NUM_DRAWS):
        moved = with_gaussian_error(draw, fluid.positions, deviation, is_aligned=is_aligned)
        energies = np.asarray(pair_energies(moved, fluid.system))
        distances.append((compare_energies(energies, fluid.raw).wasserstein, energy_rise(energies, fluid.raw).mean))
    wassersteins, rises = np.array(distances).T
    return wassersteins, rises


def draw_energies(
    fluid: FluidEnergies,
    models: Sequence[HeldOutReconstructions],
    rows: Sequence[Mapping[str, Any]],
    run_folder: RunFolder,
) -> None:
    """Two figures: histograms of posterior samples' energies by the first seed's models, and W1 against RMSD."""
    of_models = {}
    for model in first_of_each(models):
        positions = model.decoded.of_sample
        of_models[model.name] = {
            "raw": np.asarray(pair_energies(positions, fluid.system)),
            "cut": np.asarray(cut_pair_energies(positions, fluid.system)),
        }
    own = {"raw": fluid.raw, "cut": fluid.cut}
    run_folder.save_figure(
        "energies",
        *draw_energy_histograms(own, of_models, HIGHEST),
        caption=(
            "Pair energies of reconstructions over those of the fluid (grey), from posterior samples, with the "
            "study's cut of the potential at 1 sigma (above) and without (below). How many lie beyond the axis is"
            " written in each panel."
        ),
    )
    gaussian = [
        {"rmsd": each, "wasserstein": gaussian_energies(fluid, jnp.full(len(fluid.positions), each))[0].mean().item()}
        for each in _RMSDS
    ]
    figure, shown = draw_energy_against_error(rows, gaussian, fluid.floor.wasserstein)
    run_folder.save_figure(
        "energy_against_error",
        figure,
        shown,
        caption=(
            "Wasserstein distance of the raw pair energies from the fluid's, against the RMSD. The line is what "
            "independent Gaussian errors of that size cost; the floor is the distance between two halves of the "
            "fluid itself."
        ),
    )


def energy_summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Means over seeds of the energies of each variant, and the floor they share."""
    return {
        **grouped_means(rows, _ENERGY_METRICS, ("variant", "decoded")),
        "energies/floor_wasserstein_epsilon": rows[0]["floor"],
    }
