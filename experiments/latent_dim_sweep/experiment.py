"""The study's sweep over the number of latents, and a rate-distortion plane.

Question: how does the error of the reconstruction depend on the latent dimension
d, from 2 to 80?

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


def variants_of(config: Config) -> list[Variant]:
    """Models of coordinates for the plane."""
    return [
        Variant(
            f"coordinates-{ordering}",
            {
                "representation.name": "coordinates",
                "representation.ordering": ordering,
                "model.encoder": "residual_perceptron",
                "model.decoder": "residual_perceptron",
                "training.kl_weight": config.sweep.plane_kl_weight,
            },
        )
        for ordering in config.sweep.plane_orderings
    ]


def check(config: Config) -> None:
    """Refuse a config with a variant that cannot be built."""
    dims = [Variant(f"{dim}-latents", {"model.latent_dim": dim}) for dim in config.sweep.latent_dims]
    check_variants(config, [*dims, *variants_of(config)])


def run(run: Run) -> None:
    """Sample once, train every dimension with every seed in one program, draw the curve with linear PCA's."""
    dims, seeds = run.config.sweep.latent_dims, run.config.sweep.seeds
    settings = [ModelSetting(*pair) for pair in product([run.config.training.kl_weight], dims, seeds)]
    of_cases = [ModelSetting(*pair) for pair in product([run.config.sweep.plane_kl_weight], dims, seeds)]
    cases = variants_of(run.config)
    announce(run.config, num_models=len(settings) + len(cases) * len(of_cases))

    dataset = sample_dataset(run)
    plan = learn_representation(build_plan(run.config), dataset, run.folder)
    bounds = learn_bounds(run, plan, dataset)
    mean_row, *by_dimension = linear_rows(plan, dataset, bounds, dims)
    states = train_models(run, plan, settings, dataset)
    models = trained_models(run, plan, settings, states)
    rows = measured_rows(models, states, dataset, bounds, by_dimension)
    run.folder.save_table("latent_dim_sweep", rows)
    if per_latent := kl_per_latent_rows(models, states, dataset):
        run.folder.save_table("kl_per_latent", per_latent)
    run.folder.save_table("linear_pca", by_dimension)
    curve = draw_sweep(rows, "latent_dim", by_dimension, mean_row["mse"], run.folder)
    draw_best_examples(run, models, rows, dataset)

    results = [run_variant(run, case, of_cases, dataset) for case in cases]
    draw_plane(run, results)

    failures = failures_of(settings, states) + [line for result in results for line in result.failures]
    by_dim = {f"reconstruction/mse_test_sigma2/latent_dim={row['latent_dim']}": row["mse_test_mean"] for row in curve}
    linear = {
        f"reconstruction/linear_pca_mse_sigma2/latent_dim={row['latent_dim']}": row["mse"] for row in by_dimension
    }
    run.finish(
        {
            **by_dim,
            **linear,
            "reconstruction/mean_mse_sigma2": mean_row["mse"],
            **least_rate_above_bound(results),
        },
        len(rows) + sum(len(result.rows) for result in results),
        failures,
    )
