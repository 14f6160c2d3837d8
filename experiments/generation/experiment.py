"""Configurations sampled from the latent space: what is missing, and what makes it work.

Question: the study found sampling from the latent space hopeless. Is it the decoder, or what is
sampled? And what is a generated configuration worth to someone who only wants data?

Expectation, written before the run: from N(0, I) energies are hopeless, whatever the decoder, for the codes of a
fluid do not lie like that. A Gaussian for each gamma has the heights right and energies wrong;
mixtures and a flow gain little more with so few codes. The learned prior of `best`, one or two nats above the
entropy, has U, sum y, g(r) and n(y) inside a few hundredths of their scatter with no Metropolis move
at all, and told gamma by the exact p(gamma | x) it also gives gravities that it has never seen: 0.55 nearly for
free, 1.5 from the few configurations that reach so low. A fifth of its draws count as independent
samples of the fluid, with exact weights. As a start of chains it saves nearly all sweeps; in wall time on
a CPU much less, for a draw costs as much as some hundred sweeps.

Seen (three seeds, 400 test configurations; W1(U) / sd, W1(sum y) / sd and g(r), worst gamma, of which other chains of
the fluid differ by 0.043, 0.038 and 1.6 %; those as few as the test part, beside which codes and posterior samples
stand, by 0.13, 0.14 and 5.6 %): from N(0, I) nothing, as the study found, 50 sweeps later still 1.9, 4.3 and 5 %
(`sigma_vae`). A Gaussian of each gamma has the heights (0.089), no energies (35; four fifths of the draws leave the
box), and after 50 sweeps 0.13, 0.18 and 1.8 %. No other density of codes is better: held-out codes like one component
best, four overfit (50.2 nats above the entropy instead of 45.5, after 50 sweeps 0.12, 0.16, 1.9 %), a Gaussian of
latent means is far too narrow for posterior samples (13,000 nats) and generates as well (0.12, 0.17, 1.8 %), the flow
has 45.4 nats (0.09, 0.16, 1.8 %), as one Gaussian of the coordinates has 43.2. It was what is sampled, not the
decoder. The learned prior of `best` is **1.17 +- 0.08 nats** above the entropy (the error is the test part's; seeds
differ by 0.01; 1.10 by an importance-weighted bound) and with no move at all 1.17, 0.22 and 2.4 % off, most at gamma
1 where it has seen least; 3.0 to 7.5 % of its draws at gamma 0.1 leave the box, through the lid. Thinned by
rejection, of those too, to the training part's energies and heights **0.059, 0.087 and 2.0 %**, but below the lid
n(y) stays 1.4 times the fluid's at gamma 0.1: a crowd. Coverage of the test part by (U, sum y, R_g) is 0.93 to 1 (the
fluid: 0.94 to 1), and 0 of every Gaussian and flow; novelty is 0.97 to 1.03 whatever is generated, and says only that
nothing was copied. Weights are exact and a tenth of the draws count (0.055 to 0.137; a fifth was expected).

Gravities never seen: asked for 0.55 and 1.5 the flow is after 50 sweeps 0.13, 0.14, 1.4 % and 0.18, 0.054, 1.7 % off,
the interpolated Gaussian as well. By exact weights `best` gives 512 effective draws of 8,000 at 0.55, 13 at 1.5; its
thinned draws tilted to 0.55 are 0.031, 0.040, 1.6 % off with no move, and the 54 that count at 1.5 0.23, 0.39, 6.3 %,
after 50 sweeps 0.08, 0.20, 1.2 %.

As a start, median of the seeds (least to most), the sweeps that it saves over a uniform one, which needs more than
1,000, 1,000, 700 and 700 at gamma 0.1, 0.4, 0.7 and 1: the flow 20, 10 (10-20), 14 and 3.5 times; the learned prior 5
(3.3-5), 50 (20-200), 35 (35-70), 35 (14-35); thinned 100, 200 (50-1000), at least 700 for it needs none, and 140
(35-700), held back by particles below the lid and at the floor, which the other laws do not see. In wall time on a
CPU the flow's start is 2.4 to 11 times faster than a uniform one, training aside, and 6 to 9 times slower with the
training in it; `best` is 7 to 25 times slower even without: its draws cost as much as 7,400 to 17,000 sweeps of as
many chains.

Time: about fifteen minutes on two CPU cores (two models, three seeds); the run that is shown took fifty on shared
ones, and its models were trained before what they generate was judged anew.
"""

from collections.abc import Sequence
from typing import Any

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.pipeline.latent_codes import codes_of, facts_of
from lcpjax.pipeline.model_zoo import announce_models, check_frames, train_cases
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
from .sources import generate_all, generate_new
from .sweeps_saved import look_rows, warm_start_over_seeds, warm_start_rows
from .warm_start import check_looks, follow_starts


def check(config: Config) -> None:
    """Refuse models that cannot be built or know no frame, and looks that do not increase."""
    check_frames(config)
    check_looks(config)


def run(run: Run) -> None:
    """Sample once, train, fit what stands in place of the priors; generate, judge, and start chains from it."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_cases(run, dataset)
    facts, codes = facts_of(run, dataset), codes_of(models, dataset)
    fluid = equilibrium_fluid(run, facts)
    priors, generated = generate_all(fluid, codes, dataset, run.folder)

    sizes = run.config.evaluation.generation
    judged = generated_rows(fluid, generated, sizes.sweeps)
    nats = nats_rows(fluid, priors, dataset, sizes.posterior_samples)
    draws = weighted_draws(fluid, priors)
    importance = importance_rows(fluid, draws)
    variety = variety_rows(fluid, generated, dataset)
    run.folder.save_table("generated", judged)
    run.folder.save_table("nats", nats)
    warn_of_density_leaks(nats, run.folder)
    run.folder.save_table("importance", importance)
    new = [each for of_model in priors for each in generate_new(of_model, fluid)]
    reweighted = reweighted_rows(fluid, draws)
    new_gammas = new_gamma_rows(fluid, generated, new, sizes.sweeps)
    run.folder.save_table("reweighted", reweighted)
    run.folder.save_table("variety", variety)
    run.folder.save_table("new_gammas", new_gammas)

    looks, over_seeds = _start_chains(run, fluid, generated, dataset)
    draw_generation(judged, looks, run.folder)
    keep_generated(fluid, generated, run.folder)
    run.finish(
        {
            **generation_summary(judged, nats, variety, importance, over_seeds),
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
    """What generated configurations save as the initial state of chains: every look at them, and over the seeds."""
    followed = follow_starts(run, fluid, generated)
    num_chains = len(dataset.train.gamma) // run.config.sampler.samples_per_chain
    warm = warm_start_rows(followed, run.config.sampler.num_sweeps, num_chains)
    looks, over_seeds = look_rows(followed), warm_start_over_seeds(warm)
    run.folder.save_table("warm_start", warm)
    run.folder.save_table("warm_start_over_seeds", over_seeds)
    run.folder.save_table("looks", looks)
    return looks, over_seeds
