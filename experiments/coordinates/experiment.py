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

Seen (three seeds, 400 test configurations, commit ded83f1): as expected with true distances: nothing is lost by
Gram's matrix (1e-6 sigma), and the tumbler is right to 10 degrees in 41, 94, 98 and 100 % at gamma 0.1, 0.4, 0.7 and 1
(on 1,024 chains of each 41, 95, 99 and 99.9); by height order the median is 0.05 to 0.15 degrees, 1.5 at most.
Not expected: the study's network is off by 2.7 sigma, not half of one: its shapes are nearly those of the mean
matrix, and the tumbler lays them on a side at right angles to the floor (1 % right). Points decoded first
are off by 1.5.
The network trained on coordinates finds the height of everything and a quarter (convolutions) of the width; a
perceptron learns the mirror images by heart and is worse than their mean; of turned configurations a point is left,
2 % of the size. With losses that no pose changes a perceptron comes to 1.3 to 1.5 sigma, convolutions to 1.5 to
2.8, from true distances, of which Gram's matrix loses nothing. Anchors give the angle to
4 degrees and the mirror image in 95 to 100 %, though places only to 2.6 sigma; coordinates (`best`) all to 4e-5.
Unnecessary now: the tumbler (an order by height gives the angle), Gram's matrix and any network
from distances to coordinates (a model of coordinates needs none of them).

Time: about ten minutes on two CPU cores (four models and eight networks, three seeds).
"""

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import announce_models, model_cases, train_cases
from lcpjax.pipeline.reconstructions import reconstruct_test_part
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset
from lcpjax.pipeline.training import learn_representation

from .examples import draw_coordinate_examples
from .learned_routes import coordinate_networks, learned_route_rows, over_route_seeds
from .route_errors import draw_routes, measured_routes, orientation_rows, route_rows, route_summary
from .routes import all_routes


def check(config: Config) -> None:
    """Refuse a config of which some model or network cannot be built."""
    model_cases(config)
    coordinate_networks(config)


def run(run: Run) -> None:
    """Sample once, train every model, go back to coordinates by every way; then learn the way itself."""
    num_models = announce_models(run.config, num_others=8)
    dataset = sample_dataset(run)
    trained, failures = train_cases(run, dataset)
    models = reconstruct_test_part(trained, dataset)

    representation = learn_representation(build_plan(run.config), dataset, run.folder).representation
    routes = all_routes(dataset, representation, models)
    measured = measured_routes(routes)
    rows = route_rows(measured)
    run.folder.save_table("coordinates", rows)
    run.folder.save_table("orientation", orientation_rows(measured, dataset))
    draw_coordinate_examples(run, dataset, routes)
    draw_routes(measured, dataset, run.folder)

    learned, failed = learned_route_rows(run, representation, dataset)
    run.folder.save_table("learned_routes", learned)
    failures += failed
    run.finish(
        {
            **route_summary(rows),
            **over_route_seeds(learned),
        },
        num_models,
        failures,
    )
