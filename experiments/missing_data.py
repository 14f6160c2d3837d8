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

Seen (24 held-out configurations of each family, mean of three seeds): the three rigid masks of the expectation are
solved to 1e-6 sigma in every configuration (24 of 24 each), as are diagonal blocks of 15 and one particle with three
links; with 70 % missing at random 21 of 22 that are rigid, with four particles of three links 23 of 24. As starts in
the plane networks are no better than the means of what is missing: at 70 % means 1.00, masked_conv 1.00,
masked_points 0.91, the study's 0.67, shortest paths through space 0.68, random points 0.36; for the block of 12 the
study's one pass is a worse start than random points (0.26 against 0.50): it makes 4.4 sigma of error of what the mean
gets to 1.8. Trained with masks the convolutions give the mean (1.78 against 1.82), and know how little they know:
their intervals of 90 % hold 0.90 of two halves' distances, 0.91 to 0.94 of lost particles', 6.0 to 6.8 sigma wide;
the study's by pseudo-Gibbs 0.42 to 0.58. The exact posterior is far narrower, as expected: two halves 2.1 sigma wide
with a CRPS of 0.31 (networks 1.05), one lost particle 3.3 (0.66 against 1.15), with one link 0.76 (0.09 against
1.05), with two links as good as none, for the mirror twin hardly ever fits; its intervals hold 0.93 +- 0.03, 0.88 +-
0.05, 0.96 +- 0.03 and 1 of the truth. Its draws have the fluid's energies to 0.8 epsilon where chains settle (91 % of
them for two halves, 70 % for four lost particles, W1 12), those of the networks overlaps (W1 above 100). In a known
frame the density of `best` places one lost particle as the exact one does: CRPS 0.88 and 0.84, a difference of 0.04
+- 0.03.

Time: about half an hour on two CPU cores (four models, three seeds), more on shared ones.
"""

from lcpjax import road
from lcpjax.build import build_system
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
    system, free_energy = build_system(config), road.fluid_free_energy(config, run_folder)
    asked = imputing.asked_families(config, dataset, config.evaluation.missing_data.num_configurations)
    masks = imputing.mask_rows(asked)
    run_folder.save_table("masks", masks)
    completed = imputing.completion_rows(config, models, dataset, run_folder)
    run_folder.save_table("completion", completed)

    imputed = imputing.impute_all(config, models, asked, dataset, system, free_energy, run_folder)
    rows = imputing.imputation_rows(system, asked, imputed)
    run_folder.save_table("imputation", rows)
    imputing.warn_of_imputation_leaks(rows, run_folder)
    imputing.draw_missing_data(system, asked, imputed, completed, rows, run_folder)
    run_folder.finish(
        {
            **imputing.imputation_summary(masks, completed, rows),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
