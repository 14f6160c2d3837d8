"""The sampler against everything that is known exactly.

Question: does the shipped sampler, in every sweep order and with tempering, draw
from the Boltzmann distribution? One particle has the barometric law, two are
solved by quadrature, any number obeys the wall sum rule and the gamma slope, and
gamma and positions drawn in turn keep their joint law.

Expectation, results and how to run it: README.md beside this file.
"""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.verification import verify_sampler
from lcpjax.report.figures.verification import draw_verification


def run(run: Run) -> None:
    """Hold the sampler to every law; one table, one figure, one verdict."""
    rows, verdict, failures = verify_sampler(run)
    run.folder.save_table("verification", rows)
    run.folder.save_figure("verification", *draw_verification(rows))
    run.folder.finish(verdict, failures)
