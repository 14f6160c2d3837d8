"""Checks of a composed config, and its hash."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_origin

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    MissingMandatoryValue,
    OmegaConfBaseException,
)

from lcpjax.config import Config
from lcpjax.config.experiments import config_type
from lcpjax.config.presets import CONF, experiment_preset
from lcpjax.errors import InputError, did_you_mean, shown

NOT_PART_OF_THE_RESULT = (
    "restart",
    "run",
    "tracker",
    "device",
    "sampler.block_size",
    "sampler.host_threads",
    "dataset.cache",
    "dataset.cache_dir",
    "training.kept_models",
)
"""Keys that change how a run is made, not its results: not part of its identity."""

Group = TypeVar("Group")


class ConfigError(InputError):
    """A config that is refused; the message names key, value and what is allowed."""


def _two_each(number: Any) -> Any:
    """Two for each particle; anything but an integer is left to the check of types, which names its own key."""
    return 2 * number if type(number) is int else number


# For presets whose number of latents follows from the system.
OmegaConf.register_new_resolver("lcpjax.two_each", _two_each, replace=True)


def _environment(name: str, default: Any) -> Any:
    """An environment variable; one that is set and empty counts as unset."""
    return os.environ.get(name) or default


OmegaConf.register_new_resolver("lcpjax.env", _environment, replace=True)


def typed_config(composed: DictConfig | dict[str, Any]) -> Config:
    """The composed config as dataclasses, its keys, types and ranges checked.

    Raises:
        ConfigError: the first key that is unknown, missing, of a wrong type or out of range.
    """
    try:
        resolved: Any = OmegaConf.to_container(OmegaConf.create(composed), resolve=True)
        values = {str(key): value for key, value in resolved.items() if key != "hydra"}
        if isinstance(values.get("device"), str):
            # Configs from before it was a group, and files of one's own, name the platform alone.
            values["device"] = one_process(values["device"])
        kind = config_type(str(values.get("experiment")))
        config: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(kind), values))
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error, composed)) from None
    check_ranges(config)
    return config


def one_process(platform: str) -> dict[str, Any]:
    """The device group of a run in one process."""
    keys = yaml.safe_load((CONF / "config.yaml").read_text(encoding="utf-8"))["device"]
    return keys | {"platform": platform}


def typed_group(kind: type[Group], values: dict[str, Any]) -> Group:
    """One group as its dataclass, its keys and types checked, from the resolved config of a run.

    Raises:
        ConfigError: a key that is unknown, missing or of a wrong type, or a value that would be looked up elsewhere,
            such as ${oc.env:HOME}: a run's config may be anybody's.
    """
    if name := next((name for name, value in values.items() if "${" in str(value)), None):
        raise ConfigError(f"{name} = {shown(str(values[name]))}: a run's config has values, nothing to look up")
    try:
        group: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(kind), values))
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error, values)) from None
    return group


def check_ranges(config: Config) -> None:
    """Raise on the first value that its field does not allow.

    Raises:
        ConfigError: naming key, value and what is allowed.
    """
    for key, value, field in _leaves(config):
        allowed, names = field.metadata.get("allowed"), field.metadata.get("names")
        entries = value if isinstance(value, list) else [value]
        may_be_empty = allowed.may_be_empty if allowed else field.metadata.get("may_be_empty", False)
        if not entries and not may_be_empty:
            raise ConfigError(f"{key} = []: at least one value is needed")
        if field.metadata.get("unique", False) and len(set(entries)) < len(entries):
            raise ConfigError(f"{key} = {value}: each value may stand there once")
        for entry in entries:
            if names and entry not in names:
                raise ConfigError(f"{key} = {entry}: {did_you_mean(str(entry), names)}")
            if allowed and entry is not None and allowed.refuses(entry):
                raise ConfigError(f"{key} = {entry}: must be {allowed}")


def changed(config: Config, changes: Mapping[str, Any]) -> Config:
    """The config with other values at some keys, checked anew.

    Args:
        changes: values by dotted key.

    Raises:
        ConfigError: a key that does not exist, or a value that it may not have.
    """
    values = plain(config)
    for key, value in changes.items():
        group = values
        *groups, name = key.split(".")
        for part in groups:
            group = group.get(part, {})
        if name not in group:
            raise ConfigError(f"{key}: no such key; {nearest_key(key, config.experiment)}")
        group[name] = value
    return typed_config(values)


def of_experiment(config: Config, name: str, changes: Mapping[str, Any] | None = None) -> Config:
    """The same system, data, sizes and places for another experiment, which brings its own keys.

    Args:
        changes: values by dotted key, over those of the experiment.

    Raises:
        ConfigError: as ``changed``.
    """
    preset = experiment_preset(name)
    own = {key: preset.pop(key) for key in ("experiment", "settings")}
    return changed(typed_config(plain(config) | own), preset | dict(changes or {}))


def plain(config: Config) -> dict[str, Any]:
    """The config as nested dictionaries of plain values."""
    return dataclasses.asdict(config)


def identity(config: Config) -> dict[str, Any]:
    """The keys that decide a run's results, with their values."""
    return deciding_values(plain(config))


