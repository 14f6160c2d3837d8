"""``python -m lcpjax.explore RUN_FOLDER``: explorer.html of a trained model, written into its run folder."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lcpjax.errors import InputError, OneLineError, did_you_mean, shown
from lcpjax.runtime.files import file_system_refusal
from lcpjax.runtime.standard_streams import make_streams_safe

USAGE = """usage: python -m lcpjax.explore RUN_FOLDER [group=NAME] [kl_weight=1e-3] [latent_dim=40] [seed=0]

Writes explorer.html into the run folder: one page that needs no network, in which the trained decoder runs.
Where the folder holds several models, the settings say which, as those of lcpjax.load_run."""

_SETTINGS: dict[str, Callable[[str], Any]] = {"group": str, "kl_weight": float, "latent_dim": int, "seed": int}
_MOST_CONFIGURATIONS = 400


def main() -> None:
    """Entry point of ``python -m lcpjax.explore``."""
    make_streams_safe()
    sys.exit(explore_command(sys.argv[1:]))


def explore_command(arguments: list[str]) -> int:
    """Write the page that the arguments ask for, print its path, and return the exit status.

    0: done; 1: the file system refused; 2: refused.
    """
    if not arguments or {"-h", "--help"} & set(arguments):
        print(USAGE, file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    try:
        folder, *words = arguments
        group, setting = _read_settings(words)
        print(explore(folder, group, **setting))  # noqa: T201
    except OneLineError as error:
        return _complain(str(error), 2)
    except Exception as error:
        if reason := file_system_refusal(error, Path(arguments[0])):
            return _complain(reason, 1)
        raise
    return 0


def explore(folder: str | Path, group: str | None = None, **setting: float) -> Path:
    """Write explorer.html of one model of a run into its folder, and return the page's path.

    Args:
        folder, group, setting: as those of ``load_run``.

    Raises:
        LoadError: no run there, not exactly one model with that setting, or one that failed.
        ExplorerError: a model that no page shows.
        InputError: no config that says which data the run had.
    """
    # JAX is for those who ask for a page, not for --help.
    from lcpjax.load import load_run
    from lcpjax.pipeline.held_out import held_out_configurations
    from lcpjax.report.explorer import check_model, write_explorer
    from lcpjax.report.page import write_report
    from lcpjax.runtime.jax_settings import own_settings

    model = load_run(folder, group, **setting)
    check_model(model)
    with own_settings():
        real = held_out_configurations(Path(folder).expanduser(), _MOST_CONFIGURATIONS)
        page = write_explorer(Path(folder).expanduser(), model, real)
    if (page.parent / "report.html").exists():
        # Which links the explorer once it is there.
        write_report(page.parent)
    return page


def _read_settings(words: list[str]) -> tuple[str | None, dict[str, float]]:
    """The group asked for, and the setting of the model.

    Raises:
        InputError: an unknown name, or a value that is none.
    """
    group, setting = None, {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in _SETTINGS:
            raise InputError(f"{word}: settings are name=value; {did_you_mean(name, _SETTINGS)}")
        if name == "group":
            group = value
            continue
        try:
            setting[name] = _SETTINGS[name](value)
        except ValueError:
            raise InputError(f"{word}: must be {'an integer' if _SETTINGS[name] is int else 'a number'}") from None
    return group, setting


def _complain(message: str, status: int) -> int:
    print(f"lcpjax: {shown(message)}", file=sys.stderr, flush=True)  # noqa: T201
    return status


if __name__ == "__main__":
    main()
