"""The benchmark's config."""

from hydra import compose, initialize_config_dir

from lcpjax.config.check import typed_config
from lcpjax.run import CONF


def composed(*overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return typed_config(compose("config", overrides=["+experiment=benchmark", *overrides]))