def deciding_values(values: dict[str, Any], group: str = "") -> dict[str, Any]:
    """Nested values without those under NOT_PART_OF_THE_RESULT.

    Args:
        group: their own key with a dot, if they are a group of the config.
    """
    return {
        key: deciding_values(value, f"{group}{key}.") if isinstance(value, dict) else value
        for key, value in values.items()
        if f"{group}{key}" not in NOT_PART_OF_THE_RESULT
    }


def config_hash(config: Config) -> str:
    """Ten hexadecimal digits of a hash of ``identity(config)``."""
    text = json.dumps(identity(config), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, Any, dataclasses.Field]]:
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if dataclasses.is_dataclass(value):
            yield from _leaves(value, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, value, field


def _one_line(error: OmegaConfBaseException, values: DictConfig | dict[str, Any]) -> str:
    """OmegaConf's message with the key in front, the value, and the nearest key where one is unknown."""
    key = str(getattr(error, "full_key", "") or "")
    experiment = str(values.get("experiment", ""))
    if isinstance(error, ConfigKeyError | ConfigAttributeError):
        return f"{key}: no such key; {nearest_key(key, experiment)}"
    if isinstance(error, MissingMandatoryValue):
        return f"{key}: a value is needed"
    message = str(error).splitlines()[0].rstrip(".")
    wanted = key_types(experiment).get(key)
    if not wanted:
        return f"{key or 'config'}: {message}"
    # OmegaConf names the value where it wanted a single one, and only its type where it wanted a list or a group.
    asked = OmegaConf.select(OmegaConf.create(values), key, throw_on_resolution_failure=False)
    value = "" if str(asked) in message else f", not {asked}"
    return f"{key}: must be {wanted}{value} ({message})"


def key_types(experiment: str = "") -> dict[str, str]:
    """Type of each key of an experiment's config, dotted: int, float, str, bool, a list of them or a group."""

    def types_of(kind: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for field in dataclasses.fields(kind):
            if isinstance(field.type, type) and dataclasses.is_dataclass(field.type):
                yield prefix + field.name, "a group of keys"
                yield from types_of(field.type, f"{prefix}{field.name}.")
            else:
                yield prefix + field.name, getattr(field.type, "__name__", str(field.type)) + _entries(field.type)

    return dict(types_of(config_type(experiment), ""))


def _entries(kind: Any) -> str:
    return f" of {get_args(kind)[0].__name__}, in brackets" if get_origin(kind) is list else ""


def nearest_key(key: str, experiment: str = "") -> str:
    """A hint for a misspelt key: the one of that name in another group, or the nearest of its own group."""
    group, _, name = key.rpartition(".")
    keys = key_types(experiment)
    siblings = [each for each in keys if each.rpartition(".")[0] == group]
    elsewhere = [each for each in keys if each.rpartition(".")[2] == name]
    return did_you_mean(key, elsewhere or siblings or [each for each in keys if "." not in each])
