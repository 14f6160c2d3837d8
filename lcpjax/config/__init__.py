"""Every key of the config with its type, unit and allowed range."""

from lcpjax.config.fields import Allowed as Allowed
from lcpjax.config.fields import above as above
from lcpjax.config.fields import at_least as at_least
from lcpjax.config.fields import one_of as one_of
from lcpjax.config.fields import words as words
from lcpjax.config.groups import Config as Config
from lcpjax.config.groups import ModelConfig as ModelConfig
from lcpjax.config.groups import RepresentationConfig as RepresentationConfig
from lcpjax.config.groups import SystemConfig as SystemConfig
