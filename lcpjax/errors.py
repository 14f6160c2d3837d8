"""Errors shown to the user: always one line."""

import difflib
from collections.abc import Iterable


class OneLineError(Exception):
    """An expected failure whose message is complete in one line; shown without a traceback."""


class InputError(OneLineError, ValueError):
    """Refused input: an argument, a key of the config or a file that cannot be used; names what is allowed."""


def shown(text: str) -> str:
    r"""Text with every character escaped that a terminal would not show, so that it is one line and all of it is seen.

    >>> shown("system.gammas=[0.1]\r")
    'system.gammas=[0.1]\\r'
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Allowed names, with the nearest spelling first where there is one.

    >>> did_you_mean("lennard_jone", ["lennard_jones", "soft_power"])
    "did you mean 'lennard_jones'? allowed: lennard_jones, soft_power"
    """
    options = sorted(allowed)
    nearest = difflib.get_close_matches(name, options, n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}allowed: {', '.join(options)}"
