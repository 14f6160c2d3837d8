"""The page as a browser lays it out, and as people with other eyes read it."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import lcpjax.report.page
from lcpjax.report.page import write_report

STYLE = (Path(lcpjax.report.page.__file__).parent / "style.css").read_text()
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
WIDTHS = (390, 1280)
# Everything unfolded, so that all of it is laid out; then one sort, and back what was found.
SCRIPT = """<script>
for (const each of document.querySelectorAll("details")) each.open = true;
const button = document.querySelector("table.sortable th button");
const column = () => [...button.closest("table").tBodies[0].rows].map((row) => row.cells[0].textContent);
button.focus();
const before = column(); button.click(); const rising = column(); button.click(); const falling = column();
const all = (selector) => document.querySelectorAll(selector).length;
parent.postMessage({
  width: innerWidth, scrolled: document.documentElement.scrollWidth,
  before, rising, falling, sorted: button.parentElement.getAttribute("aria-sort"),
  focused: document.activeElement === button,
  tables: all("table"), boxes: all(".box[tabindex][aria-label]"), pictures: all("img"),
  nameless: all("img:not([alt]), img[alt=''], button:empty, a:empty, html:not([lang])"),
}, "*");
</script>"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed here")
def test_nothing_overflows_sideways_and_tables_are_sorted_with_the_keyboard_too(made_run, tmp_path):
    write_report(made_run)
    (tmp_path / "page.html").write_text((made_run / "report.html").read_text() + SCRIPT)
    frames = "".join(f'<iframe width="{width}" height="900" src="page.html"></iframe>' for width in WIDTHS)
    collect = 'addEventListener("message", (event) => { out.append(JSON.stringify(event.data) + "\\n"); });'
    wrapper = f'<!doctype html><meta charset="utf-8"><pre id="out"></pre><script>{collect}</script>{frames}'
    (tmp_path / "wrapper.html").write_text(wrapper)
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [BROWSER, *options, "--virtual-time-budget=4000", "--dump-dom", (tmp_path / "wrapper.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    found = [json.loads(line) for line in re.findall(r"\{.*?\}(?=\n)", dom)]
    assert sorted(each["width"] for each in found) == list(WIDTHS), dom[:2000]
    for each in found:
        assert each["scrolled"] <= each["width"]
        assert each["boxes"] == each["tables"] > 2
        assert each["pictures"] == 1
        assert each["nameless"] == 0
        assert each["focused"]
        assert each["sorted"] == "descending"
        assert each["before"] == ["0.1", "0.01"]
        assert each["rising"] == ["0.01", "0.1"]
        assert each["falling"] == ["0.1", "0.01"]


def luminance(colour):
    """Relative luminance of WCAG 2.1."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrasts_are_those_that_the_standard_defines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # The lightest grey on white that passes.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_text_can_be_read_on_its_background_in_every_scheme():
    schemes = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
    ]
    assert len(schemes) == 3
    pairs = [*itertools.product(("ink", "quiet", "link"), ("paper", "panel")), ("alert-ink", "alert")]
    for scheme, (text, background) in itertools.product(schemes, pairs):
        assert contrast(scheme[text], scheme[background]) >= 4.5, (text, background, scheme)
