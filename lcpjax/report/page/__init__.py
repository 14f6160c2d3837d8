"""report.html: one self-contained page of a run, from whatever its folder holds."""

from .content import page_of as page_of
from .write_report import template_in as template_in
from .write_report import write_report as write_report
