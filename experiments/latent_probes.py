"""What single latents do: zero, the most relevant ones, and all others with them.

Question: the study found that zero is featureless, that moving along significant
dimensions reveals patterns, and that sampling the five most relevant ones shows nothing. Why?

Expectation, written before the run: decode(0) is the mean of the data, to a few per cent of its
scatter, for the codes are centred there; so it looks like no configuration, and around it single
latents change what changes nothing but a blur. Around the code of a real configuration the same steps
move real particles, and energies rise at once. Five latents of real codes with zeros for all
others decode to less than a third of the scatter; drawn given those five, the others bring
the scatter back, but no energies: latents of a fluid depend on each other in more ways than a Gaussian has.

Time: about eight minutes on two CPU cores (three models, three seeds).
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    road.model_cases(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train every model, decode zero, then steps along latents, then a few latents at once."""
    num_models = road.announce_models(config)
    dataset = road.sample_dataset(config, run_folder)
    models, failures = road.train_cases(config, dataset, run_folder)
    facts, codes = road.facts_of(config, dataset, run_folder), road.codes_of(models, dataset)

    zero = road.zero_rows(facts, codes, dataset)
    run_folder.save_table("zero", zero)
    run_folder.save_table("latents", road.latent_kl_rows(codes))
    run_folder.save_table("rankings", road.relevance_rows(codes))
    steps = road.traversal_rows(facts, codes)
    run_folder.save_table("traversals", steps)
    road.draw_paths(facts, codes, steps, run_folder)
    few = road.few_latent_rows(facts, codes, dataset)
    run_folder.save_table("few_latents", few)
    run_folder.finish(
        {
            **road.probe_summary(zero, few),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
