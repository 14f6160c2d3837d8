"""One dataclass a conf group: keys, types, units and allowed ranges. The values are in conf/."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from lcpjax.errors import OneLineError, did_you_mean

NOT_PART_OF_THE_RESULT = ("restart", "tracker", "device")
"""Keys that change how a run goes on, not what it finds: not part of its identity."""


class ConfigError(OneLineError):
    """A config that is refused; the message names key, value and what is allowed."""


@dataclass(frozen=True)
class Allowed:
    """The values a number may take."""

    low: float
    high: float = math.inf
    low_included: bool = True
    unit: str = ""

    def refuses(self, value: float) -> bool:
        """Whether a value lies outside, or is not a number."""
        too_low = value < self.low if self.low_included else value <= self.low
        return not math.isfinite(value) or too_low or value > self.high

    def __str__(self) -> str:
        low = f"{'at least' if self.low_included else 'above'} {self.low:g}"
        high = f" and at most {self.high:g}" if self.high < math.inf else ""
        return low + high + (f" ({self.unit})" if self.unit else "")


def at_least(low: float, high: float = math.inf, unit: str = "") -> Any:
    """A mandatory field of numbers in [low, high]."""
    return dataclasses.field(metadata={"allowed": Allowed(low, high, unit=unit)})


def above(low: float, high: float = math.inf, unit: str = "") -> Any:
    """A mandatory field of numbers in (low, high]."""
    return dataclasses.field(metadata={"allowed": Allowed(low, high, low_included=False, unit=unit)})


def one_of(*names: str) -> Any:
    """A mandatory field that holds one of a few words."""
    return dataclasses.field(metadata={"names": names})


@dataclass(kw_only=True)
class SystemConfig:
    """The fluid; gravity is one value a chain."""

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


@dataclass(kw_only=True)
class DatasetConfig:
    """How many configurations, and which part each chain belongs to."""

    chains_per_gamma: int = at_least(3)
    validation_fraction: float = above(0, 0.5)
    test_fraction: float = above(0, 0.5)


@dataclass(kw_only=True)
class RepresentationConfig:
    """What the model sees."""

    name: str = dataclasses.field()
    ordering: str = dataclasses.field()


@dataclass(kw_only=True)
class ModelConfig:
    """The autoencoder."""

    encoder: str = dataclasses.field()
    decoder: str = dataclasses.field()
    latent_dim: int = at_least(1, 4096)
    channels: list[int] = at_least(1, 4096)
    kernel_size: int = at_least(1, 31)


@dataclass(kw_only=True)
class TrainingConfig:
    """The objective MSE + kl_weight KL and how it is minimised."""

    kl_weight: float = at_least(0, unit="lambda, sigma^2 a nat")
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

    kl_weights: list[float] = at_least(0, unit="lambda, sigma^2 a nat")
    seeds: list[int] = at_least(0, 2**32 - 1)


@dataclass(kw_only=True)
class EvaluationConfig:
    """What is measured on the test part."""

    batch_size: int = at_least(1)
    num_rounds: int = at_least(1)


@dataclass(kw_only=True)
class ReportConfig:
    """Figures and pages."""

    num_examples: int = at_least(1, 12)


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


def typed_config(composed: DictConfig | dict[str, Any]) -> Config:
    """The composed config as dataclasses, its keys, types and ranges checked.

    Raises:
        ConfigError: the first key that is unknown, missing, of a wrong type or out of range.
    """
    values = OmegaConf.to_container(composed, resolve=True) if isinstance(composed, DictConfig) else dict(composed)
    if not isinstance(values, dict):
        raise ConfigError("the config must be a mapping from keys to values")
    values = {str(key): value for key, value in values.items() if key != "hydra"}
    try:
        config: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Config), values))
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from None
    check_ranges(config)
    return config


def check_ranges(config: Config) -> None:
    """Raise on the first value that its field does not allow.

    Raises:
        ConfigError: naming key, value and what is allowed.
    """
    for key, value, field in _leaves(config):
        allowed, names = field.metadata.get("allowed"), field.metadata.get("names")
        entries = value if isinstance(value, list) else [value]
        if not entries:
            raise ConfigError(f"{key} = []: at least one value is needed")
        if len(set(entries)) < len(entries) and key.startswith(("sweep.", "system.gammas")):
            raise ConfigError(f"{key} = {value}: each value may stand there once")
        for entry in entries:
            if names and entry not in names:
                raise ConfigError(f"{key} = {entry}: {did_you_mean(str(entry), names)}")
            if allowed and entry is not None and allowed.refuses(entry):
                raise ConfigError(f"{key} = {entry}: must be {allowed}")


def plain(config: Config) -> dict[str, Any]:
    """The config as nested dictionaries of plain values."""
    return dataclasses.asdict(config)


def identity(config: Config) -> dict[str, Any]:
    """The part of the config that decides what a run finds."""
    return {key: value for key, value in plain(config).items() if key not in NOT_PART_OF_THE_RESULT}


def config_hash(config: Config) -> str:
    """Ten hexadecimal digits that stand for ``identity(config)``."""
    text = json.dumps(identity(config), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def all_keys() -> list[str]:
    """Every key of the config, dotted, groups included."""

    def keys_of(kind: Any, prefix: str) -> Iterator[str]:
        for field in dataclasses.fields(kind):
            yield prefix + field.name
            if isinstance(field.type, type) and dataclasses.is_dataclass(field.type):
                yield from keys_of(field.type, f"{prefix}{field.name}.")

    return list(keys_of(Config, ""))


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, Any, dataclasses.Field]]:
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if dataclasses.is_dataclass(value):
            yield from _leaves(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, value, field


def _one_line(error: OmegaConfBaseException) -> str:
    """OmegaConf's message with the key in front, and the nearest key where one is unknown."""
    key = getattr(error, "full_key", "") or ""
    message = str(error).splitlines()[0]
    if "not in" in message or "not a valid" in message:
        return f"{key}: no such key; {nearest_key(key)}"
    if "Missing" in type(error).__name__ or "missing" in message.lower():
        return f"{key}: a value is needed"
    return f"{key}: {message}"


def nearest_key(key: str) -> str:
    """A hint for a misspelt key: the nearest ones among all keys of the same group."""
    group, _, _ = key.rpartition(".")
    siblings = [name for name in all_keys() if name.rpartition(".")[0] == group]
    return did_you_mean(key, siblings or all_keys())
