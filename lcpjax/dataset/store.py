"""A dataset on disk: a folder for each sampling plan with parts of consecutive chains, each complete or absent."""

import re
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.dataset.sampling_plan import SamplingPlan
from lcpjax.dataset.statistics import sums_by_gamma
from lcpjax.dataset.zarr_group import DamagedGroupError, flush, read_arrays, read_attributes, write_group
from lcpjax.runtime.files import Lock, try_lock
from lcpjax.runtime.versions import package_version
from lcpjax.sampler import Configurations

_PART = re.compile(r"chains-(\d+)-(\d+)")
_UNFINISHED = ".unfinished"
_SECONDS_BETWEEN_TRIES = 0.1
_PACKAGES = ("lcpjax", "jax", "jaxlib", "numpy", "tensorstore")


class StoredPart(NamedTuple):
    """Location of a stretch of chains."""

    first: int
    stop: int
    path: Path


class Store:
    """The dataset of one plan in a cache folder; safe for several processes at once.

    Parts never change once they have their name, so reading needs no lock. A
    part is written under a temporary name by the one process that holds the lock.
    """

    def __init__(self, cache: Path, plan: SamplingPlan, print_line: Callable[[str], None]) -> None:
        self.path = cache / plan.key
        self.plan = plan
        self.print_line = print_line
        self._has_warned = False

    def parts(self) -> list[StoredPart]:
        """All parts, by their first chains."""
        found = ((_PART.fullmatch(path.name), path) for path in self.path.glob("chains-*"))
        return sorted(StoredPart(int(match[1]), int(match[2]) + 1, path) for match, path in found if match)

    def attributes(self, part: StoredPart) -> dict[str, Any]:
        """Attributes of a part.

        Raises:
            DamagedGroupError: it is damaged, or belongs to another plan.
        """
        attributes = read_attributes(part.path)
        if attributes["settings"] != self.plan.settings:
            raise DamagedGroupError(f"{part.path}: holds chains of other settings")
        if (attributes["first_chain"], attributes["num_chains"]) != (part.first, part.stop - part.first):
            raise DamagedGroupError(f"{part.path}: holds other chains than its name says")
        return attributes

    def read(self, chain: int, *, set_damaged_aside: bool = False) -> tuple[StoredPart, Configurations] | None:
        """The part that begins at a chain, on the default device; None if there is none that is whole.

        Args:
            set_damaged_aside: name a damaged part in one line and move it aside, where it is kept; for
                the process that holds the lock.
        """
        for part in self.parts():
            if part.first == chain:
                try:
                    self.attributes(part)
                    # Chains stored before there were non-local moves have no fraction of them.
                    names = tuple(name for name in Configurations._fields if (part.path / name).is_dir())
                    arrays = read_arrays(part.path, names)
                    arrays.setdefault("nonlocal_fraction", np.zeros_like(arrays["gamma"]))
                except DamagedGroupError as error:
                    if set_damaged_aside:
                        self.set_aside(part.path, error)
                    return None
                return part, Configurations(**{name: jax.device_put(array) for name, array in arrays.items()})
        return None

    def write(self, first: int, num_chains: int, configurations: Configurations) -> None:
        """Keep a stretch of chains as a part; under the lock.

        Raises:
            OSError: no space, or no permission; then nothing is left behind.
        """
        name = f"chains-{first}-{first + num_chains - 1}"
        temporary = self.path / f".{name}{_UNFINISHED}"
        attributes = {
            "settings": self.plan.settings,
            "first_chain": first,
            "num_chains": num_chains,
            "device": f"{jax.devices()[0].device_kind} ({jax.default_backend()})",
            "versions": {package: package_version(package) for package in _PACKAGES},
            "by_gamma": sums_by_gamma(configurations, self.plan.gammas),
        }
        try:
            write_group(temporary, jax.device_get(configurations)._asdict(), attributes)
            temporary.rename(self.path / name)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        flush(self.path)

    @contextmanager
    def locked(self, stop: Callable[[], bool]) -> Generator[bool]:
        """Whether this process alone may write while the context lasts; False if stopped while waiting.

        The lock goes with the process, however it ends.

        Raises:
            OSError: nothing can be written here.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("wb") as file:
            lock, reason = try_lock(file)
            if lock is Lock.TAKEN:
                self.print_line(f"another process is sampling these data; waiting for it ({self.path})")
            while lock is Lock.TAKEN and not stop():
                time.sleep(_SECONDS_BETWEEN_TRIES)
                lock, reason = try_lock(file)
            if lock is Lock.UNKNOWN:
                self._warn_of_no_lock(reason)
            if lock is Lock.HELD:
                # What a process that was killed had not finished.
                for leftover in self.path.glob(f".*{_UNFINISHED}"):
                    shutil.rmtree(leftover, ignore_errors=True)
            yield lock is not Lock.TAKEN

    def _warn_of_no_lock(self, reason: str) -> None:
        """Once, not for every part."""
        if not self._has_warned:
            self.print_line(
                f"WARNING: {self.path} cannot be locked ({reason}); let no other process sample the same data"
            )
        self._has_warned = True

    def set_aside(self, path: Path, reason: object) -> None:
        """Move an unusable file or folder aside, where it is kept, and report it in one line."""
        number = 1
        while (aside := path.with_name(f"{path.name}-damaged-{number}")).exists():
            number += 1
        path.rename(aside)
        self.print_line(f"stored data cannot be used ({reason}); kept as {aside.name}, sampling those chains anew")
