"""Location of conf/, and the keys that a model's preset sets."""

from pathlib import Path
from typing import Any

import yaml

from lcpjax.errors import InputError, did_you_mean

PACKAGE = Path(__file__).parents[1]
# In a wheel conf/ lies inside the package, in a checkout next to the package.
CONF = next(folder for folder in (PACKAGE / "conf", PACKAGE.parent / "conf") if (folder / "config.yaml").exists())

_ALL_KEYS = "all_keys"


def model_preset(name: str) -> dict[str, Any]:
    """Keys that ``model=NAME`` sets, dotted: every key of the model, and those it names of other groups.

    Raises:
        InputError: no such model.

    >>> model_preset("best")["representation.name"], model_preset("seed_conv")["model.encoder"]
    ('coordinates', 'convolutional')
    """
    folder = CONF / "model"
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in names:
        raise InputError(f"model = {name}: {did_you_mean(name, names)}")
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    own = yaml.safe_load(text)
    own.pop("defaults", None)
    groups = own if "@package _global_" in text.splitlines()[0] else {"model": own}
    groups["model"] = yaml.safe_load((folder / f"{_ALL_KEYS}.yaml").read_text(encoding="utf-8")) | groups.get(
        "model", {}
    )
    # Hydra reads 1e-3 as a number, YAML alone as a word.
    return {f"{group}.{key}": _number(value) for group, keys in groups.items() for key, value in keys.items()}


def experiment_preset(name: str) -> dict[str, Any]:
    """Keys that ``+experiment=NAME`` sets, dotted; ``settings`` as one.

    >>> experiment_preset("latent_clusters")["sweep.models"]
    ['seed_conv', 'autoencoder', 'anchored', 'sigma_vae', 'best']
    """
    groups = yaml.safe_load((CONF / "experiment" / f"{name}.yaml").read_text(encoding="utf-8"))
    overridden = [default for default in groups.pop("defaults", []) if isinstance(default, dict)]
    models = [model_preset(default["override /model"]) for default in overridden if "override /model" in default]
    changes = {key: value for model in models for key, value in model.items()}
    changes |= {"experiment": groups.pop("experiment"), "settings": _numbers(groups.pop("settings", {}))}
    own = {f"{group}.{key}": value for group, keys in groups.items() for key, value in keys.items()}
    return changes | {key: _numbers(value) for key, value in own.items()}


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(entry) for key, entry in value.items()}
    return [_numbers(entry) for entry in value] if isinstance(value, list) else _number(value)


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
