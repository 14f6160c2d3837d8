"""Verification of the sampler against exact distributions."""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.verification import verify_sampler
from lcpjax.report.figures.verification import draw_verification


def run(run: Run) -> None:
    """Check the sampler against every exact distribution; two tables, one figure, one verdict."""
    found = verify_sampler(run)
    run.folder.save_table("verification", found.rows)
    run.folder.save_table("detectable", found.detectable)
    run.folder.save_figure("verification", *draw_verification(found.rows))
    run.folder.finish(found.metrics, found.failures)
