"""Files from somebody else are data: reading them runs nothing, leaves their folder nowhere and fills no memory."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml

from lcpjax import load_run
from lcpjax.config import SystemConfig
from lcpjax.config.check import ConfigError, typed_group
from lcpjax.dataset.zarr_group import DamagedGroupError, read_arrays, write_group
from lcpjax.errors import InputError, OneLineError
from lcpjax.evaluation.anomalies import NormalReference, normal_path
from lcpjax.pipeline.held_out import held_out_configurations
from lcpjax.report.page import write_report
from lcpjax.runtime import files
from lcpjax.runtime.checksums import first_damage, keep_checksums
from lcpjax.training import ModelSetting
from tests.test_load import RUN

MOVED_IN = "was here"


class Payload:
    """What a pickle may hold: a call of anything."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return Path.touch, (self.folder / MOVED_IN,)


@pytest.fixture
def run_folder(tmp_path):
    shutil.unpack_archive(RUN, tmp_path, filter="data")
    return tmp_path / "run"


@pytest.fixture
def reference(run_folder):
    """Path of the run's reference of normal data."""
    path = next(iter((run_folder / "normal").rglob("*.npz")), None)
    path = path or normal_path(run_folder, "models", load_run(run_folder).setting)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def member(path, name, shape):
    """An archive with one array of zeros, whose head claims a shape and whose content is eight bytes."""
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(8))


def test_an_array_of_python_objects_is_refused_and_not_run(run_folder, reference, tmp_path):
    with reference.open("wb") as file:
        np.savez(file, law_mean=np.array([Payload(tmp_path)], dtype=object))
    with pytest.raises(OneLineError, match=r"\.npz: cannot be read as arrays"):
        load_run(run_folder)
    assert not (tmp_path / MOVED_IN).exists()
    # The payload would have worked.
    with np.load(reference, allow_pickle=True) as held:
        held["law_mean"]
    assert (tmp_path / MOVED_IN).exists()


def test_an_archive_that_claims_more_than_it_holds_or_than_is_read_is_refused(run_folder, reference, monkeypatch):
    member(reference, "law_mean", (10**12,))
    with pytest.raises(OneLineError, match=r"law_mean.npy claims 8000000000000 bytes of numbers and has"):
        load_run(run_folder)
    member(reference, "law_mean", (1,))
    assert files.read_arrays(reference) == {"law_mean": 0.0}
    monkeypatch.setattr(files, "MOST_BYTES", 100)
    with pytest.raises(InputError, match="bytes of arrays; at most 100 are read"):
        files.read_arrays(reference)


def test_arrays_that_are_no_reference_of_normal_data_are_named(run_folder, reference):
    np.savez(reference, law_mean=np.array(["a word"]))
    with pytest.raises(OneLineError, match=r"\.npz: no reference of normal data"):
        load_run(run_folder)
    np.savez(reference, mean=np.zeros(2))
    with pytest.raises(OneLineError, match=r"\.npz: no reference of normal data \('law_"):
        load_run(run_folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"no archive at all"])
def test_what_is_no_archive_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "normal.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as arrays") as refused:
        NormalReference.load(path)
    assert "\n" not in str(refused.value)


def test_yaml_that_would_build_objects_is_refused_and_builds_none(run_folder, tmp_path):
    call = f"!!python/object/apply:os.mkdir [{tmp_path / MOVED_IN}]"
    (run_folder / "config.yaml").write_text(f"system: {call}\n")
    with pytest.raises(InputError, match=r"config.yaml: no config of a run"):
        held_out_configurations(run_folder, 4)
    write_report(run_folder)
    assert "config.yaml cannot be read" in (run_folder / "report.html").read_text()
    assert not (tmp_path / MOVED_IN).exists()
    # The call would have worked.
    yaml.load(f"system: {call}", yaml.UnsafeLoader)
    assert (tmp_path / MOVED_IN).exists()


def test_a_config_looks_nothing_up_where_it_is_read(monkeypatch):
    monkeypatch.setenv("SECRET", "lennard_jones")
    values = {"num_particles": 8, "box_side": 6.0, "temperature": 1.0, "gammas": [0.1]}
    with pytest.raises(ConfigError, match=r"pair_potential = \$\{oc.env:SECRET\}: a run's config has values"):
        typed_group(SystemConfig, values | {"pair_potential": "${oc.env:SECRET}"})
    assert typed_group(SystemConfig, values | {"pair_potential": "lennard_jones"}).num_particles == 8


def test_a_page_shows_no_file_from_outside_of_its_folder(run_folder, tmp_path):
    for name, kind in (("figures/secret.png", "png"), ("tables/secret.csv", "csv")):
        outside = tmp_path / f"outside.{kind}"
        outside.write_text("word,of\nmine,own\n")
        link = run_folder / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(outside)
    write_report(run_folder)
    page = (run_folder / "report.html").read_text()
    assert page.count("is a link to a file outside of the folder; left out") == 2
    assert "mine" not in page
    assert "data:image/png;base64," not in page


def test_a_stored_dataset_reads_nothing_outside_of_its_folder(tmp_path):
    write_group(tmp_path / "part", {"energy": np.zeros(3, np.float32)}, {})
    rewrite(tmp_path / "part", lambda attributes: attributes["files"].update({"../outside": "0"}))
    with pytest.raises(DamagedGroupError, match=r"part: \.\./outside lies outside of it"):
        read_arrays(tmp_path / "part", ("energy",))


def test_checksums_open_no_file_outside_of_their_folder(tmp_path):
    (tmp_path / "outside").write_text("mine")
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "own").write_text("own")
    keep_checksums(folder, ["own"])
    assert first_damage(folder) == ""
    keep_checksums(folder, ["own", "../outside"])
    assert first_damage(folder) == "../outside: is no file of this folder"


def test_a_stored_dataset_that_claims_more_than_it_holds_is_refused(tmp_path):
    folder = tmp_path / "part"
    write_group(folder, {"energy": np.zeros(3, np.float32)}, {})
    metadata = folder / "energy" / "zarr.json"
    metadata.write_text(metadata.read_text().replace('"shape":[3]', '"shape":[3000000000000]'))
    rewrite(folder, lambda attributes: attributes["files"].update({"energy/zarr.json": sha256(metadata)}))
    with pytest.raises(DamagedGroupError, match=r"energy: claims 12000000000000 bytes of numbers and has"):
        read_arrays(folder, ("energy",))


def test_a_checkpoint_larger_than_what_is_read_is_refused(run_folder, monkeypatch):
    assert load_run(run_folder).setting == ModelSetting(kl_weight=0.001, latent_dim=2, seed=0)
    monkeypatch.setattr("lcpjax.training.checkpoints.MOST_BYTES", 1000)
    with pytest.raises(OneLineError, match="bytes of parameters; at most 1000 are read"):
        load_run(run_folder)


def rewrite(folder, change):
    """Change the attributes of a group as somebody would who also mends its checksums."""
    from lcpjax.dataset.zarr_group import _digest

    path = folder / "zarr.json"
    document = json.loads(path.read_text())
    attributes = {key: value for key, value in document["attributes"].items() if key != "sha256"}
    change(attributes)
    path.write_text(json.dumps(document | {"attributes": attributes | {"sha256": _digest(attributes)}}))


def sha256(path):
    from lcpjax.dataset.zarr_group import _sha256

    return _sha256(path)
