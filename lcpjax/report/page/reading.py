"""Files of a run folder as they are: half written, of another version or changed by hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lcpjax.report.tables import number_or_text
from lcpjax.runtime.files import read_text

_MOST_BYTES = 2**26
"""Of one file that goes into a page."""


class Reader:
    """Reads a run folder and keeps a line on each part that is missing or damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: list[str] = []

    def json_object(self, name: str, *, is_needed: bool = True) -> dict[str, Any]:
        """Content of a JSON file; empty if there is none that can be read."""
        return self._mapping(name, json.loads, is_needed)

    def yaml_mapping(self, name: str) -> dict[str, Any]:
        """Content of a YAML file; empty if there is none that can be read."""
        return self._mapping(name, yaml.safe_load, is_needed=True)

    def text(self, name: str) -> str:
        """Content of a text file; empty if there is none."""
        if not self.takes(self.folder / name):
            return ""
        try:
            return read_text(self.folder / name)
        except OSError:
            return ""

    def table(self, path: Path) -> tuple[list[str], list[list[Any]]]:
        """Columns and rows of a CSV file; numbers are numbers, an entry cut off is None."""
        if not self.takes(path):
            return [], []
        try:
            with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
                columns, *lines = [line for line in csv.reader(file) if line] or [[]]
        except (OSError, csv.Error) as error:
            self.notes.append(f"{self._name(path)} cannot be read: {_reason(error)}")
            return [], []
        if not columns:
            self.notes.append(f"{self._name(path)} is empty")
        if any(len(line) != len(columns) for line in lines):
            self.notes.append(f"{self._name(path)} has rows of other lengths than its head; it may be cut short")
        width = len(columns)
        rows = [[number_or_text(text) for text in line[:width]] + [None] * (width - len(line)) for line in lines]
        return columns, rows

    def takes(self, path: Path) -> bool:
        """Whether a file may go into a page; a line says why not.

        A folder that somebody sent may hold links to files of whoever opens it, and files that fill the memory.
        """
        if not path.resolve().is_relative_to(self.folder.resolve()):
            self.notes.append(f"{self._name(path)} is a link to a file outside of the folder; left out")
            return False
        if path.is_file() and (size := path.stat().st_size) > _MOST_BYTES:
            self.notes.append(f"{self._name(path)} has {size} bytes, more than {_MOST_BYTES}; left out")
            return False
        return True

    def _mapping(self, name: str, parse: Callable[[str], Any], is_needed: bool) -> dict[str, Any]:  # noqa: FBT001
        if not (self.folder / name).exists():
            if is_needed:
                self.notes.append(f"{name} is missing")
            return {}
        if not self.takes(self.folder / name):
            return {}
        try:
            content = parse(read_text(self.folder / name))
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            self.notes.append(f"{name} cannot be read: {_reason(error)}")
            return {}
        if not isinstance(content, dict):
            self.notes.append(f"{name} holds no names with values")
            return {}
        return content

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
