"""Three ways through the same training: they agree, freeze what fails, and the fastest is chosen."""

import jax
import numpy as np
import pytest

from lcpjax.training import STRATEGIES, StrategyError, choose_strategy, has_failed
from lcpjax.training.strategies import choice as choice_module
from tests.training.small_models import configurations, dense_model, identical, model_of, plan
from tests.training.small_models import train as train_models

MODELS = [model_of(1e-3, seed=0), model_of(0.0, seed=1), model_of(1e-1, 3e-3, seed=2)]


def train(training_plan, strategy, models=MODELS, **arguments):
    epochs = []
    keep = {"on_epoch": lambda epoch, metrics: epochs.append(metrics)}
    states = train_models(training_plan, models, strategy=strategy, **(keep | arguments))
    return states, epochs


def furthest(one, other):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return max(float(np.max(np.abs(a - b) - 1e-3 * np.abs(a))) for a, b in pairs if np.isfinite(a).all())


# Every pair of models and strategies is another program to compile; map is one more for the cheaper model only.
@pytest.mark.parametrize(
    ("model", "strategies"),
    [(dense_model(), STRATEGIES)],
    ids=["dense"],
)
def test_the_strategies_agree_to_rounding(model, strategies):
    training_plan = plan(model)
    (looped, epochs), *others = (train(training_plan, strategy) for strategy in strategies)
    for states, their_epochs in others:
        # Sums round differently, and Adam divides by small numbers.
        assert furthest(looped, states) < 1e-3
        assert furthest(epochs, their_epochs) < 1e-3
        # Which models of other seeds are far from.
        assert furthest(looped[1].variables, states[0].variables) > 1e-2


def test_stacked_models_freeze_alone_and_go_on_bit_for_bit():
    models = [model_of(1e-3), model_of(1e38), model_of(1e-2)]
    failures, saved = [], {}
    states, epochs = train(
        plan(),
        "vmap",
        models,
        on_failure=lambda index, batch: failures.append((index, batch.step)),
        on_checkpoint=lambda done, states: saved.update({done: states}),
    )
    looped, _ = train(plan(), "loop", models)
    assert [has_failed(state) for state in states] == [False, True, False]
    assert failures == [(1, int(looped[1].failed_step))]
    assert [metric is None for metric in epochs[-1]] == [False, True, False]
    rest, _ = train(plan(), "vmap", models, states=saved[2], first_epoch=2)
    assert identical(rest, states)


def test_an_unknown_strategy_is_refused():
    with pytest.raises(StrategyError, match="did you mean 'vmap'"):
        train(plan(), "vmpa")


def choose(training_plan, kept, models=MODELS):
    data = configurations(16)
    # No states: nothing is trained here.
    return choose_strategy(training_plan, models, [], data, data, kept.get, kept.__setitem__)


def test_a_cpu_loops_and_says_so_without_measuring():
    assert choose(plan(num_epochs=1000), {}).strategy == "loop"
    assert choose(plan(), {}, MODELS[:1]).reason == "one model"


def test_elsewhere_the_fastest_is_measured_once_and_remembered(monkeypatch):
    seconds, timed = {"loop": 2.0, "map": 1.0, "vmap": 0.5}, []
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(choice_module, "seconds_of_an_epoch", lambda name, *_: timed.append(name) or seconds[name])
    kept = {}
    assert choose(plan(num_epochs=2), kept).reason == "training too short to measure"
    first = choose(plan(num_epochs=100), kept)
    assert (first.strategy, first.epoch_seconds) == ("vmap", seconds)
    assert first.reason == "measured; wall time of an epoch over that of loop: loop 1.00, map 0.50, vmap 0.25"
    seconds["loop"] = 0.1
    again = choose(plan(num_epochs=100), kept)
    assert (again.strategy, again.reason[:15]) == ("vmap", "measured before")
    # Another number of models is another measurement.
    assert choose(plan(num_epochs=100), kept, MODELS[:2]).strategy == "loop"
    assert timed == [name for name in (*STRATEGIES, *STRATEGIES) for _ in range(2)]
