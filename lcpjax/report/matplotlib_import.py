"""matplotlib, imported before anything else of it: figures are drawn and saved without any backend."""

import os
import sys
from contextlib import suppress

_BACKEND = "MPLBACKEND"

if "matplotlib" not in sys.modules:
    # A name that matplotlib does not know ends its import: a notebook names its own backend to all of its children.
    asked = os.environ.pop(_BACKEND, None)
    try:
        import matplotlib
    finally:
        if asked is not None:
            os.environ[_BACKEND] = asked
    # For figures that whoever imported this draws with pyplot.
    if asked:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = asked
