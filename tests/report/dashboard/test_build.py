"""The workspace and the report hold what the registry says of every metric, and W&B's own library reads them back."""

import json
from pathlib import Path

import pytest
import wandb_workspaces.reports.v2 as wr
import wandb_workspaces.workspaces as ws
from wandb_workspaces.reports.v2.interface import UnknownBlock, UnknownPanel
from wandb_workspaces.workspaces import internal

from lcpjax.config.check import key_types
from lcpjax.errors import InputError
from lcpjax.report.dashboard import SECTIONS, Section, joined, sections_of_run
from lcpjax.report.dashboard.build import build_dashboard, plain_dashboard
from lcpjax.report.quantities import quantity_of_metric

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).with_name("golden.json")
SUMMARIES = [*ROOT.glob("experiments/*/results/**/summary.json"), *ROOT.glob("tests/experiments/*/golden.json")]
# Left out of committed summaries' golden numbers, for they differ between equal runs.
TIMES = {"sampler/moves_per_second", "training/epoch_wall_seconds"}


def dashboard(sections=SECTIONS):
    return build_dashboard(sections, "lcpjax", None)


def test_what_would_be_saved_is_the_golden_file():
    found = json.loads(json.dumps(plain_dashboard(dashboard())))
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8")), (
        f"if it is to change: python -m lcpjax.dashboard --offline {GOLDEN.relative_to(ROOT)}"
    )


def test_equal_dashboards_have_equal_values_though_the_library_draws_ids():
    first, second = dashboard(), dashboard()
    assert first.workspace.sections[0].panels[0]._id != second.workspace.sections[0].panels[0]._id
    assert plain_dashboard(first) == plain_dashboard(second)


def test_every_metric_shown_is_one_that_runs_leave_and_has_a_label():
    left = {name for path in SUMMARIES for name in json.loads(path.read_text())}
    for section in SECTIONS:
        names = [name for panel in section.bars for name in panel]
        names += [name for plane in section.planes for name in plane if "/" in name]
        assert [name for name in names if name not in left | TIMES] == []
        curves = [name for panel in section.curves for name in panel] + list(section.patterns)
        assert [name for name in [*names, *curves] if not quantity_of_metric(name).is_known] == []
        assert [key for key, _ in section.planes if "/" not in key and key not in key_types("train")] == []


def test_every_figure_shown_is_one_that_an_experiment_saved():
    saved = {path.stem for path in ROOT.glob("experiments/*/results/**/figures/*.png")}
    assert {name for section in SECTIONS for name in section.figures} <= saved


def test_titles_are_the_labels_and_units_of_the_registry():
    section = Section("A", bars=(("rate/kl_nats",), ("reconstruction/mse_test_sigma2/kl_weight=1.0",)))
    (shown,) = dashboard([section]).workspace.sections
    assert [panel.title for panel in shown.panels] == ["KL (nats)", "test MSE (sigma²)"]
    (plane,) = dashboard([Section("A", planes=(("training.kl_weight", "rate/kl_nats"),))]).workspace.sections[0].panels
    assert plane.title == "KL (nats) against lambda"
    assert plane._to_model().config.x_axis == "config:training.value.kl_weight"


def test_the_library_reads_back_what_would_be_saved():
    made = dashboard()
    spec = made.workspace._to_model().spec.model_dump_json(by_alias=True, exclude_none=True)
    view = internal.View(
        entity="e",
        project="p",
        display_name="n",
        name="",
        id="",
        spec=internal.WorkspaceViewspec.model_validate_json(spec),
    )
    read = ws.Workspace._from_model(view)
    assert [section.name for section in read.sections] == [section.title for section in SECTIONS]
    for wanted, found in zip(made.workspace.sections, read.sections, strict=True):
        assert [panel.title for panel in found.panels] == [panel.title for panel in wanted.panels]
        assert not any(isinstance(panel, UnknownPanel) for panel in found.panels)
    blocks = wr.Report._from_model(made.report._to_model()).blocks
    assert [block.text for block in blocks if isinstance(block, wr.H1)] == [section.title for section in SECTIONS]
    assert not any(isinstance(block, UnknownBlock) for block in blocks)


def test_panels_of_a_report_lie_side_by_side_and_do_not_overlap():
    grids = [block for block in dashboard().report.blocks if isinstance(block, wr.PanelGrid)]
    assert len(grids) == len(SECTIONS)
    for grid in grids:
        places = [(panel.layout.x, panel.layout.y) for panel in grid.panels]
        assert len(set(places)) == len(places)
        assert {panel.layout.w for panel in grid.panels} == {8}
        assert max(x for x, _ in places) <= 16


def test_a_finished_run_adds_what_it_has_besides_and_every_number_of_it_is_shown(tmp_path):
    summary = {"rate/kl_nats": 1.0, "anomalies/auroc/a": 0.5, "anomalies/auroc/b": 0.6, "rate/kl_nats/x": 2.0}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "detection.png").write_bytes(b"")
    own = sections_of_run(tmp_path)
    assert [section.title for section in own] == ["Anomalies", "Rate and density", "Figures"]
    assert own[0].bars == (("anomalies/auroc/a", "anomalies/auroc/b"),)
    both = joined([*SECTIONS, *own, *own])
    assert [section.title for section in both] == [*(section.title for section in SECTIONS), "Anomalies", "Figures"]
    rate = both[3]
    assert rate.bars == (*SECTIONS[3].bars, ("rate/kl_nats/x",))
    assert set(summary) <= {name for section in both for panel in section.bars for name in panel}
    with pytest.raises(InputError, match="no finished run there"):
        sections_of_run(tmp_path / "figures")
