"""The documentation is true: its snippets run, its commands compose, its links, targets and keys exist."""

import functools
import math
import os
import re
import shlex
import sys
from pathlib import Path

import jax
import pytest
import yaml
from hydra import compose, initialize_config_dir

from lcpjax import run, sampler
from lcpjax.cli.experiment_help import time_of
from lcpjax.config.check import typed_config
from lcpjax.config.presets import CONF
from lcpjax.doctor import minutes_of
from lcpjax.model import DECODERS, ENCODERS
from lcpjax.report import RunFolder
from lcpjax.representation import REPRESENTATIONS
from lcpjax.system import PAIR_POTENTIALS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CHAPTERS = sorted((ROOT / "experiments").rglob("README.md"))
TEXTS = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in PAGES}
WITH_CHAPTERS = TEXTS | {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in CHAPTERS}

# Commands of other programs, which are not run here.
OTHERS = {"source", "pip", "wandb", "python -m pytest", "python -m lcpjax.report", "python -m lcpjax.dashboard"}
NEEDS_A_GPU = {"device=gpu", "sampler.kernel=fused"}
# Snippets load the model that a command of their page trains, here with less of everything.
FIRST_RUN = "hydra.run.dir=outputs/first"
FEW = ["dataset.chains_per_gamma=8", "training.batch_size=8", "training.num_epochs=1", "model.width=8"]
FEW_SWEEPS = 20


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text):
    lines = [line for block in blocks(text, "console") for line in block.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def program_and_arguments(words):
    length = 3 if words[:2] == ["python", "-m"] else 1
    return " ".join(words[:length]), words[length:]


COMMANDS = [program_and_arguments(words) for text in TEXTS.values() for words in commands(text)]
OF_THIS_PACKAGE = {" ".join(words): words for program, words in COMMANDS if program == "python -m lcpjax.run"}
HELP_ON_ONE = {text: words for text, words in OF_THIS_PACKAGE.items() if text.startswith("--help experiment=")}
WITH_SNIPPETS = [name for name, text in TEXTS.items() if blocks(text, "python")]


@pytest.fixture
def nothing_is_run(in_empty_folder, monkeypatch):
    """Commands are read, composed and checked, and the jobs that would start are counted."""
    started = []
    monkeypatch.setattr(run, "job", lambda: started.append(sys.argv[1:]))
    monkeypatch.setattr(sys, "argv", ["lcpjax"])
    return started


def runnable_here(words):
    return words if jax.default_backend() == "gpu" else [word for word in words if word not in NEEDS_A_GPU]


@pytest.mark.parametrize("words", HELP_ON_ONE.values(), ids=HELP_ON_ONE)
def test_help_on_one_experiment_answers_and_starts_nothing(words, nothing_is_run, capsys):
    assert run.run_command(words) == 0
    assert capsys.readouterr().out.startswith(words[1].removeprefix("experiment="))
    assert nothing_is_run == []


@pytest.mark.parametrize(
    "words",
    [words for text, words in OF_THIS_PACKAGE.items() if text not in HELP_ON_ONE],
    ids=lambda words: " ".join(words),
)
def test_every_command_of_the_documentation_would_start(words, nothing_is_run, capsys):
    run.run_command([word for word in runnable_here(words) if word not in ("--cfg", "job")])
    assert capsys.readouterr().err == ""
    assert len(nothing_is_run) == 1


def test_a_command_with_a_misspelt_key_would_not_start(nothing_is_run, capsys):
    run.run_command(["+experiment=train", "training.kl_wieght=1"])
    assert "training.kl_wieght" in capsys.readouterr().err
    assert nothing_is_run == []


def test_every_program_in_the_documentation_is_known():
    assert {program for program, _ in COMMANDS} <= OTHERS | {"python -m lcpjax.run", "python -m lcpjax.explore", "make"}


@pytest.fixture(scope="module")
def folder_of_the_first_run(tmp_path_factory):
    """A working folder with the run in it that snippets load, trained as the documentation says."""
    folder = tmp_path_factory.mktemp("documentation")
    (words,) = {text: words for text, words in OF_THIS_PACKAGE.items() if FIRST_RUN in words}.values()
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANDB_MODE", "disabled")
        patch.setattr(RunFolder, "save_figure", lambda *_, **__: None)
        os.chdir(folder)
        try:
            assert run.run_command([*words, *FEW]) == 0
        finally:
            os.chdir(before)
    return folder


@pytest.fixture
def forgotten():
    """What snippets register is forgotten after them."""
    registries = (PAIR_POTENTIALS, REPRESENTATIONS, ENCODERS, DECODERS)
    before = [dict(registry) for registry in registries]
    yield
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)


