"""How the models of a run train: as it was asked for, as the run began, or as the device decides."""

import jax
import pytest

from lcpjax.config.check import ConfigError
from lcpjax.pipeline.fit_group import strategy_of_run
from lcpjax.pipeline.run import Run
from tests.smoke_runs import composed


def test_a_run_that_resumes_keeps_the_strategy_it_began_with(run_folder, monkeypatch):
    run_folder.add_info(strategies={"models": {"strategy": "vmap", "reason": "measured", "epoch_seconds": {}}})
    assert strategy_of_run(Run(composed("train"), run_folder), 3) == "vmap"
    assert strategy_of_run(Run(composed("train"), run_folder), 3, "other") == "loop"
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert strategy_of_run(Run(composed("train"), run_folder), 3, "other") == "loop"
    assert strategy_of_run(Run(composed("train"), run_folder), 3, "third") == "vmap"


def test_a_run_begun_with_a_strategy_that_is_gone_resumes_with_that_of_the_device(run_folder):
    run_folder.add_info(strategies={"models": {"strategy": "map"}})
    assert strategy_of_run(Run(composed("train"), run_folder), 3) == "loop"
    assert run_folder.info()["strategies"] == {"models": {"strategy": "loop"}}


def test_a_strategy_asked_for_is_taken_and_an_unknown_one_refused(run_folder):
    run_folder.add_info(strategies={"models": {"strategy": "loop"}})
    assert strategy_of_run(Run(composed("train", "sweep.strategy=vmap"), run_folder), 3) == "vmap"
    with pytest.raises(ConfigError, match=r"sweep\.strategy = map: did you mean 'vmap'"):
        composed("train", "sweep.strategy=map")
