"""Distances that are missing: which are fixed by the others, who finds them, and what is left open where they are not.

Question: the study blacked out regions of its matrices "as a proof of concept" and let the network fill them in. When
is there anything to guess at all? And where there is, do guesses know how far off they are?

Expectation, written before the run: a mask whose observed distances form a globally rigid graph leaves nothing open:
completion finds blocks of 12 x 12 off the diagonal, of 10 x 10 on it and 30 % at random to the last digit, the study's
network none, for it was never shown a black region and its error is 2 sigma without one. Trained with masks it fills
them in as well as it gives back whole matrices, no better. As a start of the search in the plane a network's guess
spares local minima that random starts fall into; the search that goes through space first needs no network. Where two
halves, or a particle, are free to move, the exact posterior is narrow in spite of that, for particles have sizes and
the order of heights is known: intervals of the networks that hold 90 % of the truth are several times wider, and what
they draw has energies of overlaps. A learned density that knows the frame places a lost particle as the exact one does.

Time: about half an hour on two CPU cores (four models, three seeds).
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder
from lcpjax.road import imputing


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built, and masks that there cannot be."""
    road.model_cases(config)
    imputing.check_masks(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train, black out held-out matrices; complete what is fixed, impute what is not, beside the exact."""
    num_models = road.announce_models(config)
    dataset = road.sample_dataset(config, run_folder)
    models, failures = road.train_cases(config, dataset, run_folder)
    facts = road.facts_of(config, dataset, run_folder)
    asked = imputing.asked_families(config, dataset)
    masks = imputing.mask_rows(asked)
    run_folder.save_table("masks", masks)

    free_energy = road.fluid_free_energy(config, run_folder)
    imputed = imputing.impute_all(config, models, asked, dataset, facts.system, free_energy, run_folder)
    completed = imputing.completion_rows(config, asked, imputed, run_folder)
    run_folder.save_table("completion", completed)
    rows = imputing.imputation_rows(facts.system, asked, imputed)
    run_folder.save_table("imputation", rows)
    imputing.warn_of_imputation_leaks(rows, run_folder)
    imputing.draw_missing_data(facts.system, asked, imputed, completed, rows, run_folder)
    run_folder.finish(
        {
            **imputing.imputation_summary(masks, completed, rows),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
