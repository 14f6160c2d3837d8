"""One chapter as a run of its own, in a folder of the study's."""

from pathlib import Path

from lcpjax.cli.job import load_experiment, run_config
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, of_experiment
from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.pipeline.run import Run

from .chapters import CHAPTERS, Chapter
from .settings import Settings

FOLDER = "chapters"
_MODELS = "models"


def chapters_of(config: Config) -> list[Chapter]:
    """The chapters asked for, in the order of the deck.

    Raises:
        ConfigError: there is none of that name.
    """
    settings: Settings = config.settings
    names = [chapter.name for chapter in CHAPTERS]
    for name in settings.chapters:
        if name not in names:
            raise ConfigError(f"settings.chapters = {name}: {did_you_mean(name, names)}")
    return [chapter for chapter in CHAPTERS if chapter.name in (settings.chapters or names)]


def config_of(config: Config, chapter: Chapter, models: str | None = None) -> Config:
    """The config of a chapter's own run.

    Args:
        models: folder of trained models that chapters share, unless the config names one.
    """
    settings: Settings = config.settings
    shared = {
        "sweep.seeds": config.sweep.seeds[: settings.num_seeds],
        "training.kept_models": config.training.kept_models or models,
        # The study's own run is mirrored.
        "tracker.wandb.mode": "disabled",
    }
    return of_experiment(config, chapter.name, {**chapter.changes, **shared})


def check_chapter(config: Config, chapter: Chapter) -> None:
    """Refuse a chapter that its experiment refuses."""
    own, experiment = config_of(config, chapter), load_experiment(chapter.name)
    if hasattr(experiment, "check"):
        experiment.check(own)


def folder_of(run: Run, chapter: Chapter) -> Path:
    """A chapter's run folder."""
    return run.folder.path / FOLDER / chapter.name


def run_chapter(run: Run, chapter: Chapter) -> list[str]:
    """Run a chapter, or go on with it, or show what is there; returns what failed in it, a line each."""
    own = config_of(run.config, chapter, str(run.folder.path / _MODELS))
    try:
        failures = run_config(own, folder_of(run, chapter))
    except OneLineError as error:
        failures = [str(error)]
    return [f"{chapter.name}: {line}" for line in failures]
