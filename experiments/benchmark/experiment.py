"""Throughput of the sampler, of training one model, and of training many at once."""

from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce

from .answer import answer
from .effective import effective_metrics, effective_rows
from .end_to_end import time_end_to_end
from .figures import draw_sampler_benchmark
from .many_models import many_models_medians, time_many_models
from .medians import headline, median_rows
from .roofline_rows import measured_peaks, roofline_rows
from .sampler_rounds import time_samplers
from .sizes import systems_to_time
from .training_rounds import time_training, training_headline, training_medians

check = systems_to_time  # Refuses particle numbers without a box.


def run(run: Run) -> None:
    """Time the sampler and the reference programs in alternating rounds, then end to end, and training."""
    # Each size is timed over as many pairs as the dataset has, and on reference programs, which are slower.
    announce(run.config, num_datasets=3)

    rows = time_samplers(run.config)
    run.folder.save_table("sampler_throughput", rows)
    medians = median_rows(rows)
    run.folder.save_table("sampler_medians", medians)
    peaks = measured_peaks()
    run.folder.save_table("roofline", roofline_rows(run.config, medians, peaks))
    num_chains = run.config.dataset.chains_per_gamma * len(run.config.system.gammas)
    figure, shown = draw_sampler_benchmark(medians, run.config.system.num_particles, num_chains)
    run.folder.save_figure(
        "sampler_benchmark",
        figure,
        shown,
        caption=(
            "Particle moves a second of each program, median and range over rounds, against the number of "
            "particles and of chains. A program that makes one chain after another is a level in the right panel."
        ),
    )

    effective = effective_rows(run.config)
    run.folder.save_table("effective", effective)

    end_to_end = time_end_to_end(run.config)
    run.folder.save_table("end_to_end", [end_to_end])

    rows = time_training(run.config)
    run.folder.save_table("training_rounds", rows)
    training = training_medians(rows, peaks)
    run.folder.save_table("training", training)

    rows = time_many_models(run.config)
    run.folder.save_table("many_models_rounds", rows)
    many_models = many_models_medians(rows)
    run.folder.save_table("many_models", many_models)
    ratios = {
        f"training/{row['strategy']}_ratio_to_one_by_one_wall": row["ratio_to_one_by_one_wall"]
        for row in many_models[1:]
    }

    times = {f"sampler/{name}": value for name, value in end_to_end.items() if name.endswith("_wall_seconds")}
    run.folder.finish(
        {
            **headline(run.config, medians),
            **effective_metrics(effective),
            **times,
            **training_headline(run.config, training),
            **ratios,
        },
        answering=answer,
    )
