import dataclasses

import jax.numpy as jnp
import pytest

from lcpjax.errors import InputError
from lcpjax.system import System, inside_box, most_particles


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"temperature": -1.0}, "temperature = -1.0: must be above 0"),
        ({"box_side": 0.0}, "box_side = 0.0: must be above 0"),
        ({"temperature": float("nan")}, "temperature = nan"),
        ({"num_particles": 0}, "num_particles = 0: must be at least 1"),
        ({"num_particles": 137}, "a box of side 10.0 sigma holds at most 136"),
        ({"pair_potential": "lenard_jones"}, "did you mean 'lennard_jones'"),
    ],
)
def test_an_impossible_system_is_refused_in_one_line_that_names_it(values, complaint):
    with pytest.raises(InputError, match=r"^[^\n]*$") as refused:
        System(**values)
    assert complaint in str(refused.value)


def test_a_system_is_frozen_and_can_name_a_compiled_program():
    assert hash(System()) == hash(System())
    with pytest.raises(dataclasses.FrozenInstanceError):
        System().box_side = 3.0


def test_a_hexagonal_lattice_stays_below_the_bound_on_the_number_of_particles():
    # Rows of 11 and 10 at distance sqrt(3) / 2: what really fits into side 10.
    rows = int(10 / (3**0.5 / 2)) + 1
    fitting = sum(11 if row % 2 == 0 else 10 for row in range(rows))
    assert 0.9 * most_particles(10.0) < fitting <= most_particles(10.0)


def test_the_walls_belong_to_the_box_and_nan_does_not():
    points = jnp.array([[0.0, 0.0], [10.0, 10.0], [10.001, 5.0], [5.0, -0.001], [jnp.nan, 5.0]])
    assert inside_box(points, 10.0).tolist() == [True, True, False, False, False]
