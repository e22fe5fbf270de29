"""Makes the README's picture: the map of a report, as Chromium draws it.

Usage: python tools/make_picture.py REPORT.html PICTURE.png
"""

import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1100, 520
HIDE = """<style>
body > *:not(main), main > *:not(#tc-map), #tc-map > *:not(figure) { display: none !important }
main, #tc-map { margin: 0; padding: 0; border: 0 } #tc-map .tc-key { display: none }
</style>"""


def main(report: Path, picture: Path) -> None:
    """Nothing; the picture is written."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "map.html"
        text = report.read_text(encoding="utf-8").replace("</head>", f"{HIDE}</head>")
        page.write_text(text, encoding="utf-8")
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        words += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        words += [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={picture}", page.as_uri()]
        subprocess.run(words, check=True, capture_output=True)  # noqa: S603  # fixed words


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
