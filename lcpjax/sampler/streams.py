"""Random streams: one for each purpose, from one seed."""

import enum


class Stream(enum.IntEnum):
    """Number folded into the key of a seed. Numbers are never reused: stored data depend on them."""

    INITIAL_POSITIONS = 0
    MOVES = 1
    SHARED_STARTS = 2
    JUDGING = 3
    LONG_RUNS = 4
    TEMPERING = 5
    LAWS = 6
    ENTROPY = 7
    COMPARING = 8
