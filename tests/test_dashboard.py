"""The command that saves a dashboard: offline to a file, with a key to W&B, and in one line where neither can be."""

import functools
import json
import sys
from pathlib import Path

import pytest
import wandb
import wandb_workspaces.workspaces as ws

from lcpjax import dashboard
from lcpjax.dashboard import dashboard_command
from lcpjax.run import main

GOLDEN = Path(__file__).parent / "report" / "dashboard" / "golden.json"
REPORT = "https://wandb.ai/me/lcpjax/reports/Old--Vmlldzox"


@pytest.fixture(autouse=True, scope="module")
def composed_once():
    """Composing the config takes longer than all the rest."""
    compose = functools.cache(lambda *overrides, of=dashboard._wandb_config: of(list(overrides)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dashboard, "_wandb_config", lambda overrides: compose(*overrides))
        yield


class Service:
    """W&B's side of the transport: keeps what is saved, and gives it back."""

    app_url = "https://wandb.ai"

    def __init__(self):
        self.saved = []

    def execute_graphql(self, query, *, variables):
        if "upsertView" in query:
            self.saved.append(variables)
            view = {"id": variables.get("id") or "Vmlldzoy", "name": variables["name"], "spec": variables["spec"]}
            project = {"name": variables["projectName"], "entityName": variables["entityName"]}
            return {"upsertView": {"view": {**view, "displayName": variables["displayName"], "project": project}}}
        if "reportId" in query:
            spec = json.dumps({"version": 5, "blocks": []})
            project = {"name": "lcpjax", "entityName": "me"}
            return {"view": {"id": "Vmlldzox", "name": "old", "displayName": "Old", "spec": spec, "project": project}}
        old = ws.Workspace(entity="me", project="lcpjax", name="Old")._to_model().spec
        node = {"id": "old id", "displayName": "Old", "spec": old.model_dump_json(by_alias=True, exclude_none=True)}
        return {"project": {"allViews": {"edges": [{"node": node}]}}}


@pytest.fixture
def service(monkeypatch):
    """The library's only way to the network, cut; and a key, which nobody looks at."""
    service = Service()

    class Api:
        default_entity = "me"

        def __init__(self):
            self._service_api = service

        def projects(self, entity):
            return [type("Project", (), {"name": "lcpjax"})]

    monkeypatch.setattr(wandb, "Api", Api)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_SILENT", "true")
    return service


@pytest.fixture
def without_a_key(monkeypatch, tmp_path):
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("without_a_key")
def test_offline_it_writes_the_golden_file_without_a_key(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lcpjax", "dashboard", "--offline", str(tmp_path / "d.json")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "d.json")]
    assert (tmp_path / "d.json").read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.usefixtures("without_a_key")
def test_without_a_key_one_line_says_what_to_do(capsys):
    assert dashboard_command([]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "lcpjax: W&B has no key here: wandb login makes one; --offline FILE writes what would be saved"


def test_with_a_key_both_are_saved_and_their_addresses_printed(service, capsys):
    assert dashboard_command([]) == 0
    workspace, report = service.saved
    assert (workspace["type"], workspace["entityName"], workspace["projectName"]) == ("project-view", "me", "lcpjax")
    assert [section["name"] for section in sections(workspace)] == [section["name"] for section in golden_sections()]
    assert (report["type"], report["entityName"]) == ("runs", "me")
    first, second = capsys.readouterr().out.split()
    assert first.startswith("https://wandb.ai/me/lcpjax?nw=")
    assert second.startswith("https://wandb.ai/me/lcpjax/reports/What-the-autoencoders-know-of-the-fluid--")


def test_with_addresses_the_old_ones_get_the_new_content(service):
    asked = ["--workspace", "https://wandb.ai/me/lcpjax?nw=abc", "--report", REPORT]
    assert dashboard_command(asked) == 0
    workspace, report = service.saved
    assert (workspace["id"], workspace["name"]) == ("old id", "nw-abc-v")
    assert len(sections(workspace)) == len(golden_sections())
    assert report["id"] == "Vmlldzox"
    assert len(json.loads(report["spec"])["blocks"]) > len(golden_sections())


def test_a_refusal_of_wandb_is_one_line(service, capsys, monkeypatch):
    def refuse(*_, **__):
        raise wandb.errors.CommError("permission denied")

    monkeypatch.setattr(service, "execute_graphql", refuse)
    assert dashboard_command([]) == 1
    assert capsys.readouterr().err == "lcpjax: W&B did not take it (CommError: permission denied)\n"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "tracker.wandb.projct=p",
            "tracker.wandb.projct: no such key; did you mean 'tracker.wandb.project'? allowed: ",
        ),
        ("nowhere", "nowhere: no finished run there, it has no summary.json"),
        ("tracker.wandb.timeout_seconds=0", "tracker.wandb.timeout_seconds = 0.0: must be above 0 (s)"),
    ],
)
def test_a_word_that_is_neither_run_nor_key_is_one_line(word, said, capsys):
    assert dashboard_command(["--offline", "/nowhere/d.json", word]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"lcpjax: {said}")


def test_a_missing_library_comes_with_the_command_that_installs_it(monkeypatch, capsys):
    monkeypatch.setattr(dashboard, "package_version", lambda _: None)
    assert dashboard_command(["--offline", "d.json"]) == 2
    assert capsys.readouterr().err.endswith("pip install 'lcpjax[dashboards]'\n")


def test_a_file_that_cannot_be_written_is_one_line(capsys):
    assert dashboard_command(["--offline", "/proc/no/d.json"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def sections(variables):
    return json.loads(variables["spec"])["section"]["panelBankConfig"]["sections"]


def golden_sections():
    spec = json.loads(GOLDEN.read_text(encoding="utf-8"))["workspace"]["spec"]
    return spec["section"]["panelBankConfig"]["sections"]
