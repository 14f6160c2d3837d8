"""Versions of installed packages."""

import functools
import hashlib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path


def package_version(package: str) -> str | None:
    """The version of an installed package; None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@functools.cache
def source_hash(packages: Sequence[str]) -> str:
    """Hash of the Python source of some subpackages of this package, for what must not outlive a change of it."""
    root, found = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(path for package in packages for path in (root / package).rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]
