"""The experiments: a folder each, in a checkout next to the package, in a wheel inside it."""

import re
from pathlib import Path

_here = Path(__file__).parent
if not any(_here.glob("*/experiment.py")):
    __path__ = [str(_here.parent.parent / "experiments")]


def question_of(experiment: str) -> str:
    """The question at the head of an experiment's page, as plain text; "" where there is no such page."""
    for folder in __path__:
        page = Path(folder) / experiment / "README.md"
        # A name out of a config that was changed by hand may be anything.
        if Path(experiment).name == experiment and page.is_file():
            found = re.search(r"^\*\*Question\.\*\*(.+?)(?:\n\s*\n|\Z)", page.read_text(encoding="utf-8"), re.S | re.M)
            return _plain(found.group(1)) if found else ""
    return ""


def _plain(markdown: str) -> str:
    without_links = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"[*`]", "", without_links).split())
