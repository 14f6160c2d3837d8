import socket
import struct

import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset import SamplingPlan
from lcpjax.runtime.processes.messages import MessageError, receive, send
from lcpjax.sampler import Ladder
from lcpjax.sampler.blocks import BlockSettings
from lcpjax.system import System
from tests.training.small_models import convolutional_model, plan

PLANS = [
    SamplingPlan(System(4, 4.0), (0.1, 1.0), seed=3, num_sweeps=20, ladder=Ladder((1.0, 2.0), (1.0, 1.0))),
    plan(convolutional_model()),
    BlockSettings(544, None),
]


def through_a_line(message):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, {"message": message})
        return receive(theirs)["message"]


@pytest.mark.parametrize("value", PLANS, ids=lambda value: type(value).__name__)
def test_plans_come_out_equal_so_that_nothing_is_compiled_again(value):
    received = through_a_line(value)
    assert received == value
    assert hash(received) == hash(value)


def test_arrays_keep_every_bit():
    arrays = [
        np.array([-0.0, np.nan, np.inf], np.float32),
        jnp.zeros((0, 3)),
        np.uint32(7),
        jnp.arange(6).reshape(2, 3),
    ]
    received = through_a_line({"arrays": arrays, "numbers": (1, 2.5, None, True, "ä")})
    for before, after in zip(arrays, received["arrays"], strict=True):
        assert after.dtype == before.dtype
        assert after.shape == before.shape
        assert after.tobytes() == np.asarray(before).tobytes()
    assert received["numbers"] == (1, 2.5, None, True, "ä")


@pytest.mark.parametrize("value", [print, object(), {1, 2}, socket.AF_INET, np.random.default_rng(0)])
def test_nothing_is_sent_but_values(value):
    with pytest.raises(TypeError, match="is no type that is sent"):
        through_a_line(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "subprocess:Popen", "fields": {"args": "true"}}',
        '{"type": "lcpjax.runtime.files:os.system", "fields": {"command": "true"}}',
        '{"type": "lcpjax.runtime.files:write_text", "fields": {"path": "x", "text": "y"}}',
        '{"type": "lcpjax.report.run_folder:RunFolder", "fields": {}}',
        '{"enum": "lcpjax.runtime.files:Lock", "value": "__class__"}',
        '{"array": "float32", "shape": [1000000]}',
        "[]",
        "no JSON",
    ],
)
def test_a_message_makes_nothing_but_values(text):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(struct.pack("!QQ", len(text), 0) + text.encode())
        with pytest.raises(MessageError):
            receive(theirs)


def test_what_is_no_message_at_all_is_refused_before_memory_is_taken_for_it():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(MessageError, match="something else than messages of this program"):
            receive(theirs)


def test_a_silence_within_a_message_is_no_silence_between_two():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(0.01)
        with pytest.raises(TimeoutError):
            receive(theirs)
        ours.sendall(struct.pack("!QQ", 2, 0) + b"[")
        with pytest.raises(MessageError, match="it stopped within a message"):
            receive(theirs)
