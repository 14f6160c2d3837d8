import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.model import NetworkSizes, SampleLayout, build_decoder
from lcpjax.model.particle_tokens import HalfForcesDecoder, ParticleTokenDecoder
from lcpjax.sampler import sample
from lcpjax.system import System, lennard_jones
from tests.model.random_parameters import random_parameters

POSITIONS = jax.random.uniform(jax.random.key(0), (3, 5, 2), maxval=5.0)


def decoded(decoder, tokens, parameters=None):
    variables = parameters or decoder.init(jax.random.key(1), tokens)
    return decoder.apply(variables, tokens)


def test_untrained_it_gives_the_tokens_back():
    np.testing.assert_array_equal(decoded(ParticleTokenDecoder(8), POSITIONS), POSITIONS)


@pytest.mark.parametrize("decoder", [ParticleTokenDecoder(8), HalfForcesDecoder("lennard_jones", 1.0, 0.1)])
def test_what_it_does_moves_turns_and_changes_order_with_the_particles(decoder):
    parameters = random_parameters(decoder, POSITIONS)
    found = decoded(decoder, POSITIONS, parameters)
    assert float(jnp.max(jnp.abs(found - POSITIONS))) > 0.01
    turn = jnp.array([[0.6, -0.8], [0.8, 0.6]])
    moved = decoded(decoder, (POSITIONS @ turn.T + 3.0)[:, ::-1], parameters)
    # Forces of hundreds times half of 0.01, in float32.
    np.testing.assert_allclose(moved, (found @ turn.T + 3.0)[:, ::-1], atol=1e-3)


@pytest.mark.parametrize("distance", [0.95, 2 ** (1 / 6), 1.5])
def test_a_pair_moves_along_half_of_tweedies_step(distance):
    pair = jnp.array([[[0.0, 0.0], [distance, 0.0]]])
    found = decoded(HalfForcesDecoder("lennard_jones", 2.0, 0.01), pair)
    slope = float(jax.grad(lambda r: lennard_jones(r * r))(jnp.float32(distance)))
    np.testing.assert_allclose(found[0, 1, 0] - distance, -0.5 * 0.01**2 * slope / 2.0, atol=3e-7)
    np.testing.assert_allclose(found[0, 0, 0], 0.5 * 0.01**2 * slope / 2.0, atol=3e-7)


def test_with_forces_energies_come_back_as_they_were_and_without_them_they_rise():
    """Noise raises the mean energy by half of its variance times the curvature; half a step takes it back."""
    system, scale = System(num_particles=8, box_side=5.0), 0.01
    truth = sample(jax.random.key(2), system, jnp.ones(256), num_sweeps=500).positions
    tokens = truth + scale * jax.random.normal(jax.random.key(3), truth.shape)
    forces = HalfForcesDecoder("lennard_jones", 1.0, scale)
    rises = {}
    for name, decoder in (("with", forces), ("without", ParticleTokenDecoder(8))):
        # The same noise the other way takes out what is odd in it: forces times noise.
        both = [decoded(decoder, each) for each in (tokens, 2 * truth - tokens)]
        gained = sum(pair_energies(each, system) - pair_energies(truth, system) for each in both) / 2
        rises[name] = np.array([float(gained.mean()), float(gained.std()) / 16])
    assert rises["without"][0] > 10 * rises["without"][1]
    assert abs(rises["with"][0]) < 0.35 * rises["without"][0]


def test_forces_are_those_of_the_systems_own_potential_and_temperature():
    sizes = NetworkSizes((4,), 3, 8, 1, token_scale=0.02)
    layout = SampleLayout("coordinates", 5, 5.0, temperature=2.0, pair_potential="soft_power")
    decoder = build_decoder("half_forces", layout, sizes)
    assert decoder == HalfForcesDecoder("soft_power", 2.0, 0.02)
