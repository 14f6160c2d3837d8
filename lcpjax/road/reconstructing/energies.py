"""Pair energies of raw reconstructions beside the fluid's, with the error they came with; and what repair costs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, PRNGKey
from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    aligned_rmsd,
    compare_energies,
    cut_pair_energies,
    noise_floor,
    over_all,
    pair_energies,
    rmsd,
    smallest_distances,
    with_gaussian_error,
)
from lcpjax.evaluation.energies import CLOSE, HIGHEST
from lcpjax.reconstruction import align, relax
from lcpjax.report import RunFolder
from lcpjax.report.figures import draw_energy_against_error, draw_energy_histograms, draw_repair
from lcpjax.road.reconstructing.models import TestReconstructions
from lcpjax.road.reconstructing.routes import first_of_each
from lcpjax.sampler import sample
from lcpjax.system import System

# What is random in the measurement itself.
_SEED = 2
_NUM_DRAWS = 8
# In sigma, of the Gaussian errors drawn as a curve.
_RMSDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

MEAN, SAMPLE = "mean", "sample"


class FluidEnergies(NamedTuple):
    """The test part's own."""

    raw: np.ndarray
    cut: np.ndarray
    close_share: float
    floor: float
    """W1 between halves, in epsilon."""
    floor_kolmogorov_smirnov: float


def fluid_energies(config: Config, dataset: Dataset) -> FluidEnergies:
    """Pair energies of the test part, and how far halves of it are from each other."""
    system, positions = build_system(config), dataset.test.positions
    raw = np.asarray(pair_energies(positions, system))
    floor = noise_floor(jax.random.key(_SEED), raw)
    close = float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE))
    cut = np.asarray(cut_pair_energies(positions, system))
    return FluidEnergies(raw, cut, close, floor.wasserstein, floor.kolmogorov_smirnov)


def energy_rows(config: Config, fluid: FluidEnergies, models: Sequence[TestReconstructions]) -> list[dict[str, Any]]:
    """Two rows for each model, decoded from the latent mean and from a posterior sample; nothing is repaired.

    - case, seed, decoded: mean or sample; kl_nats: of the code.
    - rmsd: of the particles, in sigma, after rigid alignment where the model knows no frame.
    - wasserstein: W1 of pair energies clipped at 100 epsilon, in epsilon; kolmogorov_smirnov; median, in epsilon,
      and fluid_median; clipped_share: above 100; close_share: smallest distance below 0.9 sigma, and fluid_close_share.
    - cut_wasserstein, cut_kolmogorov_smirnov, cut_median: the same with the potential cut at 1 sigma, as in the study.
    - gaussian_wasserstein: W1 when the true positions have independent Gaussian errors of this RMSD;
      gaussian_share: the model's over it, below 1 where its errors follow the soft directions of the fluid.
    - floor, floor_kolmogorov_smirnov: between halves of the fluid's own.
    """
    system, rows = build_system(config), []
    for model in models:
        for decoded, positions in ((MEAN, model.found.of_mean), (SAMPLE, model.found.of_sample)):
            about = {"case": model.case, "seed": model.setting.seed, "decoded": decoded}
            nats = float(jnp.mean(model.found.kl_nats)) if model.setting.kl_weight > 0 else float("nan")
            rows.append({**about, "kl_nats": nats, **_energy_columns(system, fluid, model, positions)})
    return rows


def _energy_columns(
    system: System, fluid: FluidEnergies, model: TestReconstructions, positions: Configurations2D
) -> dict[str, float]:
    error = _rmsd(model, positions)
    raw = compare_energies(np.asarray(pair_energies(positions, system)), fluid.raw)
    cut = compare_energies(np.asarray(cut_pair_energies(positions, system)), fluid.cut)
    gaussian = gaussian_wasserstein(jax.random.key(_SEED), model.truth, error, system)
    return {
        "rmsd": error,
        **raw._asdict(),
        "fluid_median": float(np.median(fluid.raw)),
        "close_share": float(np.mean(np.asarray(smallest_distances(positions)) < CLOSE)),
        "fluid_close_share": fluid.close_share,
        "cut_wasserstein": cut.wasserstein,
        "cut_kolmogorov_smirnov": cut.kolmogorov_smirnov,
        "cut_median": cut.median,
        "gaussian_wasserstein": gaussian,
        "gaussian_share": raw.wasserstein / gaussian if gaussian > 0 else float("nan"),
        "floor": fluid.floor,
        "floor_kolmogorov_smirnov": fluid.floor_kolmogorov_smirnov,
    }


