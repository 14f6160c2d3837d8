"""Figures and the file of what was generated."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lcpjax.evaluation import height_profile, pair_correlation, pair_energies
from lcpjax.report import RunFolder
from lcpjax.report.figures import draw_generated, draw_structures, draw_warm_start, histogram
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import Generated, from_priors, of_gamma
from lcpjax.sampler.diagnostics import LARGEST_Z

_FEWEST = 4
_LONGEST, _NUM_BINS = 4.0, 80


def draw_generation(rows: Sequence[dict[str, Any]], looks: Sequence[dict[str, Any]], run_folder: RunFolder) -> None:
    """Two figures: distances from equilibrium by source, and how fast chains from each start pass the exact tests."""
    run_folder.save_figure("generated", *draw_generated(rows))
    run_folder.save_figure("warm_start", *draw_warm_start(looks, LARGEST_Z))


def keep_generated(fluid: EquilibriumFluid, generated: Sequence[Generated], run_folder: RunFolder) -> None:
    """generated.npz and a figure of it: from the last prior of the last case's first model.

    Positions in sigma and gamma of each, as they were decoded, none moved; and the words case, source and seed.
    """
    candidates = from_priors(generated)
    first_seed = min(each.model.setting.seed for each in candidates if each.case == candidates[-1].case)
    of_seed = [
        each for each in candidates if each.case == candidates[-1].case and each.model.setting.seed == first_seed
    ]
    chosen = of_seed[-1]
    gamma = fluid.facts.gammas[chosen.gamma_index]
    run_folder.save_arrays("generated", positions=np.asarray(chosen.positions), gamma=gamma, **_about(chosen))
    curves = [
        point
        for index, value in enumerate(fluid.facts.gammas.tolist())
        for point in _curves(fluid, of_gamma(chosen, index), value)
    ]
    run_folder.save_figure("structures", *draw_structures(curves, f"{chosen.case}: {chosen.source}"))


def _about(generated: Generated) -> dict[str, np.ndarray]:
    seed = generated.model.setting.seed
    return {"case": np.array(generated.case), "source": np.array(generated.source), "seed": np.array(seed)}


def _curves(fluid: EquilibriumFluid, positions: jax.Array, gamma: float) -> list[dict[str, Any]]:
    if len(positions) < _FEWEST:
        return []
    system, others = fluid.facts.system, fluid.positions[gamma]
    energies, true = (np.asarray(pair_energies(each, system)) for each in (positions, others))
    edges = np.linspace(float(true.min()) - 2.0, float(true.max()) + 6.0, 50)
    profiles = [height_profile(each, system.box_side) for each in (others, positions)]
    correlations = [pair_correlation(each, _LONGEST, _NUM_BINS) for each in (others, positions)]
    curves = {
        "pair_energy": (edges, histogram(true, edges), histogram(energies, edges)),
        "profile": (profiles[0].edges, profiles[0].density, profiles[1].density),
        "correlation": (correlations[0].edges, *(np.nan_to_num(each.ratio) for each in correlations)),
    }
    return [
        {"gamma": gamma, "quantity": name, "x": float(x), "fluid": float(a), "generated": float(b)}
        for name, (borders, fluid_values, own) in curves.items()
        for x, a, b in zip(0.5 * (borders[1:] + borders[:-1]), fluid_values, own, strict=True)
    ]
