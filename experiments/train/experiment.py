"""One autoencoder."""

from lcpjax.build import build_model
from lcpjax.config import Config
from lcpjax.errors import InputError
from lcpjax.model.sample_kinds import VECTOR
from lcpjax.pipeline.bounds import gaussian_rows
from lcpjax.pipeline.density import GAP_COLUMNS, density_metrics, density_rows, num_new_chains
from lcpjax.pipeline.metrics import draw_examples, measured_metrics
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.variants import save_measured, train_and_measure
from lcpjax.training import ModelSetting

from .answer import answer
from .refined import refined_metrics, refined_rows
from .settings import Settings


def check(config: Config) -> None:
    """Refuse refinement of codes that are no vector, before the model is trained."""
    settings: Settings = config.settings
    if settings.refinement_steps and build_model(config).encoder.latents != VECTOR:
        raise InputError(
            f"settings.refinement_steps = {settings.refinement_steps}: the codes of model.encoder = "
            f"{config.model.encoder} are no vectors, the only ones that are refined; must be 0"
        )


def run(run: Run) -> None:
    """Sample, train one model, compare it with the linear baseline."""
    setting = ModelSetting(run.config.training.kl_weight, run.config.model.latent_dim, run.config.training.seed)
    announce(run.config, num_models=1, num_new_chains=num_new_chains(run.config))

    dataset = sample_dataset(run)
    result = train_and_measure(run, [setting], dataset)
    density = density_rows(run, result.models)
    if density:
        run.folder.save_table("density", density)
        # The same gap, of many more configurations than the test set has.
        result.rows[0] |= {name: density[0][name] for name in GAP_COLUMNS}
    save_measured(run, "train", result, dataset)
    if gaussians := gaussian_rows(result.plan, dataset, result.bounds):
        run.folder.save_table("densities", gaussians)
    settings: Settings = run.config.settings
    refined = refined_rows(result.models[0], dataset, settings.refinement_steps) if settings.refinement_steps else []
    if refined:
        run.folder.save_table("refined_codes", refined)
    draw_examples(run, result.models[0], dataset)

    (row,), (mean_row, linear_row) = result.rows, result.linear
    summary = {
        "reconstruction/mse_test_sigma2": row["mse_test"],
        **measured_metrics(row, gaussians),
        **density_metrics(density),
        **refined_metrics(refined),
        "reconstruction/linear_pca_mse_sigma2": linear_row["mse"],
        "reconstruction/mean_mse_sigma2": mean_row["mse"],
        "training/best_epoch": int(result.states[0].best.epoch),
    }
    run.finish(summary, 1, result.failures, answer)
