"""What the user reads when something is refused or goes wrong: always one line."""

import difflib
from collections.abc import Iterable


class OneLineError(Exception):
    """An expected failure whose message is complete in one line; shown without a traceback."""


class InputError(OneLineError, ValueError):
    """Input that is refused: an argument, a key of the config or a file that cannot be used; names what is allowed."""


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """What is allowed, and the nearest spelling first where there is one.

    >>> did_you_mean("lennard_jone", ["lennard_jones", "soft_power"])
    "did you mean 'lennard_jones'? allowed: lennard_jones, soft_power"
    """
    options = sorted(allowed)
    nearest = difflib.get_close_matches(name, options, n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}allowed: {', '.join(options)}"
