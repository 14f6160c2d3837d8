"""The study's sweep over lambda, and the rate-distortion plane."""

from itertools import product

from lcpjax.config import Config
from lcpjax.pipeline.comparison import draw_plane, draw_sweep, least_rate_above_bound
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.variants import Variant, check_variants, run_variant, save_measured, train_and_measure
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
    return swept, [Variant(f"{variant.name}-learned-variance", {**variant.changes, **learned}) for variant in swept]


def check(config: Config) -> None:
    """Refuse a config with a variant that cannot be built."""
    check_variants(config, [variant for variants in variants_of(config) for variant in variants])


def run(run: Run) -> None:
    """Sample once, train every lambda with every seed, draw the curve with its linear baseline, and the plane."""
    latent_dim, seeds = run.config.model.latent_dim, run.config.sweep.seeds
    settings = [ModelSetting(*pair) for pair in product(run.config.sweep.kl_weights, [latent_dim], seeds)]
    at_the_bound = [ModelSetting(1.0, latent_dim, seed) for seed in seeds]
    swept, learned = variants_of(run.config)
    announce(run.config, num_models=(1 + len(swept)) * len(settings) + len(learned) * len(seeds))

    dataset = sample_dataset(run)
    result = train_and_measure(run, settings, dataset)
    save_measured(run, "lambda_sweep", result, dataset)
    curve = draw_sweep(run, result, "kl_weight", dataset)

    variants = [run_variant(run, variant, settings, dataset) for variant in swept]
    variants += [run_variant(run, variant, at_the_bound, dataset) for variant in learned]
    draw_plane(run, variants)

    mean_row, linear_row = result.linear
    by_lambda = {f"reconstruction/mse_test_sigma2/kl_weight={row['kl_weight']}": row["mse_test_mean"] for row in curve}
    linear = {
        "reconstruction/linear_pca_mse_sigma2": linear_row["mse"],
        "reconstruction/mean_mse_sigma2": mean_row["mse"],
    }
    every = [result, *variants]
    run.finish(
        by_lambda | linear | least_rate_above_bound(variants),
        sum(len(each.rows) for each in every),
        [line for each in every for line in each.failures],
    )
