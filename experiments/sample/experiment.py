"""Sampled configurations.

Question: what are the sampled configurations like, gamma by gamma: energy, mean
height, acceptance, step size, smallest distance of a pair?

Expectation, results and how to run it: README.md.
"""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_in_parts


def run(run: Run) -> None:
    """Sample into the cache; a row for each gamma."""
    announce(run.config, num_models=0)
    rows, overall = sample_in_parts(run)
    run.folder.save_table("dataset", rows)
    run.folder.finish(overall)
