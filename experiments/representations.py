"""What the study's networks failed on, and why.

Question: perceptrons on coordinates failed "no matter the sorting", so did those
on sorted distances; convolutions on sorted distances worked, and deeper ones did
not help. Was it the network?

Expectation, written before the run: it was the ordering. A linear code with as
many components, which learns nothing but a covariance, does as badly or as well
as each network: 3.4 unsorted, 2.5 by height (the study's), 1.5 by distance to the
lowest, 0.4 along a Hilbert curve, 0.1 by assignment to a template. All networks
move along with it, deeper convolutions and perceptrons alike, and with this little
training lie above the linear row. Decoders that make coordinates first break no
triangle, convolutions break some.

Time: about 25 minutes on two CPU cores at laptop scale (27 kinds of models x 3 seeds).
"""

from itertools import product

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder
from lcpjax.training import ModelSetting

_ALL = ("none", "height", "lowest", "hilbert", "template")
_NETWORKS = [
    # Name in the table, representation, encoder, decoder, orderings.
    ("perceptron on coordinates", "coordinates", "perceptron", "perceptron", _ALL),
    ("perceptron on distances", "distance_matrix", "perceptron", "perceptron", _ALL),
    ("convolutional", "distance_matrix", "convolutional", "convolutional", _ALL),
    ("deeper convolutional", "distance_matrix", "residual_convolutional", "residual_convolutional", _ALL),
    ("point decoder", "distance_matrix", "residual_perceptron", "point_residual_perceptron", _ALL),
    ("set transformer", "distance_matrix", "set_transformer", "point_set_transformer", ("height", "template")),
]
CASES = [
    road.Case(
        f"{network.replace(' ', '-')}-{ordering}",
        {
            "representation.name": representation,
            "representation.ordering": ordering,
            "model.encoder": encoder,
            "model.decoder": decoder,
        },
    )
    for network, representation, encoder, decoder, orderings in _NETWORKS
    for ordering in orderings
]
_LABELS = [(network, ordering) for network, *_, orderings in _NETWORKS for ordering in orderings]


def check(config: Config) -> None:
    """Refuse a config of which some case cannot be built."""
    road.check_cases(config, CASES)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train every network in every ordering with every seed, set each beside its linear row."""
    weight, latent_dim = config.training.kl_weight, config.model.latent_dim
    settings = [ModelSetting(*pair) for pair in product([weight], [latent_dim], config.sweep.seeds)]
    road.announce(config, num_models=len(CASES) * len(settings))

    dataset = road.sample_dataset(config, run_folder)
    results = [road.run_case(config, case, settings, dataset, run_folder) for case in CASES]
    run_folder.save_table("models", [row for result in results for row in result.rows])
    rows = [
        road.summarised_case(network, ordering, result)
        for (network, ordering), result in zip(_LABELS, results, strict=True)
    ]
    run_folder.save_table("representations", rows)
    road.draw_representations_beside_linear(config, rows, dataset, run_folder)

    failures = [line for result in results for line in result.failures]
    run_folder.finish(
        {
            **{f"reconstruction/distance_mse_sigma2/{row['case']}": row["distance_mse_mean"] for row in rows},
            **{
                f"reconstruction/linear_pca_distance_mse_sigma2/{row['case']}": row["linear_distance_mse"]
                for row in rows
            },
            "training/num_models": len(CASES) * len(settings),
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
