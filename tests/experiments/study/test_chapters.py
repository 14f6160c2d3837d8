from pathlib import Path
from unittest.mock import Mock

import pytest

from experiments.study.chapters import CHAPTERS
from experiments.study.experiment import check, run
from experiments.study.parts import chapters_of, check_chapter, config_of
from experiments.study.remaining import RemainingTime
from lcpjax.config.check import ConfigError, of_experiment
from lcpjax.config.experiments import experiment_names
from lcpjax.errors import OneLineError
from lcpjax.pipeline.run import Run
from tests.smoke_runs import composed

EXPERIMENTS = Path(__file__).parents[3] / "experiments"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_chapter_is_a_run_that_its_experiment_takes_and_shows_figures_that_it_draws(chapter):
    check_chapter(composed("study"), chapter)
    drawn = {path.stem for path in (EXPERIMENTS / chapter.name / "results" / "figures").glob("*.png")}
    assert set(chapter.figures) <= drawn


def test_a_chapter_is_its_experiment_as_anybody_would_run_it_but_for_what_the_chapter_says():
    chapter = next(chapter for chapter in CHAPTERS if chapter.name == "latent_probes")
    study = composed("study", "system=dense", "+scale=smoke", "sweep.seeds=[4,5]")
    wanted = composed(
        "latent_probes",
        "system=dense",
        "+scale=smoke",
        "sweep.seeds=[4]",
        "sweep.models=[seed_conv,anchored]",
        "tracker.wandb.mode=disabled",
        "training.kept_models=models",
    )
    assert config_of(study, chapter, models="models") == wanted


@pytest.mark.parametrize(("scale", "num_moves", "num_completed"), [("smoke", 96, 2), ("laptop", 6000, 100)])
def test_sizes_that_no_scale_sets_grow_with_one_that_every_scale_sets(scale, num_moves, num_completed):
    chapter = next(chapter for chapter in CHAPTERS if chapter.name == "missing_data")
    own = config_of(composed("study", f"+scale={scale}"), chapter).settings
    assert (own.num_moves, own.num_completed) == (num_moves, num_completed)


@pytest.mark.parametrize("name", experiment_names())
def test_the_config_for_another_experiment_is_the_one_that_the_command_line_composes(name):
    assert of_experiment(composed("study", "system=dense"), name) == composed(name, "system=dense")


def test_chapters_are_asked_for_by_name_and_run_in_the_order_of_the_deck():
    asked = chapters_of(composed("study", "settings.chapters=[energies,sample]"))
    assert [chapter.name for chapter in asked] == ["sample", "energies"]
    assert chapters_of(composed("study")) == list(CHAPTERS)
    with pytest.raises(ConfigError, match=r"settings\.chapters = energy: .*energies"):
        chapters_of(composed("study", "settings.chapters=[energy]"))


def test_more_seeds_than_there_are_and_keys_that_a_chapter_sets_are_refused(monkeypatch):
    with pytest.raises(ConfigError, match=r"settings\.num_seeds = 2: sweep\.seeds has 1"):
        check(composed("study", "settings.num_seeds=2", "sweep.seeds=[0]"))
    asked = Mock()
    asked.overrides.task = ["+experiment=study", "sweep.models=[best]", "system=dense"]
    monkeypatch.setattr("experiments.study.parts.HydraConfig", Mock(get=lambda: asked, initialized=lambda: True))
    with pytest.raises(ConfigError, match=r"sweep\.models: chapter latent_clusters sets it itself"):
        check(composed("study"))


def test_a_chapter_that_breaks_does_not_end_the_study_and_is_gone_on_with(run_folder, monkeypatch):
    broken, started = {"energies"}, []

    def run_config(config, folder):
        started.append(config.experiment)
        if config.experiment in broken:
            raise OSError("the disk is gone")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").write_text("{}")
        return ["one model failed"] if config.experiment == "coordinates" else []

    monkeypatch.setattr("experiments.study.parts.run_config", run_config)
    three = Run(composed("study", "settings.chapters=[coordinates,energies,sample]"), run_folder)
    (run_folder.path / "config.yaml").write_text("experiment: study\n")
    with pytest.raises(OneLineError, match=r"1 of 3 chapters did not run to their end: energies: .*disk is gone"):
        run(three)
    assert started == ["sample", "coordinates", "energies"]
    page = (run_folder.path / "report.html").read_text()
    assert "This chapter has not run to its end." in page
    assert "one model failed" in page
    assert not run_folder.is_finished
    broken.clear()
    run(three)
    assert run_folder.failures == ["coordinates: one model failed"]


def test_the_time_to_go_follows_the_pace_of_the_chapters_that_are_done(monkeypatch):
    clock = iter([0.0, 1200.0, 1200.0, 1200.1])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    remaining = RemainingTime([10.0, 5.0, 5.0])
    assert str(remaining) == ""
    with remaining.chapter():
        pass
    # Twenty minutes instead of ten.
    assert remaining.seconds() == pytest.approx(1200.0)
    assert str(remaining) == " (about 20 minutes to go)"
    with remaining.chapter():
        # Finished by an earlier start.
        pass
    assert remaining.seconds() == pytest.approx(600.0)
