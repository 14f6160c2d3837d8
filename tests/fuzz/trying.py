"""How thoroughly things are tried, and what may come of it."""

import os

from hypothesis import HealthCheck, settings

from lcpjax.errors import OneLineError

thoroughly = settings(
    max_examples=int(os.environ.get("LCPJAX_FUZZ_EXAMPLES", "20")),
    deadline=None,
    derandomize=True,
    database=None,
    # Fixtures hold what is read, and every example makes a copy of its own.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
"""Equal examples in every session: what fails here fails everywhere. ``make faults`` tries ten times as many."""


def result_or_one_line(action, also=()):
    """The result of an action; None where it refuses in one line.

    Args:
        also: further errors that may refuse, of libraries whose message is put on one line by whoever shows it.
    """
    try:
        return action()
    except (OneLineError, *also) as error:
        refused = error
    assert str(refused)
    assert "\n" not in str(refused) or isinstance(refused, also)
    return None