def _rmsd(model: TestReconstructions, positions: Configurations2D) -> float:
    deviation = rmsd if model.knows_frame else aligned_rmsd
    return float(over_all(deviation(model.truth, positions)))


def gaussian_wasserstein(key: PRNGKey, truth: Configurations2D, error: float, system: System) -> float:
    """W1 of pair energies, in epsilon, of the true positions with independent Gaussian errors; the mean of 8 draws."""
    fluid, values = np.asarray(pair_energies(truth, system)), []
    for draw in jax.random.split(key, _NUM_DRAWS):
        moved = pair_energies(with_gaussian_error(draw, truth, error), system)
        values.append(compare_energies(np.asarray(moved), fluid).wasserstein)
    return float(np.mean(values))


def repair_rows(config: Config, fluid: FluidEnergies, models: Sequence[TestReconstructions]) -> list[dict[str, Any]]:
    """What repairing the samples of each case's first model costs: tethered relaxation, and a few Metropolis sweeps.

    Columns: case, method; strength: the tether in epsilon / sigma^2, or the number of sweeps; displacement: from what
    was decoded, rmsd: from the truth, both root mean squares in sigma; wasserstein, kolmogorov_smirnov, median and
    clipped_share of the energies. What knows no frame is laid on the truth first; what lies outside the box begins
    at its wall.
    """
    system, rows = build_system(config), []
    sizes = config.evaluation.energies
    for model in first_of_each(models):
        positions = model.found.of_sample
        if not model.knows_frame:
            positions = align(positions, model.truth)[0]
        repaired = {("decoded", 0.0): positions}
        for tether in sizes.tethers:
            repaired["relaxed", tether] = relax(positions, system, tether).positions
        inside = jnp.clip(positions, 0.0, config.system.box_side)
        for sweeps in sizes.sweeps:
            chains = sample(
                jax.random.key(_SEED), system, model.gamma, sweeps, initial_positions=inside, step_size=sizes.step_size
            )
            repaired["Metropolis sweeps", float(sweeps)] = chains.positions
        for (method, strength), moved in repaired.items():
            about = {"case": model.case, "method": method, "strength": strength}
            rows.append(about | _repair_columns(system, fluid, model, positions, moved))
    return rows


def _repair_columns(
    system: System,
    fluid: FluidEnergies,
    model: TestReconstructions,
    positions: Configurations2D,
    moved: Configurations2D,
) -> dict[str, float]:
    energies = compare_energies(np.asarray(pair_energies(moved, system)), fluid.raw)
    return {
        "displacement": float(over_all(rmsd(positions, moved))),
        "rmsd": float(over_all(rmsd(model.truth, moved))),
        **energies._asdict(),
    }


def draw_energies(
    config: Config,
    fluid: FluidEnergies,
    models: Sequence[TestReconstructions],
    rows: Sequence[Mapping[str, Any]],
    repaired: Sequence[Mapping[str, Any]],
    run_folder: RunFolder,
) -> None:
    """Three figures: histograms of posterior samples' energies, W1 against RMSD, and what repair costs."""
    system = build_system(config)
    of_models = {}
    for model in first_of_each(models):
        positions = model.found.of_sample
        of_models[model.case] = {
            "raw": np.asarray(pair_energies(positions, system)),
            "cut": np.asarray(cut_pair_energies(positions, system)),
        }
    own = {"raw": fluid.raw, "cut": fluid.cut}
    run_folder.save_figure("energies", *draw_energy_histograms(own, of_models, HIGHEST))
    truth, key = models[0].truth, jax.random.key(_SEED)
    gaussian = [{"rmsd": each, "wasserstein": gaussian_wasserstein(key, truth, each, system)} for each in _RMSDS]
    run_folder.save_figure("energy_against_error", *draw_energy_against_error(rows, gaussian, fluid.floor))
    moved = [row for row in repaired if row["method"] != "decoded"]
    run_folder.save_figure("repair", *draw_repair(moved, fluid.floor))
