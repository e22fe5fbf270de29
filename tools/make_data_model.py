"""Makes the pages of docs/ that are made from the package: the data model and the faults."""

import argparse
from importlib.resources import files
from pathlib import Path

from transcaspian.corridor.declared.control import CONTROL
from transcaspian.corridor.declared.evidence import EVIDENCE
from transcaspian.corridor.declared.futures import OUTLOOK
from transcaspian.corridor.declared.geography import GEOGRAPHY
from transcaspian.corridor.declared.traffic import TRAFFIC
from transcaspian.corridor.declared.valuing import VALUING
from transcaspian.events.declarations import LOG
from transcaspian.events.testimony import FIXES, IDENTITIES, NOTICES, REJECTS
from transcaspian.readers.wave import COUNTS, RATES, SAMPLE
from transcaspian.tables.describe import describe_codes, page
from transcaspian.tables.vocabulary import vocabulary

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = {"activities": ("ledger", "mode", "where", "agency", "delay", "epcis", "cpmm", "name")}


def pages() -> dict[str, str]:
    """The text of each page by its file name."""
    groups = {
        "Where": GEOGRAPHY,
        "What a place does to a trip": CONTROL,
        "What moves, and with what": TRAFFIC,
        "What is known": EVIDENCE,
        "What worth is counted with": VALUING,
        "What may come": OUTLOOK,
        "The log": LOG.values(),
        "A survey wave": (COUNTS, SAMPLE, RATES, IDENTITIES, FIXES, REJECTS, NOTICES),
    }
    lists = [
        describe_codes(name, vocabulary(name), columns=columns) for name, columns in SHOWN.items()
    ]
    faults = files("transcaspian").joinpath("data/faults.md").read_text(encoding="utf-8")
    return {"data-model.md": page(groups, lists), "faults.md": faults}


def main() -> None:
    """Nothing; the pages are written, or with --check compared with what stands there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether they are fresh")
    check = parser.parse_args().check
    for name, text in pages().items():
        path = DOCS / name
        fresh = path.exists() and path.read_text(encoding="utf-8") == text
        if check and not fresh:
            print(f"docs/{name} is stale; run python tools/make_data_model.py")
            raise SystemExit(1)
        if not fresh:
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
