"""Coordinates back from what a model gives: the study's way, and the ways that make it unnecessary.

Question: a network from distance matrices to coordinates could not be trained; Gram's
matrix gave shapes, and the "tumbler" laid them on their heaviest side. What does
each step lose, and who still needs them?

Expectation, written before the run: Gram's matrix loses nothing of true distances, and the tumbler
hardly an angle at gamma = 1, more the weaker gravity is, everything as gravity goes to 0;
the height order alone gives the angle to a fraction of a degree. From the study's
network the shape is off by about half a sigma whatever one does after it, and the mirror
image is a matter of chance. A network trained on coordinates learns the mean over
all poses that its input cannot tell apart: of mirror images x is gone and y is
there, of turned configurations nothing is left but a point; losses that no pose
changes do better, and worse than Gram's matrix, which is exact. Four anchors in the
distances give place, angle and mirror image; so does a model of coordinates.

Time: about ten minutes on two CPU cores (four models and eight networks, three seeds).
"""

from lcpjax import road
from lcpjax.build import build_representation
from lcpjax.config import Config
from lcpjax.report import RunFolder


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    road.reconstructing_cases(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train every model, go back to coordinates by every way; then learn the way itself."""
    cases = road.reconstructing_cases(config)
    road.announce(config, num_models=road.num_models(config, cases))

    dataset = road.sample_dataset(config, run_folder)
    results = [road.reconstruct_test_part(config, case, dataset, run_folder) for case in cases]
    models = [model for found, _ in results for model in found]
    failures = [line for _, failed in results for line in failed]

    representation = build_representation(config)
    rows = road.route_rows(dataset, representation, models)
    run_folder.save_table("coordinates", rows)
    run_folder.save_table("orientation", road.orientation_rows(dataset, representation, models))
    road.draw_coordinate_examples(config, dataset, representation, models, run_folder)
    road.draw_routes(dataset, representation, models, run_folder)

    learned = road.learned_route_rows(config, representation, dataset, run_folder)
    run_folder.save_table("learned_routes", learned)
    run_folder.finish(
        {
            **road.route_summary(rows),
            **road.over_route_seeds(learned),
            "training/num_models": road.num_models(config, cases),
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
