"""+experiment=entropy for the default system, whose entropy comes with the package."""

import json

import pytest

from lcpjax.pipeline import free_energy
from lcpjax.run import run_command
from tests.smoke_runs import the_run_folder


def test_the_default_system_is_known_without_an_integration(in_empty_folder, monkeypatch):
    monkeypatch.setattr(free_energy, "integrate", lambda *_: pytest.fail("it was integrated"))
    assert run_command(["+experiment=entropy"]) == 0
    summary = json.loads((the_run_folder(in_empty_folder, "entropy") / "summary.json").read_text())
    assert summary["entropy/ordered_mixture_nats"] == pytest.approx(22.4, abs=0.5)
