"""The experiments: a folder each, in a checkout next to the package, in a wheel inside it."""

from pathlib import Path

_here = Path(__file__).parent
if not any(_here.glob("*/experiment.py")):
    __path__ = [str(_here.parent.parent / "experiments")]
