"""The workspace and the report, as objects of W&B's library and as plain values."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import wandb_workspaces.reports.v2 as wr
import wandb_workspaces.workspaces as ws

from lcpjax.report.dashboard.panels import panels_of
from lcpjax.report.dashboard.sections import Section

_TITLE = "What the autoencoders know of the fluid"
_ABOUT = (
    "Variational autoencoders of a sampled Lennard-Jones fluid, in reduced units (sigma, epsilon, k_B = 1). Every "
    "panel shows the runs of the project; those of a grid share a group."
)
_COLUMNS = (
    "run:group",
    "run:jobType",
    "summary:reconstruction/rmsd_of_sample_sigma",
    "summary:rate/kl_nats",
    "summary:rate/above_shannon_nats",
    "summary:training/num_unconverged_models",
)
_IDS = {"id", "__id__"}
_ACROSS, _WIDTH, _HEIGHT = 3, 8, 6
"""Panels side by side in a report, and their size on its grid of 24 columns."""


class Dashboard(NamedTuple):
    """What is saved to a project of W&B."""

    workspace: ws.Workspace
    report: wr.Report


def build_dashboard(sections: Sequence[Section], project: str, entity: str | None) -> Dashboard:
    """The dashboard of a project; nothing is saved, and no network is needed.

    Args:
        entity: None: left open.
    """
    workspace = ws.Workspace(
        entity=entity or "",
        project=project,
        name=_TITLE,
        sections=[ws.Section(name=each.title, panels=panels_of(each), is_open=True) for each in sections],
        settings=ws.WorkspaceSettings(x_axis="epoch", max_runs=50),
        runset_settings=ws.RunsetSettings(pinned_columns=list(_COLUMNS)),
    )
    blocks: list[Any] = [wr.P(_ABOUT), wr.TableOfContents()]
    for section in sections:
        blocks += [wr.H1(section.title), *([wr.P(section.about)] if section.about else []), _grid(section)]
    report = wr.Report(
        entity=entity or "", project=project, title=_TITLE, description="Made from code.", blocks=blocks, width="fluid"
    )
    return Dashboard(workspace, report)


def plain_dashboard(dashboard: Dashboard) -> dict[str, Any]:
    """What would be saved, as plain values; ids, which W&B's library draws at random, are left out."""
    models = {name: each._to_model() for name, each in dashboard._asdict().items()}
    dumped = {name: model.model_dump(mode="json", by_alias=True, exclude_none=True) for name, model in models.items()}
    return _without_ids(dumped)


def _grid(section: Section) -> wr.PanelGrid:
    panels = panels_of(section)
    for place, panel in enumerate(panels):
        row, column = divmod(place, _ACROSS)
        panel.layout = wr.Layout(x=column * _WIDTH, y=row * _HEIGHT, w=_WIDTH, h=_HEIGHT)
    return wr.PanelGrid(runsets=[wr.Runset(name="all runs")], panels=panels)


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(entry) for key, entry in value.items() if key not in _IDS}
    return [_without_ids(entry) for entry in value] if isinstance(value, list) else value
