"""What a folder holds, as an artifact of Weights & Biases: by reference, or uploaded."""

import re
from pathlib import Path
from typing import Any, Literal

Artifacts = Literal["none", "references", "uploads"]

# At half a gigabyte a second, so that the longest call to W&B is not all checksums.
_MOST_BYTES_WITH_CHECKSUMS = 2e9


def folder_artifact(name: str, kind: str, folder: Path, artifacts: Artifacts) -> Any:
    """Artifact of a folder's entries, not yet logged; hidden ones, of locks and unfinished files, are left out.

    By reference it holds each file's ``file://`` address, size and MD5, and nothing is copied; of folders above 2 GB
    the MD5 is that of the address.

    Args:
        name: letters of other kinds than W&B allows become hyphens.
        kind: W&B's word for it, "model" or "dataset".
    """
    import wandb

    artifact = wandb.Artifact(plain_name(name), type=kind)
    entries = sorted(entry for entry in folder.resolve().iterdir() if not entry.name.startswith("."))
    has_checksums = sum(map(_num_bytes, entries)) <= _MOST_BYTES_WITH_CHECKSUMS
    for entry in entries:
        # Files of a folder keep its name, which W&B would leave out.
        if artifacts == "references":
            artifact.add_reference(entry.as_uri(), name=entry.name, checksum=has_checksums)
        elif entry.is_dir():
            artifact.add_dir(str(entry), name=entry.name)
        else:
            artifact.add_file(str(entry), name=entry.name)
    return artifact


def plain_name(name: str) -> str:
    """A name of letters, digits, hyphens, underscores and dots, as W&B wants those of runs and artifacts.

    >>> plain_name("train/grid-0a: 1")
    'train-grid-0a--1'
    """
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)[-128:]


def _num_bytes(entry: Path) -> int:
    files = [entry] if entry.is_file() else [path for path in entry.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)
