import math

import pytest
from hydra import compose, initialize_config_dir

from lcpjax.build import build_model
from lcpjax.config.check import ConfigError, changed, config_hash, identity, typed_config
from lcpjax.config.presets import CONF, model_preset
from lcpjax.errors import InputError
from lcpjax.pipeline.model_zoo import model_variants

PRESETS = sorted(path.stem for path in (CONF / "model").glob("*.yaml") if path.stem != "all_keys")


def composed(*words):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=["+experiment=train", *words]))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_changes_a_config_as_the_command_line_does(preset):
    assert identity(changed(composed(), model_preset(preset))) == identity(composed(f"model={preset}"))


@pytest.mark.parametrize("num_particles", [12, 30, 60])
def test_latents_of_particle_tokens_follow_from_the_number_of_particles(num_particles):
    config = composed("model=best", f"system.num_particles={num_particles}")
    assert config.model.latent_dim == 2 * num_particles
    assert math.prod(build_model(config).sample_shape) == 2 * num_particles


def test_the_hash_of_a_run_of_particle_tokens_does_not_depend_on_how_their_number_is_said():
    assert config_hash(composed("model=best")) == config_hash(composed("model=best", "model.latent_dim=60"))
    assert config_hash(composed("model=best")) == "b8566f924b"


def test_a_number_of_latents_that_particle_tokens_cannot_have_is_refused():
    with pytest.raises(ConfigError, match="latent_dim = 60: particle tokens have two latents a particle, 24 in all"):
        build_model(composed("model=best", "system.num_particles=12", "model.latent_dim=60"))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("num_particles", [12, 60])
def test_every_preset_is_built_for_another_number_of_particles(preset, num_particles):
    build_model(composed(f"model={preset}", f"system.num_particles={num_particles}"))


def test_what_a_variant_keeps_of_its_preset_are_numbers():
    (variant,) = model_variants(composed("sweep.models=[best]", "system.num_particles=12"))
    assert variant.changes["model.latent_dim"] == 24


def test_an_unknown_preset_is_refused_with_what_is_near_it():
    with pytest.raises(InputError, match="model = bst: did you mean 'best'"):
        model_preset("bst")
