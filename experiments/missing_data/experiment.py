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

Seen (24 held-out configurations of each family, 100 for completion; mean of three seeds): the three rigid masks of the
expectation are solved to 1e-6 sigma in every configuration (100 of 100 each, so 96 to 100 % with 95 % confidence), as
are diagonal blocks of 15 and one particle with three links; with 70 % missing at random 89 of 92 that are rigid, with
four particles of three links 96 of 100. As starts in the plane networks are no better than the means of what is
missing: at 70 % means 0.99, masked_conv 1.00, masked_points 0.91, the study's 0.61, shortest paths through space 0.75,
random points 0.29; for the block of 12 means 0.98, masked_conv 0.88, and the study's one pass is a worse start than
random points (0.26 against 0.53): it makes 4.4 sigma of error of what the mean gets to 1.8. Trained with masks the
convolutions give the mean (1.78 against 1.82) and keep 5 to 9 nats of what is observed: where pieces or particles are
left free their intervals of 90 % hold 0.90 to 0.94 of the truth, but so do those of training configurations put in
place of what is missing, which know nothing (0.90 to 0.92), as wide (6.3 to 6.8 sigma) and nearly as good (two halves:
CRPS 1.047 and 1.053). masked_points keeps 17 to 31 nats and is worse. The study's network by pseudo-Gibbs holds 0.42 to
0.53. Importance weights of 64 proposals leave 4 to 7 that count, and 2 of masked_points. The exact posterior is far
narrower, as expected: two halves 1.5 sigma wide with a CRPS of 0.26, one lost particle 3.1 and 0.68, with one link 0.76
and 0.11, with two links as good as none, for the mirror twin hardly ever fits, four lost particles 3.8 and 0.69; its
intervals hold 0.92 +- 0.04, 0.87 +- 0.04, 0.93 +- 0.04, 1 and 0.90 +- 0.02 of the truth, and its draws have the fluid's
energies (W1 at most 0.9 epsilon), those of the networks trained with masks overlaps (W1 above 60; the study's by
pseudo-Gibbs 3 to 64). Of its chains 95 to 100 % settle; one configuration with four particles on one link each was left
out, for only 8 of 64 chains found a place there. In a known frame the density of `best` places one lost particle nearly
as the exact one does: CRPS 0.700 and 0.618, a difference of 0.08 +- 0.05; with one link 0.128 and 0.116, 0.012 +-
0.014.

Time: sixteen minutes on two CPU cores (four models, three seeds).
"""

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.model_zoo import announce_models, model_cases, train_cases
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .completion import completion_rows
from .figures import draw_missing_data
from .masks import asked_families, check_masks, mask_rows
from .methods import impute_all
from .scores import imputation_rows, imputation_summary, warn_of_imputation_leaks


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built, and masks that there cannot be."""
    model_cases(config)
    check_masks(config)


def run(run: Run) -> None:
    """Sample once, train, black out held-out matrices; complete what is fixed, impute what is not, beside the exact."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_cases(run, dataset)
    system, free_energy = build_system(run.config), fluid_free_energy(run)
    asked = asked_families(run.config, dataset, run.config.evaluation.missing_data.num_configurations)
    masks = mask_rows(asked)
    run.folder.save_table("masks", masks)
    completed = completion_rows(run, models, dataset)
    run.folder.save_table("completion", completed)

    imputed = impute_all(run, models, asked, dataset, system, free_energy)
    rows = imputation_rows(system, asked, imputed)
    run.folder.save_table("imputation", rows)
    warn_of_imputation_leaks(rows, run.folder)
    draw_missing_data(system, asked, imputed, completed, rows, run.folder)
    run.finish(imputation_summary(masks, completed, rows), num_models, failures)