def snippet_program(text):
    """The snippets of a page as one program, each line where it is in the page."""
    inside, lines = False, []
    for line in text.splitlines():
        inside = line == "```python" or (inside and line != "```")
        lines.append(line if inside and line != "```python" else "")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "name", [name if name == "README.md" else pytest.param(name, marks=pytest.mark.slow) for name in WITH_SNIPPETS]
)
def test_the_snippets_of_a_page_run_one_after_the_other(
    name, folder_of_the_first_run, nothing_is_run, forgotten, monkeypatch
):
    monkeypatch.chdir(folder_of_the_first_run)
    # Whether chains are in equilibrium is no matter of the documentation.
    monkeypatch.setattr(sampler, "sample", functools.partial(sampler.sample, num_sweeps=FEW_SWEEPS))
    exec(compile(snippet_program(TEXTS[name]), name, "exec"), {})
    assert len(nothing_is_run) == TEXTS[name].count("\nrun_command(")


def targets():
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", TEXTS)
def test_every_target_that_a_page_names_exists(name):
    named = {words[0] for program, words in map(program_and_arguments, commands(TEXTS[name])) if program == "make"}
    named |= set(re.findall(r"`make ([a-z-]+)", TEXTS[name]))
    assert named <= targets()


def test_every_target_says_what_it_does():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert set(re.findall(r"^([a-z-]+):.*  ## \S", makefile, re.MULTILINE)) == targets()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == targets()


def keys_of(group):
    """The keys of a group of the config, in whichever of its files, or in the main one."""
    paths = [run.CONF / "config.yaml", *(run.CONF / group).glob("*.yaml")]
    files = [yaml.safe_load(path.read_text("utf-8")) for path in paths]
    return {key for values in files for key in (*values, *values.get(group, {}))}


@pytest.mark.parametrize("name", WITH_CHAPTERS)
def test_every_key_that_a_page_names_exists(name):
    groups = [path.name for path in run.CONF.iterdir() if path.is_dir() and path.name not in ("experiment", "scale")]
    named = re.findall(rf"`({'|'.join(groups)})\.(?!(?:json|html|csv|py)\b)(\w+)", WITH_CHAPTERS[name])
    assert [f"{group}.{key}" for group, key in named if key not in keys_of(group) | {"name"}] == []


def links(text):
    """Relative ones, of text and of images, without the place in their page."""
    found = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    return [link.split("#")[0] for link in found if "://" not in link]


@pytest.mark.parametrize("name", WITH_CHAPTERS)
def test_every_link_of_a_page_leads_to_a_file(name):
    assert [link for link in links(WITH_CHAPTERS[name]) if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.parent.name)
def test_every_module_that_a_chapter_names_is_beside_it_or_in_the_library(path):
    named = re.findall(r"`([\w/]+\.py)`", path.read_text("utf-8"))
    assert [name for name in named if not any((folder / name).is_file() for folder in (path.parent, ROOT))] == []


CHAPTER_COMMANDS = {
    f"{path.parent.name}: {line}": shlex.split(line)
    for path in CHAPTERS
    for line in re.findall(r"^    python -m lcpjax\.run ([^#\n]*)", path.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("words", CHAPTER_COMMANDS.values(), ids=CHAPTER_COMMANDS)
def test_every_command_of_a_chapter_composes(words):
    overrides = [word for word in words if not word.startswith(("-", "hydra."))]
    if "-m" in words:
        overrides = [word.partition(",")[0] for word in overrides]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        typed_config(compose("config", overrides=overrides))


def test_no_figure_is_committed_twice():
    """The configurations of one cached dataset are the same picture in every run folder."""
    figures: dict[bytes, list[str]] = {}
    for path in (ROOT / "experiments").glob("*/results/**/*.png"):
        figures.setdefault(path.read_bytes(), []).append(str(path.relative_to(ROOT)))
    assert [sorted(paths) for paths in figures.values() if len(paths) > 1] == []


def test_the_front_page_and_the_list_of_experiments_agree_on_times():
    rows = re.findall(r"^\| \[(\w+)\]\(experiments/.*\| (\d+) \|$", TEXTS["README.md"], re.MULTILINE)
    assert len(rows) > 4
    assert rows == [(name, str(math.ceil(minutes_of(time_of(name))))) for name, _ in rows]
