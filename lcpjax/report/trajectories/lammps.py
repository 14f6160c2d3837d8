"""The text dump of LAMMPS, read by LAMMPS, OVITO, VMD and ASE."""

from pathlib import Path

import numpy as np

from lcpjax.report.tables import write_table
from lcpjax.report.trajectories.frames import Frames, checked, in_three_dimensions, shortest_decimals
from lcpjax.runtime.files import atomic_write

# Nine significant digits distinguish every float32 from its neighbours. ff: fixed walls on both sides.
_FRAME = """ITEM: TIMESTEP
{chain}
ITEM: NUMBER OF ATOMS
{num_particles}
ITEM: BOX BOUNDS ff ff ff
0.0 {box_side}
0.0 {box_side}
-0.5 0.5
ITEM: ATOMS id type x y z
{particles}
"""
_PARTICLE = "{} 1 {:.9g} {:.9g} {:.9g}"


def write_lammps_dump(path: str | Path, frames: Frames, box_side: float) -> None:
    """Write a LAMMPS text dump in units lj, exact for float32, and a table next to it.

    The time step of a frame is its chain. A dump has no place for gamma and
    energy: they are in the table, a row a frame, named as the dump with .csv
    after it. The box is 1 sigma thick, as LAMMPS wants two dimensions; z = 0.

    Raises:
        InputError: frames or a path of which no file can be made.
    """
    path, frames = checked("lammps", path, frames, box_side)
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for chain, positions in zip(frames.chain, in_three_dimensions(frames.positions), strict=True):
            file.write(_frame_text(int(chain), positions, box_side))
    columns = frames.chain.tolist(), shortest_decimals(frames.gamma), shortest_decimals(frames.energy)
    rows = [
        {"frame": frame, "chain": chain, "gamma": gamma, "energy": energy}
        for frame, (chain, gamma, energy) in enumerate(zip(*columns, strict=True))
    ]
    write_table(path.with_name(f"{path.name}.csv"), rows)


def _frame_text(chain: int, positions: np.ndarray, box_side: float) -> str:
    particles = (_PARTICLE.format(number, *position) for number, position in enumerate(positions, start=1))
    return _FRAME.format(chain=chain, num_particles=len(positions), box_side=box_side, particles="\n".join(particles))
