"""One made-up wave on a small corridor, read, heard and released once for all tests."""

from datetime import date
from pathlib import Path

import pytest

from transcaspian.readers.folder import read_corridor
from transcaspian.readers.gazetteer import gazetteer
from transcaspian.readers.wave import read_wave
from transcaspian.simulation import simulate
from transcaspian.survey.example import fill_wave
from transcaspian.survey.hearing import hear
from transcaspian.survey.release.release import released

ANDES = Path(__file__).parents[1] / "corridors" / "andes"


@pytest.fixture(scope="session")
def andes():
    return read_corridor(ANDES)


@pytest.fixture(scope="session")
def shipped():
    return read_corridor()


@pytest.fixture(scope="session")
def names(shipped):
    return gazetteer(shipped)


@pytest.fixture(scope="session")
def log(andes):
    return simulate(andes, replications=1, seed=1, log=True).events


@pytest.fixture(scope="session")
def drawn(andes, log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey") / "wave"
    period = (date(andes.about.base_year, 2, 1), date(andes.about.base_year, 5, 31))
    return folder, fill_wave(folder, log, corridor=andes, trips=900, period=period, seed=1)


@pytest.fixture(scope="session")
def sources(andes, drawn):
    return read_wave(drawn[0], andes)


@pytest.fixture(scope="session")
def heard(andes, sources):
    return hear(sources, andes)


@pytest.fixture(scope="session")
def release(andes, heard):
    return released(heard, andes)


BY_HAND = """name = "w"
title = "By hand"
starts = 2023-03-01
ends = 2023-03-31
clock = "place"
publish_from = 3
"""


@pytest.fixture
def wave(tmp_path, andes):
    """Makes a wave of some files, with more settings where it needs them, and hears it."""

    def make(files, *, more=""):
        folder = tmp_path / "wave"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "wave.toml").write_text(BY_HAND + more, encoding="utf-8")
        return hear(read_wave(folder, andes), andes)

    return make
