"""Whatever stands in files: what is loaded is right, or one line says what is wrong; pages are always written."""

import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcpjax import load_run
from lcpjax.dataset.zarr_group import read_arrays, write_group
from lcpjax.evaluation.anomalies import NormalReference
from lcpjax.pipeline.held_out import held_out_configurations
from lcpjax.report.page import write_report
from tests.fuzz.trying import result_or_one_line, thoroughly
from tests.test_load import MEANS, RUN

POSITIONS = np.random.default_rng(0).uniform(0, 10, (3, 8, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    shutil.unpack_archive(RUN, folder, filter="data")
    return folder / "run"


@st.composite
def damaged(draw, content):
    """Bytes of a file with some flipped, cut off, doubled, or others in their place."""
    kind = draw(st.sampled_from(["flip", "cut", "insert", "replace"]))
    if kind == "replace":
        return draw(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: text.encode("utf-8", "replace")))
    place = draw(st.integers(0, max(len(content) - 1, 0)))
    if kind == "cut":
        return content[:place]
    if kind == "insert":
        return content[:place] + draw(st.binary(min_size=1, max_size=20)) + content[place:]
    changed = bytearray(content)
    if changed:
        changed[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


@pytest.mark.slow
@thoroughly
@given(data=st.data())
def test_a_damaged_run_folder_loads_as_it_was_or_says_what_is_wrong(whole, tmp_path, data):
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    if run := result_or_one_line(lambda: load_run(folder)):
        np.testing.assert_allclose(run.encode(POSITIONS).mean, MEANS, rtol=1e-5)
    result_or_one_line(lambda: held_out_configurations(folder, 4))
    write_report(folder)
    assert (folder / "report.html").read_text().endswith("</html>")


@pytest.mark.slow
@thoroughly
@given(data=st.data())
def test_a_damaged_dataset_is_read_as_it_was_or_says_what_is_wrong(tmp_path, data):
    energy = np.arange(6, dtype=np.float32)
    folder = tmp_path / "part"
    shutil.rmtree(folder, ignore_errors=True)
    write_group(folder, {"energy": energy}, {"settings": {}})
    path = data.draw(st.sampled_from(sorted(path for path in folder.rglob("*") if path.is_file())))
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    arrays = result_or_one_line(lambda: read_arrays(folder, ("energy",)))
    if arrays is not None:
        np.testing.assert_array_equal(arrays["energy"], energy)


@pytest.mark.slow
@thoroughly
@given(content=st.binary(max_size=400))
def test_what_is_no_reference_of_normal_data_is_refused(tmp_path, content):
    path = tmp_path / "normal.npz"
    path.write_bytes(content)
    assert result_or_one_line(lambda: NormalReference.load(path)) is None
