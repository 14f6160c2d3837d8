"""Equilibration of the data, and the structure of the fluid."""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce
from lcpjax.report.figures.verification import draw_verification

from .answer import answer
from .boxes import boxes_to_equilibrate, check_boxes
from .burn_in import burn_in_rows, equilibration_rows, equilibration_summary, follow_to_equilibrium
from .exact_checks import check_exact_distributions
from .figures import draw_burn_in, draw_height_profiles, draw_pair_correlations
from .long_runs import long_run_metrics, long_run_rows
from .orders import order_rows
from .structure import measure_structure
from .substances import ARGON, gamma_of, ways_to_gamma
from .tempering import tempering_gains, tempering_rows


def check(config: Config) -> None:
    """Refuse a box too small for the particles, or rungs that make no ladder."""
    check_boxes(config)


def run(run: Run) -> None:
    """Follow chains in each box, compare ways to sample, measure structure, check against exact distributions."""
    boxes = boxes_to_equilibrate(run.config)
    # Each box: its dataset, chains that judge it, long ones, three kinds of tempering.
    announce(run.config, num_datasets=3.5 * len(boxes))
    run.folder.save_table("substances", ways_to_gamma(1.0))

    studies = [follow_to_equilibrium(box, run.folder) for box in boxes]
    run.folder.save_table("equilibration", equilibration_rows(studies))
    curves = [row for study in studies for row in burn_in_rows(study)]
    run.folder.save_figure(
        "burn_in",
        *draw_burn_in(curves, run.config.sampler.num_sweeps),
        caption=(
            "Pair energy per particle, mean height and acceptance against sweeps, from uniformly placed "
            "particles, one row for each box. Marked are the sweeps of the data and half of them, where the "
            "tuning of steps ends."
        ),
    )

    run.folder.save_table("sweep_orders", order_rows(studies[0], run.folder))
    long_runs = [row for box in boxes for row in long_run_rows(box, run.folder)]
    run.folder.save_table("long_chains", long_runs)
    tempering = [row for study in studies for row in tempering_rows(study, run.folder)]
    run.folder.save_table("tempering", tempering)

    structures = [measure_structure(study, run.folder) for study in studies]
    heights, distances = ([row for rows in column for row in rows] for column in zip(*structures, strict=True))
    run.folder.save_figure(
        "height_profile",
        *draw_height_profiles(heights),
        caption=(
            "Height profile n(y) of the fluid, in a band of one standard error, one panel for each box. Dotted is"
            " the exact barometric distribution of the ideal gas: what gravity alone would do."
        ),
    )
    run.folder.save_figure(
        "pair_correlation",
        *draw_pair_correlations(distances),
        caption=(
            "Pair correlation g(r), in a band of one standard error, one panel for each box. 1 is a fluid without"
            " structure."
        ),
    )

    checks, verdict, failures = check_exact_distributions(studies, run.folder)
    run.folder.save_table("verification", checks)
    run.folder.save_figure(
        "verification",
        *draw_verification(checks),
        caption=(
            "Each check of the sampler in these boxes against its exact value, in standard errors. Exact "
            "agreement is 0; the dashed lines are the limits of a single check. Right: all checks in order "
            "against normal quantiles."
        ),
    )

    summary = {
        **equilibration_summary(studies),
        **long_run_metrics(long_runs),
        **tempering_gains(tempering),
        **verdict,
        "system/argon_gamma": gamma_of(ARGON),
    }
    run.folder.finish(summary, failures, answering=answer)
