"""The report on a machine: what is there, what to do, and how long experiments take."""

import os

import pytest

from lcpjax import doctor
from lcpjax.config.experiments import experiment_names


@pytest.fixture
def report(monkeypatch, capsys, tmp_path):
    """The lines printed with speeds as given, in an empty home."""

    def lines(moves=1e8, configurations=13_000.0, **environment):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.delenv("WANDB_API_KEY", raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(doctor, "_moves_per_second", lambda: moves)
        monkeypatch.setattr(doctor, "_configurations_per_second", lambda: configurations)
        assert doctor.doctor_command([]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


def after(lines, what):
    (line,) = (line for line in lines if line.startswith(f"{what}: "))
    return line.partition(": ")[2]


def test_every_experiment_with_a_time_of_its_own_is_in_the_report(report):
    lines = report()
    assert "(cpu)" in after(lines, "device")
    assert after(lines, "sampler").startswith("1e+08 moves")
    named = {line.split(":")[0].strip() for line in lines if line.startswith("  ") and "->" not in line}
    assert named == set(experiment_names())


def test_a_machine_half_as_fast_takes_twice_as_long(report):
    fast, slow = (report(configurations=rate) for rate in (13e3, 6.5e3))
    minutes = [float(after(lines, "  representations").split()[0]) for lines in (fast, slow)]
    assert minutes[1] == 2 * minutes[0]
    # Training does not count where chains take the time.
    assert after(fast, "  verification") == after(slow, "  verification")
    assert after(report(moves=1e7), "  verification") != after(fast, "  verification")


def test_a_key_of_weights_and_biases_is_seen_in_the_environment_and_in_netrc(report, tmp_path):
    assert "no key" in after(report(), "Weights & Biases")
    (tmp_path / ".netrc").write_text("machine api.wandb.ai\n")
    assert after(report(), "Weights & Biases") == "a key is there"
    (tmp_path / ".netrc").unlink()
    assert after(report(WANDB_API_KEY="0"), "Weights & Biases") == "a key is there"


def test_what_is_missing_comes_with_the_command_that_mends_it(report, monkeypatch):
    monkeypatch.setattr(doctor, "package_version", lambda name: None if name == "gsd" else "1")
    lines = report()
    assert after(lines, "extra export") == "gsd missing"
    assert "    -> pip install 'lcpjax[export]'" in lines
    assert after(lines, "extra sweep") == "installed"


def test_a_busy_machine_says_that_its_times_are_too_long(report, monkeypatch):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1 * cores, 9.0, 9.0))
    assert not any(line.startswith("load: ") for line in report())
    monkeypatch.setattr(os, "getloadavg", lambda: (1.5 * cores, 0.0, 0.0))
    lines = report()
    assert after(lines, "load") == f"other programs want {1.5 * cores:.1f} of the {cores} cores"
    assert "too long" in lines[lines.index(next(line for line in lines if line.startswith("load"))) + 1]


def test_arguments_are_refused_with_the_usage(capsys):
    assert doctor.doctor_command(["quickly"]) == 2
    assert "usage" in capsys.readouterr().out
    assert doctor.doctor_command(["--help"]) == 0


@pytest.mark.slow
def test_both_rates_are_measured():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "_SECONDS", 0.0)
        assert 1e4 < doctor._moves_per_second() < 1e12
        assert 10 < doctor._configurations_per_second() < 1e9
