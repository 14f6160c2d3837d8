"""dataset.json and DATASHEET.md: a description of a stored dataset, next to its data."""

import json
from typing import Any

from lcpjax.dataset.statistics import merged
from lcpjax.dataset.store import Store
from lcpjax.dataset.zarr_group import DamagedGroupError
from lcpjax.runtime.checksums import has_damage, with_checksum
from lcpjax.runtime.files import read_json, write_json, write_text

_FORMAT = 1


def describe_store(store: Store, equilibration: dict[str, Any] | None = None) -> dict[str, Any]:
    """Content of dataset.json, after writing it and DATASHEET.md where that changes them.

    It covers every part of the store, whichever of them were asked for.

    Args:
        equilibration: the verdict on whether the chains were long enough and what it rests on; None:
            keep what is there.

    Raises:
        OSError: no space, or no permission.
    """
    held = _held(store)
    described = _described(store) | {"equilibration": equilibration or (held or {}).get("equilibration")}
    described = with_checksum(json.loads(json.dumps(described)))
    if described != held:
        write_json(store.path / "dataset.json", described)
    if not (store.path / "DATASHEET.md").exists() or described != held:
        write_text(store.path / "DATASHEET.md", _datasheet(described))
    return described


def held_equilibration(store: Store) -> dict[str, Any] | None:
    """Verdict in the store's dataset.json, if there is one that can be read."""
    try:
        return (_held(store) or {}).get("equilibration")
    except OSError:
        return None


def _held(store: Store) -> dict[str, Any] | None:
    """Content of dataset.json; one that is damaged, or of another dataset, is set aside."""
    path = store.path / "dataset.json"
    try:
        held = read_json(path)
        if held is None or (held["settings"] == store.plan.settings and not has_damage(held)):
            return held
        reason = f"{path}: {'its checksum does not fit' if has_damage(held) else 'describes other settings'}"
    except (ValueError, KeyError, TypeError) as error:
        reason = f"{path}: {type(error).__name__} when read"
    store.set_aside(path, reason)
    return None


def _described(store: Store) -> dict[str, Any]:
    parts, about = [], []
    for part in store.parts():
        try:
            about.append(store.attributes(part))
            parts.append(part)
        except DamagedGroupError as error:
            store.print_line(f"{error}; its chains will be sampled anew when they are asked for")
    num_chains = sum(part.stop - part.first for part in parts)
    return {
        "format": _FORMAT,
        "key": store.plan.key,
        "settings": store.plan.settings,
        "num_chains": num_chains,
        "num_configurations": num_chains * store.plan.samples_per_chain,
        "by_gamma": merged([attributes["by_gamma"] for attributes in about], store.plan.gammas),
        "parts": [
            {"name": part.path.name} | {name: attributes[name] for name in ("device", "versions", "sha256")}
            for part, attributes in zip(parts, about, strict=True)
        ],
    }


_TEMPLATE = """# Sampled configurations {key}

{num_configurations} configurations of {num_chains} independent Metropolis chains: Lennard-Jones-like particles under
gravity in a hard-walled box. Reduced units: lengths in sigma, energies in epsilon, gamma = m g sigma / epsilon. Chain c
has the gamma number c modulo the number of gammas. Made by lcpjax; the same chains whatever was sampled with them.

## By gamma

{by_gamma}

Energies are those of pairs and gravity, in epsilon; step size, acceptance and the fraction of
non-local sweeps are those after burn-in.

## Equilibration

{equilibration}

## Settings

{settings}

## Parts

{parts}

## Reading it

Each part is a zarr 3 group of float32 arrays: positions (configurations, particles, 2), gamma, energy, acceptance,
step_size, nonlocal_fraction (configurations,); a chain's samples stand together. Chunks end in a crc32c; zarr.json
holds a sha256 of every file. With tensorstore:

    where = {{"driver": "zarr3", "kvstore": {{"driver": "file", "path": "{first_part}/positions/"}}}}
    positions = tensorstore.open(where).result().read().result()
"""


def _datasheet(described: dict[str, Any]) -> str:
    parts = [
        {"part": part["name"], "device": part["device"], "jax": part["versions"]["jax"], "sha256": part["sha256"][:16]}
        for part in described["parts"]
    ]
    return _TEMPLATE.format(
        key=described["key"],
        num_configurations=described["num_configurations"],
        num_chains=described["num_chains"],
        by_gamma=_table(described["by_gamma"]),
        equilibration=_equilibration(described["equilibration"]),
        settings=_list(described["settings"]),
        parts=_table(parts),
        first_part=parts[0]["part"] if parts else "chains-...",
    )


def _equilibration(verdict: dict[str, Any] | None) -> str:
    if verdict is None:
        return "Not checked."
    rows = [row for row in verdict.get("judged", []) if isinstance(row, dict)]
    summary = {name: value for name, value in verdict.items() if name != "judged"}
    return _list(summary) + (f"\n\n{_table(rows)}" if rows else "")


def _list(values: dict[str, Any]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in values.items())


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "none"
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[f"{value:.5g}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
