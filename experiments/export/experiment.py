"""Configurations in the formats of other programs."""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import announce, sample_dataset

from .answer import answer
from .exporting import export_configurations, export_formats


def check(config: Config) -> None:
    """Refuse formats that nobody can write here."""
    export_formats(config)


def run(run: Run) -> None:
    """Sample, and write the first configurations of each gamma to RUN/trajectories in every format."""
    formats = export_formats(run.config)
    announce(run.config)

    dataset = sample_dataset(run)
    run.folder.finish(export_configurations(run, formats, dataset), answering=answer)
