"""The simulated fluid, apart from gravity, which differs between chains."""

import math
from dataclasses import dataclass

from lcpjax.array_arguments import convert_numbers
from lcpjax.errors import InputError, did_you_mean
from lcpjax.system.box import most_particles
from lcpjax.system.pair_potentials import PAIR_POTENTIALS, PairPotential


@dataclass(frozen=True)
class System:
    """A fluid in a hard-walled square box at a temperature.

    Args:
        num_particles: N, at least 1 and no more than the box can hold.
        box_side: L in sigma.
        temperature: T in epsilon / k_B.
        pair_potential: a name in ``PAIR_POTENTIALS``.

    Raises:
        InputError: a value that is impossible, named with what is allowed.

    >>> System(num_particles=200)
    Traceback (most recent call last):
    lcpjax.errors.InputError: num_particles = 200: a box of side 10.0 sigma holds at most 136
    """

    num_particles: int = 30
    box_side: float = 10.0
    temperature: float = 1.0
    pair_potential: str = "lennard_jones"

    def __post_init__(self) -> None:
        convert_numbers(self)
        for name in ("box_side", "temperature"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"{name} = {value}: must be above 0 and finite")
        if self.num_particles < 1:
            raise InputError(f"num_particles = {self.num_particles}: must be at least 1")
        if self.num_particles > (most := most_particles(self.box_side)):
            raise InputError(
                f"num_particles = {self.num_particles}: a box of side {self.box_side} sigma holds at most {most}"
            )
        if self.pair_potential not in PAIR_POTENTIALS:
            raise InputError(
                f"pair_potential = {self.pair_potential}: {did_you_mean(self.pair_potential, PAIR_POTENTIALS)}"
            )

    @property
    def pair_energy_fn(self) -> PairPotential:
        """Pair potential as a function: squared distances -> pair energies."""
        return PAIR_POTENTIALS[self.pair_potential]
