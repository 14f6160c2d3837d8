"""Energies of reconstructions, raw: what an error costs, and what repairing it hides.

Question: the study cut the potential at r = 1 "just to analyze the energy
distribution". What does the uncut one say, with how much error, and is that more or
less than any error of this size would cost?

Expectation, written before the run: cut at 1 the histograms of all models lie over the
fluid's, for an overlap counts nothing; uncut the study's network has no energy at all, nearly
every configuration above +100 epsilon. The energy rises as the square of the error as long as it is
small: `best`, which keeps particles to about 0.001 sigma, gains a few hundredths; a
decoder that sees neighbours, at 0.1 sigma, gains much, but less than independent
errors of that size, for it has learnt where a particle cannot be. With tokens ten times
as blurred (`best_coarse`) a decoder that goes half of Tweedie's step along the forces
(`best_coarse_forces`) has half of what Gaussian errors of its size cost. Relaxation and a
few Metropolis sweeps repair any histogram, and move particles further from where they were.

Seen (three seeds, 400 test configurations, W1 of raw energies in epsilon, independent Gaussian errors of the same RMSD
in brackets): the study's network 131 (131) at 2.7 sigma, points first 131 (131) at 1.5: nothing is left of an energy,
and cut at 1 the former's histogram lies elsewhere too. `neighbours` 40.2 (30.6) at 0.115: worse than Gaussian, not
better as expected; it guesses most where particles are dense. `best` 0.037 (0.037) at 0.0014, far below the 0.61 that
halves of the fluid differ by: at this size errors cost what Gaussian ones cost, whatever their direction. `best_coarse`
0.240 (0.275), 0.87 +- 0.06 of it, at 0.014; with half of the forces 0.139, **0.51 +- 0.04** of it, as expected, for a
hundredth of a nat: learned decoders go the whole of Tweedie's step, which the likelihood asks for, and overshoot in
energy. Relaxed on the tether of 400 epsilon / sigma^2 `neighbours` comes to 2.0 and moves by 0.023, but what had the
right energies, `best`, goes 2.4 too low: relaxed energies are those of a colder fluid. Ten Metropolis sweeps give
`neighbours` the fluid's energies to 0.94, and twice the distance from the truth.

Time: half an hour on two CPU cores (six models, three seeds).
"""

from lcpjax.config import Config
from lcpjax.pipeline.model_zoo import announce_models, model_cases, train_cases
from lcpjax.pipeline.reconstructions import reconstruct_test_part
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .energies import draw_energies, energy_rows, energy_summary, fluid_energies
from .repair import draw_repairs, repair_rows


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    model_cases(config)


def run(run: Run) -> None:
    """Sample once, train every model, take the energies of what it gives back; then repair it, and count the cost."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    trained, failures = train_cases(run, dataset)
    models = reconstruct_test_part(trained, dataset)

    fluid = fluid_energies(run.config, dataset)
    rows = energy_rows(fluid, models)
    run.folder.save_table("energies", rows)
    draw_energies(fluid, models, rows, run.folder)
    repaired = repair_rows(run.config, fluid, models)
    run.folder.save_table("repair", repaired)
    draw_repairs(repaired, fluid, run.folder)
    run.finish(energy_summary(rows), num_models, failures)
