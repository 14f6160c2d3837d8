"""Entropy of the config's fluid: known, kept from an earlier run, or integrated."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import kept_in
from lcpjax.report import print_estimate, print_line, progress
from lcpjax.runtime.checksums import has_damage, with_checksum
from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.diagnostics import LARGEST_Z, largest_t
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.sampler.thermodynamic_integration import FreeEnergy, Integration, integrate, num_moves
from lcpjax.sampler.version import SAMPLER_VERSION

KNOWN = Path(__file__).with_name("known_free_energies.json")
"""Result of experiment `entropy` for the default system, as it was kept; part of the package.

Made with more chains than a run asks for, it serves all that ask for no more.
"""


def fluid_free_energy(run: Run) -> FreeEnergy:
    """Ln Z, entropy and mean energies of the config's system at its gammas, in increasing order of gamma."""
    free_energy = _known_or_integrated(run)
    # As in burn-in: written so that what is not a number is a fault too.
    chains = run.config.evaluation.entropy.chains_per_node
    if LARGEST_Z < free_energy.largest_drift <= (limit := largest_t(chains)):
        run.folder.warn(
            f"not enough chains to tell whether the entropy is right: with {chains} at a node a drift of "
            f"{free_energy.largest_drift:.1f} standard errors may be chance, as up to {limit:.1f} may; raise "
            "evaluation.entropy.chains_per_node"
        )
    elif not free_energy.largest_drift <= LARGEST_Z:
        run.folder.warn(
            f"the entropy may be WRONG: chains still drift by {free_energy.largest_drift:.1f} standard errors while it "
            "is integrated; this fluid equilibrates too slowly for that"
        )
    if not free_energy.largest_disagreement <= max(LARGEST_Z, largest_t(chains)):
        run.folder.warn(
            "the entropy may be WRONG: acceptance ratios and the integral over the coupling differ by "
            f"{free_energy.largest_disagreement:.1f} standard errors"
        )
    return free_energy


def _known_or_integrated(run: Run) -> FreeEnergy:
    settings = _settings(run.config)
    folder = kept_in(run.config)
    kept = None if folder is None else folder / "free_energies" / f"{_key(settings)}.json"
    if free_energy := _read_known(settings) or _read_kept(kept, settings):
        return free_energy
    integration = _integration(run.config)
    system, gammas = build_system(run.config), settings["gammas"]
    moves = num_moves(system, len(gammas), integration)
    print_estimate("the entropy, integrated once and kept", {"partners": moves * (system.num_particles - 1)})
    key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), Stream.ENTROPY)
    with run.folder.stage("entropy"), progress("integrating the entropy", moves, "moves") as advance:
        free_energy = integrate(key, system, gammas, integration, advance)
    if kept is not None:
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            values = {name: np.asarray(value).tolist() for name, value in free_energy._asdict().items()}
            write_json(kept, {_key(settings): with_checksum({"settings": settings, "free_energy": values})})
        except OSError as error:
            print_line(f"the entropy cannot be kept ({error})")
    return free_energy


def entropy_rows(fluid: FreeEnergy) -> list[dict[str, float]]:
    """A row for each gamma, of all that depends on it."""
    columns = {name: value for name, value in fluid._asdict().items() if isinstance(value, np.ndarray)}
    return [{name: float(value[row]) for name, value in columns.items()} for row in range(len(fluid.gamma))]


def _integration(config: Config) -> Integration:
    return Integration(chains_per_node=config.evaluation.entropy.chains_per_node)


def _settings(config: Config) -> dict[str, Any]:
    """All that the result depends on, as plain values."""
    settings = {
        "system": dataclasses.asdict(build_system(config)),
        "gammas": sorted(set(config.system.gammas)),
        "integration": _integration(config)._asdict(),
        "seed": Seed.EVALUATION,
        "sampler_version": SAMPLER_VERSION,
    }
    return json.loads(json.dumps(settings))


def _key(settings: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def _read_known(settings: dict[str, Any]) -> FreeEnergy | None:
    """The result shipped with the package for these settings, or for more chains; else None."""
    for entry in read_json(KNOWN).values():
        known_chains = entry["settings"]["integration"]["chains_per_node"]
        with_known_chains = settings | {"integration": settings["integration"] | {"chains_per_node": known_chains}}
        if entry["settings"] == with_known_chains and known_chains >= settings["integration"]["chains_per_node"]:
            return _from_entry(entry)
    return None


def _read_kept(path: Path | None, settings: dict[str, Any]) -> FreeEnergy | None:
    """The result kept for exactly these settings, or None; a file that cannot be read is reported and ignored."""
    if path is None:
        return None
    try:
        entry = (read_json(path) or {}).get(_key(settings))
        if entry is not None and has_damage(entry):
            raise ValueError(_key(settings))
        return None if entry is None or entry["settings"] != settings else _from_entry(entry)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print_line(f"{path}: cannot be read ({type(error).__name__}); the entropy is integrated anew")
        return None


def _from_entry(entry: dict[str, Any]) -> FreeEnergy:
    values: dict[str, Any] = {
        name: np.array(value, np.float64) if isinstance(value, list) else float(value)
        for name, value in entry["free_energy"].items()
    }
    return FreeEnergy(**values)
