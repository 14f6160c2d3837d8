"""The study's lambda sweep, and the rate-distortion plane.

Question: how does the error of the reconstruction depend on lambda, the weight
of the KL divergence in MSE + lambda KL? And how far is each of these models from the
best possible code: KL against error, relative to linear codes and Shannon's lower
bound from the fluid's exact entropy?

Expectation, results and how to run it: README.md.
"""

from itertools import product

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.pipeline.bounds import learn_bounds, linear_rows
from lcpjax.pipeline.comparison import draw_best_examples, draw_plane, draw_sweep, least_rate_above_bound
from lcpjax.pipeline.metrics import kl_per_latent_rows, measured_rows
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.training import failures_of, learn_representation, train_models, trained_models
from lcpjax.pipeline.variants import Variant, check_variants, run_variant
from lcpjax.training import ModelSetting

_COORDINATES = {
    "representation.name": "coordinates",
    "model.encoder": "residual_perceptron",
    "model.decoder": "residual_perceptron",
}


def variants_of(config: Config) -> tuple[list[Variant], list[Variant]]:
    """Models of coordinates for the plane: the sweep, and those that learn their variance."""
    swept = [
        Variant(f"coordinates-{ordering}", _COORDINATES | {"representation.ordering": ordering})
        for ordering in config.sweep.plane_orderings
    ]
    learned = {"model.variance": "shared"}
    return swept, [Variant(f"{case.name}-learned-variance", {**case.changes, **learned}) for case in swept]


def check(config: Config) -> None:
    """Refuse a config with a variant that cannot be built."""
    check_variants(config, [case for cases in variants_of(config) for case in cases])


def run(run: Run) -> None:
    """Sample once, train every lambda with every seed, draw the curve with its linear baseline, and the plane."""
    latent_dim, seeds = run.config.model.latent_dim, run.config.sweep.seeds
    settings = [ModelSetting(*pair) for pair in product(run.config.sweep.kl_weights, [latent_dim], seeds)]
    at_the_bound = [ModelSetting(1.0, latent_dim, seed) for seed in seeds]
    swept, learned = variants_of(run.config)
    announce(run.config, num_models=(1 + len(swept)) * len(settings) + len(learned) * len(seeds))

    dataset = sample_dataset(run)
    plan = learn_representation(build_plan(run.config), dataset, run.folder)
    bounds = learn_bounds(run, plan, dataset)
    mean_row, linear_row = linear_rows(plan, dataset, bounds, [latent_dim])
    states = train_models(run, plan, settings, dataset)
    models = trained_models(run, plan, settings, states)
    rows = measured_rows(models, states, dataset, bounds, [linear_row])
    run.folder.save_table("lambda_sweep", rows)
    if per_latent := kl_per_latent_rows(models, states, dataset):
        run.folder.save_table("kl_per_latent", per_latent)
    run.folder.save_table("linear_pca", [linear_row])
    curve = draw_sweep(rows, "kl_weight", [linear_row], mean_row["mse"], run.folder)
    draw_best_examples(run, models, rows, dataset)

    results = [run_variant(run, case, settings, dataset) for case in swept]
    results += [run_variant(run, case, at_the_bound, dataset) for case in learned]
    draw_plane(run, results)

    failures = failures_of(settings, states) + [line for result in results for line in result.failures]
    by_lambda = {f"reconstruction/mse_test_sigma2/kl_weight={row['kl_weight']}": row["mse_test_mean"] for row in curve}
    run.finish(
        {
            **by_lambda,
            "reconstruction/linear_pca_mse_sigma2": linear_row["mse"],
            "reconstruction/mean_mse_sigma2": mean_row["mse"],
            **least_rate_above_bound(results),
        },
        len(rows) + sum(len(result.rows) for result in results),
        failures,
    )
