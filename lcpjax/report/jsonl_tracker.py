"""metrics.jsonl: one line per record, always written, whatever other trackers there are."""

import json
import math
import os
from pathlib import Path
from typing import Any

from lcpjax.errors import InputError
from lcpjax.runtime.files import naming, read_text, write_text


class JsonlTracker:
    """Appends records to metrics.jsonl; a line is on disk when ``log`` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> list[dict[str, Any]]:
        """All complete records; a last line cut short by a kill is ignored.

        Raises:
            InputError: another line is no record.
        """
        if not self._path.exists():
            return []
        lines = read_text(self._path).split("\n")
        # What stands after the last newline was never finished.
        return [self._record(number, line) for number, line in enumerate(lines[:-1], 1)]

    def _record(self, number: int, line: str) -> dict[str, Any]:
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError, RecursionError) as error:
            raise InputError(f"{self._path}: damaged; line {number} is no record ({error})") from None

    def forget(self, about: dict[str, Any], from_epoch: int) -> None:
        """Drop the records that agree with ``about``, from an epoch on; one without epoch counts as epoch 0."""
        kept = [r for r in self.records() if not (about.items() <= r.items() and r.get("epoch", 0) >= from_epoch)]
        write_text(self._path, "".join(json.dumps(record) + "\n" for record in kept))

    def log(self, record: dict[str, Any]) -> None:
        """Append one record; it names its ``stage``. A number that is not finite becomes null, as JSON wants."""
        record = {key: None if _is_not_finite(value) else value for key, value in record.items()}
        with naming(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _is_not_finite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
