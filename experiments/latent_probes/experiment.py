"""Effects of single latents: zero, the most relevant ones, and all others with them."""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import codes_of, ground_truth_of, latent_kl_rows
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset

from .answer import answer
from .few_latents import few_latent_rows
from .figures import draw_paths
from .traversals import path_rows, probe_summary, relevance_rows, traversal_rows
from .zero import zero_rows


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built."""
    model_variants(config)


def run(run: Run) -> None:
    """Sample once, train every model, decode zero, then steps along latents, then a few latents at once."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    dataset = for_fits(run, dataset)
    ground_truth, codes = ground_truth_of(run, dataset), codes_of(models, dataset)

    zero = zero_rows(codes, dataset)
    run.folder.save_table("zero", zero)
    run.folder.save_table("latents", latent_kl_rows(codes))
    rankings, steps = relevance_rows(codes), traversal_rows(ground_truth, codes)
    ranges = path_rows(steps)
    run.folder.save_table("rankings", rankings)
    run.folder.save_table("traversals", steps)
    run.folder.save_table("paths", ranges)
    draw_paths(ground_truth, codes, steps, run.folder)
    few = few_latent_rows(ground_truth, codes, dataset)
    run.folder.save_table("few_latents", few)
    run.finish(probe_summary(zero, few, rankings, ranges), num_models, failures, answer)
