"""Verification of the sampler against exact distributions."""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.verification import verify_sampler
from lcpjax.report.figures.verification import draw_verification


def run(run: Run) -> None:
    """Check the sampler against every exact distribution; one table, one figure, one verdict."""
    rows, verdict, failures = verify_sampler(run)
    run.folder.save_table("verification", rows)
    run.folder.save_figure("verification", *draw_verification(rows))
    run.folder.finish(verdict, failures)
