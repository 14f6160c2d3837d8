"""The explorer's page in a browser: it computes what JAX computes, samples the exact law, and needs keys alone."""

import contextlib
import copy
import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

import lcpjax.report.explorer.page as making
from lcpjax.explore import explore_command
from lcpjax.reconstruction import tumble
from lcpjax.report.explorer import ExplorerError, RealConfigurations, write_explorer
from lcpjax.report.explorer.networks import networks_of
from lcpjax.report.explorer.numbers import Weights
from lcpjax.report.explorer.page import MOST_BYTES, content_of, explorer_page
from lcpjax.representation import distance_matrix
from lcpjax.sampler.verification.two_particle_distribution import two_particle_distribution
from lcpjax.system import System, total_energy
from lcpjax.system.barometric_law import mean_height
from tests.report.explorer.browser import found_in_frames
from tests.report.explorer.models_by_hand import SHOWN, model_of, positions

RUN = Path(__file__).parents[2] / "run_of_version_0_1_0.tar.gz"
LOOK = Path(__file__).with_name("look.js")
# Sums of some thousand products in float32, of order 1: 1e-6 and a few times that.
PARITY = 1e-5
# Of the sampler's own checks.
STANDARD_ERRORS = 4.5


def real_configurations():
    return RealConfigurations(positions(), np.array([0, 1, 1]), (0.1, 1.0))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The explorer of a run of an earlier version, by the command, which prints its path."""
    folder = tmp_path_factory.mktemp("explored")
    with tarfile.open(RUN) as packed:
        packed.extractall(folder, filter="data")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert explore_command([str(folder / "run"), "seed=0", "kl_weight=0.001"]) == 0
    path = printed.getvalue().splitlines()[-1]
    assert path == str(folder / "run" / "explorer.html")
    return Path(path).read_text("utf-8")


@pytest.fixture(scope="module")
def models():
    return {name: model_of(*overrides) for name, overrides in SHOWN.items()}


@pytest.fixture(scope="module")
def found(page, models, tmp_path_factory):
    """What the page's own scripts find, of its own model, those by hand, and one with a weight that is wrong."""
    contents = [content_of(model, real_configurations(), name) for name, model in models.items()]
    wrong = copy.deepcopy(contents[0])
    wrong["networks"]["decoder"][-1]["scale"] *= 1.001
    given = json.dumps({"contents": [*contents, wrong], "positions": positions().tolist()})
    with_data = page.replace("</body>", f'<script type="application/json" id="given">{given}</script></body>')
    return found_in_frames(with_data, tmp_path_factory.mktemp("browser"), LOOK.read_text("utf-8"), [390, 1280])


