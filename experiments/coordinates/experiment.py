"""Coordinates from the output of a model: the study's route, and routes that make it unnecessary."""

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.reconstructions import reconstruct_test_set
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset
from lcpjax.pipeline.training import learn_representation

from .answer import answer
from .figures import draw_coordinate_examples
from .learned_routes import coordinate_networks, learned_route_rows, over_route_seeds
from .route_errors import draw_routes, measured_routes, orientation_rows, route_rows, route_summary
from .routes import all_routes


def check(config: Config) -> None:
    """Refuse a config with a model or network that cannot be built."""
    model_variants(config)
    coordinate_networks(config)


def run(run: Run) -> None:
    """Sample once, train every model, recover coordinates by every route; then learn the route itself."""
    num_models = announce_models(run.config, num_others=8)
    dataset = sample_dataset(run)
    trained, failures = train_variants(run, dataset)
    models = reconstruct_test_set(trained, dataset)

    representation = learn_representation(build_plan(run.config), dataset, run.folder).representation
    routes = all_routes(dataset, representation, models)
    measured = measured_routes(routes)
    rows = route_rows(measured)
    run.folder.save_table("coordinates", rows)
    run.folder.save_table("orientation", orientation_rows(measured, dataset))
    draw_coordinate_examples(run, dataset, routes)
    draw_routes(measured, dataset, run.folder)

    learned, failed = learned_route_rows(run, representation, for_fits(run, dataset))
    run.folder.save_table("learned_routes", learned)
    failures += failed
    run.finish({**route_summary(rows), **over_route_seeds(learned)}, num_models, failures, answer)
