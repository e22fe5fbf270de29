"""The page in a real browser, where there is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from transcaspian.report.page import page

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--enable-logging=stderr",
)  # fmt: skip
PROBE = """
<script>
const report = {
  sizes: Array.from(document.querySelectorAll("svg"), (svg) => {
    const box = svg.getBoundingClientRect();
    return [box.width, box.height, svg.closest("details:not([open])") !== null];
  }),
  sorters: document.querySelectorAll("thead button").length,
  wide: document.documentElement.scrollWidth - window.innerWidth,
  clashes: 0,
  inner: window.innerWidth,
};
const names = Array.from(document.querySelectorAll(".tc-names text"));
const boxes = names.map((name) => name.getBoundingClientRect());
boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (across > 2 && down > 3) report.clashes += 1;
}));
parent.postMessage(JSON.stringify(report), "*");
</script></body>
"""
FRAME = """<!doctype html><pre id="probe"></pre>
<script>
window.addEventListener("message", (event) => {
  document.getElementById("probe").textContent = event.data;
});
</script>
<iframe src="report.html" style="border:0;height:900px;width:%dpx"></iframe>
"""


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine: the page is not rendered")
@pytest.mark.parametrize("width", [360, 1200])
def test_renders_without_a_complaint(filled, tmp_path, width):
    file = tmp_path / "report.html"
    file.write_text(page(filled).replace("</body>", PROBE), encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME % width, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER, *QUIET, f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1300,1000",
            "--virtual-time-budget=2000", "--dump-dom", frame.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not complaints
    probe = re.search(r'<pre id="probe">(.+?)</pre>', done.stdout, re.DOTALL)
    assert probe, done.stdout[-500:]
    report = json.loads(unescape(probe.group(1)))
    assert report["inner"] == width
    assert report["sizes"]
    assert all(hidden or (wide > 4 and tall > 4) for wide, tall, hidden in report["sizes"])
    assert report["sorters"] > 0
    assert report["wide"] <= 0
    assert report["clashes"] == 0
