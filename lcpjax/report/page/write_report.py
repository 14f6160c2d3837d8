"""The page, from the template beside this file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from lcpjax.report.page.content import page_of
from lcpjax.runtime.files import write_text

_HERE = Path(__file__).parent


def write_report(folder: Path, status: Mapping[str, Any] | None = None) -> None:
    """Write report.html from what a run folder holds; it opens from disk and needs nothing else.

    What is missing or damaged is said on the page, a line each.

    Args:
        status: how the run ended, where status.json does not say it yet.
    """
    html = template_in(_HERE, "page.html.jinja").render(page=page_of(folder, status))
    # Bytes of a name or a table that are no text.
    write_text(folder / "report.html", html.encode("utf-8", "replace").decode("utf-8"))


def template_in(folder: Path, name: str) -> jinja2.Template:
    """A template of a page; it escapes every string, and may include the style and macros of the page of a run."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
