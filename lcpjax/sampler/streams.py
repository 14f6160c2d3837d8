"""Which random numbers are for what: from one seed a stream for each purpose, none used twice."""

import enum


class Stream(enum.IntEnum):
    """What is folded into the key of a seed. Numbers are never given anew: stored data hang on them."""

    INITIAL_POSITIONS = 0
    MOVES = 1
    SHARED_STARTS = 2
    JUDGING = 3
    LONG_RUNS = 4
    TEMPERING = 5
    LAWS = 6
    ENTROPY = 7
    COMPARING = 8
