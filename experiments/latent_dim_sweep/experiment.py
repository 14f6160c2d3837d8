"""The study's sweep over the number of latents, and a rate-distortion plane."""

from itertools import product

from lcpjax.config import Config
from lcpjax.pipeline.comparison import draw_sweep, finish_sweep, plane_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.variants import Variant, check_variants, run_variant, save_measured, train_and_measure
from lcpjax.training import ModelSetting

from .answer import answer


def variants_of(config: Config) -> list[Variant]:
    """Models of coordinates for the plane."""
    return plane_variants(config, {"training.kl_weight": config.sweep.plane_kl_weight})


def check(config: Config) -> None:
    """Refuse a config with a variant that cannot be built."""
    dims = [Variant(f"{dim}-latents", {"model.latent_dim": dim}) for dim in config.sweep.latent_dims]
    check_variants(config, [*dims, *variants_of(config)])


def run(run: Run) -> None:
    """Sample once, train every dimension with every seed in one program, draw the curve with linear PCA's."""
    dims, seeds = run.config.sweep.latent_dims, run.config.sweep.seeds
    settings = [ModelSetting(*pair) for pair in product([run.config.training.kl_weight], dims, seeds)]
    of_variants = [ModelSetting(*pair) for pair in product([run.config.sweep.plane_kl_weight], dims, seeds)]
    variants = variants_of(run.config)
    announce(run.config, num_models=len(settings) + len(variants) * len(of_variants))

    dataset = sample_dataset(run)
    result = train_and_measure(run, settings, dataset)
    save_measured(run, "latent_dim_sweep", result, dataset)
    errors = draw_sweep(run, result, "latent_dim", dataset)

    of_plane = [run_variant(run, variant, of_variants, dataset) for variant in variants]
    linear = {
        f"reconstruction/linear_pca_mse_sigma2/latent_dim={row['latent_dim']}": row["mse"] for row in result.linear[1:]
    }
    finish_sweep(run, errors | linear, result, of_plane, answering=answer)
