"""Variational autoencoders of a sampled Lennard-Jones fluid, every learned number next to its exact bound.

"The study" and "the slides", wherever they are named, are a university project
of 2023 (Bacilieri, Barbiero, Bordin, Pitteri: Variational Auto Encoders) that
this package reproduces and takes further.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lcpjax.load import load_run

__all__ = ["load_run"]


def __getattr__(name: str) -> object:
    # Lazy, so that `python -m lcpjax.run --help` answers without importing jax.
    if name == "load_run":
        from lcpjax.load import load_run

        return load_run
    raise AttributeError(f"module 'lcpjax' has no attribute {name!r}")
