"""The group ``evaluation``: what is measured, and the sizes of single experiments."""

import dataclasses
from dataclasses import dataclass

from lcpjax.config.fields import above, at_least, words


@dataclass(kw_only=True)
class AnomaliesConfig:
    """Sizes of +experiment=anomalies."""

    new_gammas: list[float] = at_least(0, may_be_empty=True)
    largest_steps: list[float] = above(0, unit="sigma")
    num_displaced: int = at_least(1)
    quantile: float = above(0, 1)
    posterior_samples: int = at_least(1)
    regret_steps: int = at_least(0)
    num_neighbours: int = at_least(1)
    nodes_of_a_particle: int = at_least(4, 512)


@dataclass(kw_only=True)
class BenchmarkConfig:
    """Sizes of +experiment=benchmark."""

    num_rounds: int = at_least(1)
    num_particles: list[int] = at_least(1, 4096)
    num_chains: list[int] = at_least(1, 2**32)
    batch_sizes: list[int] = at_least(1, may_be_empty=True)


@dataclass(kw_only=True)
class DigitsConfig:
    """Sizes of +experiment=digits."""

    passes_per_epoch: int = at_least(1)
    num_prior_samples: int = at_least(8, 2**16)
    num_neighbours: int = at_least(1, 100)


@dataclass(kw_only=True)
class EntropyConfig:
    """How precisely the fluid's entropy is integrated."""

    chains_per_node: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EquilibrationConfig:
    """By how many chains every dataset is judged, and the sizes of +experiment=equilibration."""

    num_superchains: int = at_least(2, 1024)
    chains_per_superchain: int = at_least(2, 2**20)
    box_sides: list[float] = above(0, unit="sigma", may_be_empty=True)
    max_doublings: int = at_least(0, 10)
    samples_per_chain: int = at_least(8)
    temperature_factors: list[float] = above(0)
    gamma_factors: list[float] = at_least(0)
    verification_chains: int = at_least(3)


@dataclass(kw_only=True)
class EnergiesConfig:
    """Sizes of +experiment=energies."""

    tethers: list[float] = above(0, unit="epsilon / sigma^2")
    sweeps: list[int] = at_least(1)
    step_size: float = above(0, unit="sigma")


@dataclass(kw_only=True)
class GenerationConfig:
    """Sizes of +experiment=generation."""

    configurations_per_gamma: int = at_least(8, 2**20)
    new_gammas: list[float] = at_least(0, may_be_empty=True)
    sweeps: list[int] = at_least(0)
    looks: list[int] = at_least(0)
    step_size: float = above(0, unit="sigma")
    posterior_samples: int = at_least(1)


@dataclass(kw_only=True)
class MissingDataConfig:
    """Masks and sizes of +experiment=missing_data."""

    num_configurations: int = at_least(2)
    off_diagonal_blocks: list[int] = at_least(1, may_be_empty=True, unit="particles")
    diagonal_blocks: list[int] = at_least(1, may_be_empty=True, unit="particles")
    random_shares: list[float] = above(0, 1, may_be_empty=True)
    lost_particles: list[int] = at_least(1, may_be_empty=True)
    links: list[int] = at_least(0)
    num_completed: int = at_least(2)
    num_starts: int = at_least(1)
    num_draws: int = at_least(2)
    num_proposals: int = at_least(2)
    gibbs_rounds: int = at_least(1)
    num_moves: int = at_least(10)
    num_candidates: int = at_least(2)


@dataclass(kw_only=True)
class OccupancyConfig:
    """Sizes of +experiment=occupancy_images."""

    cells: list[int] = at_least(2, 64, unit="along a side of the box")
    route_cells: list[int] = at_least(2, 64, unit="along a side of the box")
    safe_cells: int = at_least(2, 64, unit="along a side of the box")
    models: list[str] = words()
    passes_per_epoch: int = at_least(1)
    num_overfitted: int = at_least(1)
    overfitting_steps: int = at_least(10)


@dataclass(kw_only=True)
class EvaluationConfig:
    """What is measured, beside the models too."""

    batch_size: int = at_least(1)
    anomalies: AnomaliesConfig = dataclasses.field()
    benchmark: BenchmarkConfig = dataclasses.field()
    digits: DigitsConfig = dataclasses.field()
    energies: EnergiesConfig = dataclasses.field()
    entropy: EntropyConfig = dataclasses.field()
    equilibration: EquilibrationConfig = dataclasses.field()
    generation: GenerationConfig = dataclasses.field()
    missing_data: MissingDataConfig = dataclasses.field()
    occupancy: OccupancyConfig = dataclasses.field()
