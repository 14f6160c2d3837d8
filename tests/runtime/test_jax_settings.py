"""Numbers depend on what was asked, whatever the caller's process makes of JAX."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax import load_run
from lcpjax.config.check import ConfigError
from lcpjax.dataset import SamplingPlan
from lcpjax.reconstruction import complete_distances
from lcpjax.representation import distance_matrix
from lcpjax.run import EXIT_REFUSED, run_command
from lcpjax.runtime.jax_settings import SETTINGS, key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.system import System
from tests.smoke_runs import SMALL_MODEL, SMOKE

PACKAGE = Path(__file__).parents[2] / "lcpjax"
OTHERS = {
    "jax_enable_x64": True,
    "jax_threefry_partitionable": False,
    "jax_default_prng_impl": "rbg",
    "jax_default_matmul_precision": "bfloat16",
    "jax_random_seed_offset": 5,
}
PLAN = SamplingPlan(System(num_particles=3, box_side=4.0), (0.5, 1.0), seed=3, num_sweeps=4)
POSITIONS = 10.0 * np.random.default_rng(0).uniform(size=(4, 6, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run of the default model, hardly trained."""
    folder = tmp_path_factory.mktemp("trained")
    small = [SMOKE, *SMALL_MODEL, "system.num_particles=6", "dataset.chains_per_gamma=16", "training.num_epochs=1"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lcpjax.report.RunFolder.save_figure", lambda *_, **__: None)
        patch.chdir(folder)
        options = ["tracker.wandb.mode=disabled", "training.batch_size=16", f"hydra.run.dir={folder / 'run'}"]
        assert run_command(["+experiment=train", *small, *options]) == 0
    return folder / "run"


def found_by_the_library(folder):
    """Numbers of every kind, as plain arrays."""
    key = key_of_seed(1)
    run = load_run(folder)
    positions = jnp.asarray(POSITIONS)
    observed = jnp.ones((6, 6), bool).at[0, 1].set(False).at[1, 0].set(False)
    distances = distance_matrix(positions)
    found = [
        *PLAN.sample(0, 4),
        sample(key, PLAN.system, jnp.asarray([0.5, 1.0]), num_sweeps=4).positions,
        run.encode(positions).mean,
        run.rate(positions, key),
        run.score(positions)["elbo"],
        run.reconstruct_distances(positions)[1],
        complete_distances(distances, jnp.broadcast_to(observed, distances.shape)),
    ]
    return [np.asarray(array) for array in found]


@pytest.fixture(scope="module")
def expected(trained):
    return found_by_the_library(trained)


# What these two cost is compiling everything anew.
_SLOW = ("jax_random_seed_offset", "jax_default_matmul_precision")


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) if name in _SLOW else name for name in OTHERS])
def another_default(request):
    """One of JAX's settings as a user's environment may have it, in every thread."""
    name, value, before = request.param, OTHERS[request.param], jax.config.values[request.param]
    jax.config.update(name, value)
    yield name
    jax.config.update(name, before)


@pytest.mark.slow
def test_the_library_finds_the_same_numbers_whatever_jax_is_set_to(trained, expected, another_default):
    found = found_by_the_library(trained)
    for array, wanted in zip(found, expected, strict=True):
        assert array.dtype == wanted.dtype
        np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("another_default", SETTINGS, indirect=True)
def test_the_command_line_sets_what_decides_numbers(another_default, monkeypatch, in_empty_folder):
    found = {}

    def refuse(_):
        found.update(jax.config.values)
        raise ConfigError("seen enough")

    monkeypatch.setattr("lcpjax.build.check", refuse)
    assert run_command(["+experiment=train", SMOKE]) == EXIT_REFUSED
    assert {name: found[name] for name in SETTINGS} == SETTINGS


@pytest.mark.slow
def test_arrays_of_64_bits_are_taken_as_the_32_bits_they_would_be(trained):
    expected = load_run(trained).encode(jnp.asarray(POSITIONS)).mean
    with jax.enable_x64(new_val=True):
        wide = jnp.asarray(POSITIONS, jnp.float64)
        mean = load_run(trained).encode(wide).mean
    assert mean.dtype == jnp.float32
    np.testing.assert_array_equal(mean, expected)


@pytest.mark.parametrize("seed", [0, 7, 2**31, 2**32 - 1, np.uint32(3), np.int64(4)])
def test_the_key_of_a_seed_is_the_one_that_jax_makes_by_default(seed):
    wanted = jax.random.key_data(jax.random.key(seed))
    np.testing.assert_array_equal(jax.random.key_data(key_of_seed(seed)), wanted)
    traced = jax.jit(key_of_seed)(jnp.uint32(seed))
    np.testing.assert_array_equal(jax.random.key_data(traced), wanted)


def test_keys_are_made_of_seeds_in_one_place():
    making = re.compile(r"random\.(key|PRNGKey)\(|nnx\.Rngs\(")
    elsewhere = [path for path in PACKAGE.rglob("*.py") if making.search(_without_doctests(path.read_text("utf-8")))]
    experiments = [
        path for path in (PACKAGE.parent / "experiments").rglob("*.py") if making.search(path.read_text("utf-8"))
    ]
    assert elsewhere + experiments == []


def _without_doctests(text):
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">>>"))


def test_what_is_random_has_its_seed_in_one_list_without_doubles():
    for kind in (Seed, Stream):
        assert list(kind.__members__) == [each.name for each in kind]
    a_number = re.compile(r"(key_of_seed|default_rng)\(\d|SEED = \d|random_state=\d")
    homes = (PACKAGE, PACKAGE.parent / "experiments")
    texts = {path: _without_doctests(path.read_text("utf-8")) for home in homes for path in home.rglob("*.py")}
    assert [path for path, text in texts.items() if a_number.search(text)] == []
