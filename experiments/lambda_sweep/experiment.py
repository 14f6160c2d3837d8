"""The study's sweep over lambda, and the rate-distortion plane."""

from itertools import product

from lcpjax.config import Config
from lcpjax.pipeline.comparison import draw_sweep, finish_sweep, plane_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.variants import Variant, check_variants, run_variant, save_measured, train_and_measure
from lcpjax.training import ModelSetting

from .answer import answer
from .references import references_of


def variants_of(config: Config) -> tuple[list[Variant], list[Variant]]:
    """Models of coordinates for the plane: the sweep, and those that learn their variance."""
    swept = plane_variants(config)
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
    errors = draw_sweep(run, result, "kl_weight", dataset)

    of_plane = [run_variant(run, variant, settings, dataset) for variant in swept]
    of_plane += [run_variant(run, variant, at_the_bound, dataset) for variant in learned]
    linear = {"reconstruction/linear_pca_mse_sigma2": result.linear[1]["mse"]}
    finish_sweep(run, errors | linear, result, of_plane, references_of(run.config), answering=answer)
