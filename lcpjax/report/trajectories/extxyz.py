"""Extended XYZ, the text format of ASE, read by OVITO and many others."""

from pathlib import Path

from lcpjax.report.trajectories.frames import Frames, checked, export_library, in_three_dimensions, shortest_decimals
from lcpjax.runtime.files import atomic_write


def write_extxyz(path: str | Path, frames: Frames, box_side: float) -> None:
    """Write an extended XYZ trajectory in reduced units (sigma, epsilon), through ASE.

    The cell is L x L x 1 sigma and not periodic (pbc="F F F"); z = 0. The
    comment line carries gamma, energy and chain; ASE hands the energy back by
    ``atoms.get_potential_energy()``. ASE prints eight decimals, so a position
    comes back to 5e-9 sigma. The species is X, ASE's sign for none.

    Raises:
        InputError: ASE is not installed, or frames or a path of which no file can be made.
    """
    ase, ase_io = export_library("ase"), export_library("ase.io")
    path, frames = checked("extxyz", path, frames, box_side)
    about = zip(shortest_decimals(frames.gamma), shortest_decimals(frames.energy), frames.chain.tolist(), strict=True)
    images = [
        ase.Atoms(
            symbols=["X"] * len(positions),
            positions=positions,
            cell=[box_side, box_side, 1.0],
            pbc=False,
            info={"gamma": gamma, "energy": energy, "chain": chain},
        )
        for positions, (gamma, energy, chain) in zip(in_three_dimensions(frames.positions), about, strict=True)
    ]
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        ase_io.write(file, images, format="extxyz")
