"""One dataclass per conf group: keys, types, units and allowed ranges. The values are in conf/."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from lcpjax.config.fields import above, at_least, one_of, words
from lcpjax.config.measurements import EvaluationConfig


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
    """Number of chains, their split, and where they come from and are kept."""

    chains_per_gamma: int = at_least(3)
    validation_fraction: float = above(0, 0.5)
    test_fraction: float = above(0, 0.5)
    source: str = one_of("sampled", "stream")
    cache: bool = dataclasses.field()
    cache_dir: str | None = dataclasses.field()  # null: the user's cache folder.


@dataclass(kw_only=True)
class RepresentationConfig:
    """Input of the model."""

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


@dataclass(kw_only=True)
class TrainingConfig:
    """The objective, reconstruction term + kl_weight KL, and how it is minimised."""

    kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat; a number where the variance is learned")
    error: str = dataclasses.field()
    kl_warmup_fraction: float = at_least(0, 1)
    free_bits: float = at_least(0, unit="nats of each latent")
    masks: str = dataclasses.field()
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
    strategy: str = one_of("auto", "loop", "vmap")
    plane_orderings: list[str] = words(may_be_empty=True)
    plane_kl_weight: float = at_least(0, unit="lambda, sigma^2 per nat")
    models: list[str] = words()


@dataclass(kw_only=True)
class ReportConfig:
    """Figures and pages."""

    num_examples: int = at_least(1, 12)


@dataclass(kw_only=True)
class WandbConfig:
    """Weights & Biases, in addition to the local files."""

    mode: str = one_of("offline", "online", "disabled")
    project: str = dataclasses.field()
    entity: str | None = dataclasses.field()
    timeout_seconds: float = above(0)


@dataclass(kw_only=True)
class TrackerConfig:
    """Trackers in addition to metrics.jsonl."""

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
    settings: Any = dataclasses.field()  # of the experiment alone: see lcpjax.config.experiments
    report: ReportConfig = dataclasses.field()
    tracker: TrackerConfig = dataclasses.field()
