"""What the study's networks failed on, and why.

Question: perceptrons on coordinates failed "no matter the sorting", so did those
on sorted distances; convolutions on sorted distances worked, and deeper ones did
not help. Was it the network?

Expectation, written before the run: it was the ordering. A linear code with as
many components, which learns nothing but a covariance, does as badly or as well
as each network: 3.4 unsorted, 2.5 by height (the study's), 1.5 by distance to the
lowest, 0.4 along a Hilbert curve, 0.1 by assignment to a template. All networks
move along with it, deeper convolutions and perceptrons alike, and with this little
training lie above the linear row, except convolutions beside a linear code, which begin there
and go a little below. Decoders that make coordinates first break no
triangle, convolutions break some.

Seen (three seeds, commit 722641a): perceptrons and convolutions as expected, in every
ordering above their linear row (3.6, 2.7, 1.7, 0.6 and 0.2 in the orderings' order), deeper ones one to
six per cent less. Convolutions beside a linear code end below it in three orderings (1.49 against 1.52, 0.28
against 0.35, 0.095 against 0.097). Not expected: decoders that make coordinates first go
below the linear row of distances without any help, by height 1.7 with perceptrons and 0.29
with set transformers where forty components leave 2.48. The rows of distances are curved
where those of coordinates are flat: it was the ordering, and the representation too.

Time: forty minutes on two shared CPU cores (35 kinds of models x 3 seeds at laptop scale); sweep.networks and
sweep.orderings choose some of them.
"""

from itertools import product
from typing import Any

from lcpjax.config import Config
from lcpjax.pipeline.comparison import by_case, draw_representations_beside_linear, summarised_case
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset
from lcpjax.pipeline.variants import Case, check_cases, check_names, run_case
from lcpjax.training import ModelSetting


def _networks(representation: str, encoder: str, decoder: str, **sizes: Any) -> dict[str, Any]:
    names = {"representation.name": representation, "model.encoder": encoder, "model.decoder": decoder}
    return names | {f"model.{key}": value for key, value in sizes.items()}


NETWORKS = {
    "perceptron_on_coordinates": _networks("coordinates", "perceptron", "perceptron"),
    "perceptron_on_distances": _networks("distance_matrix", "perceptron", "perceptron"),
    "convolutional": _networks("distance_matrix", "convolutional", "convolutional"),
    "deeper_convolutional": _networks("distance_matrix", "residual_convolutional", "residual_convolutional", depth=1),
    "convolutional_beside_linear": _networks("distance_matrix", "convolutional", "convolutional", linear_skip=True),
    "point_decoder": _networks("distance_matrix", "residual_perceptron", "point_residual_perceptron"),
    "set_transformer": _networks(
        "distance_matrix", "set_transformer", "point_set_transformer", width=64, depth=2, knows_order=True
    ),
}


def cases_of(config: Config) -> list[Case]:
    """Every network asked for in every ordering asked for."""
    check_names("sweep.networks", config.sweep.networks, NETWORKS)
    return [
        Case(f"{network}-{ordering}", NETWORKS[network] | {"representation.ordering": ordering})
        for network, ordering in product(config.sweep.networks, config.sweep.orderings)
    ]


def check(config: Config) -> None:
    """Refuse a config of which some case cannot be built."""
    check_cases(config, cases_of(config))


def run(run: Run) -> None:
    """Sample once, train every network in every ordering with every seed, set each beside its linear row."""
    cases, weight, latent_dim = cases_of(run.config), run.config.training.kl_weight, run.config.model.latent_dim
    settings = [ModelSetting(*pair) for pair in product([weight], [latent_dim], run.config.sweep.seeds)]
    announce(run.config, num_models=len(cases) * len(settings))

    dataset = sample_dataset(run)
    results = [run_case(run, case, settings, dataset) for case in cases]
    run.folder.save_table("models", [row for result in results for row in result.rows])
    rows = [summarised_case(*case.name.split("-"), result) for case, result in zip(cases, results, strict=True)]
    run.folder.save_table("representations", rows)
    draw_representations_beside_linear(run, rows, dataset)

    failures = [line for result in results for line in result.failures]
    run.finish(
        {
            **by_case("reconstruction/distance_mse_sigma2", rows, "distance_mse_mean"),
            **by_case("reconstruction/linear_pca_distance_mse_sigma2", rows, "linear_distance_mse"),
        },
        len(cases) * len(settings),
        failures,
    )
