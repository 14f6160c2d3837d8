import dataclasses

import pytest

from lcpjax.experiments.equilibration.substances import (
    ARGON,
    EARTH,
    acceleration_for,
    colloid,
    gamma_of,
    heavier,
    larger,
    ways_to_gamma,
)


def test_argon_has_the_gamma_of_the_slides_remark():
    # 6.6335e-26 kg x 9.81 m/s2 x 3.405e-10 m / 1.6540e-21 J, worked out by hand.
    assert gamma_of(ARGON) == pytest.approx(1.3397e-13, rel=1e-4)


def test_gamma_has_no_unit():
    """Metre in nanometre, kilogram in gram, second as it is: a joule is then 1e21 g nm2 / s2."""
    other = dataclasses.replace(
        ARGON, mass=1e3 * ARGON.mass, diameter=1e9 * ARGON.diameter, well_depth=1e21 * ARGON.well_depth
    )
    assert gamma_of(other, 1e9 * EARTH) == pytest.approx(gamma_of(ARGON), rel=1e-12)


@pytest.mark.parametrize("gamma", [0.1, 1.0])
def test_each_way_leads_to_the_gamma_that_was_wanted(gamma):
    assert gamma_of(ARGON, acceleration_for(ARGON, gamma)) == pytest.approx(gamma)
    assert gamma_of(heavier(ARGON, gamma)) == pytest.approx(gamma)
    assert gamma_of(larger(ARGON, gamma)) == pytest.approx(gamma)
    first, *others = ways_to_gamma(gamma)
    assert first["gamma"] == gamma_of(ARGON)
    assert [row["gamma"] for row in others] == pytest.approx([gamma] * 4)


def test_larger_spheres_keep_their_density():
    grown = larger(ARGON, 1.0)
    assert grown.mass / grown.diameter**3 == pytest.approx(ARGON.mass / ARGON.diameter**3)


def test_what_gamma_one_takes_is_what_the_comments_say():
    rows = {row["what"]: row for row in ways_to_gamma(1.0)}
    assert rows["argon, accelerated"]["acceleration_metre_per_second2"] == pytest.approx(7.32e13, rel=1e-3)
    assert rows["argon on Earth"]["scale_height_metre"] == pytest.approx(2.54e3, rel=1e-2)
    silica = rows["silica spheres in water, well of k_B 298 K"]
    assert 0.9e-6 < silica["diameter_metre"] < 1e-6


def test_spheres_of_the_solvents_density_float():
    assert gamma_of(colloid(1e-6, 997.0, 997.0, 300.0)) == 0
