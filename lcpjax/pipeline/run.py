"""A run as its stages see it."""

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lcpjax.config import Config
from lcpjax.report import RunFolder
from lcpjax.report.answer import Answering


@dataclass(frozen=True)
class Run:
    """The resolved config, and the folder that everything is written to."""

    config: Config
    folder: RunFolder

    def with_config(self, config: Config) -> "Run":
        """The same run for models of another config."""
        return dataclasses.replace(self, config=config)

    def finish(
        self, summary: Mapping[str, float], num_models: int, failures: Sequence[str], answering: Answering
    ) -> None:
        """End a run that trained models: its summary, with those of its stages.

        Args:
            summary: by names of metrics.
            num_models: number asked for.
            failures: a line for each that failed.
            answering: makes the answer of the whole summary.
        """
        of_training = {"training/num_models": num_models, "training/num_failed_models": len(failures)}
        # One that failed has not converged either.
        unconverged = [row for rows in self.folder.info().get("convergence", {}).values() for row in rows]
        of_training["training/num_unconverged_models"] = sum(not row["is_converged"] for row in unconverged)
        self.folder.finish({**summary, **of_training, **summary_of_stages(self.folder)}, failures, answering=answering)


def summary_of_stages(folder: RunFolder) -> dict[str, float]:
    """The sampler's and the training's own figures, from metrics.jsonl, so that a resumed run has them too.

    A run whose checkpoints were all there before it has no training of its own.
    """
    trained = folder.records({"stage": "training"})
    walls = {record["epoch"]: record["training/epoch_wall_seconds"] for record in trained}
    sampled = folder.records({"stage": "sampler"})
    summary = {name: value for record in sampled for name, value in record.items() if "/" in name}
    if walls:
        summary["training/epoch_wall_seconds"] = statistics.median(walls.values())
    return summary
