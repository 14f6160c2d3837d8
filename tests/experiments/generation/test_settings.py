"""Keys of +experiment=generation are its own."""

import pytest

from lcpjax.config.check import ConfigError, key_types, plain, typed_config
from tests.smoke_runs import composed


def test_its_keys_are_no_keys_of_other_experiments():
    assert "settings.new_gammas" in key_types("generation")
    assert "settings.new_gammas" not in key_types("train")
    with pytest.raises(ConfigError, match=r"^settings\.new_gammas: no such key"):
        typed_config({**plain(composed("train")), "settings": {"new_gammas": [1.0]}})
