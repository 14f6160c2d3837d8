"""Gravity in reduced units of real substances: gamma = m g sigma / epsilon."""

import dataclasses
import math
from dataclasses import dataclass

BOLTZMANN = 1.380649e-23
"""k_B in joule per kelvin, exact."""
ATOMIC_MASS = 1.66053906892e-27
"""u in kilogram (CODATA 2022)."""
EARTH = 9.81
"""g in metre per second squared."""

_WATER_DENSITY, _SILICA_DENSITY = 997.0, 2000.0
_ROOM_TEMPERATURE = 298.15


@dataclass(frozen=True)
class Substance:
    """Particles of one kind, in SI units."""

    mass: float
    """In kilogram; in a solvent less its buoyancy."""
    diameter: float
    """sigma, in metre."""
    well_depth: float
    """epsilon, in joule."""


ARGON = Substance(39.948 * ATOMIC_MASS, 3.405e-10, 119.8 * BOLTZMANN)
"""Rahman, "Correlations in the motion of atoms in liquid argon", Phys. Rev. 136, A405 (1964)."""


def gamma_of(substance: Substance, acceleration: float = EARTH) -> float:
    """Gravity in reduced units, m g sigma / epsilon: the energy of a fall by one diameter over the well depth.

    Args:
        acceleration: g, in metre per second squared.

    >>> f"{gamma_of(ARGON):.1e}"
    '1.3e-13'
    """
    return substance.mass * acceleration * substance.diameter / substance.well_depth


def acceleration_for(substance: Substance, gamma: float) -> float:
    """The acceleration, in metre per second squared, at which a substance has this gamma.

    >>> f"{acceleration_for(ARGON, 1.0):.1e}"
    '7.3e+13'
    """
    return gamma * substance.well_depth / (substance.mass * substance.diameter)


def heavier(substance: Substance, gamma: float) -> Substance:
    """The same particles with the mass that gives them this gamma on Earth."""
    return dataclasses.replace(substance, mass=substance.mass * gamma / gamma_of(substance))


def larger(substance: Substance, gamma: float) -> Substance:
    """Spheres of the same density and well depth with the diameter that gives this gamma on Earth.

    m grows like sigma^3, so gamma grows like sigma^4.
    """
    factor = (gamma / gamma_of(substance)) ** 0.25
    return dataclasses.replace(substance, mass=substance.mass * factor**3, diameter=substance.diameter * factor)


def colloid(diameter: float, density: float, solvent_density: float, temperature: float) -> Substance:
    """Spheres in a solvent with a well of k_B T, as depletion or screened charges can give them.

    Args:
        diameter: in metre.
        density: of the spheres, in kilogram per cubic metre.
        solvent_density: the same of the solvent.
        temperature: in kelvin.

    >>> silica = colloid(1e-6, 2000.0, 997.0, 298.15)
    >>> round(gamma_of(silica), 2)
    1.25
    """
    mass = math.pi / 6.0 * diameter**3 * (density - solvent_density)
    return Substance(mass, diameter, BOLTZMANN * temperature)


def ways_to_gamma(gamma: float) -> list[dict[str, float | str]]:
    """A row for argon on Earth, and one for each way to a given gamma.

    The scale height is sigma T / gamma at T = 1: how far up an ideal gas thins
    out by a factor e.
    """
    silica = colloid(1e-6, _SILICA_DENSITY, _WATER_DENSITY, _ROOM_TEMPERATURE)
    ways = (
        ("argon on Earth", ARGON, EARTH),
        ("argon, accelerated", ARGON, acceleration_for(ARGON, gamma)),
        ("argon's size, heavier", heavier(ARGON, gamma), EARTH),
        ("argon's density, larger", larger(ARGON, gamma), EARTH),
        ("silica spheres in water, well of k_B 298 K", larger(silica, gamma), EARTH),
    )
    return [
        {
            "what": what,
            "mass_kilogram": substance.mass,
            "diameter_metre": substance.diameter,
            "well_depth_joule": substance.well_depth,
            "acceleration_metre_per_second2": acceleration,
            "gamma": gamma_of(substance, acceleration),
            "scale_height_metre": substance.diameter / gamma_of(substance, acceleration),
        }
        for what, substance, acceleration in ways
    ]
