"""What was typed counts for what it means: folders of any name, composed ones, the home folder."""

import os
import re
from pathlib import Path

import pytest

from lcpjax.cli.check_command import check_command
from lcpjax.cli.command_line import read_command
from lcpjax.config.check import ConfigError
from lcpjax.run import _COMMANDS, CONF, main, run_command

TRAIN = ["+experiment=train", "+scale=smoke"]


def checked(*arguments):
    seen = []
    command = check_command(read_command(list(arguments)), CONF, seen.append)
    return command, seen


@pytest.mark.parametrize("name", ["conf (old)", "conf,2", "höhe", "it's ${HOME} 100%"])
def test_options_are_found_in_a_folder_of_any_name(name, in_empty_folder):
    (in_empty_folder / name / "system").mkdir(parents=True)
    mine = (CONF / "system" / "box.yaml").read_text().replace("gammas:", "gammas: [0.125]  #")
    (in_empty_folder / name / "system" / "mine.yaml").write_text(mine)
    _, (config,) = checked("--config-dir", name, *TRAIN, "system=mine")
    assert config.system.gammas == [0.125]


def test_a_folder_of_options_that_is_not_there_is_refused(in_empty_folder):
    with pytest.raises(ConfigError, match="--config-dir nowhere: there is no folder"):
        checked("--config-dir", "nowhere", *TRAIN)


@pytest.mark.parametrize("value", ["[1,2]", "[small,[small]]"])
def test_a_group_that_is_given_a_list_of_what_are_no_names_is_refused(value, in_empty_folder):
    with pytest.raises(
        ConfigError, match=rf"^dataset={re.escape(value)}: a group takes the name of one of its options"
    ):
        checked(*TRAIN, f"dataset={value}")


def test_where_nothing_can_be_written_the_composed_run_folder_counts(in_empty_folder, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != in_empty_folder and allowed(path, mode))
    monkeypatch.setenv("ELSEWHERE", str(elsewhere))
    monkeypatch.setenv("HERE", str(in_empty_folder))
    for folder in (f"'{elsewhere}/a,b'", "'${oc.env:ELSEWHERE}/e'"):
        assert checked(*TRAIN, f"hydra.run.dir={folder}")[1]
    for refused in ([], ["hydra.run.dir='${oc.env:HERE}/e'"]):
        with pytest.raises(ConfigError, match=r"no folder can be made there, .* choose another with hydra.run.dir="):
            checked(*TRAIN, *refused)
    monkeypatch.setenv("LCPJAX_GRID", "grid")
    with pytest.raises(ConfigError, match=r"choose another with hydra.sweep.dir="):
        checked("-m", *TRAIN, "model.latent_dim=2,3")


@pytest.mark.parametrize("written", ["~/x [1]", "'~/x [1]'", "'${oc.env:SHORT}'"])
def test_a_run_folder_in_the_home_folder_is_written_out_for_hydra(written, in_empty_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(in_empty_folder / "home"))
    monkeypatch.setenv("SHORT", "~/x [1]")
    command, _ = checked(*TRAIN, f"hydra.run.dir={written}")
    assert command.arguments[-1] == f"hydra.run.dir='{in_empty_folder}/home/x [1]'"


def test_a_cache_folder_in_the_home_folder_and_a_cr_at_the_end_are_understood(in_empty_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(in_empty_folder / "home"))
    _, (config,) = checked(*TRAIN, "dataset.cache_dir=~/höhe", "system.gammas=[0.1]\r")
    assert config.dataset.cache_dir == f"{in_empty_folder}/home/höhe"
    assert config.system.gammas == [0.1]


@pytest.mark.parametrize(
    ("word", "usage"), [("doctor", "lcpjax.doctor"), ("explore", "lcpjax.explore"), ("report", "lcpjax.report")]
)
def test_the_other_commands_are_words_of_the_first(word, usage, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["lcpjax", word, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert f"usage: python -m {usage}" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--foo"], ["--cfg", "jbo"], ["--config-dir"]])
def test_an_option_that_there_is_not_is_refused_in_one_line(wrong, capsys):
    assert run_command([*TRAIN, *wrong]) == 2
    output = capsys.readouterr()
    assert re.fullmatch(rf"lcpjax: .*{wrong[0]}.*; keys are KEY=VALUE without dashes, [^\n]*\n", output.err)
    assert output.out == ""


def test_the_help_names_every_other_command():
    help_text = (CONF / "config.yaml").read_text()
    assert all(f"python -m {module.removesuffix('.__main__')}" in help_text for module, _ in _COMMANDS.values())
