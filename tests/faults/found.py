"""What a run found, as plain values by path, without what differs between two equal runs."""

import hashlib
import json
from pathlib import Path

import jax
import numpy as np

from lcpjax.report import read_table
from lcpjax.training import Checkpoints
from tests.smoke_runs import metrics_of, without_times


def found_in(folder: Path) -> dict[str, object]:
    """Tables, summaries, records and the arrays of the newest checkpoints under a folder; hashes of stored chains."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.name == "summary.json":
            found[name] = without_times(json.loads(path.read_text()))
        elif path.name == "metrics.jsonl":
            # What was read from the cache has no rate, and a part may be sampled after a model was trained.
            found[name] = sorted(json.dumps(without_times(record)) for record in metrics_of(path.parent))
        elif path.suffix == ".csv" and path.name != "grid.csv":
            found[name] = [{k: str(v) for k, v in without_times(row).items()} for row in read_table(path)]
        elif path.parent.name == "checkpoints" and not path.name.isdecimal():
            found[name] = arrays_of(path)
        elif path.name == "zarr.json" and "attributes" in (about := json.loads(path.read_text())):
            found[name] = about["attributes"].get("sha256")
        elif "unfinished" in name or "tmp" in path.name or "damaged" in name:
            found[name] = "left behind"
    return found


def arrays_of(folder: Path) -> str:
    """Epoch and hash of the best models in the newest checkpoint."""
    with Checkpoints(folder) as checkpoints:
        best, _ = checkpoints.restore_best()
        arrays = b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(best))
        return f"{checkpoints.latest_epoch()} {hashlib.sha256(arrays).hexdigest()}"
