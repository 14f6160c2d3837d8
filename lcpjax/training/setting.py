"""What tells the models of one run apart."""

from typing import NamedTuple

ONLY_GROUP = "models"
"""The group of the models of a run that are of its own config; all of them, but where it compares kinds of models."""


class ModelSetting(NamedTuple):
    """One model of a run, by the columns of its table."""

    kl_weight: float
    """lambda, in reduced units squared per nat."""
    latent_dim: int
    seed: int

    @property
    def label(self) -> str:
        """The setting in a few words.

        >>> ModelSetting(kl_weight=1e-3, latent_dim=40, seed=0).label
        'kl_weight=0.001, latent_dim=40, seed=0'
        """
        return ", ".join(f"{name}={value}" for name, value in self._asdict().items())
