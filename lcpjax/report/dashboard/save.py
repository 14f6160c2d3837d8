"""Saving a dashboard to Weights & Biases, as a new one or over those that are there."""

import wandb
import wandb_workspaces.reports.v2 as wr
import wandb_workspaces.workspaces as ws

from lcpjax.errors import InputError
from lcpjax.report.dashboard.build import Dashboard

_OF_WORKSPACE = ("name", "sections", "settings", "runset_settings")
_OF_REPORT = ("title", "description", "blocks", "width")


def of_entity(dashboard: Dashboard) -> Dashboard:
    """The dashboard with the default entity of the key here, where its own is left open.

    Raises:
        InputError: the key has none.
    """
    if not dashboard.workspace.entity:
        entity = wandb.Api().default_entity
        if not entity:
            raise InputError(
                "tracker.wandb.entity: the key here has no default; name one with tracker.wandb.entity=NAME"
            )
        dashboard.workspace.entity = dashboard.report.entity = entity
    return dashboard


def save_workspace(dashboard: Dashboard, url: str | None = None) -> str:
    """Save the workspace, and return its address.

    Args:
        url: of the workspace whose content is replaced; None: a new one.
    """
    workspace = dashboard.workspace
    if url is not None:
        workspace = ws.Workspace.from_url(url)
        for name in _OF_WORKSPACE:
            setattr(workspace, name, getattr(dashboard.workspace, name))
    return workspace.save().url


def save_report(dashboard: Dashboard, url: str | None = None) -> str:
    """Save the report, and return its address.

    Args:
        url: of the report whose content is replaced; None: a new one.
    """
    report = dashboard.report
    if url is not None:
        report = wr.Report.from_url(url)
        for name in _OF_REPORT:
            setattr(report, name, getattr(dashboard.report, name))
    return report.save().url
