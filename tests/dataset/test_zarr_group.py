import numpy as np

from lcpjax.dataset.zarr_group import read_arrays, read_attributes, write_group


def test_a_group_lies_in_its_own_folder_whatever_that_is_called(tmp_path):
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    for name in ("back\\slash", "lj [2026]", "100% höhe?#"):
        folder = tmp_path / name / "part"
        folder.mkdir(parents=True)
        write_group(folder, {"energy": array}, {})
        assert read_attributes(folder)["files"]
        np.testing.assert_array_equal(read_arrays(folder, ("energy",))["energy"], array)
    assert len(list(tmp_path.iterdir())) == 3
