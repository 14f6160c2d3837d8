"""The page: its parts in the package, and the model's content as JSON, in one file that needs nothing else."""

import html
import itertools
import json
from pathlib import Path
from string import Template
from typing import Any

import matplotlib as mpl
import numpy as np

from lcpjax.report.answer import doubts_of, with_current_names
from lcpjax.report.explorer.networks import networks_of
from lcpjax.report.explorer.numbers import Weights, hexadecimal
from lcpjax.report.explorer.operations import ExplorerError
from lcpjax.report.explorer.real_configurations import RealConfigurations, described
from lcpjax.report.figures.style import ordered_colours
from lcpjax.report.page.reading import Reader
from lcpjax.report.quantities import quantity_of_column, short
from lcpjax.runtime.files import read_text, write_text
from lcpjax.trained_model import TrainedModel

FILE_NAME = "explorer.html"
MOST_BYTES = 10**6
"""Of a page."""

_PARTS = Path(__file__).parent / "parts"
# In the order in which they need each other.
_SCRIPTS = (
    "arrays.js",
    "network.js",
    "ordering.js",
    "geometry.js",
    "physics.js",
    "model.js",
    "drawing.js",
    "charts.js",
    "plane.js",
    "decoded.js",
    "fluid.js",
    "explorer.js",
)
_NUM_MAP_COLOURS = 32


def write_explorer(folder: Path, model: TrainedModel, real: RealConfigurations) -> Path:
    """Write a model's explorer.html into a folder, completely or not at all; returns its path.

    A page that would be too large has fewer of the configurations, then no encoder, then both.

    Args:
        real: test configurations, a few hundred, gammas in turn.

    Raises:
        ExplorerError: a model that no page shows, or one with too many weights for ``MOST_BYTES``.
    """
    half = len(real.gammas) * max(len(real.positions) // (2 * len(real.gammas)), 1)
    fewer = RealConfigurations(real.positions[:half], real.gamma_index[:half], real.gammas)
    size = 0
    doubts = _doubts(folder)
    for with_encoder, configurations in itertools.product((True, False), (real, fewer)):
        page = explorer_page(model, configurations, with_encoder=with_encoder, doubts=doubts)
        if (size := len(page.encode())) <= MOST_BYTES:
            write_text(path := folder / FILE_NAME, page)
            return path
    raise ExplorerError(
        f"{folder}: its explorer would have {size / 1e6:.2f} MB, and may have {MOST_BYTES / 1e6:.0f} MB; "
        "smaller networks or fewer latents can be shown"
    )


def _doubts(folder: Path) -> str:
    """What makes a run's models doubtful, in one line; "" where nothing does, or no summary says it."""
    found = "; ".join(doubts_of(with_current_names(Reader(folder).json_object("summary.json"))))
    return f"{found[:1].upper()}{found[1:]}." if found else ""


def explorer_page(model: TrainedModel, real: RealConfigurations, *, with_encoder: bool = True, doubts: str = "") -> str:
    """The whole page of a model.

    Args:
        with_encoder: whether the page is to encode the live fluid, where it has the encoder's kind.
        doubts: what makes the model doubtful; said at the top.

    Raises:
        ExplorerError: a model that no page shows.
    """
    values = {name: quantity_of_column(name).label for name in model.setting._asdict()}
    setting = ", ".join(f"{label} = {short(getattr(model.setting, name))}" for name, label in values.items())
    title = f"{model.name}: {setting}"
    return Template(_part("page.html")).substitute(
        title=html.escape(title),
        doubts=f'<p class="doubts">{html.escape(doubts)}</p>' if doubts else "",
        style=_part("style.css"),
        # Nothing in it may end the element that it stands in.
        content=json.dumps(content_of(model, real, title, with_encoder=with_encoder), separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
        script="\n".join(map(_part, _SCRIPTS)),
    )


def content_of(
    model: TrainedModel, real: RealConfigurations, title: str, *, with_encoder: bool = True
) -> dict[str, Any]:
    """Everything of a model that the page's scripts read, as plain values.

    Raises:
        ExplorerError: a model that no page shows.
    """
    weights, representation, system = Weights(), model.representation, model.system
    networks = networks_of(model, weights, with_encoder=with_encoder)
    colours = mpl.colormaps["viridis"](np.linspace(0.0, 1.0, _NUM_MAP_COLOURS))
    return {
        "title": title,
        "latent_dim": model.setting.latent_dim,
        "system": {
            "num_particles": system.num_particles,
            "box_side": system.box_side,
            "temperature": system.temperature,
            "pair_potential": system.pair_potential,
        },
        "representation": {
            "name": representation.name,
            "ordering": representation.ordering,
            "mirror": representation.mirror,
            "template": weights.add(representation.template) if representation.template else None,
        },
        "networks": networks,
        "why_no_encoder": "is of a kind that this page does not run" if with_encoder else "is too large for this page",
        "real": described(real, model, weights),
        "colours": {
            "gammas": hexadecimal(ordered_colours(len(real.gammas))),
            "gammas_on_dark": hexadecimal(ordered_colours(len(real.gammas), on_dark=True)),
            "distances": hexadecimal(map(tuple, colours)),
        },
        "weights": weights.base64(),
    }


def _part(name: str) -> str:
    return read_text(_PARTS / name)
