"""The command line, checked before Hydra makes any folder."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from lcpjax.cli.command_line import Command, axis_values, parse_overrides, quoted
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, key_types, nearest_key, typed_config
from lcpjax.errors import did_you_mean

_CHOSEN_WITH_PLUS = ("experiment", "scale")


def check_command(command: Command, conf: Path, check: Callable[[Config], None]) -> Command:
    """The command to run, with a ``~`` in its folder written out; raises if it is invalid, nothing is written.

    A single job is checked whole. Of a grid only what makes composing fail is
    checked (unknown keys, groups, options): a value that is impossible concerns
    its own job, which says so in its own folder.

    Raises:
        ConfigError: in one line.
    """
    parsed = parse_overrides(command.overrides)
    with _conf_folder(conf, command.config_dir):
        corners = _grid_corners(command, parsed) if command.is_grid else [command.overrides]
        composed = [_compose(overrides, conf) for overrides in corners]
        if command.is_grid:
            _refuse_several_processes(composed)
        folder = _folder(composed[0], command.folder_key)
        _check_folder(os.path.expanduser(folder), command.folder_key)
        if not command.is_grid:
            check(typed_config(OmegaConf.masked_copy(composed[0], [str(key) for key in composed[0] if key != "hydra"])))
    return _in_folder(command, os.path.expanduser(folder)) if folder.startswith("~") else command


def _in_folder(command: Command, folder: str) -> Command:
    """The command with its folder given as an override, in the place of the one there was."""
    arguments, written = list(command.arguments), f"{command.folder_key}={quoted(folder)}"
    given = [text for text in command.overrides if text.lstrip("+").startswith(f"{command.folder_key}=")]
    if given:
        arguments[len(arguments) - 1 - arguments[::-1].index(given[-1])] = written
    else:
        # Hydra wants all overrides together.
        arguments.insert(arguments.index(command.overrides[0]), written)
    return replace(command, arguments=tuple(arguments))


def _grid_corners(command: Command, parsed: list[Override]) -> Iterator[tuple[str, ...]]:
    """Overrides of jobs that between them use every value of the grid, one axis at a time."""
    choices = [axis_values(override) for override in parsed]
    written = [
        [text] if values is None else [f"{override.get_key_element()}={value}" for value in values]
        for text, override, values in zip(command.overrides, parsed, choices, strict=True)
    ]
    first = [options[0] for options in written]
    yield tuple(first)
    for axis, options in enumerate(written):
        for option in options[1:]:
            yield (*first[:axis], option, *first[axis + 1 :])


def _compose(overrides: tuple[str, ...], conf: Path) -> DictConfig:
    for text in overrides:
        if text.split("=")[0] in _CHOSEN_WITH_PLUS:
            raise ConfigError(f"{text}: write +{text}, with a + in front")
    try:
        composed = compose("config", overrides=list(overrides), return_hydra_config=True)
    except MissingConfigException as error:
        raise ConfigError(_missing_option(error, conf)) from None
    except (HydraException, OmegaConfBaseException) as error:
        named = [text.split("=", 1)[1] for text in overrides if text.lstrip("+").startswith("experiment=")]
        raise ConfigError(_unknown_key(error, conf, "".join(named[-1:]))) from None
    except ValueError as error:
        # Hydra's own complaint about a group set to null.
        nulls = " ".join(text for text in overrides if text.endswith("=null"))
        raise ConfigError(f"{nulls}: {' '.join(str(error).split())}") from None
    except TypeError:
        # Hydra joins the options of a group as words, whatever they are.
        lists = " ".join(text for text in overrides if "=[" in text)
        raise ConfigError(f"{lists}: a group takes the name of one of its options, not a list of others") from None
    _refuse_what_the_model_overrides(list(overrides), composed)
    if "experiment" not in composed:
        names = ", ".join(sorted(_option_names(conf, "experiment")))
        raise ConfigError(f"no experiment chosen: add +experiment=NAME; there are {names}")
    return composed


def _refuse_what_the_model_overrides(overrides: list[str], composed: DictConfig) -> None:
    """Refuse a representation next to a model that sets its own; it would be dropped silently."""
    chosen = [text for text in overrides if text.startswith("representation=")]
    models = [text for text in overrides if text.startswith("model=")]
    if not (chosen and models):
        return
    without = compose("config", overrides=[text for text in overrides if text not in models])
    if without.representation != composed.representation:
        own = f"{composed.representation.name} in {composed.representation.ordering} order"
        raise ConfigError(f"{chosen[0]}: {models[0]} has its own, {own}; leave one of them out")


def _refuse_several_processes(jobs: list[DictConfig]) -> None:
    """Refuse jobs of a grid that would wait for processes which nobody starts."""
    for composed in jobs:
        if (distributed := OmegaConf.select(composed, "device.distributed")) not in (None, "off"):
            raise ConfigError(
                f"device.distributed = {distributed}: a job of a grid (-m) is one process; leave it off, or start each "
                "run of several processes by itself"
            )


def _folder(composed: DictConfig, key: str) -> str:
    """Folder where Hydra will put the run or the grid."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(composed)
    try:
        return str(OmegaConf.select(composed, key))
    except OmegaConfBaseException as error:
        raise ConfigError(f"{key}: {str(error).splitlines()[0]}") from None
    finally:
        HydraConfig.instance().cfg = before


