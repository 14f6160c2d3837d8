"""Pages opened in headless Chromium, and what a script of a test found in them."""

import html
import json
import re
import shutil
import subprocess

import pytest

# One process starts in half a second, several in fourteen.
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--single-process",
    "--no-zygote",
    "--hide-scrollbars",
    "--virtual-time-budget=20000",
    "--dump-dom",
)
_FRAMES = """<!doctype html><meta charset="utf-8"><pre id="found"></pre>{frames}<script>
const found = {{}};
addEventListener("message", ({{ data }}) => {{
  Object.assign(found, data);
  document.getElementById("found").textContent = JSON.stringify(found);
}});
</script>"""


def chromium():
    """Path of Chromium; the test is skipped where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("needs Chromium, which is not installed here")
    return path


def found_in_frames(page, folder, script, widths):
    """What a script posts from a page shown in frames of some widths, all of them together, by name.

    Args:
        page: its text.
        script: runs at the end of the page; knows its frame's width as ``location.hash``.
        widths: in CSS pixels.
    """
    # The page lets no script in but those that stand in it.
    (folder / "page.html").write_text(page.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    frames = "".join(
        f'<iframe src="page.html#{width}" style="width:{width}px;height:900px"></iframe>' for width in widths
    )
    (folder / "frames.html").write_text(_FRAMES.format(frames=frames), "utf-8")
    command = [chromium(), *_OPTIONS, f"--user-data-dir={folder / 'profile'}", (folder / "frames.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    text = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert text, f"the page was not read: {done.stderr[-2000:]}"
    assert text[1], f"the script posted nothing: {done.stderr[-2000:]}"
    return json.loads(html.unescape(text[1]))
