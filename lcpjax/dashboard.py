"""``python -m lcpjax.dashboard``: a workspace and a report on Weights & Biases, for the runs of a project."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from hydra import compose, initialize_config_dir

from lcpjax.config.check import changed, typed_config
from lcpjax.config.groups import WandbConfig
from lcpjax.config.presets import CONF
from lcpjax.errors import InputError, OneLineError, shown
from lcpjax.runtime.files import file_system_refusal, write_text
from lcpjax.runtime.standard_streams import make_streams_safe
from lcpjax.runtime.versions import package_version
from lcpjax.runtime.wandb_key import has_wandb_key

if TYPE_CHECKING:
    from lcpjax.report.dashboard.build import Dashboard

_ABOUT = """\
Saves a workspace and a report to the W&B project of the config, made of the names, labels and units that figures and
pages have. Each finished RUN_FOLDER adds panels for what it has besides."""
_OVERRIDE = "tracker.wandb."


def main() -> None:
    """Entry point of ``python -m lcpjax.dashboard``."""
    make_streams_safe()
    sys.exit(dashboard_command(sys.argv[1:]))


def dashboard_command(arguments: list[str]) -> int:
    """Save or write the dashboard that the arguments ask for, print where it is, and return the exit status.

    0: done; 1: the file system or W&B refused; 2: refused.
    """
    asked = _parser().parse_args(arguments)
    try:
        config = _wandb_config([text for text in asked.words if text.startswith(_OVERRIDE)])
        if package_version("wandb-workspaces") is None:
            raise InputError("wandb-workspaces is not installed; pip install 'lcpjax[dashboards]'")
        folders = [Path(text).expanduser() for text in asked.words if not text.startswith(_OVERRIDE)]
        dashboard = _dashboard(folders, config)
        if asked.offline is not None:
            return _write(dashboard, asked.offline)
        if not has_wandb_key():
            raise InputError("W&B has no key here: wandb login makes one; --offline FILE writes what would be saved")
        return _save(dashboard, config, asked.workspace, asked.report)
    except OneLineError as error:
        return _complain(str(error), 2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m lcpjax.dashboard", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--offline", metavar="FILE", type=Path, help="write what would be saved, as JSON; no network")
    parser.add_argument("--workspace", metavar="URL", help="replace the content of this workspace; else a new one")
    parser.add_argument("--report", metavar="URL", help="replace the content of this report; else a new one")
    words = f"finished runs, and {_OVERRIDE}project=NAME or {_OVERRIDE}entity=NAME"
    parser.add_argument("words", metavar="RUN_FOLDER or KEY=VALUE", nargs="*", help=words)
    return parser


def _wandb_config(overrides: list[str]) -> WandbConfig:
    """W&B's keys of the config.

    Raises:
        ConfigError: an unknown key, or a value that it may not have.
    """
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = typed_config(compose("config", ["+experiment=train"]))
    changes = {key: yaml.safe_load(value) for key, _, value in (text.partition("=") for text in overrides)}
    return (changed(config, changes) if changes else config).tracker.wandb


def _dashboard(folders: list[Path], config: WandbConfig) -> "Dashboard":
    # The library is an extra.
    from lcpjax.report.dashboard import SECTIONS, joined, sections_of_run
    from lcpjax.report.dashboard.build import build_dashboard

    sections = joined([*SECTIONS, *(section for folder in folders for section in sections_of_run(folder))])
    return build_dashboard(sections, config.project, config.entity)


def _write(dashboard: "Dashboard", path: Path) -> int:
    from lcpjax.report.dashboard.build import plain_dashboard

    try:
        write_text(path, json.dumps(plain_dashboard(dashboard), indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        return _complain(file_system_refusal(error, path) or str(error), 1)
    print(path)  # noqa: T201
    return 0


def _save(dashboard: "Dashboard", config: WandbConfig, workspace: str | None, report: str | None) -> int:
    from lcpjax.report.dashboard.save import of_entity, save_report, save_workspace
    from lcpjax.report.wandb_tracker import brief, quiet_wandb, within

    quiet_wandb()

    def in_time(call: Callable[[], str]) -> None:
        print(within(config.timeout_seconds, call), flush=True)  # noqa: T201

    try:
        saved = within(config.timeout_seconds, lambda: of_entity(dashboard))
        in_time(lambda: save_workspace(saved, workspace))
        in_time(lambda: save_report(saved, report))
    except OneLineError:
        raise
    except Exception as error:  # noqa: BLE001 W&B raises anything
        return _complain(f"W&B did not take it ({brief(error)})", 1)
    return 0


def _complain(message: str, status: int) -> int:
    print(f"lcpjax: {shown(message)}", file=sys.stderr, flush=True)  # noqa: T201
    return status


if __name__ == "__main__":
    main()
