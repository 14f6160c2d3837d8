"""Verification of the sampler against exact distributions."""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.verification import verify_sampler
from lcpjax.report.figures.verification import draw_verification

from .answer import answer


def run(run: Run) -> None:
    """Check the sampler against every exact distribution; two tables, one figure, one verdict."""
    found = verify_sampler(run)
    run.folder.save_table("verification", found.rows)
    run.folder.save_table("detectable", found.detectable)
    run.folder.save_figure(
        "verification",
        *draw_verification(found.rows),
        caption=(
            "Each check of the sampler against its exact value, in standard errors. Exact agreement is 0, with "
            "standard normal scatter; the dashed lines are the limits of a single check. Right: all checks in "
            "order against normal quantiles, which they follow where the sampler is right."
        ),
    )
    run.folder.finish(found.metrics, found.failures, answering=answer)
