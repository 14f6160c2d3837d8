"""Missing distances: which are determined by the others, who recovers them, and imputation of the rest."""

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .answer import answer
from .completion import completion_rows
from .figures import draw_missing_data
from .masks import asked_families, check_masks, mask_rows
from .methods import impute_all
from .scores import imputation_rows, imputation_summary, warn_of_imputation_leaks


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built, and impossible masks."""
    model_variants(config)
    check_masks(config)


def run(run: Run) -> None:
    """Sample once, train, mask held-out matrices; complete or impute them, compare with the exact posterior."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    system, free_energy = build_system(run.config), fluid_free_energy(run)
    asked = asked_families(run.config, dataset, run.config.settings.num_configurations)
    masks = mask_rows(asked)
    run.folder.save_table("masks", masks)
    completed = completion_rows(run, models, dataset)
    run.folder.save_table("completion", completed)

    imputed = impute_all(run, models, asked, dataset, system, free_energy)
    rows = imputation_rows(system, asked, imputed)
    run.folder.save_table("imputation", rows)
    warn_of_imputation_leaks(rows, run.folder)
    draw_missing_data(system, asked, imputed, completed, rows, run.folder)
    run.finish(imputation_summary(masks, completed, rows), num_models, failures, answer)
