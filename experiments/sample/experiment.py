"""Sampled configurations."""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_in_parts

from .answer import answer


def run(run: Run) -> None:
    """Sample into the cache; a row for each gamma."""
    announce(run.config)
    rows, overall = sample_in_parts(run)
    run.folder.save_table("dataset", rows)
    run.folder.finish(overall, answering=answer)
