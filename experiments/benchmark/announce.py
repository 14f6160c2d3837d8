"""Estimated duration of a benchmark, printed before it starts."""

from lcpjax.build import num_training_configurations
from lcpjax.config import Config
from lcpjax.report import Work, print_estimate
from lcpjax.runtime.device import num_host_cores

from .sizes import dataset_size, reference_size, sampler_sizes, systems_to_time
from .training_rounds import batch_sizes

# Partners a second of our sampler over those of a reference program, roughly.
_REFERENCE_SLOWNESS = 4


def announce_benchmark(config: Config) -> None:
    """Print the estimated duration of the run."""
    dataset, rounds, cores = dataset_size(config), config.settings.num_rounds, num_host_cores()
    partners = dataset.num_partners
    for system in systems_to_time(config):
        ours = sum(size.num_partners for size in sampler_sizes(config, system))
        theirs = sum(reference_size(config, system, each).num_partners / each for each in (1, cores, cores))
        partners += rounds * (ours + _REFERENCE_SLOWNESS * theirs)
    num_moves = partners / max(dataset.system.num_particles - 1, 1)
    # The end-to-end run trains for two epochs, the timed trainings for a first one and one a round, ours and PyTorch's.
    num_epochs = 2 + 2 * len(batch_sizes(config)) * (rounds + 1)
    trained = num_epochs * num_training_configurations(config)
    work = Work(num_moves, dataset.system.num_particles, trained)
    print_estimate(config.experiment, work)
