"""Raw energies of reconstructions: the cost of an error, and the cost of repairing it."""

from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.reconstructions import reconstruct_test_set
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .answer import answer
from .energies import draw_energies, energy_rows, energy_summary, fluid_energies
from .figures import draw_repair
from .repair import DECODED, repair_rows


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built."""
    model_variants(config)


def run(run: Run) -> None:
    """Sample once, train every model, measure energies of reconstructions; then repair them, and measure the cost."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    trained, failures = train_variants(run, dataset)
    models = reconstruct_test_set(trained, dataset)

    fluid = fluid_energies(run.config, dataset)
    rows = energy_rows(fluid, models)
    run.folder.save_table("energies", rows)
    draw_energies(fluid, models, rows, run.folder)
    repaired = repair_rows(run.config, fluid, models)
    run.folder.save_table("repair", repaired)
    moved = [row for row in repaired if row["method"] != DECODED]
    run.folder.save_figure(
        "repair",
        *draw_repair(moved, fluid.median),
        caption=(
            "What repairs the energy and at which price: median pair energy and RMSD to the truth against the "
            "displacement by the repair. The line is the fluid's own median; a repair that lowers the energy and "
            "not the RMSD hides the error. Open symbols were aligned to the truth first."
        ),
    )
    run.finish(energy_summary(rows), num_models, failures, answer)
