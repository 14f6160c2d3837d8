"""Setting of one model of a run."""

from typing import NamedTuple

ONLY_GROUP = "models"
"""The group of the models of a run's own config; all of them, unless it compares several models."""


class ModelSetting(NamedTuple):
    """One model of a run, by the columns of its table."""

    kl_weight: float
    """lambda, in reduced units squared per nat."""
    latent_dim: int
    seed: int

    @property
    def label(self) -> str:
        """Setting in a few words.

        >>> ModelSetting(kl_weight=1e-3, latent_dim=40, seed=0).label
        'kl_weight=0.001, latent_dim=40, seed=0'
        """
        return ", ".join(f"{name}={value}" for name, value in self._asdict().items())
