"""Configurations sampled from the latent space."""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import codes_of, ground_truth_of
from lcpjax.pipeline.model_zoo import announce_models, check_frames, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset

from .answer import answer
from .continued import continued_rows
from .coverage import variety_rows
from .distances import generated_rows, generation_summary
from .figures import draw_generated, draw_warm_start, keep_generated
from .importance import importance_rows, reweighted_rows, weighted_draws
from .likelihood import nats_rows, warn_of_density_leaks
from .new_gammas import new_gamma_rows
from .reference_fluid import equilibrium_fluid
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
    training_set = dataset.train
    num_chains = len(training_set.gamma) // run.config.sampler.samples_per_chain
    dataset = for_fits(run, dataset)
    ground_truth, codes = ground_truth_of(run, dataset), codes_of(models, dataset)
    fluid = equilibrium_fluid(run, ground_truth)
    priors, generated = generate_all(fluid, codes, dataset, run.folder)

    sizes: Settings = run.config.settings
    draws = weighted_draws(fluid, priors)
    new = [each for of_model in priors for each in generate_new(of_model, fluid)]
    tables = {
        "generated": generated_rows(fluid, generated, sizes.sweeps),
        "nats": nats_rows(fluid, priors, dataset, sizes.posterior_samples),
        "importance": importance_rows(fluid, draws),
        "reweighted": reweighted_rows(fluid, draws),
        "variety": variety_rows(fluid, generated, dataset),
        "new_gammas": new_gamma_rows(fluid, generated, new, sizes.sweeps),
    }
    warn_of_density_leaks(tables["nats"], run.folder)

    followed = follow_starts(run, fluid, training_set, generated)
    tables["warm_start"] = warm_start_rows(followed, run.config.sampler.num_sweeps, num_chains)
    tables["warm_start_over_seeds"] = warm_start_over_seeds(tables["warm_start"])
    tables["snapshots"] = snapshot_rows(followed)
    tables["continued"] = continued_rows(fluid, training_set, sizes.snapshots)
    for name, rows in tables.items():
        # None, where no new gamma is asked for.
        if rows:
            run.folder.save_table(name, rows)
    run.folder.save_figure(
        "generated",
        *draw_generated(tables["generated"]),
        caption=(
            "Distance of generated configurations from the fluid in equilibrium, one panel for each measure, one "
            "line for each source of latents and gamma: mean and range over seeds. Full symbols are raw, open "
            "ones after Metropolis sweeps, crosses what the source was fitted to. The grey bands are exact "
            "references: distances between independent chains of the fluid itself."
        ),
    )
    run.folder.save_figure(
        "warm_start",
        *draw_warm_start(tables["snapshots"]),
        caption=(
            "Largest deviation from an exact result, in standard errors, against Metropolis sweeps after the "
            "start: from generated and from uniformly placed particles, for each kind of moves and each gamma. A "
            "source has reached equilibrium where it stays below the horizontal line."
        ),
    )
    keep_generated(fluid, generated, run.folder)
    run.finish(generation_summary(tables), num_models, failures, answer)
