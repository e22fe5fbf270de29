import errno
import os
import resource
import signal
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transcaspian.errors import Fault
from transcaspian.tables import store
from transcaspian.tables.parse import schema_of
from transcaspian.tables.schema import Column, Table

ROWS = Table(
    "rows",
    "Made up.",
    (
        Column("name", "str", "Name.", null=True),
        Column("number", "int", "Number.", null=True),
        Column("size_h", "float", "Size.", unit="h", null=True),
        Column("flag", "bool", "Flag.", null=True),
        Column("at", "datetime", "When.", null=True),
    ),
    key=("name",),
    sourced=False,
)
VALUES = st.tuples(
    st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.booleans(),
    st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
)
SMALL = [("a", 1, 0.5, True, datetime(2023, 1, 1, tzinfo=UTC)), (None,) * 5]


def frame(rows):
    return pl.DataFrame(rows, schema=schema_of(ROWS), orient="row")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(VALUES))
def test_what_is_written_is_read_again(tmp_path, rows):
    path = tmp_path / "rows.parquet"
    store.write(frame(rows), path, table=ROWS)
    assert store.read(path, ROWS).equals(frame(rows))


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    store.write(frame(SMALL), one, table=ROWS)
    store.write(pl.concat([frame(SMALL[:1]), frame(SMALL[1:])]), two, table=ROWS)
    assert one.read_bytes() == two.read_bytes()


def test_the_file_says_its_table_version_and_hash(tmp_path):
    path = tmp_path / "rows.parquet"
    store.write(frame(SMALL), path, table=ROWS)
    said = pl.read_parquet_metadata(path)
    assert said["transcaspian.table"] == "rows"
    assert said["transcaspian.version"] == "1"
    assert said["transcaspian.hash"] == store.content_hash(frame(SMALL))


@given(st.lists(VALUES), st.lists(VALUES))
def test_the_hash_tells_contents_apart_and_nothing_else(one, two):
    same = frame(one).equals(frame(two))
    assert (store.content_hash(frame(one)) == store.content_hash(frame(two))) == same


def test_the_hash_tells_a_blank_from_an_empty_word_and_from_zero():
    blank, empty, zero = (
        store.content_hash(frame([(name, number, None, None, None)]))
        for name, number in ((None, None), ("", None), (None, 0))
    )
    assert len({blank, empty, zero}) == 3


def tampered(path):
    pl.read_parquet(path).with_columns(number=pl.lit(2, pl.Int64)).write_parquet(
        path, metadata=pl.read_parquet_metadata(path)
    )


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def foreign(path):
    frame(SMALL).write_parquet(path)


def narrower(path):
    metadata = pl.read_parquet_metadata(path)
    pl.read_parquet(path).drop("flag").write_parquet(path, metadata=metadata)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (tampered, "does not match its hash"),
        (cut, "parquet"),
        (foreign, "no table of ours"),
        (narrower, "columns"),
    ],
)
def test_a_file_that_was_harmed_is_refused(tmp_path, harm, said):
    path = tmp_path / "rows.parquet"
    store.write(frame(SMALL), path, table=ROWS)
    harm(path)
    with pytest.raises(Fault, match=said) as caught:
        store.read(path, ROWS)
    assert caught.value.code == "R101"


def test_a_file_of_another_version_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    store.write(frame(SMALL), path, table=ROWS)
    newer = Table(ROWS.name, ROWS.meaning, ROWS.columns, ROWS.key, sourced=False, version=2)
    with pytest.raises(Fault, match="its version is 1"):
        store.read(path, newer)


def test_a_whole_file_replaces_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    store.write_whole(path, b"one")
    store.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def full_disk():
    """A limit of the kernel on the size of files: a write beyond it fails like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.usefixtures("full_disk")
def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    store.write_whole(path, b"old")
    with pytest.raises(Fault, match="the disk is full") as caught:
        store.write_whole(path, b"x" * 100_000)
    assert caught.value.code == "O102"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("full_disk")
def test_a_folder_that_does_not_fit_leaves_nothing(tmp_path):
    path = tmp_path / "out" / "deep"

    def fill():
        with store.whole_folder(path) as inside:
            (inside / "small").write_bytes(b"x")
            (inside / "large").write_bytes(b"x" * 100_000)

    with pytest.raises(Fault, match="the disk is full"):
        fill()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full_disk")
def test_a_table_that_polars_cannot_write_whole_leaves_nothing(tmp_path):
    wide = pl.DataFrame({"a": range(100_000)})
    with pytest.raises(Fault) as caught, store.whole_folder(tmp_path / "out") as inside:
        wide.write_csv(inside / "a.csv")
    assert caught.value.code == "O102"
    assert list(tmp_path.iterdir()) == []


def test_no_space_and_a_spent_quota_are_called_by_their_name(tmp_path, monkeypatch):
    for number in (errno.ENOSPC, errno.EDQUOT):

        def sync(_, number=number):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", sync)
        with pytest.raises(Fault, match="the disk is full"):
            store.write_whole(tmp_path / "a.txt", b"data")
        assert list(tmp_path.iterdir()) == []


def test_a_folder_is_there_whole(tmp_path):
    path = tmp_path / "out" / "deep"
    with store.whole_folder(path) as inside:
        (inside / "a").write_bytes(b"x")
        assert not path.exists()
    assert [each.name for each in path.iterdir()] == ["a"]
    assert [each.name for each in path.parent.iterdir()] == ["deep"]


def test_a_folder_that_exists_is_refused(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    with pytest.raises(Fault) as caught, store.whole_folder(path):
        pytest.fail("not reached")
    assert caught.value.code == "O101"


def test_a_folder_that_appears_meanwhile_is_left_alone(tmp_path):
    def fill():
        with store.whole_folder(tmp_path / "late") as inside:
            (inside / "mine").touch()
            (tmp_path / "late").mkdir()
            (tmp_path / "late" / "theirs").touch()

    with pytest.raises(Fault) as caught:
        fill()
    assert caught.value.code == "O101"
    assert [each.name for each in (tmp_path / "late").iterdir()] == ["theirs"]
    assert [each.name for each in tmp_path.iterdir()] == ["late"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_interrupt_leaves_nothing(tmp_path, error):
    def fill():
        with store.whole_folder(tmp_path / "new" / "out") as inside:
            (inside / "half").write_text("written")
            raise error

    with pytest.raises(error):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_within_a_file_leaves_nothing(tmp_path, monkeypatch):
    def sync(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(KeyboardInterrupt):
        store.write_whole(tmp_path / "a.txt", b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_said_plainly(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Fault, match="you may write to"):
        store.write_whole(tmp_path / "file" / "a.txt", b"data")
