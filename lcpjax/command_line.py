"""What was typed: read with Hydra's own parser, and checked before Hydra makes any folder."""

import hashlib
import math
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from lcpjax.config import Config
from lcpjax.config_check import NOT_PART_OF_THE_RESULT, ConfigError, all_keys, nearest_key, typed_config
from lcpjax.errors import did_you_mean

_CHOSEN_WITH_PLUS = ("experiment", "scale")


@dataclass(frozen=True)
class Command:
    """A command line, taken apart."""

    overrides: tuple[str, ...]
    config_dir: str | None
    is_grid: bool
    starts_jobs: bool
    """False for --help, --cfg and their like, which Hydra answers alone."""

    @property
    def grid_name(self) -> str:
        """The grid's folder in outputs: its experiment, if it has one, and a hash of what was asked."""
        experiments = [text.split("=")[1] for text in self.overrides if text.startswith("+experiment=")]
        single = [f"{name}/" for name in experiments if name.isidentifier()]
        return f"{''.join(single)}grid-{self._grid_hash}"

    @property
    def num_jobs(self) -> int:
        """How many jobs the grid has; 0 if that cannot be told from the command line."""
        choices = [_choices(override) for override in _parse(self.overrides)]
        globs = any(isinstance(override.value(), Glob) for override in _parse(self.overrides))
        return 0 if globs else math.prod(len(values) for values in choices if values is not None)

    @property
    def _grid_hash(self) -> str:
        asked = [text for text in self.overrides if not _PASSING.match(text.lstrip("+~"))]
        return hashlib.sha256("\n".join(sorted(asked)).encode()).hexdigest()[:10]


_PASSING = re.compile(rf"({'|'.join(map(re.escape, (*NOT_PART_OF_THE_RESULT, 'hydra')))})([./=@]|$)")


def read_command(arguments: list[str]) -> Command:
    """The command line as Hydra will read it."""
    parsed = get_args_parser().parse_args(arguments)
    answers_alone = parsed.help or parsed.hydra_help or parsed.info or parsed.shell_completion
    return Command(
        overrides=tuple(parsed.overrides),
        config_dir=parsed.config_dir,
        is_grid=bool(parsed.multirun),
        starts_jobs=not answers_alone and not parsed.cfg,
    )


def check_command(command: Command, conf: Path, check: Callable[[Config], None]) -> None:
    """Raise if what was asked for cannot be; nothing is written.

    A single job is checked whole. Of a grid only what makes composing fail is
    checked (unknown keys, groups, options): a value that is impossible concerns
    its own job, which says so in its own folder.

    Raises:
        ConfigError: in one line.
    """
    parsed = _parse(command.overrides)
    for text in command.overrides:
        if text.startswith(("hydra.run.dir=", "hydra.sweep.dir=")):
            _check_folder(text)
    with _conf_folder(conf):
        if not command.is_grid:
            check(typed_config(_compose(command, command.overrides, conf)))
            return
        for overrides in _grid_corners(command, parsed):
            _compose(command, overrides, conf)


def _grid_corners(command: Command, parsed: list[Override]) -> Iterator[tuple[str, ...]]:
    """Overrides of jobs that between them use every value of the grid, one axis at a time."""
    choices = [_choices(override) for override in parsed]
    written = [
        [text] if values is None else [f"{override.get_key_element()}={value}" for value in values]
        for text, override, values in zip(command.overrides, parsed, choices, strict=True)
    ]
    first = [options[0] for options in written]
    yield tuple(first)
    for axis, options in enumerate(written):
        for option in options[1:]:
            yield (*first[:axis], option, *first[axis + 1 :])


def _choices(override: Override) -> list[str] | None:
    """The values of one axis of a grid; None if the override is no axis."""
    if not override.is_sweep_override():
        return None
    if not override.is_discrete_sweep():
        raise ConfigError(f"{override.input_line}: a grid needs single values, separated by commas")
    if isinstance(override.value(), Glob):
        return None
    return list(override.sweep_string_iterator())


def _parse(overrides: tuple[str, ...]) -> list[Override]:
    parsed = []
    for text in overrides:
        try:
            parsed += OverridesParser.create().parse_overrides([text])
        except HydraException as error:
            raise ConfigError(f"{text}: cannot be read as KEY=VALUE ({str(error).splitlines()[0]})") from None
    return parsed


def _compose(command: Command, overrides: tuple[str, ...], conf: Path) -> DictConfig:
    for text in overrides:
        if text.split("=")[0] in _CHOSEN_WITH_PLUS:
            raise ConfigError(f"{text}: write +{text}, with a + in front")
    searched = list(overrides)
    if command.config_dir is not None:
        searched.append(f"hydra.searchpath=[file://{Path(command.config_dir).absolute()}]")
    try:
        composed = compose("config", overrides=searched)
    except MissingConfigException as error:
        raise ConfigError(_missing_option(error, conf)) from None
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(_unknown_key(error, conf)) from None
    except ValueError as error:
        # Hydra's own complaint about a group set to null.
        nulls = " ".join(text for text in overrides if text.endswith("=null"))
        raise ConfigError(f"{nulls}: {' '.join(str(error).split())}") from None
    _refuse_what_the_model_overrides(searched, composed)
    if "experiment" not in composed:
        names = ", ".join(sorted(path.stem for path in (conf / "experiment").glob("*.yaml")))
        raise ConfigError(f"no experiment chosen: add +experiment=NAME; there are {names}")
    return composed


def _refuse_what_the_model_overrides(overrides: list[str], composed: DictConfig) -> None:
    """Some models come with a representation; one that was chosen beside them must not be dropped silently."""
    chosen = [text for text in overrides if text.startswith("representation=")]
    models = [text for text in overrides if text.startswith("model=")]
    if not (chosen and models):
        return
    without = compose("config", overrides=[text for text in overrides if text not in models])
    if without.representation != composed.representation:
        own = f"{composed.representation.name} in {composed.representation.ordering} order"
        raise ConfigError(f"{chosen[0]}: {models[0]} has its own, {own}; leave one of them out")


def _check_folder(override: str) -> None:
    """Refuse a run folder that cannot be made."""
    folder = Path(override.partition("=")[2]).absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ConfigError(f"{override}: no folder can be made there, {existing} is not a writable folder")


def _missing_option(error: MissingConfigException, conf: Path) -> str:
    """``group = name`` with the options there are."""
    group, _, name = (error.missing_cfg_file or "").rpartition("/")
    if not group:
        return str(error).splitlines()[0]
    return f"{group} = {name}: {did_you_mean(name, error.options or _options(conf, group))}"


def _unknown_key(error: Exception, conf: Path) -> str:
    """``key: no such key`` with the nearest one."""
    found = re.search(r"[Cc]ould not override '([^']+)'", str(error))
    if not found:
        return " ".join(str(error).split())
    key = found.group(1)
    groups = sorted(path.name for path in conf.iterdir() if path.is_dir())
    if "." not in key:
        return f"{key}: no such key or group; {did_you_mean(key, {*groups, *(k for k in all_keys() if '.' not in k)})}"
    return f"{key}: no such key; {nearest_key(key)}"


def _options(conf: Path, group: str) -> list[str]:
    return [path.stem for path in (conf / group).glob("*.yaml")]


@contextmanager
def _conf_folder(conf: Path) -> Generator[None]:
    with initialize_config_dir(str(conf), version_base="1.3"):
        yield
