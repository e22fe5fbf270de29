"""Several runs begun at once by threads of one process that has not run anything yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ANDES = Path(__file__).parents[1] / "corridors" / "andes"
SCRIPT = f"""
import threading
from transcaspian.corridor.apply import only
from transcaspian.readers.folder import read_corridor
from transcaspian.simulation import simulate

corridor = only(read_corridor({str(ANDES)!r}), ["trucks_south"])
barrier = threading.Barrier(4)
found = [None] * 4

def one(number):
    barrier.wait()
    run = simulate(corridor, replications=2, seed=1, threads=1)
    found[number] = run.tally.trips["total_h"].sum()

threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
for each in threads:
    each.start()
for each in threads:
    each.join()
assert len(set(found)) == 1, found
print("alike")
"""


def test_threads_that_bring_in_the_compiler_together_do_not_wait_for_each_other():
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.stdout.strip() == "alike", done.stderr
