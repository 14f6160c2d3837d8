"""Run folders, trackers, tables, figures and pages."""

from lcpjax.report import matplotlib_import  # noqa: F401 before all that import matplotlib

# isort: split
from lcpjax.report.estimate import Work, say_estimate
from lcpjax.report.progress import progress, say
from lcpjax.report.run_folder import RunFolder, RunFolderError, open_run_folder
from lcpjax.report.tables import read_table, write_table

__all__ = [
    "RunFolder",
    "RunFolderError",
    "Work",
    "open_run_folder",
    "progress",
    "read_table",
    "say",
    "say_estimate",
    "write_table",
]
