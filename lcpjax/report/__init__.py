"""Run folders, trackers, tables, figures and pages."""

from . import matplotlib_import  # noqa: F401 before all that import matplotlib

# isort: split
from .estimate import print_estimate as print_estimate
from .open_run_folder import open_run_folder as open_run_folder
from .progress import print_line as print_line
from .progress import progress as progress
from .run_folder import RunFolder as RunFolder
from .run_folder import RunFolderError as RunFolderError
from .tables import read_table as read_table
from .tables import write_table as write_table
