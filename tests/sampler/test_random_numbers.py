import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.sampler.random_numbers import key_words, move_numbers, paired, threefry_2x32, unit_interval, unpaired


def some_words(num_words=1 << 16):
    counters = jnp.arange(num_words, dtype=jnp.uint32)
    return threefry_2x32((jnp.uint32(7), jnp.uint32(11)), counters, counters ^ jnp.uint32(0x9E3779B9))


def test_the_hash_is_the_published_one():
    """Against JAX's own Threefry-2x32 on the same counters."""
    key = jnp.array([0x13198A2E, 0x03707344], jnp.uint32)
    first, second = jnp.arange(100, dtype=jnp.uint32), jnp.arange(100, dtype=jnp.uint32) * jnp.uint32(77)
    ours = threefry_2x32((key[0], key[1]), first, second)
    theirs = jax.extend.random.threefry_2x32(key, jnp.concatenate([first, second]))
    assert (np.concatenate(ours) == np.asarray(theirs)).all()


def test_a_known_answer_of_the_published_hash():
    """Salmon et al. 2011, known-answer vector of Threefry-2x32-20 with all bits zero."""
    zero = jnp.uint32(0)
    first, second = threefry_2x32((zero, zero), zero, zero)
    assert (int(first), int(second)) == (0x6B200159, 0x99BA4EFE)


def test_pairing_words_keeps_every_bit():
    """Also those of numbers that are not numbers, quiet and signalling, and of denormal ones."""
    special = jnp.array([0, 1, 0x7F800001, 0x7FC00000, 0xFF812345, 0xFFFFFFFF, 0x80000000], jnp.uint32)
    first = jnp.concatenate([some_words()[0], special])
    for words in ((first, first[::-1]), (first[:, None], first[:, None])):
        kept = jax.jit(lambda words: unpaired(paired(words)[jnp.arange(len(words[0]))]))(words)
        stored = unpaired(jax.jit(paired)(words))
        for found in (kept, stored):
            assert all(np.array_equal(*pair) for pair in zip(found, words, strict=True))


def test_directions_are_uniform_and_symmetric_and_thresholds_exponential():
    words = some_words()
    numbers = move_numbers(words)
    for direction in (numbers.direction_x, numbers.direction_y):
        # Uniform in (-1, 1): mean 0 with standard error sqrt(1 / 3 n); variance 1 / 3.
        n = direction.size
        assert abs(float(jnp.mean(direction))) < 4.3 * (3 * n) ** -0.5
        assert abs(float(jnp.mean(direction**2)) - 1 / 3) < 4.3 * (4 / 45 / n) ** 0.5
        assert float(direction.min()) > -1
        assert float(direction.max()) < 1
    threshold = numbers.threshold
    assert abs(float(jnp.mean(threshold)) - 1.0) < 4.3 * threshold.size**-0.5
    assert float(threshold.min()) > 0


def test_the_three_numbers_of_a_move_are_uncorrelated():
    table = np.corrcoef(np.stack(move_numbers(some_words())))
    # A correlation of independent numbers has standard error n^-1/2.
    assert np.abs(table[np.triu_indices(3, 1)]).max() < 4.3 * (1 << 16) ** -0.5


@pytest.mark.parametrize("num_bits", [20, 23])
def test_every_unit_interval_value_has_its_mirror_image(num_bits):
    steps = jnp.arange(1000, dtype=jnp.uint32) << jnp.uint32(32 - num_bits)
    low, high = unit_interval(steps, num_bits), unit_interval(~steps, num_bits)
    assert bool((low == 1 - high).all())
    assert float(low.min()) > 0
    assert float(high.max()) < 1
    assert len(set(np.asarray(high).tolist())) == 1000


def test_the_mirror_check_fails_with_more_bits_than_float32_can_hold():
    assert float(unit_interval(jnp.array([0xFFFFFFFF], jnp.uint32), 24)[0]) == 1.0


def test_purposes_have_streams_of_their_own():
    key = jax.random.key(3)
    assert [int(word) for word in key_words(key, 0)] != [int(word) for word in key_words(key, 1)]
