"""Configurations as images: why the study's route failed, the missing remedy, and the value of images."""

from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.reconstructions import reconstruct_test_set
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .answer import answer
from .baselines import baseline_rows, sharing_rows
from .figures import draw_images
from .scores import coordinate_rows, image_rows, occupancy_summary, overfitting_rows
from .settings import Settings
from .test_set import imaged_fluid
from .training import train_overfitted, train_remedies, train_sweep
from .variants import check_images


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built, or a grid too small for the particles."""
    model_variants(config)
    check_images(config)


def run(run: Run) -> None:
    """Sample once; overfit a few images, then train on all: the study's route, remedies, models of coordinates."""
    sizes: Settings = run.config.settings
    num_kinds = len({*sizes.route_cells} - {sizes.safe_cells}) + len(sizes.models)
    num_models = num_kinds * len(run.config.sweep.seeds)
    num_models += announce_models(run.config, num_others=num_kinds * sizes.passes_per_epoch)
    dataset = sample_dataset(run)
    fluid = imaged_fluid(run, dataset)
    sharing = sharing_rows(run.config, dataset)
    run.folder.save_table("sharing", sharing)
    baselines = baseline_rows(run.config, fluid, dataset)
    run.folder.save_table("guesses", baselines)

    overfitted = overfitting_rows(train_overfitted(run, dataset))
    run.folder.save_table("overfitted", overfitted)
    swept, failures = train_sweep(run, dataset)
    models, failed = train_remedies(run, dataset)
    others, not_trained = train_variants(run, dataset)
    failures += failed + not_trained

    images = image_rows(fluid, [*swept, *models], dataset)
    run.folder.save_table("images", images)
    coordinates = coordinate_rows(run.config, fluid, reconstruct_test_set(others, dataset))
    run.folder.save_table("coordinates", coordinates)
    draw_images(run, fluid, sharing, baselines, images, coordinates, models)
    run.finish(occupancy_summary(sharing, baselines, overfitted, images, coordinates), num_models, failures, answer)
