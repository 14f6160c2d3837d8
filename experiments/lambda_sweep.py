"""The study's lambda sweep.

Question: how does the error of the reconstruction depend on lambda, the weight
of the KL divergence in MSE + lambda KL?

Expectation, written before the run: lower MSE with lower lambda, as the slides
say, and a KL that rises as lambda falls; at lambda = 1 the latent carries almost
nothing and the MSE comes near that of the training part's mean. In height order
no lambda beats the linear row, which the study never drew.

Time: about two minutes on two CPU cores at laptop scale (6 lambdas x 3 seeds).
"""

import math
from itertools import product

from lcpjax import road
from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.report import RunFolder
from lcpjax.report.figures import draw_lambda_curve
from lcpjax.training import ModelSetting


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train every lambda with every seed, draw the curve beside the linear row."""
    plan = build_plan(config)
    latent_dim = config.model.latent_dim
    settings = [
        ModelSetting(kl_weight, latent_dim, seed)
        for kl_weight, seed in product(config.sweep.kl_weights, config.sweep.seeds)
    ]
    road.announce(config, num_models=len(settings))

    dataset = road.sample_dataset(config, run_folder)
    plan = road.learn_representation(plan, dataset, run_folder)
    mean_row, linear_row = road.linear_rows(plan, dataset, [latent_dim])
    states = road.train_models(config, plan, settings, dataset, run_folder)
    failures = road.failures_of(settings, states)

    rows = road.measured_rows(plan, settings, states, dataset)
    run_folder.save_table("lambda_sweep", rows)
    run_folder.save_table("linear_pca", [linear_row])
    figure, curve = draw_lambda_curve(rows, linear_row["mse"], mean_row["mse"])
    run_folder.save_figure("lambda_curve", figure, curve)
    finite = [index for index, row in enumerate(rows) if math.isfinite(row["mse_test"])]
    best = min(finite, key=lambda index: rows[index]["mse_test"])
    road.draw_examples(config, plan, states[best], dataset, run_folder)

    by_lambda = {f"reconstruction/mse_test_sigma2/kl_weight={row['kl_weight']}": row["mse_mean"] for row in curve}
    run_folder.finish(
        {
            **by_lambda,
            "reconstruction/linear_pca_mse_sigma2": linear_row["mse"],
            "reconstruction/mean_mse_sigma2": mean_row["mse"],
            "training/num_models": len(settings),
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
