"""One autoencoder.

Question: how well does one convolutional VAE, with one lambda and one latent
dimension, give back distance matrices it has not seen?

Expectation, results and how to run it: README.md.
"""

from lcpjax.build import build_plan
from lcpjax.pipeline.bounds import gaussian_rows, learn_bounds, linear_rows
from lcpjax.pipeline.metrics import (
    draw_examples,
    kl_per_latent_rows,
    measured_metrics,
    measured_rows,
)
from lcpjax.pipeline.run import Run, summary_of_stages
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.training import learn_representation, train_models, trained_models
from lcpjax.training import ModelSetting


def run(run: Run) -> None:
    """Sample, train one model, compare it with the linear baseline."""
    plan = build_plan(run.config)
    latent_dim = run.config.model.latent_dim
    setting = ModelSetting(run.config.training.kl_weight, latent_dim, run.config.training.seed)
    announce(run.config, num_models=1)

    dataset = sample_dataset(run)
    plan = learn_representation(plan, dataset, run.folder)
    bounds = learn_bounds(run, plan, dataset)
    mean_row, linear_row = linear_rows(plan, dataset, bounds, [latent_dim])
    states = train_models(run, plan, [setting], dataset)
    models = trained_models(run, plan, [setting], states)

    (row,) = measured_rows(models, states, dataset, bounds, [linear_row])
    gaussians = gaussian_rows(plan, dataset, bounds)
    run.folder.save_table("train", [row])
    if per_latent := kl_per_latent_rows(models, states, dataset):
        run.folder.save_table("kl_per_latent", per_latent)
    if gaussians:
        run.folder.save_table("densities", gaussians)
    run.folder.save_table("linear_pca", [linear_row])
    draw_examples(run, models[0], dataset)
    run.folder.finish(
        {
            "reconstruction/mse_test_sigma2": row["mse_test"],
            **measured_metrics(row, gaussians),
            "reconstruction/linear_pca_mse_sigma2": linear_row["mse"],
            "reconstruction/mean_mse_sigma2": mean_row["mse"],
            "training/best_epoch": int(states[0].best.epoch),
            **summary_of_stages(run.folder),
        }
    )
