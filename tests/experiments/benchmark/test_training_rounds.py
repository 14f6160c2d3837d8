"""What the benchmark says of training: against PyTorch, of many models at once, and on data just sampled."""

import math
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from lcpjax.build import build_plan, build_system
from lcpjax.dataset import gamma_of_chains
from lcpjax.experiments.benchmark.end_to_end import first_epoch
from lcpjax.experiments.benchmark.many_models import many_models_medians
from lcpjax.experiments.benchmark.roofline_rows import Bounds
from lcpjax.experiments.benchmark.trainers import why_no_torch
from lcpjax.experiments.benchmark.training_rounds import batch_sizes, training_headline, training_medians
from lcpjax.sampler import Configurations, sample
from lcpjax.training import Hyperparameters
from tests.smoke_runs import SMOKE, composed


def training_rows(program, batch_size, rates):
    about = {"program": program, "device": "cpu", "model": "convolutional", "batch_size": batch_size, "num_steps": 9}
    about |= {"operations_per_step": 1e6 * batch_size}
    return [
        {**about, "round": round_, "wall_seconds": 1.0, "steps_per_second": rate} for round_, rate in enumerate(rates)
    ]


def test_training_is_compared_with_the_reference_in_the_same_round_at_the_same_batch_size():
    machine = np.array([1.0, 0.5, 3.0])
    rows = training_rows("lcpjax", 64, 80.0 * machine) + training_rows("PyTorch", 64, 100.0 * machine)
    rows += training_rows("lcpjax", 256, 30.0 * machine) + training_rows("PyTorch", 256, 20.0 * machine)
    medians = training_medians(rows, Bounds(1e11, 1e10))
    # Operations are counted in our program.
    fractions = [row["fraction_of_peak_operations_per_second"] for row in medians]
    assert fractions == pytest.approx([0.0512, math.nan, 0.0768, math.nan], nan_ok=True)
    summary = training_headline(composed("benchmark"), medians)
    assert summary == pytest.approx(
        {
            "training/steps_per_second": 80.0,
            "training/ratio_to_pytorch_steps_per_second": 0.8,
            "training/fraction_of_peak_operations_per_second": 0.0512,
            "training/pytorch_steps_per_second": 100.0,
            "training/batch_256_steps_per_second": 30.0,
            "training/batch_256_ratio_to_pytorch_steps_per_second": 1.5,
            "training/batch_256_fraction_of_peak_operations_per_second": 0.0768,
            "training/batch_256_pytorch_steps_per_second": 20.0,
        }
    )


def test_batches_larger_than_the_training_set_are_left_out():
    assert batch_sizes(composed("benchmark")) == [64, 256]
    assert batch_sizes(composed("benchmark", "training.batch_size=256")) == [256]
    assert batch_sizes(composed("benchmark", SMOKE)) == [32]


def test_pytorch_is_left_out_where_it_is_not_installed_or_has_no_such_model_or_gpu(monkeypatch):
    torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False))
    assert why_no_torch(torch, build_plan(composed("benchmark"))) == ""
    assert "not installed" in why_no_torch(None, build_plan(composed("benchmark")))
    for other in ("model=mlp", "model=deep_conv", "model=best", "training.error=log", "training.free_bits=0.1"):
        assert "not written for it" in why_no_torch(torch, build_plan(composed("benchmark", other)))
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert "sees no GPU" in why_no_torch(torch, build_plan(composed("benchmark")))


@pytest.fixture(scope="module")
def sampled():
    config = composed("benchmark", SMOKE, "model.channels=[4]")
    gamma = gamma_of_chains(config.system.gammas, config.dataset.chains_per_gamma)
    configurations = sample(jax.random.key(0), build_system(config), gamma, num_sweeps=2)
    return config, build_plan(config), Hyperparameters.on_device(1e-3, 3e-3, 0), configurations


def test_configurations_reach_the_model_without_a_transfer(sampled):
    state = first_epoch(*sampled)
    config, plan, _, _ = sampled
    num_training = 4 * round(0.8 * config.dataset.chains_per_gamma)
    assert int(state.step) == plan.steps_per_epoch(num_training)
    assert int(state.failed_step) == -1


def test_configurations_that_went_through_the_host_are_refused(sampled):
    *rest, configurations = sampled
    copied = jax.tree.map(np.asarray, configurations)
    with pytest.raises(Exception, match="Disallowed host-to-device transfer"):
        first_epoch(*rest, Configurations(*copied))


def test_ratios_of_strategies_are_medians_over_rounds_of_epochs_timed_side_by_side():
    about = {"device": "cpu", "model": "perceptron", "num_models": 2}
    times = {"one_by_one": [4.0, 8.0, 2.0], "vmap": [2.0, 2.0, 1.5]}
    rows = [
        {**about, "strategy": name, "round": round_, "wall_seconds": times[name][round_]}
        for round_ in range(3)
        for name in times
    ]
    alone, vmapped = many_models_medians(rows)
    assert (alone["ratio_to_one_by_one_wall"], vmapped["ratio_to_one_by_one_wall"]) == (1.0, 0.5)
    assert vmapped["wall_seconds"] == 2.0
