"""Cost in displacement of repairing the energies of reconstructions: tethered relaxation, Metropolis sweeps."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.evaluation.reconstruction.energies import compare_energies, pair_energies
from lcpjax.evaluation.reconstruction.reconstruction_error import over_all, rmsd
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.pipeline.reconstructions import HeldOutReconstructions
from lcpjax.reconstruction import align, relax
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import LOCAL_MOVES, sample
from lcpjax.sampler.streams import Seed

from .energies import FluidEnergies
from .settings import Settings

DECODED, RELAXED, SWEPT = "decoded", "relaxed", "Metropolis sweeps"
"""Nothing repaired, downhill on a tether, and moves at temperature T."""


def repair_rows(config: Config, fluid: FluidEnergies, models: Sequence[HeldOutReconstructions]) -> list[dict[str, Any]]:
    """A row for each strength of repair of the posterior samples of each variant's first model, from none to most.

    Columns: variant, method; strength: the tether in epsilon / sigma^2, or the number of sweeps; displacement from the
    decoded positions and rmsd from the truth, both root mean squares in sigma; wasserstein, kolmogorov_smirnov, median
    and clipped_fraction of the energies, as elsewhere; unconverged_fraction: of relaxations; aligned_to_truth: whether
    the model has no frame, so that walls and gravity apply only after alignment to the truth, which in practice is
    unknown. Particles outside the box start at its wall.
    """
    return [row for model in first_of_each(models) for row in _rows_of(config, fluid, model)]


def _rows_of(config: Config, fluid: FluidEnergies, model: HeldOutReconstructions) -> list[dict[str, Any]]:
    decoded = model.decoded.of_sample
    if not model.knows_frame:
        decoded = align(decoded, model.truth)[0]
    ids = {"variant": model.name, "aligned_to_truth": not model.knows_frame}

    def row(method: str, strength: float, moved: Configurations2D, unconverged: float = 0.0) -> dict[str, Any]:
        energies = compare_energies(np.asarray(pair_energies(moved, fluid.system)), fluid.raw)
        return {
            **ids,
            "method": method,
            "strength": strength,
            "displacement": float(over_all(rmsd(decoded, moved))),
            "rmsd": float(over_all(rmsd(model.truth, moved))),
            **energies._asdict(),
            "unconverged_fraction": unconverged,
        }

    sizes: Settings = config.settings
    rows = [row(DECODED, 0.0, decoded)]
    for tether in sizes.tethers:
        relaxed = relax(decoded, fluid.system, tether)
        rows.append(row(RELAXED, tether, relaxed.positions, float(jnp.mean(~relaxed.is_at_rest))))
    for sweeps in sizes.sweeps:
        rows.append(row(SWEPT, float(sweeps), _swept(config, fluid, model, decoded, sweeps)))
    return rows


def _swept(
    config: Config, fluid: FluidEnergies, model: HeldOutReconstructions, decoded: Configurations2D, sweeps: int
) -> Configurations2D:
    inside, step_size = jnp.clip(decoded, 0.0, config.system.box_side), config.settings.step_size
    key = key_of_seed(Seed.REPAIR)
    moved = sample(
        key, fluid.system, model.gamma, sweeps, initial_positions=inside, step_size=step_size, rules=LOCAL_MOVES
    )
    return moved.positions
