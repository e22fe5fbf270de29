"""Times the engine beside a hand-written C loop and its peers, interleaved: CPU time per event.

An event is an arrival, the end of a service or journey, an arrival or return of a vessel. Each
round runs every engine once, one after another, each in a process of its own and measured from
inside after it is warm; the ratios are of runs in one round, median of five rounds. The peers have
an environment of their own: bench/peers makes it. What is not installed is said and left out.

The floor is C with the same keyed draws and the same records: hard-wired for the tandem, a loop
over a table of steps for the other two.

Run: python bench/simulation.py [--write]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENGINES = HERE / "engines"
PEERS = HERE.parent / ".venv-bench" / "bin" / "python"
ROUNDS = 5
BEGIN, END = "<!-- engines: begin -->", "<!-- engines: end -->"
TRIPS = {"simpy": 10_000, "ciw": 10_000, "salabim": 6_000, "cimba": 100_000}
FLOOR_TRIPS = {"border": "100000", "corridor": "20000"}
MODELS = {
    "tandem": ("floor", "kernel", "drained", "cimba", "simpy", "ciw", "salabim"),
    "border": ("floor", "kernel", "drained", "simpy", "ciw", "salabim"),
    "corridor": ("floor", "kernel", "drained", "simpy", "salabim"),
}
NAMES = {
    "floor": "C (the floor)",
    "kernel": "ours, records on",
    "drained": "ours, records reduced to statistics",
    "cimba": "Cimba, containers and standing servers",
    "simpy": "SimPy",
    "ciw": "Ciw",
    "salabim": "salabim, default monitors",
}
Row = dict[str, float]


def command(engine: str, model: str, seed: int, floor: Path) -> list[str]:
    """What runs one engine once."""
    if engine == "floor":
        if model == "tandem":
            return [str(floor / "floor"), "100000", str(seed)]
        return [str(floor / "floor_tables"), model, FLOOR_TRIPS[model], str(seed)]
    if engine in {"kernel", "drained"}:
        return [sys.executable, str(ENGINES / "ours.py"), model, engine, str(seed)]
    script = ENGINES / f"with_{engine}.py"
    return [str(PEERS), str(script), model, str(TRIPS[engine]), str(seed)]


def once(engine: str, model: str, seed: int, floor: Path) -> Row:
    """One line of figures."""
    ran = subprocess.run(  # noqa: S603  # our own scripts
        command(engine, model, seed, floor), check=True, capture_output=True, text=True
    )
    found: Row = json.loads(ran.stdout.splitlines()[-1])
    return found


def compiled(folder: Path) -> Path:
    """The folder of the floors, compiled on the spot."""
    for name in ("floor", "floor_tables"):
        command = ["gcc", "-O3", "-o", str(folder / name), str(ENGINES / f"{name}.c"), "-lm"]
        subprocess.run(command, check=True)  # noqa: S603
    return folder


def measured(floor: Path) -> dict[tuple[str, str], list[Row]]:
    """The figures of every round, by model and engine."""
    found: dict[tuple[str, str], list[Row]] = {}
    for seed in range(ROUNDS):
        for model, engines in MODELS.items():
            for engine in engines:
                if engine in TRIPS and not PEERS.exists():
                    continue
                row = once(engine, model, seed, floor)
                found.setdefault((model, engine), []).append(row)
        print(f"round {seed + 1} of {ROUNDS}", file=sys.stderr)
    return found


def table(found: dict[tuple[str, str], list[Row]]) -> str:
    """The rows as Markdown; the ratio is of the engine to ours with records on."""
    lines = [
        "| model | engine | ns an event | over ours | hours of a trip | z |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (model, engine), rows in found.items():
        ours = found[model, "kernel"]
        ratios = sorted(a["ns"] / b["ns"] for a, b in zip(rows, ours, strict=True))
        spread = f"{statistics.median(ratios):.3g} [{ratios[0]:.3g}..{ratios[-1]:.3g}]"
        hours = [row["mean_h"] for row in rows]
        ns = statistics.median(row["ns"] for row in rows)
        told = "" if engine == "kernel" else f"{statistics.mean(hours):.3f}"
        z = "" if engine in {"kernel", "drained"} else f"{_z(hours, found[model, 'drained']):+.1f}"
        lines.append(f"| {model} | {NAMES[engine]} | {ns:,.0f} | {spread} | {told} | {z} |")
    return "\n".join(lines)


def _z(hours: list[float], ours: list[Row]) -> float:
    """How far the mean time of a trip lies from ours, in standard errors of the difference."""
    own = [row["mean_h"] for row in ours]
    error = (statistics.variance(hours) / len(hours) + statistics.variance(own) / len(own)) ** 0.5
    return (statistics.mean(hours) - statistics.mean(own)) / max(error, 1e-12)


def write(text: str, begin: str, end: str) -> None:
    """Nothing; the part of bench/README.md between two marks is this text."""
    path = HERE / "README.md"
    page = path.read_text(encoding="utf-8")
    head, _, rest = page.partition(begin)
    path.write_text(f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    """Nothing; the table is printed, and kept with --write."""
    if not PEERS.exists():
        print("not run: the peers (no .venv-bench here; bench/peers makes it)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        text = table(measured(compiled(Path(folder))))
    print(text)
    if "--write" in sys.argv:
        write(text, BEGIN, END)


if __name__ == "__main__":
    main()
