"""The results of a finished run, printed."""

from lcpjax.report.progress import print_line
from lcpjax.report.run_folder import RunFolder
from lcpjax.runtime.files import read_json

_KINDS = {"table": "tables/*.csv", "figure": "figures/*.png", "trajectory": "trajectories/*", "report": "report.html"}


def print_results(run_folder: RunFolder) -> None:
    """Print the results of a finished run and where everything is."""
    for warning in run_folder.warnings:
        print_line(f"WARNING: {warning}")
    for name, value in (read_json(run_folder.path / "summary.json") or {}).items():
        print_line(f"  {name} = {value:.5g}")
    for kind, pattern in _KINDS.items():
        for path in sorted(run_folder.path.glob(pattern)):
            print_line(f"{kind}: {path}")
    if dataset := run_folder.info().get("dataset"):
        print_line(f"data: {dataset['folder']}, described in DATASHEET.md there")
    if run_folder.checkpoints.exists():
        print_line(f"checkpoints: {run_folder.checkpoints}")
