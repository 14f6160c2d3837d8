import jax.numpy as jnp
import numpy as np
from hydra import compose, initialize_config_dir

from lcpjax.build import build_representation, build_sampling_plan, num_per_epoch
from lcpjax.config.check import typed_config
from lcpjax.pipeline.streaming import parted_epochs, streamed_epochs
from lcpjax.representation import Representation
from lcpjax.run import CONF

SMALL = ["+experiment=train", "+scale=smoke", "system.num_particles=4", "sampler.num_sweeps=5"]
SIZES = ["system.gammas=[0.5,1.0]", "dataset.chains_per_gamma=10", "training.batch_size=4"]


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=[*SMALL, *SIZES, *overrides]))


def test_every_epoch_has_as_many_chains_as_the_training_set_none_of_them_seen_before():
    config = composed("dataset.source=stream", "representation.ordering=none")
    plan, epoch = build_sampling_plan(config), streamed_epochs(config, build_representation(config))
    # 10 chains a gamma: 8 are trained on; the stream begins after all of them, validation and test included.
    chains = np.concatenate([plan.sample(0, 20).positions, *(epoch(number) for number in range(3))])
    assert (chains == np.asarray(plan.sample(0, 20 + 3 * 16).positions)).all()
    assert (np.asarray(epoch(2)) == chains[20 + 2 * 16 :]).all()


def test_streamed_data_come_in_the_order_that_the_model_sees():
    config = composed("dataset.source=stream")
    ordered, plain = (streamed_epochs(config, Representation(ordering=ordering))(0) for ordering in ("height", "none"))
    assert (np.asarray(ordered) == np.asarray(Representation(ordering="height").order(plain))).all()
    assert (np.diff(np.asarray(ordered)[..., 1]) >= 0).all()


def test_an_epoch_of_a_part_goes_on_where_the_last_ended_and_begins_again_at_the_end():
    rows = np.arange(10.0).reshape(10, 1, 1) * np.ones((10, 4, 2))
    epoch = parted_epochs(jnp.asarray(rows, jnp.float32), 4, Representation(ordering="none"))
    assert [np.asarray(epoch(number))[:, 0, 0].tolist() for number in range(3)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 0, 1],
    ]


def test_an_epoch_shows_whole_turns_of_the_gammas_and_no_more_than_there_are():
    # 16 configurations are trained on, of two gammas in turn.
    assert num_per_epoch(composed()) == 16
    for asked, shown in ((1000, 16), (7, 6), (4, 4)):
        assert num_per_epoch(composed(f"training.configurations_per_epoch={asked}")) == shown
    config = composed("training.configurations_per_epoch=4", "dataset.source=stream", "representation.ordering=none")
    assert len(streamed_epochs(config, build_representation(config))(1)) == 4
