import pytest

from lcpjax.experiments.benchmark.roofline import memory_bytes_per_move, operations_per_move, roofline_moves_per_second
from lcpjax.system import System


@pytest.mark.parametrize(("pair_potential", "of_one_pair"), [("lennard_jones", 5), ("soft_power", 3)])
def test_one_more_partner_costs_two_distances_two_pair_energies_and_two_sums(pair_potential, of_one_pair):
    few, many = (System(num_particles=n, pair_potential=pair_potential) for n in (30, 100))
    # A squared distance: two differences, two squares, one sum. What is made once a sweep cancels after
    # multiplication with the number of moves, up to the 170 operations of tuning and of the sweep's kind.
    costs = [operations_per_move(system) for system in (few, many)]
    assert costs[1] - costs[0] == pytest.approx(70 * 2 * (5 + of_one_pair + 1), abs=170 * (1 / 30 - 1 / 100) + 1)


def test_the_hash_alone_is_twenty_rounds_of_six_operations_and_less_than_a_move():
    # Of a single particle each sweep has two: that of its move and that of its kind.
    assert 2 * 20 * 6 < operations_per_move(System(num_particles=1)) < 2 * 20 * 6 + 150


def test_a_call_of_many_sweeps_hardly_touches_the_memory():
    # Coordinates, energy, step size, fraction in and out; gamma, temperature and chain in, acceptance out.
    assert memory_bytes_per_move(System(), 1) == pytest.approx(4 * (2 * 63 + 4) / 30)
    assert memory_bytes_per_move(System(), 1500) < 0.02


def test_the_nearer_peak_counts():
    system = System()
    assert roofline_moves_per_second(system, 1, 1e30, 1e12) == pytest.approx(1e12 / memory_bytes_per_move(system, 1))
    assert roofline_moves_per_second(system, 1, 1e12, 1e30) == pytest.approx(1e12 / operations_per_move(system))
