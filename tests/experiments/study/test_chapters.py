from pathlib import Path

import pytest

from experiments.study.chapters import CHAPTERS
from experiments.study.parts import chapters_of, check_chapter, config_of
from experiments.study.remaining import RemainingTime
from lcpjax.config.check import ConfigError, of_experiment
from tests.smoke_runs import composed

EXPERIMENTS = Path(__file__).parents[3] / "experiments"
# Whose committed runs are of other settings, or of none.
WITHOUT_FIGURES = {"sample"}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_chapter_is_a_run_that_its_experiment_takes_and_shows_figures_that_it_draws(chapter):
    check_chapter(composed("study"), chapter)
    drawn = {path.stem for path in (EXPERIMENTS / chapter.name / "results" / "figures").glob("*.png")}
    assert set(chapter.figures) <= drawn or chapter.name in WITHOUT_FIGURES


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


@pytest.mark.parametrize("name", ["entropy", "anomalies", "occupancy_images", "verification"])
def test_the_config_for_another_experiment_is_the_one_that_the_command_line_composes(name):
    assert of_experiment(composed("study", "system=dense"), name) == composed(name, "system=dense")


def test_chapters_are_asked_for_by_name_and_run_in_the_order_of_the_deck():
    asked = chapters_of(composed("study", "settings.chapters=[energies,sample]"))
    assert [chapter.name for chapter in asked] == ["sample", "energies"]
    assert chapters_of(composed("study")) == list(CHAPTERS)
    with pytest.raises(ConfigError, match=r"settings\.chapters = energy: .*energies"):
        chapters_of(composed("study", "settings.chapters=[energy]"))


def test_the_time_to_go_follows_the_pace_of_the_chapters_that_are_done(monkeypatch):
    clock = iter([0.0, 1200.0, 1200.0, 1200.1])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    remaining = RemainingTime([10.0, 5.0, 5.0])
    assert str(remaining) == "about 20 minutes to go"
    with remaining.chapter():
        pass
    # Twenty minutes instead of ten.
    assert remaining.seconds() == pytest.approx(600.0 * 1260 / 660)
    with remaining.chapter():
        # Finished by an earlier start.
        pass
    assert remaining.seconds() == pytest.approx(300.0 * 1260 / 660)
