"""What the particles that came before mean for the next one, with PyTorch; nothing here is learnt."""

from typing import Any, no_type_check

from lcpjax.model.priors.surroundings import (
    ACROSS,
    ACROSS_WIDTH,
    FROM_WALL,
    FROM_WALL_WIDTH,
    HIGHEST_ENERGY,
    UP,
    UP_WIDTH,
)
from lcpjax.system import System


@no_type_check
def torch_surroundings(torch: Any, system: System) -> Any:
    """The module whose methods say of positions, (batch, particles, 2) in height order, what ours does.

    Args:
        torch: the package.
        system: with Lennard-Jones energies.
    """

    class Surroundings(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.across = _gaussians(torch, ACROSS, ACROSS_WIDTH)
            self.up = _gaussians(torch, UP, UP_WIDTH, axis=-2)
            self.wall = _gaussians(torch, FROM_WALL, FROM_WALL_WIDTH)

        def of_particles(self, positions, up):
            x, y = positions.unbind(-1)
            across = x[:, :, None] - x[:, None]
            near = up @ self.across(across.abs())
            squared = across.square() + (y[:, :, None] - y[:, None]).square()
            energies = _lennard_jones(squared).tril(-1).sum(-1) / system.temperature
            gaps = torch.diff(y, dim=-1, prepend=torch.zeros_like(y[:, :1]))
            own = torch.stack((y * (5.0 / system.box_side), gap_scale(torch, gaps) / 2, torch.tanh(energies / 4)), -1)
            return torch.cat((near.flatten(2), self.from_wall(x), own), -1)

        def upwards(self, positions, heights):
            # (batch, rows, ups, particles), 0 for a row's own particle and those after it.
            later = positions.new_ones(positions.shape[1], positions.shape[1]).triu().bool()
            return self.up(heights[..., None] - positions[:, None, :, 1]).masked_fill_(later[:, None], 0.0)

        def fields(self, positions, up, places):
            sums = up.flatten(1, 2) @ self.across((places - positions[:, :, :1]).abs()).flatten(2)
            return sums.view(*up.shape[:3], len(places), len(ACROSS)).transpose(2, 3).flatten(3)

        def from_wall(self, x):
            return self.wall(torch.minimum(x, system.box_side - x))

    return Surroundings()


@no_type_check
def log_boltzmann_factors(torch: Any, positions: Any, places: Any, system: System) -> Any:
    """(batch, rows, places): -U / T at each place at each particle's height with those before it, softly above -12."""
    x, y = positions.unbind(-1)
    across, up = (places - x[..., None]).square(), (y[:, :, None] - y[:, None]).square()
    energies = positions.new_zeros(*y.shape, len(places))
    # One particle after the other, each only for those after it: a pass over all pairs would leave the caches.
    for particle in range(y.shape[1] - 1):
        later = slice(particle + 1, None)
        energies[:, later] += _lennard_jones(across[:, particle, None] + up[:, later, particle, None])
    energies.div_(-system.temperature).clamp_(min=-4 * HIGHEST_ENERGY)
    return torch.logaddexp(energies, energies.new_full((), -HIGHEST_ENERGY))


@no_type_check
def gap_scale(torch: Any, gaps: Any) -> Any:
    """A gap in sigma on a scale that is linear below a hundredth and logarithmic above."""
    return torch.asinh(100.0 * gaps)


@no_type_check
def _lennard_jones(squared: Any) -> Any:
    """Pair energies in epsilon of squared distances, which are overwritten."""
    doubled = squared.pow_(3).reciprocal_().mul_(2)
    return (doubled - 2).mul_(doubled)


@no_type_check
def _gaussians(torch: Any, centres: tuple[float, ...], width: float, axis: int = -1) -> Any:
    """From values to how much they are like each centre, in an axis of their own, the last or the one before it."""

    class Gaussians(torch.nn.Module):
        def __init__(self):
            super().__init__()
            shape = (-1,) + (1,) * (-1 - axis)
            self.register_buffer("centres", torch.tensor(centres).view(shape))

        def forward(self, values):
            return (values.unsqueeze(axis) - self.centres).square_().mul_(-0.5 / width**2).exp_()

    return Gaussians()
