"""Configurations for other programs.

Question: do the sampled configurations open in the programs that others look at
particles with: HOOMD-blue, OVITO and freud (GSD), ASE (extended XYZ), LAMMPS
and VMD (LAMMPS dump)?

Expectation, written before the run: each frame comes back from GSD, ASE and the
dump with its gamma and energy; the positions exactly from the dump, to 5e-9
sigma from extended XYZ (eight decimals), to half a unit in the last place of L/2
from GSD (centred on 0 in single precision). Nothing is learned here.

Time: under a minute on two CPU cores at laptop scale.
"""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset

from .exporting import export_configurations, export_formats


def run(run: Run) -> None:
    """Sample, and write the first configurations of each gamma to RUN/trajectories in every format."""
    formats = export_formats(run.config)
    announce(run.config, num_models=0)

    dataset = sample_dataset(run)
    run.folder.finish(export_configurations(run, formats, dataset))
