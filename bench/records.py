"""What records cost: the kernel beside a copy of itself whose `emit` writes nothing, interleaved.

The copy is made in a temporary folder; the two run in turn, each in a process of its own, on the
tandem. CPU time an event, median of five rounds.

Run: python bench/records.py
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
ROUNDS = 5
EMIT = """    at = register[a.FILLED]
    register[a.FILLED] = at + 1
    records[at, 0] = time
    records[at, 1] = (entity << 32) | code
"""


def once(source: Path, cache: Path, seed: int) -> float:
    """CPU nanoseconds an event."""
    command = [sys.executable, str(HERE / "engines" / "ours.py"), "tandem", "kernel", str(seed)]
    environment = {**os.environ, "PYTHONPATH": str(source), "NUMBA_CACHE_DIR": str(cache)}
    ran = subprocess.run(  # noqa: S603  # our own script
        command, check=True, capture_output=True, text=True, env=environment
    )
    return float(json.loads(ran.stdout)["ns"])


def main() -> None:
    """Nothing; the cost is printed."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "src"
        shutil.copytree(SOURCE, bare)
        service = bare / "transcaspian" / "simulation" / "kernel" / "service.py"
        text = service.read_text(encoding="utf-8")
        if EMIT not in text:
            raise SystemExit(1)
        service.write_text(text.replace(EMIT, "    return\n"), encoding="utf-8")
        caches = Path(folder) / "with", Path(folder) / "without"
        pairs = [
            (once(SOURCE, caches[0], seed), once(bare, caches[1], seed)) for seed in range(ROUNDS)
        ]
    ratios = sorted(with_ / without for with_, without in pairs)
    print(f"with records {statistics.median(a for a, _ in pairs):.0f} ns an event, without "
          f"{statistics.median(b for _, b in pairs):.0f}: {statistics.median(ratios):.3f} times "
          f"[{ratios[0]:.3f}..{ratios[-1]:.3f}]")  # fmt: skip


if __name__ == "__main__":
    main()
