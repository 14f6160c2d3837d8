"""The entropy is integrated once, kept, and read back; the default system's comes with the package."""

import math
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from lcpjax.config import Config
from lcpjax.pipeline import free_energy
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder
from tests.smoke_runs import SMOKE, composed

DISC = [
    SMOKE,
    "system.num_particles=1",
    "system.gammas=[0.5,0.0]",
    "evaluation.entropy.chains_per_node=2",
    "dataset.cache_dir=cache",
]
# ln Z of one particle: 10 (1 - exp(-5)) / 0.5 at gamma = 0.5, 100 without gravity.
EXACT = [math.log(100.0), math.log(10.0 * (1.0 - math.exp(-5.0)) / 0.5)]


def invented(_key, _system, gammas, *_rest):
    """What an integration returns, at once: for tests of what becomes of it."""
    arrays = iter(np.random.default_rng(0).uniform(size=(15, len(gammas))))
    numbers = {"information", "information_error", "largest_drift"}
    values = {name: 0.5 if name in numbers else next(arrays) for name in free_energy.FreeEnergy._fields}
    # Two routes that agree: no warning.
    same = {"quadrature_log_partition_function": values["log_partition_function"]}
    return free_energy.FreeEnergy(**values | same)


@pytest.fixture
def integrations(monkeypatch, request):
    """The gammas of every integration that is made; with invented results unless the test asks for real ones."""
    made, integrate = [], getattr(request, "param", invented)

    def counted(key, system, gammas, *rest):
        made.append(gammas)
        return integrate(key, system, gammas, *rest)

    monkeypatch.setattr(free_energy, "integrate", counted)
    return made


def rows_of(run_folder, *overrides):
    config = composed("sample", *DISC, *overrides)
    return free_energy.entropy_rows(free_energy.fluid_free_energy(Run(config, run_folder)))


@pytest.mark.slow
@pytest.mark.usefixtures("in_empty_folder")
@pytest.mark.parametrize("integrations", [free_energy.integrate], indirect=True, ids=["real"])
def test_an_entropy_is_integrated_when_first_asked_for_and_read_after_that(run_folder, integrations):
    first = rows_of(run_folder)
    np.testing.assert_allclose([row["log_partition_function"] for row in first], EXACT, rtol=1e-7)
    assert rows_of(run_folder) == first
    # In increasing order, so that the order in the config makes no difference.
    assert integrations == [[0.0, 0.5]]


@pytest.mark.usefixtures("in_empty_folder")
def test_another_temperature_has_another_entropy(run_folder, integrations):
    rows_of(run_folder)
    rows_of(run_folder, "system.temperature=2.0")
    assert len(integrations) == 2


@pytest.mark.usefixtures("in_empty_folder")
def test_the_result_shipped_with_the_package_serves_those_who_ask_for_no_more_chains(
    run_folder, integrations, monkeypatch
):
    first = rows_of(run_folder, "evaluation.entropy.chains_per_node=4")
    (kept,) = Path("cache/free_energies").iterdir()
    monkeypatch.setattr(free_energy, "KNOWN", kept.rename("known.json"))
    for chains in (2, 3, 4):
        assert rows_of(run_folder, f"evaluation.entropy.chains_per_node={chains}") == first
    assert len(integrations) == 1
    rows_of(run_folder, "evaluation.entropy.chains_per_node=5")
    assert len(integrations) == 2


@pytest.mark.parametrize("damaged", ['{"KEY": 3}'])
def test_a_damaged_file_is_said_to_be_one_and_made_anew(in_empty_folder, run_folder, integrations, capsys, damaged):
    rows_of(run_folder)
    (kept,) = (in_empty_folder / "cache" / "free_energies").iterdir()
    text = kept.read_text()
    kept.write_text(damaged.replace("KEY", kept.stem))
    rows_of(run_folder)
    assert len(integrations) == 2
    assert kept.read_text() == text
    assert f"{kept.name}: cannot be read" in capsys.readouterr().out


def test_a_kept_result_of_which_one_digit_changed_is_integrated_anew(in_empty_folder, run_folder, integrations, capsys):
    first = rows_of(run_folder)
    (kept,) = (in_empty_folder / "cache" / "free_energies").iterdir()
    text = kept.read_text()
    # Its last digit that is no part of a checksum.
    place = max(index for index, sign in enumerate(text[: text.rindex('"sha256"')]) if sign.isdigit())
    kept.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    assert rows_of(run_folder) == first
    assert len(integrations) == 2
    assert kept.read_text() == text
    assert f"{kept.name}: cannot be read" in capsys.readouterr().out


def test_two_routes_to_ln_z_that_disagree_are_reported(monkeypatch):
    config, run_folder = Mock(spec=Config), Mock(spec=RunFolder)
    config.evaluation = Mock()
    config.evaluation.entropy.chains_per_node = 400
    zeros, off = np.zeros(1), np.ones(1)
    found = free_energy.FreeEnergy(*[zeros] * 9, 0.0, 0.0, 0.0, off, zeros, off / 5)
    monkeypatch.setattr(free_energy, "_known_or_integrated", lambda *_: found)
    free_energy.fluid_free_energy(Run(config, run_folder))
    (warning,) = [call.args[0] for call in run_folder.warn.call_args_list]
    assert "differ by 5.0 standard errors" in warning


@pytest.mark.parametrize(
    ("chains", "drift", "warning"), [(6, 10.0, "not enough chains to tell"), (400, 10.0, "too slowly"), (6, 4.0, "")]
)
def test_too_few_chains_are_not_taken_for_a_slow_fluid(monkeypatch, chains, drift, warning):
    config, run_folder = Mock(spec=Config), Mock(spec=RunFolder)
    config.evaluation = Mock()
    config.evaluation.entropy.chains_per_node = chains
    found = free_energy.FreeEnergy(*[np.zeros(1)] * 9, 0.0, 0.0, drift, *[np.zeros(1)] * 3)
    monkeypatch.setattr(free_energy, "_known_or_integrated", lambda *_: found)
    free_energy.fluid_free_energy(Run(config, run_folder))
    warnings = [call.args[0] for call in run_folder.warn.call_args_list]
    assert [warning in line for line in warnings] == [True] * bool(warning)
