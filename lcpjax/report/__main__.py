"""``python -m lcpjax.report RUN_FOLDER ...``: report.html of finished or old run folders, written anew."""

import sys
from pathlib import Path

from lcpjax.errors import InputError, OneLineError, shown
from lcpjax.report.page import write_report
from lcpjax.report.progress import print_line
from lcpjax.runtime.files import file_system_refusal
from lcpjax.runtime.standard_streams import make_streams_safe

USAGE = """usage: python -m lcpjax.report RUN_FOLDER ...

Writes report.html of each run folder anew, from what lies in it; nothing else is changed."""


def report_command(arguments: list[str]) -> int:
    """Write the pages that the arguments ask for, print their paths, and return the exit status.

    0: done; 1: the file system refused; 2: refused.
    """
    if not arguments or {"-h", "--help"} & set(arguments):
        print_line(USAGE)
        return 0 if arguments else 2
    for argument in arguments:
        folder = Path(argument)
        try:
            _check(folder)
            write_report(folder)
        except OneLineError as error:
            return _complain(str(error), 2)
        except OSError as error:
            if not (reason := file_system_refusal(error, folder)):
                raise
            return _complain(reason, 1)
        print_line(str(folder / "report.html"))
    return 0


def _check(folder: Path) -> None:
    """Refuse what is no run folder."""
    if not any((folder / name).is_file() for name in ("config.yaml", "summary.json", "run_info.json")):
        raise InputError(f"{folder}: no run folder; one has config.yaml, summary.json or run_info.json")


def _complain(message: str, exit_status: int) -> int:
    print(f"lcpjax: {shown(message)}", file=sys.stderr, flush=True)  # noqa: T201
    return exit_status


if __name__ == "__main__":
    make_streams_safe()
    sys.exit(report_command(sys.argv[1:]))
