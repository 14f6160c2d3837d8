"""What is put in place of the prior, and what comes out of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from lcpjax.config.check import ConfigError, typed_config
from lcpjax.config.presets import CONF
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.experiments.generation.distances import generated_rows
from lcpjax.experiments.generation.generated import CORRECTED, FOUR, GAUSSIAN, MIXTURE, OWN
from lcpjax.experiments.generation.importance import importance_rows, weighted_draws
from lcpjax.experiments.generation.likelihood import nats_rows, warn_of_density_leaks
from lcpjax.experiments.generation.new_gammas import new_gamma_rows
from lcpjax.experiments.generation.own_prior import _corrected, from_own_prior
from lcpjax.experiments.generation.sources import fit_priors, generate, generate_new
from lcpjax.model.priors import CouplingFlow
from lcpjax.pipeline.latent_codes import codes_of
from lcpjax.pipeline.model_zoo import check_frames
from tests.experiments.generation.by_hand import NUMBER


@pytest.mark.parametrize(("gap", "is_leak"), [(-0.5, True), (-0.03, False), (2.0, False)])
def test_a_density_nearer_to_the_fluid_than_its_own_is_warned_of(run_folder, gap, is_leak):
    row = {"variant": "best", "seed": 0, "source": OWN, "above_entropy_error_nats": 0.02, "tighter_error_nats": 0.02}
    warn_of_density_leaks([row | {"above_entropy_nats": 2.0, "tighter_nats": gap}], run_folder)
    assert len(run_folder.warnings) == is_leak
    assert all("a leak" in warning and "best" in warning for warning in run_folder.warnings)


def test_every_prior_generates_as_many_of_each_gamma_and_has_nats(config, fluid, dataset, model):
    (codes,) = codes_of([model], dataset)
    priors = fit_priors(codes, dataset, fluid.ground_truth, CouplingFlow(depth=2, width=16))
    found = {each.source: each for each in generate(priors, fluid)}
    assert set(priors.densities) | {"codes", "posterior samples"} == set(found)
    gaussian = found[GAUSSIAN]
    assert np.bincount(gaussian.gamma_index).tolist() == [NUMBER, NUMBER]
    assert gaussian.positions.shape == (2 * NUMBER, 4, 2)
    rows = {row["source"]: row for row in nats_rows(fluid, [priors], dataset, 3)}
    for row in rows.values():
        # No density lies below the entropy, and a tighter bound lies nearer.
        assert 0.0 < row["tighter_nats"] < row["above_entropy_nats"]
    # Whatever else the codes are, they are not N(0, I).
    assert rows[GAUSSIAN]["above_entropy_nats"] < rows["N(0, I)"]["above_entropy_nats"]
    assert rows[GAUSSIAN]["num_components"] == 1
    assert rows[FOUR]["num_components"] == 4 >= rows[MIXTURE]["num_components"]
    assert np.isnan(rows["flow"]["num_components"])
    new = generate_new(priors, fluid)
    assert {(each.source, gamma) for each, gamma in new} >= {(GAUSSIAN, 0.5), ("flow", 0.5)}
    of_new = new_gamma_rows(fluid, [], new, [0])
    assert {row["way"] for row in of_new} == {"sampled", "drawn"}
    draws = weighted_draws(fluid, [priors])
    weights = importance_rows(fluid, draws)
    assert {row["source"] for row in weights} <= set(priors.densities)
    assert all(0.0 < row["effective_fraction"] <= 1.0 for row in weights)


def test_models_that_know_no_frame_cannot_generate_for_gravity():
    with initialize_config_dir(str(CONF), version_base="1.3"):
        own = typed_config(compose("config", overrides=["+experiment=generation", "sweep.models=[seed_conv]"]))
    with pytest.raises(ConfigError, match="needs models that know the frame"):
        check_frames(own)


@pytest.mark.slow
def test_what_is_too_common_is_rejected_until_each_gravity_is_as_it_was_learned(fluid, perfect, uniform):
    outside = perfect.positions.at[:, 0, 1].add(5.0)
    spoilt = perfect._replace(
        positions=jnp.concatenate([perfect.positions, uniform.positions, outside]),
        gamma_index=np.concatenate([perfect.gamma_index, uniform.gamma_index, perfect.gamma_index]),
    )
    corrected = _corrected(spoilt, fluid)
    assert corrected.source == CORRECTED
    assert len(corrected.positions) == len(corrected.gamma_index) > NUMBER / 2
    assert bool(jnp.all(are_inside(corrected.positions, 5.0)))
    rows = (generated_rows(fluid, [each], [0]) for each in (spoilt, corrected))
    before, after = ([row for row in of_each if row["seed"] == 0] for of_each in rows)
    for spoilt_row, row in zip(before, after, strict=True):
        assert row["outside_fraction"] == 0.0 < spoilt_row["outside_fraction"]
        assert row["pair_energy_wasserstein"] < 0.5 * spoilt_row["pair_energy_wasserstein"]
        assert row["pair_energy_wasserstein"] < 0.5


def test_a_prior_that_makes_nothing_like_the_fluid_is_left_as_it_is(fluid, model):
    """An untrained decoder puts all particles at one place."""
    (own,) = from_own_prior(model, jax.random.key(7), fluid)
    assert own.source == OWN
    assert len(own.positions) == len(own.gamma_index)
