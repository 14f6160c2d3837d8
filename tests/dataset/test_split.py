import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset import fingerprint, gamma_of_chains, split_by_chain
from lcpjax.errors import InputError
from lcpjax.sampler import Configurations

GAMMAS = [0.1, 0.4, 0.7, 1.0]


def numbered_chains(turns):
    """Chains whose first coordinate is their own number."""
    gamma = gamma_of_chains(GAMMAS, turns)
    chains = gamma.shape[0]
    positions = jnp.broadcast_to(jnp.arange(chains, dtype=jnp.float32)[:, None, None], (chains, 3, 2))
    return Configurations(positions, gamma, *(jnp.zeros(chains) for _ in range(4)))


def test_no_chain_is_in_two_splits_and_none_is_lost():
    dataset = split_by_chain(numbered_chains(20), GAMMAS, 0.1, 0.2)
    chains = [np.asarray(split.positions[:, 0, 0]).astype(int) for split in dataset.splits]
    assert [len(split) for split in chains] == [56, 8, 16]
    assert sorted(np.concatenate(chains)) == list(range(80))


def test_every_split_holds_every_gamma_equally_often():
    for split in split_by_chain(numbered_chains(20), GAMMAS, 0.1, 0.2).splits:
        values, counts = np.unique(split.gamma, return_counts=True)
        np.testing.assert_allclose(values, GAMMAS, rtol=1e-6)
        assert len(set(counts)) == 1


def test_all_samples_of_a_chain_are_in_its_split():
    whole = numbered_chains(20)
    repeated = Configurations(*(jnp.repeat(leaf, 3, axis=0) for leaf in whole))
    alone = split_by_chain(whole, GAMMAS, 0.1, 0.2)
    together = split_by_chain(repeated, GAMMAS, 0.1, 0.2, samples_per_chain=3)
    for single, several in zip(alone.splits, together.splits, strict=True):
        chains = np.asarray(several.positions[:, 0, 0])
        assert (chains == np.repeat(np.asarray(single.positions[:, 0, 0]), 3)).all()
        assert (np.unique(several.gamma, return_counts=True)[1] == len(chains) / 4).all()


def test_gammas_are_those_asked_for_in_increasing_order_and_each_configuration_knows_its_own():
    gammas = [1.0, 0.1, 0.4]
    zeros = jnp.zeros(12)
    chains = Configurations(jnp.zeros((12, 3, 2)), gamma_of_chains(gammas, 4), zeros, zeros, zeros, zeros)
    dataset = split_by_chain(chains, gammas, 0.25, 0.25)
    # 0.1 itself, which no float32 is.
    assert dataset.gammas == (0.1, 0.4, 1.0)
    assert dataset.gamma_index(dataset.train).tolist() == [2, 0, 1, 2, 0, 1]
    assert dataset.gamma_index(dataset.test).tolist() == [2, 0, 1]


def test_a_part_without_chains_is_refused():
    with pytest.raises(InputError, match="chains_per_gamma = 4: the validation set is empty"):
        split_by_chain(numbered_chains(4), GAMMAS, 0.1, 0.3)


def test_a_fingerprint_changes_with_one_bit_and_with_the_order():
    values = jax.random.uniform(jax.random.key(0), (50, 3, 2))
    one_bit = np.asarray(values).copy()
    one_bit.view(np.uint32)[17, 2, 1] ^= 1
    prints = {fingerprint(values), fingerprint(jnp.asarray(one_bit)), fingerprint(values[::-1])}
    assert len(prints) == 3
    assert fingerprint(values) == fingerprint(values + 0.0)
