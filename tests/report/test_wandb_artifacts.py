"""A folder as an artifact: what is referenced, what is copied, what is left out."""

import base64
import hashlib

import pytest

from lcpjax.report import wandb_artifacts
from lcpjax.report.wandb_artifacts import folder_artifact, plain_name


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "wandb"))
    for name in ("models/1/array", ".lock", ".models.unfinished/array", "dataset.json"):
        (tmp_path / "held" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "held" / name).write_text(name)
    return tmp_path / "held"


def md5(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def test_references_have_addresses_and_checksums_and_nothing_is_copied(folder):
    entries = folder_artifact("data/of all", "dataset", folder, "references").manifest.entries
    assert set(entries) == {"models/1/array", "dataset.json"}
    for name, entry in entries.items():
        assert entry.ref == (folder / name).as_uri()
        assert (entry.digest, entry.size) == (md5((folder / name).read_bytes()), len(name))
        assert entry.local_path is None
    assert not list((folder.parent / "wandb").rglob("staging/*"))


def test_uploads_have_the_same_names_and_checksums_and_are_copied(folder):
    entries = folder_artifact("data", "dataset", folder, "uploads").manifest.entries
    referenced = folder_artifact("data", "dataset", folder, "references").manifest.entries
    assert {name: entry.digest for name, entry in entries.items()} == {
        name: entry.digest for name, entry in referenced.items()
    }
    assert all(entry.ref is None for entry in entries.values())
    assert len(list((folder.parent / "wandb").rglob("staging/*"))) == 2


def test_of_a_folder_that_takes_long_to_read_only_the_addresses_are_hashed(folder, monkeypatch):
    monkeypatch.setattr(wandb_artifacts, "_MOST_BYTES_WITH_CHECKSUMS", 3)
    entries = folder_artifact("data", "dataset", folder, "references").manifest.entries
    assert set(entries) == {"models/1/array", "dataset.json"}
    assert md5(b"dataset.json") not in {entry.digest for entry in entries.values()}


def test_names_are_those_that_wandb_takes(folder):
    assert folder_artifact("data/of: all", "dataset", folder, "references").name == "data-of--all"
    assert len(plain_name("x" * 500 + "end")) == 128
    assert plain_name("x" * 500 + "end").endswith("end")
