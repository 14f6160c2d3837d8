"""The command line, read with Hydra's own parser."""

import argparse
import hashlib
import math
import os
import re
from dataclasses import dataclass
from typing import NoReturn

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override, Quote, QuotedString
from hydra.errors import HydraException

from lcpjax.config.check import NOT_PART_OF_THE_RESULT, ConfigError

_FOLDER_IN_HOME = re.compile(
    r"(\+{0,2}(?:hydra\.run\.dir|hydra\.sweep\.dir|dataset\.cache_dir|training\.kept_models)=)(~[^,]*)"
)


@dataclass(frozen=True)
class Command:
    """A command line, taken apart."""

    arguments: tuple[str, ...]
    """All of it, as Hydra is to read it."""
    overrides: tuple[str, ...]
    config_dir: str | None
    is_grid: bool
    starts_jobs: bool
    """False for --help, --cfg and their like, which Hydra answers alone."""
    help_on: str = ""
    """Experiment that --help is asked about; "" for help on everything."""

    @property
    def folder_key(self) -> str:
        """Key of the run's, or the grid's, folder."""
        return "hydra.sweep.dir" if self.is_grid else "hydra.run.dir"

    @property
    def grid_name(self) -> str:
        """Folder of the grid in outputs: its experiment, if it has one, and a hash of the request."""
        experiments = [text.split("=")[1] for text in self.overrides if text.startswith("+experiment=")]
        single = [f"{name}/" for name in experiments if name.isidentifier()]
        return f"{''.join(single)}grid-{self._grid_hash}"

    @property
    def num_jobs(self) -> int:
        """Number of jobs of the grid; 0 if the command line does not determine it."""
        choices = [axis_values(override) for override in parse_overrides(self.overrides)]
        globs = any(isinstance(override.value(), Glob) for override in parse_overrides(self.overrides))
        return 0 if globs else math.prod(len(values) for values in choices if values is not None)

    @property
    def _grid_hash(self) -> str:
        asked = [text for text in self.overrides if not _PASSING.match(text.lstrip("+~"))]
        return hashlib.sha256("\n".join(sorted(asked)).encode()).hexdigest()[:10]


_PASSING = re.compile(rf"({'|'.join(map(re.escape, (*NOT_PART_OF_THE_RESULT, 'hydra')))})([./=@]|$)")


def read_command(arguments: list[str]) -> Command:
    """The command line as Hydra will read it, without what its grammar does not know: a ``~`` and a script's CR."""
    # A script with the line ends of Windows leaves one at the last argument.
    arguments = [_home_written_out(text.rstrip("\r\n")) for text in arguments]
    arguments = [text for text in arguments if text]
    parsed = _parsed(arguments)
    answers_alone = parsed.help or parsed.hydra_help or parsed.info or parsed.shell_completion
    return Command(
        arguments=tuple(arguments),
        overrides=tuple(parsed.overrides),
        config_dir=parsed.config_dir,
        is_grid=bool(parsed.multirun),
        starts_jobs=not answers_alone and not parsed.cfg,
        help_on=_experiment(parsed.overrides) if parsed.help else "",
    )


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """What Hydra's parser finds.

    Raises:
        ConfigError: an option that there is not; by itself the parser prints its usage and exits.
    """
    parser = get_args_parser()

    def refuse(message: str) -> NoReturn:
        raise ConfigError(f"{message}; keys are KEY=VALUE without dashes, --help has the options")

    parser.error = refuse
    return parser.parse_args(arguments)


def _experiment(overrides: list[str]) -> str:
    """The experiment that is asked for, with a + in front or without."""
    named = [text.partition("=")[2] for text in overrides if text.lstrip("+").startswith("experiment=")]
    return named[-1] if named else ""


def _home_written_out(text: str) -> str:
    """An override with the home folder in place of a ``~`` at the beginning of a folder."""
    found = _FOLDER_IN_HOME.fullmatch(text)
    return found.group(1) + quoted(os.path.expanduser(found.group(2))) if found else text


def quoted(text: str) -> str:
    """A text in Hydra's grammar that stands for exactly itself."""
    return QuotedString(text=text.replace("${", "\\${"), quote=Quote.single).with_quotes()


def axis_values(override: Override) -> list[str] | None:
    """The values of one axis of a grid; None if the override is no axis.

    Raises:
        ConfigError: an interval, or another axis without single values.
    """
    if not override.is_sweep_override():
        return None
    if not override.is_discrete_sweep():
        raise ConfigError(f"{override.input_line}: a grid needs single values, separated by commas")
    if isinstance(override.value(), Glob):
        return None
    return list(override.sweep_string_iterator())


def parse_overrides(overrides: tuple[str, ...]) -> list[Override]:
    """Overrides in Hydra's grammar.

    Raises:
        ConfigError: one that is not in it.
    """
    parsed = []
    for text in overrides:
        try:
            parsed += OverridesParser.create().parse_overrides([text])
        except HydraException as error:
            reason = str(error).splitlines()[0]
            raise ConfigError(
                f"{text}: cannot be read as KEY=VALUE ({reason}); a value with signs or letters of other alphabets "
                "needs quotes of its own, as in \"KEY='VALUE'\""
            ) from None
    return parsed
