"""Every key of the config with its type, unit and allowed range."""

from lcpjax.config.fields import Allowed
from lcpjax.config.groups import Config, ModelConfig, RepresentationConfig, SystemConfig

__all__ = ["Allowed", "Config", "ModelConfig", "RepresentationConfig", "SystemConfig"]
