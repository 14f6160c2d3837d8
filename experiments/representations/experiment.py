"""Choice of representation and network in the study."""

from itertools import product
from typing import Any

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.summary import grouped_means
from lcpjax.pipeline.variants import MeasuredModels, Variant, check_names, check_variants, run_variant
from lcpjax.report.figures.sweep_curve import over_seeds
from lcpjax.training import ModelSetting

from .answer import answer
from .figures import draw_orderings
from .settings import Settings


def _networks(representation: str, encoder: str, decoder: str, **sizes: Any) -> dict[str, Any]:
    names = {"representation.name": representation, "model.encoder": encoder, "model.decoder": decoder}
    return names | {f"model.{key}": value for key, value in sizes.items()}


NETWORKS = {
    "perceptron_on_coordinates": _networks("coordinates", "perceptron", "perceptron"),
    "perceptron_on_distances": _networks("distance_matrix", "perceptron", "perceptron"),
    "convolutional": _networks("distance_matrix", "convolutional", "convolutional"),
    "deeper_convolutional": _networks("distance_matrix", "residual_convolutional", "residual_convolutional", depth=1),
    "convolutional_linear_skip": _networks("distance_matrix", "convolutional", "convolutional", linear_skip=True),
    "point_decoder": _networks("distance_matrix", "residual_perceptron", "point_residual_perceptron"),
    "set_transformer": _networks(
        "distance_matrix", "set_transformer", "point_set_transformer", width=64, depth=2, knows_order=True
    ),
}

_METRICS = {
    "distance_mse_mean": "reconstruction/distance_mse_sigma2",
    "linear_distance_mse": "reconstruction/linear_pca_distance_mse_sigma2",
}


def variants_of(config: Config) -> list[Variant]:
    """Every network of the config in every ordering of the config."""
    settings: Settings = config.settings
    check_names("settings.networks", settings.networks, NETWORKS)
    return [
        Variant(f"{network}-{ordering}", NETWORKS[network] | {"representation.ordering": ordering})
        for network, ordering in product(settings.networks, settings.orderings)
    ]


def check(config: Config) -> None:
    """Refuse a config with a variant that cannot be built."""
    check_variants(config, variants_of(config))


def run(run: Run) -> None:
    """Sample once, train every network in every ordering with every seed, compare each with its linear baseline."""
    variants, weight, latent_dim = variants_of(run.config), run.config.training.kl_weight, run.config.model.latent_dim
    settings = [ModelSetting(*pair) for pair in product([weight], [latent_dim], run.config.sweep.seeds)]
    announce(run.config, num_models=len(variants) * len(settings))

    dataset = sample_dataset(run)
    results = [run_variant(run, variant, settings, dataset) for variant in variants]
    run.folder.save_table("models", [row for result in results for row in result.rows])
    pairs = product(run.config.settings.networks, run.config.settings.orderings)
    rows = [_row(network, ordering, result) for (network, ordering), result in zip(pairs, results, strict=True)]
    run.folder.save_table("representations", rows)
    draw_orderings(run, rows, dataset)

    failures = [line for result in results for line in result.failures]
    run.finish(grouped_means(rows, _METRICS), len(variants) * len(settings), failures, answer)


def _row(network: str, ordering: str, result: MeasuredModels) -> dict[str, Any]:
    """One row for a variant: means and spreads over seeds, with its linear row."""
    ids = {"variant": result.rows[0]["variant"], "network": network, "ordering": ordering}
    averaged = over_seeds(result.rows, "kl_weight", ("distance_mse", "rmsd_of_mean", "kl_nats", "triangle_violations"))
    linear = {name: result.rows[0][name] for name in ("linear_distance_mse", "linear_rmsd")}
    return ids | (averaged[0] if averaged else {}) | linear
