"""Two ways through the same training: they agree, freeze what fails, and the device decides which is taken."""

import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.training import has_failed, strategy_of_device
from tests.training.small_models import identical, model_of, plan
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


def test_the_strategies_agree_to_rounding():
    (looped, epochs), (stacked, their_epochs) = (train(plan(), strategy) for strategy in ("loop", "vmap"))
    # Sums round differently, and Adam divides by small numbers.
    assert furthest(looped, stacked) < 1e-3
    assert furthest(epochs, their_epochs) < 1e-3
    # Which models of other seeds are far from.
    assert furthest(looped[1].variables, stacked[0].variables) > 1e-2


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
    with pytest.raises(InputError, match="did you mean 'vmap'"):
        train(plan(), "vmpa")


def test_the_device_decides_how_many_models_train(monkeypatch):
    assert strategy_of_device(3) == "loop"
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert (strategy_of_device(3), strategy_of_device(1)) == ("vmap", "loop")