def difference(found, expected):
    """The largest difference, relative to the largest number."""
    expected = np.asarray(expected)
    return np.abs(np.asarray(found).reshape(expected.shape) - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("name", SHOWN)
def test_codes_and_what_they_decode_to_are_those_of_jax(name, found, models):
    model, of_page = models[name], found["models"][list(SHOWN).index(name)]
    codes = model.encode(positions()).mean
    samples, points = model.decode_with_coordinates(codes)
    assert difference([each["code"] for each in of_page], codes) < PARITY
    assert difference([each["sample"] for each in of_page], samples) < PARITY
    # Coordinates from distances are so up to a rigid motion.
    distances = [each["distances"] for each in of_page]
    assert difference(distances, distance_matrix(points)) < PARITY


def test_a_weight_that_is_wrong_by_a_thousandth_is_noticed(found, models):
    model = models[next(iter(SHOWN))]
    samples = model.decode(model.encode(positions()).mean)
    assert difference([each["sample"] for each in found["models"][-1]], samples) > 10 * PARITY


def test_energies_and_the_tumbler_are_those_of_jax(found):
    expected = [total_energy(points, 0.7) for points in positions()]
    assert difference(found["energies"], expected) < PARITY
    assert difference(found["resting"], tumble(positions()[0])) < PARITY


def test_a_particle_has_the_exact_mean_height_and_a_warmer_one_has_not(found):
    of_cold, of_warm = found["chains"]["height"], found["chains"]["warmer_height"]
    exact = float(mean_height(1.0, 10.0))
    assert abs(of_cold["mean"] - exact) < STANDARD_ERRORS * of_cold["error"]
    assert abs(of_warm["mean"] - exact) > STANDARD_ERRORS * of_warm["error"]
    # So small that a temperature off by a tenth is seen.
    assert of_cold["error"] < 0.02


def test_two_particles_have_the_exact_mean_energy_and_height(found):
    exact = two_particle_distribution(System(num_particles=2, box_side=3.0), 0.5)
    energy, height = found["chains"]["pair_energy"], found["chains"]["height_sum"]
    assert abs(energy["mean"] - exact.mean_pair_energy) < STANDARD_ERRORS * energy["error"] < 0.1
    assert abs(height["mean"] - exact.mean_height_sum) < STANDARD_ERRORS * height["error"] < 0.1


def test_keys_and_controls_alone_reach_everything(found):
    keyboard = found["keyboard"]
    assert keyboard["right"][0] > keyboard["start"][0]
    assert keyboard["isReal"]
    assert keyboard["point"][1] > keyboard["right"][1]
    assert keyboard["point"][0] == pytest.approx(keyboard["right"][0])
    assert not any(keyboard["zero"])
    assert keyboard["moved"] == pytest.approx(keyboard["slider"])
    assert keyboard["slider"] == pytest.approx(1.5, abs=0.1)
    assert (keyboard["swept"], keyboard["gamma"]) == (1, 0)
    assert found["unnamed"] == []


def test_every_picture_is_drawn_and_nothing_overflows_sideways(found):
    assert found["overflow 390"] <= 0
    assert found["overflow 1280"] <= 0
    assert min(found["colours"]) > 5


def test_the_page_needs_no_network(page):
    own = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert re.findall(r"https?:|\bsrc\s*=|<link|@import|url\(|fetch\(|XMLHttp|WebSocket|import\(", own) == []
    assert "default-src 'none'" in own
    assert len(page.encode()) < MOST_BYTES


def luminance(colour):
    """Relative luminance of WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_every_text_can_be_read_on_its_background_light_and_dark(page):
    schemes = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", page, re.S)
    ]
    assert len(schemes) == 2
    for scheme in schemes:
        for text, background in [
            ("text", "page"),
            ("text", "panel"),
            ("soft", "page"),
            ("soft", "panel"),
            ("on-accent", "accent"),
        ]:
            dark, light = sorted(map(luminance, (scheme[text], scheme[background])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, background)


def test_a_model_that_no_page_shows_is_refused_in_one_line(tmp_path):
    neighbours = model_of("model=neighbours", "model.width=4", "model.num_heads=2")
    with pytest.raises(ExplorerError, match=r"^decoder NeighbourDecoder: an explorer shows convolutional [^\n]*$"):
        write_explorer(tmp_path, neighbours, real_configurations())
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_room_is_left_out_and_a_model_too_large_is_refused_in_one_line(models, tmp_path, monkeypatch):
    model, real = models["coordinates"], real_configurations()
    # Of two gammas in turn, two of the three configurations are kept.
    fewer = RealConfigurations(real.positions[:2], real.gamma_index[:2], real.gammas)
    whole, least = explorer_page(model, real), explorer_page(model, fewer, with_encoder=False)
    for written in (whole, least):
        monkeypatch.setattr(making, "MOST_BYTES", len(written.encode()))
        assert write_explorer(tmp_path, model, real).read_text("utf-8") == written
    assert '"encoder":null' in least
    monkeypatch.setattr(making, "MOST_BYTES", len(least.encode()) - 1)
    with pytest.raises(ExplorerError, match=r"its explorer would have 0\.\d\d MB, and may have 0 MB; [^\n]*$"):
        write_explorer(tmp_path / "refused", model, real)
    assert not (tmp_path / "refused").exists()


def test_a_set_transformer_is_shown_without_codes_of_the_live_fluid():
    model = model_of(
        "model.encoder=set_transformer", "model.decoder=point_perceptron", "model.width=4", "model.depth=1"
    )
    networks = networks_of(model, Weights())
    assert networks["encoder"] is None
    assert networks["gives_points"]


def test_what_makes_a_run_doubtful_stands_on_its_explorer_and_nothing_where_nothing_does(models, tmp_path):
    model, real = models["coordinates"], real_configurations()
    assert '<p class="doubts">' not in write_explorer(tmp_path, model, real).read_text("utf-8")
    summary = {"training/num_models": 3, "training/num_unconverged_models": 2, "sampler/is_equilibrated": 0}
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    page = write_explorer(tmp_path, model, real).read_text("utf-8")
    doubts = "Chains not shown to be in equilibrium; not converged (2 of 3 models)."
    assert f'<p class="doubts">{doubts}</p>' in page
    assert '<p class="model">' in page
    assert "lambda = " in page[: page.index(doubts)]


def test_why_the_live_fluid_has_no_code_is_said_by_its_cause(models):
    model, real = models["coordinates"], real_configurations()
    assert "kind" in content_of(model, real, "")["why_no_encoder"]
    assert "large" in content_of(model, real, "", with_encoder=False)["why_no_encoder"]
