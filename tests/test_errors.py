"""What is refused is refused in one line, and as Python refuses bad values everywhere."""

import importlib
import pkgutil

import lcpjax
from lcpjax.errors import InputError, OneLineError

# Not the caller's input: what a run, a disk or a chain did.
_NOT_ABOUT_INPUT = {"ChainError", "CheckpointError", "DamagedGroupError", "SamplingError", "TrainingError"}


def _kinds(kind):
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


def test_every_refusal_of_bad_input_is_a_value_error():
    for module in pkgutil.walk_packages(lcpjax.__path__, "lcpjax."):
        importlib.import_module(module.name)
    kinds = set(_kinds(OneLineError)) - {InputError}
    # A kind of its own is what somebody catches by its type.
    assert 5 < len(kinds) <= 12
    assert {kind.__name__ for kind in kinds if not issubclass(kind, ValueError)} == _NOT_ABOUT_INPUT
