"""Whatever is typed: a command that can run, or one line and exit status 2; no folder is made for it."""

import pytest
from hydra.errors import HydraException
from hypothesis import given
from hypothesis import strategies as st

from lcpjax.cli.check_command import check_command
from lcpjax.cli.command_line import read_command
from lcpjax.cli.job import check_job
from lcpjax.config.check import key_types
from lcpjax.config.presets import CONF
from tests.fuzz.trying import result_or_one_line, thoroughly

EXPERIMENTS = sorted(path.stem for path in (CONF / "experiment").glob("*.yaml"))
GROUPS = sorted(path.name for path in CONF.iterdir() if path.is_dir())
NUMBERS = st.integers(-(2**70), 2**70).map(str) | st.floats().map(str) | st.sampled_from(["1e-3", "nan", "-0", "0"])
WORDS = st.sampled_from(["null", "true", "[]", "{}", "[1,2]", "[a,[b]]", "cpu", "auto", "'", "${x}", "1,2", "~", "*"])
VALUES = NUMBERS | WORDS | st.text(max_size=12) | st.sampled_from([path.stem for path in CONF.rglob("*.yaml")])
KEYS = st.sampled_from(sorted(key_types("train"))) | st.sampled_from(GROUPS) | st.text(max_size=8)
SIGNS = st.sampled_from(["", "", "", "+", "++", "~"])
OVERRIDES = st.builds(lambda sign, key, value: f"{sign}{key}={value}", SIGNS, KEYS, VALUES)


@pytest.mark.slow
@thoroughly
@given(
    experiment=st.sampled_from(EXPERIMENTS),
    overrides=st.lists(OVERRIDES | st.text(max_size=10), max_size=3),
    is_grid=st.booleans(),
)
def test_a_command_line_can_run_or_is_refused_in_one_line(in_empty_folder, experiment, overrides, is_grid):
    words = [*(["-m"] if is_grid else []), f"+experiment={experiment}", "+scale=smoke", *overrides]

    def read_and_check():
        command = read_command(words)
        return check_command(command, CONF, check_job) if command.starts_jobs else command

    try:
        result_or_one_line(read_and_check, also=(HydraException,))
    except SystemExit as ended:
        status = ended.code
    else:
        status = 2
    assert status == 2
    assert list(in_empty_folder.iterdir()) == []
