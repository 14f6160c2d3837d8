"""GSD, the format of HOOMD-blue, read by OVITO and freud too."""

from pathlib import Path

import numpy as np

from lcpjax.report.trajectories.frames import Frames, checked, export_library, in_three_dimensions
from lcpjax.runtime.files import atomic_write


def write_gsd(path: str | Path, frames: Frames, box_side: float) -> None:
    """Write a two-dimensional GSD trajectory; its positions are centred on 0, as the format demands.

    Add ``log/subtracted_box_centre``, (L/2, L/2), to get the box [0, L] x [0, L]
    back; the subtraction rounds by at most half a unit in the last place of L/2.
    The step of a frame is its chain; ``log/gamma`` and ``log/energy`` are in
    reduced units. Every particle is of type A with diameter 1 (sigma). The
    format has no walls: programs take the box [L, L, 0] for periodic.

    Raises:
        InputError: gsd is not installed, or frames or a path of which no file can be made.
    """
    hoomd = export_library("gsd.hoomd")
    path, frames = checked("gsd", path, frames, box_side)
    centre = np.full(2, box_side / 2, np.float32)
    centred = in_three_dimensions(frames.positions - centre)
    with atomic_write(path) as temporary, hoomd.open(temporary, "w") as file:
        for positions, gamma, energy, chain in zip(centred, frames.gamma, frames.energy, frames.chain, strict=True):
            frame = hoomd.Frame()
            frame.configuration.step = int(chain)
            frame.configuration.dimensions = 2
            frame.configuration.box = [box_side, box_side, 0, 0, 0, 0]
            frame.particles.N = len(positions)
            frame.particles.types = ["A"]
            frame.particles.position = positions
            frame.log = {"gamma": gamma[None], "energy": energy[None], "subtracted_box_centre": centre}
            file.append(frame)
