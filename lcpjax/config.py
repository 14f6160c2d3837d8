"""One dataclass per conf group: keys, types, units and allowed ranges. The values are in conf/."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Allowed:
    """The values a number may take."""

    low: float
    high: float = math.inf
    low_included: bool = True
    unit: str = ""
    may_be_empty: bool = False

    def refuses(self, value: float) -> bool:
        """Whether a value lies outside, or is not a number."""
        too_low = value < self.low if self.low_included else value <= self.low
        return not math.isfinite(value) or too_low or value > self.high

    def __str__(self) -> str:
        low = f"{'at least' if self.low_included else 'above'} {self.low:g}"
        high = f" and at most {self.high:g}" if self.high < math.inf else ""
        return low + high + (f" ({self.unit})" if self.unit else "")


def at_least(low: float, high: float = math.inf, unit: str = "", *, may_be_empty: bool = False) -> Any:
    """A mandatory field of numbers in [low, high]; ``may_be_empty``: a list of none will do."""
    return dataclasses.field(metadata={"allowed": Allowed(low, high, unit=unit, may_be_empty=may_be_empty)})


def above(low: float, high: float = math.inf, unit: str = "", *, may_be_empty: bool = False) -> Any:
    """A mandatory field of numbers in (low, high]; ``may_be_empty``: a list of none will do."""
    allowed = Allowed(low, high, low_included=False, unit=unit, may_be_empty=may_be_empty)
    return dataclasses.field(metadata={"allowed": allowed})


def words(*, may_be_empty: bool = False) -> Any:
    """A mandatory list of names that a stage or an experiment knows."""
    return dataclasses.field(metadata={"may_be_empty": may_be_empty})


def one_of(*names: str) -> Any:
    """A mandatory field that holds one of a few words."""
    return dataclasses.field(metadata={"names": names})


@dataclass(kw_only=True)
class SystemConfig:
    """The fluid; gravity has one value per chain."""

    num_particles: int = at_least(1, 4096)
    box_side: float = above(0, unit="sigma")
    temperature: float = above(0, unit="epsilon / k_B")
    pair_potential: str = dataclasses.field()
    gammas: list[float] = at_least(0, unit="m g sigma / epsilon")


@dataclass(kw_only=True)
class SamplerConfig:
    """Metropolis sampling."""

    seed: int = at_least(0, 2**32 - 1)
    num_sweeps: int = at_least(1)
    # null: tuned in burn-in to an acceptance of 0.4.
    step_size: float | None = above(0, unit="sigma; null: tuned")
    order: str = dataclasses.field()
    samples_per_chain: int = at_least(1)
    thinning: int = at_least(1, unit="sweeps")
    tempering_temperature_factors: list[float] = above(0, may_be_empty=True)
    tempering_gamma_factors: list[float] = at_least(0, may_be_empty=True)
    kernel: str = dataclasses.field()


@dataclass(kw_only=True)
class DatasetConfig:
    """How many chains, which part each belongs to, and where they come from and are kept."""

    chains_per_gamma: int = at_least(3)
    validation_fraction: float = above(0, 0.5)
    test_fraction: float = above(0, 0.5)
    source: str = one_of("sampled", "stream")
    cache: bool = dataclasses.field()
    cache_dir: str | None = dataclasses.field()  # null: the user's cache folder.


@dataclass(kw_only=True)
class RepresentationConfig:
    """What the model sees."""

    name: str = dataclasses.field()
    ordering: str = dataclasses.field()
    mirror: str = dataclasses.field()


@dataclass(kw_only=True)
class ModelConfig:
    """The autoencoder."""

    encoder: str = dataclasses.field()
    decoder: str = dataclasses.field()
    latent_dim: int = at_least(1, 4096)
    channels: list[int] = at_least(1, 4096)
    kernel_size: int = at_least(1, 31)
    width: int = at_least(1, 65536)
    depth: int = at_least(1, 64)
    linear_skip: bool = dataclasses.field()
    prior: str = dataclasses.field()
    resolution: float = above(0, 1, unit="sigma")
    prior_width: int = at_least(4, 4096)
    prior_depth: int = at_least(1, 64)
    variance: str = dataclasses.field()
    initial_scale: float = above(0, unit="sigma")
    min_scale: float = above(0, unit="sigma")
    num_heads: int = at_least(1, 1024)
    num_queries: int = at_least(1, 1024)
    knows_order: bool = dataclasses.field()
    knows_forces: bool = dataclasses.field()


@dataclass(kw_only=True)
class TrainingConfig:
    """The objective, reconstruction term + kl_weight KL, and how it is minimised."""

    kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat; a number where the variance is learned")
    error: str = dataclasses.field()
    kl_warmup_fraction: float = at_least(0, 1)
    free_nats: float = at_least(0)
    learning_rate: float = above(0)
    seed: int = at_least(0, 2**32 - 1)
    num_epochs: int = at_least(1)
    batch_size: int = at_least(1)
    schedule: str = dataclasses.field()
    warmup_fraction: float = at_least(0, 0.9)
    final_learning_rate_fraction: float = at_least(0, 1)
    gradient_clip: float = above(0)
    num_normalisation_configurations: int = at_least(2)
    epochs_per_checkpoint: int = at_least(1)


@dataclass(kw_only=True)
class SweepConfig:
    """The grid an experiment sweeps inside its one job."""

    kl_weights: list[float] = at_least(0, unit="lambda, sigma^2 per nat")
    seeds: list[int] = at_least(0, 2**32 - 1)
    latent_dims: list[int] = at_least(1, 4096)
    strategy: str = one_of("auto", "loop", "map", "vmap")
    plane_orderings: list[str] = words(may_be_empty=True)
    plane_kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat")
    orderings: list[str] = words()
    networks: list[str] = words()
    models: list[str] = words()


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
class EvaluationConfig:
    """What is measured, beside the models too."""

    batch_size: int = at_least(1)
    benchmark: BenchmarkConfig = dataclasses.field()
    digits: DigitsConfig = dataclasses.field()
    energies: EnergiesConfig = dataclasses.field()
    entropy: EntropyConfig = dataclasses.field()
    equilibration: EquilibrationConfig = dataclasses.field()


@dataclass(kw_only=True)
class ReportConfig:
    """Figures, pages and files for other programs."""

    num_examples: int = at_least(1, 12)
    export_formats: list[str] = dataclasses.field()
    export_configurations_per_gamma: int = at_least(1)


@dataclass(kw_only=True)
class WandbConfig:
    """Weights & Biases, beside the local files, never instead of them."""

    mode: str = one_of("offline", "online", "disabled")
    project: str = dataclasses.field()
    entity: str | None = dataclasses.field()
    timeout_seconds: float = above(0)


@dataclass(kw_only=True)
class TrackerConfig:
    """Where metrics go besides metrics.jsonl."""

    wandb: WandbConfig = dataclasses.field()


@dataclass(kw_only=True)
class Config:
    """Everything a run depends on."""

    experiment: str = dataclasses.field()
    device: str = one_of("auto", "cpu", "gpu")
    restart: bool = dataclasses.field()
    system: SystemConfig = dataclasses.field()
    sampler: SamplerConfig = dataclasses.field()
    dataset: DatasetConfig = dataclasses.field()
    representation: RepresentationConfig = dataclasses.field()
    model: ModelConfig = dataclasses.field()
    training: TrainingConfig = dataclasses.field()
    sweep: SweepConfig = dataclasses.field()
    evaluation: EvaluationConfig = dataclasses.field()
    report: ReportConfig = dataclasses.field()
    tracker: TrackerConfig = dataclasses.field()
