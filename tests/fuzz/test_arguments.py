"""Whatever is typed behind the commands that write pages: a page, or one line and the status of a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcpjax.explore import explore_command
from lcpjax.report.__main__ import report_command
from tests.fuzz.trying import thoroughly

NAMES = st.sampled_from(["group", "kl_weight", "latent_dim", "seed"]) | st.text(max_size=8)
VALUES = st.floats().map(str) | st.integers(-(2**70), 2**70).map(str) | st.text(max_size=8)
WORDS = st.builds(lambda name, value: f"{name}={value}", NAMES, VALUES) | st.text(max_size=12)
FOLDERS = st.sampled_from(["empty", "run", "file", "nowhere", ".", "~", "x" * 300]) | st.text(max_size=12)


@pytest.mark.slow
@pytest.mark.parametrize("command", [report_command, explore_command])
@thoroughly
@given(folder=FOLDERS, words=st.lists(WORDS, max_size=3))
def test_arguments_are_understood_or_refused_in_one_line(command, folder, words, in_empty_folder, capsys):
    (in_empty_folder / "empty").mkdir(exist_ok=True)
    # Enough of a run for a page, and no model.
    (in_empty_folder / "run" / "checkpoints").mkdir(parents=True, exist_ok=True)
    (in_empty_folder / "run" / "summary.json").write_text("{}")
    (in_empty_folder / "file").touch()
    status = command([folder, *words])
    printed = capsys.readouterr()
    if status == 0:
        assert printed.out.startswith("usage") or printed.out.endswith(".html\n")
    else:
        assert status in (1, 2)
        (line,) = printed.err.splitlines()
        assert line.startswith("lcpjax: ")
    assert list((in_empty_folder / "empty").iterdir()) == []
