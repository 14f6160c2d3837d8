"""Configurations, sampled and kept.

Question: what are the sampled configurations like, gamma by gamma: energy, mean
height, acceptance, step size, smallest distance of a pair?

Expectation, written before the run: the stronger gravity is, the lower particles
lie on average and the shorter the tuned steps are; the acceptance is the tuned
0.4 at every gamma, and no pair comes much closer than 0.85 sigma.

Data go to the cache part by part and never lie in memory as a whole, so a set may
be as large as the disk; other experiments then read it from there.

Time: under a minute on two CPU cores at laptop scale.
"""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_in_parts


def run(run: Run) -> None:
    """Sample into the cache; a row for each gamma."""
    announce(run.config, num_models=0)
    rows, overall = sample_in_parts(run)
    run.folder.save_table("dataset", rows)
    run.folder.finish(overall)
