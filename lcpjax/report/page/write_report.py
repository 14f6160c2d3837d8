"""The page, from the template beside this file."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from lcpjax.report.page.content import page_of
from lcpjax.report.page.reading import Reader
from lcpjax.runtime.files import write_text

_HERE = Path(__file__).parent


def write_report(folder: Path, status: Mapping[str, Any] | None = None) -> None:
    """Write report.html from what a run folder holds; it opens from disk and needs nothing else.

    What is missing or damaged is said on the page, a line each. An experiment may have a page of its own, by function
    ``page_html`` of experiments/NAME/page.py.

    Args:
        status: how the run ended, where status.json does not say it yet.
    """
    experiment = str(Reader(folder).yaml_mapping("config.yaml").get("experiment", ""))
    html = (_own_page(experiment) or _page_of_any_run)(folder, status)
    # Bytes of a name or a table that are no text.
    write_text(folder / "report.html", html.encode("utf-8", "replace").decode("utf-8"))


def _page_of_any_run(folder: Path, status: Mapping[str, Any] | None) -> str:
    return template_in(_HERE, "page.html.jinja").render(page=page_of(folder, status))


def _own_page(experiment: str) -> Callable[[Path, Mapping[str, Any] | None], str] | None:
    name = f"lcpjax.experiments.{experiment}.page"
    if not experiment.isidentifier():
        return None
    try:
        return importlib.import_module(name).page_html
    except ModuleNotFoundError as error:
        # What that module itself lacks is a fault.
        if error.name is not None and name.startswith(error.name):
            return None
        raise


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
