"""Tests; ``checked`` is beartype as all of them use it: an int is a float, as in Python's own numeric tower."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