def _check_folder(folder: str, key: str) -> None:
    """Refuse a folder that cannot be made, or written."""
    path = Path(folder).absolute()
    existing = next(path for path in (path, *path.parents) if os.path.lexists(path))
    reason = "" if os.access(existing, os.W_OK | os.X_OK) and existing.is_dir() else "is not a writable folder"
    try:
        path.exists()
    except OSError as error:
        reason = reason or f"has no room for it ({error.strerror})"
    if reason:
        raise ConfigError(
            f"{key} = {folder}: no folder can be made there, {existing} {reason}; choose another with {key}=FOLDER"
        )


def _missing_option(error: MissingConfigException, conf: Path) -> str:
    """``group = name`` with the options there are."""
    group, _, name = (error.missing_cfg_file or "").rpartition("/")
    if not group:
        return str(error).splitlines()[0]
    return f"{group} = {name}: {did_you_mean(name, error.options or _option_names(conf, group))}"


def _unknown_key(error: Exception, conf: Path, experiment: str) -> str:
    """``key: no such key`` with the nearest one."""
    found = re.search(r"[Cc]ould not override '([^']+)'", str(error))
    if not found:
        return " ".join(str(error).split())
    key = found.group(1)
    groups = sorted(path.name for path in conf.iterdir() if path.is_dir())
    if "." not in key:
        keys = (key for key in key_types() if "." not in key)
        return f"{key}: no such key or group; {did_you_mean(key, {*groups, *keys})}"
    return f"{key}: no such key; {nearest_key(key, experiment)}"


def _option_names(conf: Path, group: str) -> list[str]:
    return [path.stem for path in (conf / group).glob("*.yaml")]


@contextmanager
def _conf_folder(conf: Path, config_dir: str | None) -> Generator[None]:
    """Hydra's search path, the user's folder before this program's, as with Hydra's own command line.

    Raises:
        ConfigError: there is no such folder of one's own.
    """
    with initialize_config_dir(str(conf), job_name="run", version_base="1.3"):
        if config_dir is not None:
            own = Path(config_dir).absolute()
            if not own.is_dir():
                raise ConfigError(f"--config-dir {config_dir}: there is no folder {own}")
            places = create_config_search_path(str(conf))
            places.prepend("command-line", f"file://{own}", anchor=SearchPathQuery(provider="schema"))
            GlobalHydra.instance().clear()
            Hydra.create_main_hydra2(task_name="run", config_search_path=places)
        yield
