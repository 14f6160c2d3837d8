"""What the benchmark compares, and that its numbers mean what they say."""

import json
import math

import jax
import numpy as np
import pytest

from lcpjax.build import build_system
from lcpjax.experiments.benchmark import programs
from lcpjax.experiments.benchmark.medians import headline, median_rows
from lcpjax.experiments.benchmark.programs import Program, reference_programs, samplers
from lcpjax.experiments.benchmark.roofline import operations_per_move
from lcpjax.experiments.benchmark.roofline_rows import Bounds, measured_peaks, roofline_rows
from lcpjax.experiments.benchmark.sampler_rounds import alternating_rounds, timed_row
from lcpjax.experiments.benchmark.sizes import Size, dataset_size, reference_size, sampler_sizes, systems_to_time
from lcpjax.report import read_table
from lcpjax.run import run_command
from lcpjax.system import System
from tests.smoke_runs import SMOKE, composed, the_run_folder, without_times


def test_systems_of_all_sizes_have_one_number_density_and_temperature():
    systems = systems_to_time(
        composed("benchmark", "system=dense", "system.temperature=0.7", "system.num_particles=40")
    )
    assert [system.num_particles for system in systems] == [30, 40, 100, 300]
    for system in systems:
        assert system.num_particles / system.box_side**2 == pytest.approx(40 / 6.5**2, rel=1e-12)
        assert system.temperature == 0.7


def test_all_rounds_of_one_size_cost_about_as_much_as_the_dataset():
    config = composed("benchmark")
    budget = dataset_size(config).num_partners / config.settings.num_rounds
    for system in systems_to_time(config):
        for size in sampler_sizes(config, system):
            # Few chains stop at the config's number of sweeps, many make ten; that of 20 or more is rounded.
            fewer, more = size.num_sweeps == config.sampler.num_sweeps, size.num_sweeps == 10
            is_equal = size.num_partners == pytest.approx(budget, rel=0.025)
            assert is_equal or (fewer and size.num_partners < budget) or (more and size.num_partners > budget)
        assert reference_size(config, system, cores=1).num_partners <= 1.05 * budget


@pytest.mark.parametrize(
    ("scale", "most"),
    [
        ("smoke", 2048),
        ("laptop", 131072),
        ("reference", 131072),
        ("study", 131072),
        ("gpu", 2097152),
        ("gpu_check", 2097152),
    ],
)
def test_numbers_of_chains_grow_with_the_scale(scale, most):
    config = composed("benchmark", f"+scale={scale}")
    numbers = [size.num_chains for size in sampler_sizes(config, build_system(config))]
    assert numbers == sorted(numbers)
    assert numbers[-1] == most
    assert {512, 4 * config.dataset.chains_per_gamma} <= set(numbers)


def timed(seconds_of, *, is_reference):
    about = ("lcpjax", "cpu", 2, "float32")
    program = Program(*about, lambda size, _: seconds_of(size.num_sweeps), is_reference=is_reference)
    return timed_row(program, Size(System(), 100, 11), round_=0, full_num_sweeps=3000)


def test_the_rate_is_that_of_a_run_with_all_sweeps_its_fixed_cost_paid_once():
    row = timed(lambda num_sweeps: 0.5 + 0.01 * num_sweeps, is_reference=False)
    assert row["moves_per_second"] == pytest.approx(100 * 3000 * 30 / (0.5 + 0.01 * 3000))
    # A run of one sweep that took longer than one of eleven leaves a lower bound.
    row = timed(lambda num_sweeps: 0.2 if num_sweeps == 11 else 0.3, is_reference=False)
    assert row["moves_per_second"] == pytest.approx(100 * 11 * 30 / 0.2)
    # A reference program's time has no fixed cost to begin with.
    row = timed(lambda num_sweeps: 0.01 * num_sweeps, is_reference=True)
    assert row["moves_per_second"] == pytest.approx(100 * 30 / 0.01)


def test_every_round_runs_all_programs_in_turn_after_each_was_compiled():
    runs, config = [], composed("benchmark", "settings.num_rounds=2")

    def program(name):
        def wall_seconds(size, seed):
            runs.append((name, size.num_sweeps, seed))
            return 1.0

        return Program(name, "cpu", 1, "float64", wall_seconds, is_reference=True)

    entries = [(program("a"), Size(System(), 4, 5)), (program("b"), Size(System(), 8, 7))]
    rows = alternating_rounds(config, "measuring", entries)
    assert runs == [("a", 1, 0), ("b", 1, 0), ("a", 5, 0), ("b", 7, 0), ("a", 5, 1), ("b", 7, 1)]
    assert [(row["program"], row["round"], row["num_chains"]) for row in rows] == [
        ("a", 0, 4),
        ("b", 0, 8),
        ("a", 1, 4),
        ("b", 1, 8),
    ]


def rows_of(program, rates, num_particles=30, num_chains=40000):
    about = {"program": program, "device": "cpu", "num_particles": num_particles, "num_chains": num_chains}
    return [
        {**about, "round": round_, "wall_seconds": 1.0, "one_sweep_wall_seconds": 0.0, "moves_per_second": rate}
        for round_, rate in enumerate(rates)
    ]


