"""One dataclass per conf group: keys, types, units and allowed ranges. The values are in conf/."""

from dataclasses import dataclass
from typing import Any

from lcpjax.config.fields import above, at_least, one_of, words


@dataclass(kw_only=True)
class SystemConfig:
    """The fluid; gravity has one value per chain."""

    num_particles: int = at_least(1, 4096)
    box_side: float = above(0, unit="sigma")
    temperature: float = above(0, unit="epsilon / k_B")
    pair_potential: str
    gammas: list[float] = at_least(0, unit="m g sigma / epsilon", unique=True)


@dataclass(kw_only=True)
class SamplerConfig:
    """Metropolis sampling."""

    seed: int = at_least(0, 2**32 - 1)
    num_sweeps: int = at_least(1)
    # null: tuned in burn-in to an acceptance of 0.4.
    step_size: float | None = above(0, unit="sigma; null: tuned")
    moves: str
    # null: tuned in burn-in to how many of them are accepted.
    nonlocal_fraction: float | None = at_least(0, 1, unit="of the sweeps; null: tuned")
    order: str
    samples_per_chain: int = at_least(1)
    thinning: int = at_least(1, unit="sweeps")
    tempering_temperature_factors: list[float] = above(0, may_be_empty=True)
    tempering_gamma_factors: list[float] = at_least(0, may_be_empty=True)
    kernel: str
    block_size: int | None = at_least(1, unit="chains; null: by this machine")
    host_threads: int | None = at_least(1, 1024, unit="null: one a core")


@dataclass(kw_only=True)
class DatasetConfig:
    """Number of chains, their split, and where they come from and are kept."""

    chains_per_gamma: int = at_least(3)
    validation_fraction: float = above(0, 0.5)
    test_fraction: float = above(0, 0.5)
    source: str = one_of("sampled", "stream")
    cache: bool
    cache_dir: str | None  # null: the user's cache folder.


@dataclass(kw_only=True)
class RepresentationConfig:
    """Input of the model."""

    name: str
    ordering: str
    mirror: str


@dataclass(kw_only=True)
class ModelConfig:
    """The autoencoder."""

    encoder: str
    decoder: str
    latent_dim: int = at_least(1, 4096)
    channels: list[int] = at_least(1, 4096)
    kernel_size: int = at_least(1, 31)
    width: int = at_least(1, 65536)
    depth: int = at_least(1, 64)
    linear_skip: bool
    prior: str
    resolution: float = above(0, 1, unit="sigma")
    prior_width: int = at_least(4, 4096)
    prior_depth: int = at_least(1, 64)
    knows_energies: bool
    variance: str
    initial_scale: float = above(0, unit="sigma")
    min_scale: float = above(0, unit="sigma")
    num_heads: int = at_least(1, 1024)
    num_queries: int = at_least(1, 1024)
    knows_order: bool


@dataclass(kw_only=True)
class TrainingConfig:
    """The objective, reconstruction term + kl_weight KL, and how it is minimised."""

    kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat; a number where the variance is learned")
    error: str
    kl_warmup_fraction: float = at_least(0, 1)
    free_bits: float = at_least(0, unit="nats of each latent")
    masks: str
    learning_rate: float = above(0)
    seed: int = at_least(0, 2**32 - 1)
    num_epochs: int = at_least(1)
    # null: all.
    configurations_per_epoch: int | None = at_least(1, unit="null: all")
    batch_size: int = at_least(1)
    optimizer: str
    schedule: str
    warmup_fraction: float = at_least(0, 0.9)
    final_learning_rate_fraction: float = at_least(0, 1)
    gradient_clip: float = above(0)
    num_normalisation_configurations: int = at_least(2)
    epochs_per_checkpoint: int = at_least(1)
    half_length_check: bool
    kept_models: str | None  # null: none.


@dataclass(kw_only=True)
class SweepConfig:
    """The grid an experiment sweeps inside its one job."""

    kl_weights: list[float] = at_least(0, unit="lambda, sigma^2 per nat", unique=True)
    seeds: list[int] = at_least(0, 2**32 - 1, unique=True)
    latent_dims: list[int] = at_least(1, 4096, unique=True)
    learning_rates: list[float] = above(0, may_be_empty=True)
    # null: training.num_epochs.
    density_epochs: int | None = at_least(1, unit="null: training.num_epochs")
    strategy: str = one_of("auto", "loop", "vmap", "batches")
    plane_orderings: list[str] = words(may_be_empty=True)
    plane_kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat")
    models: list[str] = words()


@dataclass(kw_only=True)
class EntropyConfig:
    """Precision of the fluid's entropy."""

    chains_per_node: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EquilibrationConfig:
    """Number of chains that check every dataset for equilibrium."""

    num_superchains: int = at_least(2, 1024)
    chains_per_superchain: int = at_least(2, 2**20)


@dataclass(kw_only=True)
class EvaluationConfig:
    """Measurements of models and of the fluid."""

    batch_size: int = at_least(1)
    configurations_per_gamma: int = at_least(8, 2**20)
    configurations_to_fit: int = at_least(8, 2**24)
    density_chains_per_gamma: int = at_least(2, 2**20)
    entropy: EntropyConfig
    equilibration: EquilibrationConfig


@dataclass(kw_only=True)
class ReportConfig:
    """Figures and pages."""

    num_examples: int = at_least(1, 12)


@dataclass(kw_only=True)
class WandbConfig:
    """Weights & Biases, in addition to the local files."""

    mode: str = one_of("offline", "online", "disabled")
    project: str
    entity: str | None  # null: the default of the key.
    group: str | None  # null: the experiment, or the grid that the run is a job of.
    artifacts: str = one_of("none", "references", "uploads")
    timeout_seconds: float = above(0, unit="s")


@dataclass(kw_only=True)
class TrackerConfig:
    """Trackers in addition to metrics.jsonl."""

    wandb: WandbConfig


@dataclass(kw_only=True)
class RunConfig:
    """How a run is made, whatever it finds."""

    # null: as long as it takes.
    max_minutes: float | None = above(0, unit="wall clock; null: as long as it takes")


@dataclass(kw_only=True)
class DeviceConfig:
    """The device, and the processes that share a run."""

    platform: str = one_of("auto", "cpu", "gpu")
    distributed: str = one_of("off", "auto", "explicit")
    coordinator: str | None  # HOST:PORT of process 0.
    num_processes: int | None = at_least(1, 2**16)
    process: int | None = at_least(0, 2**16 - 1)
    start_timeout_seconds: float = above(0, 3600)


@dataclass(kw_only=True)
class Config:
    """Everything a run depends on."""

    experiment: str
    device: DeviceConfig
    restart: bool
    run: RunConfig
    system: SystemConfig
    sampler: SamplerConfig
    dataset: DatasetConfig
    representation: RepresentationConfig
    model: ModelConfig
    training: TrainingConfig
    sweep: SweepConfig
    evaluation: EvaluationConfig
    settings: Any  # of the experiment alone: see lcpjax.config.experiments
    report: ReportConfig
    tracker: TrackerConfig
