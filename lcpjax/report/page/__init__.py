"""report.html: one self-contained page of a run, from whatever its folder holds."""

from .write_report import write_report as write_report