def test_ratios_are_medians_over_rounds_of_runs_made_side_by_side():
    # The machine was twice as slow in the second round and three times as fast in the third: no ratio changes.
    machine = np.array([1.0, 0.5, 3.0])
    rows = rows_of("scalar C++", 10.0 * machine, num_chains=64) + rows_of("lcpjax", 70.0 * machine)
    rows += rows_of("lcpjax", 40.0 * machine, num_chains=512) + rows_of("lcpjax fused", 90.0 * machine)
    rows += rows_of("lcpjax", 5.0 * machine, num_particles=100)
    medians = median_rows(rows)
    assert [row.get("ratio_to_scalar_cpp_moves_per_second") for row in medians] == [1.0, 7.0, 4.0, 9.0, None]
    assert [row["lowest_moves_per_second"] for row in medians] == [5.0, 35.0, 20.0, 45.0, 2.5]
    assert headline(composed("benchmark"), medians) == {
        "sampler/scalar_cpp_moves_per_second": 10.0,
        "sampler/moves_per_second": 70.0,
        "sampler/ratio_to_scalar_cpp_moves_per_second": 7.0,
        "sampler/fused_moves_per_second": 90.0,
        "sampler/fused_ratio_to_scalar_cpp_moves_per_second": 9.0,
    }


def test_a_reference_program_that_cannot_be_had_is_left_out_with_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("lcpjax.experiments.benchmark.programs.compile_numba_reference", lambda: None)
    assert reference_programs(composed("benchmark"), tmp_path) == []
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" is left out")[0] for line in said] == ["scalar C++", "fast C++", "numba"]
    assert reference_programs(composed("benchmark", "system.pair_potential=soft_power"), tmp_path) == []
    assert "only the Lennard-Jones potential" in capsys.readouterr().out


def test_on_a_gpu_the_fused_kernel_is_timed_against_the_portable_one(monkeypatch, capsys):
    assert [sampler.program for sampler in samplers(composed("benchmark"))] == ["lcpjax"]
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    # Of a CPU, or an older GPU, the kernel is left out with a line.
    assert [sampler.program for sampler in samplers(composed("benchmark"))] == ["lcpjax"]
    assert "lcpjax fused is left out: kernel = fused: needs an NVIDIA GPU" in capsys.readouterr().out
    monkeypatch.setattr(programs, "check_kernel", lambda *_: None)
    portable, fused = samplers(composed("benchmark"))
    assert (portable.program, fused.program) == ("lcpjax", "lcpjax fused")
    # 226 particles of 128 chains fill the memory that a multiprocessor shares.
    assert (portable.most_particles, fused.most_particles) == (math.inf, 226)


def test_the_roofline_is_the_fraction_of_what_the_device_can_do_at_most():
    medians = [
        {"program": program, "device": "cpu", "num_particles": number, "num_chains": 4000, "moves_per_second": 1e8}
        for program, number in (("scalar C++", 30), ("lcpjax", 30), ("lcpjax", 300))
    ]
    # 300 particles do not fit the fused kernel, whose bytes are counted.
    (row,) = roofline_rows(composed("benchmark"), medians, Bounds(1e12, 1e10))
    assert row["program"] == "lcpjax"
    assert row["bound_moves_per_second"] == pytest.approx(1e12 / operations_per_move(System()))
    assert row["fraction_of_bound"] == pytest.approx(1e8 / row["bound_moves_per_second"])


def test_the_peaks_of_this_machine_are_those_of_a_machine():
    operations, bytes_ = measured_peaks()
    assert 1e9 < operations < 1e16
    assert 1e8 < bytes_ < 1e14


@pytest.mark.slow
def test_the_benchmark_leaves_tables_medians_and_a_figure(in_empty_folder):
    sizes = [
        "model=mlp",
        "model.width=8",
        "settings.num_rounds=2",
        "settings.num_particles=[30]",
        "settings.num_chains=[512]",
    ]
    assert run_command(["+experiment=benchmark", SMOKE, *sizes]) == 0
    folder = the_run_folder(in_empty_folder, "benchmark")
    rows = read_table(folder / "tables" / "sampler_throughput.csv")
    ours = [row for row in rows if row["program"] == "lcpjax"]
    assert [(row["round"], row["num_chains"]) for row in ours] == [(0, 256), (0, 512), (1, 256), (1, 512)]
    for row in rows:
        assert row["moves_per_second"] > 0
    summary = json.loads((folder / "summary.json").read_text())
    assert {"sampler/moves_per_second", "sampler/end_to_end_wall_seconds"} <= set(summary)
    # Nothing in it can be equal between two runs.
    assert without_times(summary) == {}
    (first, _) = read_table(folder / "tables" / "roofline.csv")
    assert 0 < first["fraction_of_bound"] < 1
    training = read_table(folder / "tables" / "training.csv")
    assert (training[-1]["program"], training[-1]["batch_size"]) == ("lcpjax", 32)
    assert 0 < training[-1]["fraction_of_peak_operations_per_second"] < 1
    many_models = read_table(folder / "tables" / "many_models.csv")
    assert [row["strategy"] for row in many_models] == ["one_by_one", "loop", "vmap"]
    (end_to_end,) = read_table(folder / "tables" / "end_to_end.csv")
    assert end_to_end["num_chains"] == 256
    for name in ("sampler_benchmark.png", "sampler_benchmark.pdf", "sampler_benchmark.csv"):
        assert (folder / "figures" / name).stat().st_size > 100


def test_a_system_without_a_box_for_every_number_of_particles_is_refused_before_anything_is_timed(
    in_empty_folder, capsys
):
    assert run_command(["+experiment=benchmark", "system.num_particles=2", "system.box_side=1.0"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "settings.num_particles: num_particles = 30: a box of side" in line
    assert not list(in_empty_folder.iterdir())


def test_a_key_that_moved_is_named_where_it_is_now(in_empty_folder, capsys):
    assert run_command(["+experiment=benchmark", SMOKE, "evaluation.benchmark.num_rounds=3"]) == 2
    assert "did you mean 'settings.num_rounds'" in capsys.readouterr().err
