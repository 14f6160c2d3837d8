"""Configurations sampled from the latent space."""

from collections.abc import Sequence
from typing import Any

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.pipeline.latent_codes import codes_of, ground_truth_of
from lcpjax.pipeline.model_zoo import announce_models, check_frames, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .coverage import variety_rows
from .distances import generated_rows, generation_summary, reweighting_summary
from .figures import draw_generation, keep_generated
from .generated import Generated
from .importance import importance_rows, reweighted_rows, weighted_draws
from .likelihood import nats_rows, warn_of_density_leaks
from .new_gammas import new_gamma_rows
from .reference_fluid import EquilibriumFluid, equilibrium_fluid
from .settings import Settings
from .sources import generate_all, generate_new
from .sweeps_saved import snapshot_rows, warm_start_over_seeds, warm_start_rows
from .warm_start import check_snapshots, follow_starts


def check(config: Config) -> None:
    """Refuse models that cannot be built or know no frame, and snapshots that do not increase."""
    check_frames(config)
    check_snapshots(config)


def run(run: Run) -> None:
    """Sample once, train, fit replacements of the priors; generate, check, and start chains from it."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    ground_truth, codes = ground_truth_of(run, dataset), codes_of(models, dataset)
    fluid = equilibrium_fluid(run, ground_truth)
    priors, generated = generate_all(fluid, codes, dataset, run.folder)

    sizes: Settings = run.config.settings
    rows = generated_rows(fluid, generated, sizes.sweeps)
    nats = nats_rows(fluid, priors, dataset, sizes.posterior_samples)
    draws = weighted_draws(fluid, priors)
    importance = importance_rows(fluid, draws)
    variety = variety_rows(fluid, generated, dataset)
    run.folder.save_table("generated", rows)
    run.folder.save_table("nats", nats)
    warn_of_density_leaks(nats, run.folder)
    run.folder.save_table("importance", importance)
    new = [each for of_model in priors for each in generate_new(of_model, fluid)]
    reweighted = reweighted_rows(fluid, draws)
    new_gammas = new_gamma_rows(fluid, generated, new, sizes.sweeps)
    run.folder.save_table("reweighted", reweighted)
    run.folder.save_table("variety", variety)
    run.folder.save_table("new_gammas", new_gammas)

    snapshots, over_seeds = _start_chains(run, fluid, generated, dataset)
    draw_generation(rows, snapshots, run.folder)
    keep_generated(fluid, generated, run.folder)
    run.finish(
        {
            **generation_summary(rows, nats, variety, importance, over_seeds),
            **reweighting_summary(reweighted, new_gammas),
        },
        num_models,
        failures,
    )


def _start_chains(
    run: Run,
    fluid: EquilibriumFluid,
    generated: Sequence[Generated],
    dataset: Dataset,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sweeps saved by generated initial states: every snapshot, and over the seeds."""
    followed = follow_starts(run, fluid, generated)
    num_chains = len(dataset.train.gamma) // run.config.sampler.samples_per_chain
    warm = warm_start_rows(followed, run.config.sampler.num_sweeps, num_chains)
    snapshots, over_seeds = snapshot_rows(followed), warm_start_over_seeds(warm)
    run.folder.save_table("warm_start", warm)
    run.folder.save_table("warm_start_over_seeds", over_seeds)
    run.folder.save_table("snapshots", snapshots)
    return snapshots, over_seeds
