"""report.html: one self-contained page of a run's summary, tables, figures and config."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from lcpjax.report.tables import read_table
from lcpjax.runtime.files import read_json, read_text, write_text

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .9rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
img { max-width: 100%; } pre { background: #f6f6f6; padding: 1rem; overflow-x: auto; font-size: 13px; }
.failed { color: #b00020; font-weight: 600; }
.warning { background: #fff3cd; border-left: 4px solid #d39e00; padding: .6rem 1rem; font-weight: 600; }
"""


def write_report(folder: Path, failures: Sequence[str] = (), warnings: Sequence[str] = ()) -> None:
    """Write report.html from the run folder's content; it opens from disk and needs nothing else."""
    experiment = yaml.safe_load(read_text(folder / "config.yaml"))["experiment"]
    parts = [f"<h1>{html.escape(experiment)} / {html.escape(folder.resolve().name)}</h1>"]
    parts += [f'<p class="warning">Warning: {html.escape(line)}</p>' for line in warnings]
    parts += [f'<p class="failed">{html.escape(line)}</p>' for line in failures]
    summary = read_json(folder / "summary.json") or {}
    parts += ["<h2>Summary</h2>", _table([{"quantity": key, "value": value} for key, value in summary.items()])]
    for path in sorted((folder / "figures").glob("*.png")):
        picture = base64.b64encode(path.read_bytes()).decode()
        name = html.escape(path.stem.replace("_", " "))
        parts.append(f'<h2>{name}</h2><img alt="{name}" src="data:image/png;base64,{picture}">')
    for path in sorted((folder / "tables").glob("*.csv")):
        parts.append(f"<h2>{html.escape(path.name)}</h2>{_table(read_table(path))}")
    for name in ("config.yaml", "run_info.json"):
        if (folder / name).exists():
            text = html.escape(read_text(folder / name))
            parts.append(f"<details><summary>{name}</summary><pre>{text}</pre></details>")
    body = "\n".join(parts)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(experiment)}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
    write_text(folder / "report.html", page)


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in rows[0])
    lines = ("".join(f"<td>{html.escape(_short(value))}</td>" for value in row.values()) for row in rows)
    return f"<table><tr>{head}</tr>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _short(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
