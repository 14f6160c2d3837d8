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

Seen (three seeds, 400 test configurations, worst gamma; other chains of the fluid differ by 0.043, 0.038 and 0.016 in
W1(U) / sd, W1(sum y) / sd and g(r)): from N(0, I) nothing, as the study found, 50 sweeps later still 1.9, 4.3 and 5 %
(`sigma_vae`). A Gaussian of each gamma has the heights (0.11), no energies, and after 50 sweeps 0.14, 0.20 and 2 %;
mixtures and the flow are no better, for the codes of 3,200 configurations tell no more: 45 nats above the entropy, as
one Gaussian of the coordinates has 43. It was what is sampled, not the decoder. The learned prior of `best` is **1.18
+- 0.08 nats** above the entropy (1.11 by an importance-weighted bound) and with no move at all 1.41, 0.28 and 2.7 %
off: worse than expected, most at gamma 1 where it has seen least; thinned by rejection to the training part's
energies and heights **0.05, 0.08 and 2.0 %**. Weights are exact and a tenth of the draws count (0.115; a fifth was
expected). Gamma 0.55 is nearly for free (487 effective draws); of 1.5 too few reach so low (45). As a start it needs
100, 20, 14 and 14 times fewer sweeps than a uniform one at gamma 0.1, 0.4, 0.7 and 1, thinned 50, 50, 700 and 700;
the flow's needs 20, 20, 14 and 3.5 times fewer. In wall time on a CPU the flow's start is 2 to 7 times faster,
training aside, and `best` ten times slower: its draws cost more than the sweeps that they save.

Time: about fifteen minutes on two CPU cores (two models, three seeds).
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder


def check(config: Config) -> None:
    """Refuse models that cannot be built or know no frame, and looks that do not increase."""
    road.check_frames(config)
    road.check_looks(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train, fit what stands in place of the priors; generate, judge, and start chains from it."""
    num_models = road.announce_models(config)
    dataset = road.sample_dataset(config, run_folder)
    models, failures = road.train_cases(config, dataset, run_folder)
    facts, codes = road.facts_of(config, dataset, run_folder), road.codes_of(models, dataset)
    fluid = road.equilibrium_fluid(config, facts, run_folder)
    priors, generated = road.generate_all(fluid, codes, dataset, run_folder)

    sizes = config.evaluation.generation
    judged = road.generated_rows(fluid, generated, sizes.sweeps)
    nats = road.nats_rows(fluid, priors, dataset, sizes.posterior_samples)
    draws = road.weighted_draws(fluid, priors)
    importance = road.importance_rows(fluid, draws)
    variety = road.variety_rows(fluid, generated, dataset)
    run_folder.save_table("generated", judged)
    run_folder.save_table("nats", nats)
    road.warn_of_density_leaks(nats, run_folder)
    run_folder.save_table("importance", importance)
    new = [each for of_model in priors for each in road.generate_new(of_model, fluid)]
    reweighted = road.reweighted_rows(fluid, draws)
    new_gammas = road.new_gamma_rows(fluid, generated, new, sizes.sweeps)
    run_folder.save_table("reweighted", reweighted)
    run_folder.save_table("variety", variety)
    run_folder.save_table("new_gammas", new_gammas)

    followed = road.follow_starts(config, fluid, generated, run_folder)
    num_chains = len(dataset.train.gamma) // config.sampler.samples_per_chain
    warm = road.warm_start_rows(followed, config.sampler.num_sweeps, num_chains)
    looks, over_seeds = road.look_rows(followed), road.warm_start_over_seeds(warm)
    run_folder.save_table("warm_start", warm)
    run_folder.save_table("warm_start_over_seeds", over_seeds)
    run_folder.save_table("looks", looks)
    road.draw_generation(judged, looks, run_folder)
    road.keep_generated(fluid, generated, run_folder)
    run_folder.finish(
        {
            **road.generation_summary(judged, nats, variety, importance, over_seeds),
            **road.reweighting_summary(reweighted, new_gammas),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
