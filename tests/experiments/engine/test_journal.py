import os
import resource
from pathlib import Path

import pytest

from simulation.experiments.engine.journal import (
    Damage,
    JournalWriter,
    Spot,
    read_entry,
    read_journal,
)
from simulation.experiments.engine.worker_pool import FatalError

ENTRIES = [{"case": "a", "seed": n, "text": "é" * n} for n in range(5)]


@pytest.fixture
def written(tmp_path) -> Path:
    """A journal of one file with five entries."""
    writer = JournalWriter(tmp_path)
    for entry in ENTRIES:
        writer.write(entry)
    return tmp_path / "runs-0001.jsonl"


def entry(**keys) -> dict:
    return {"case": "a", "seed": 7, **keys}


def entries(folder: Path) -> list[dict]:
    return [item[1] for item in read_journal(folder) if not isinstance(item, Damage)]


def damages(folder: Path) -> list[Damage]:
    return [item for item in read_journal(folder) if isinstance(item, Damage)]


def test_what_is_written_is_read_in_its_order_and_at_its_place(tmp_path):
    writer = JournalWriter(tmp_path)
    spots = [writer.write(entry) for entry in ENTRIES]
    assert list(read_journal(tmp_path)) == list(zip(spots, ENTRIES, strict=True))
    assert [read_entry(tmp_path, spot) for spot in reversed(spots)] == ENTRIES[::-1]


def test_an_empty_folder_holds_nothing(tmp_path):
    assert list(read_journal(tmp_path)) == []


def test_nothing_is_opened_before_something_is_written(tmp_path):
    JournalWriter(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 2, 9, 20])
def test_a_line_cut_off_costs_that_entry_only(written, cut):
    """A process killed while it wrote; the checksum tells even a cut of the line's end alone."""
    written.write_bytes(written.read_bytes()[:-cut])
    assert entries(written.parent) == ENTRIES[:-1]
    assert damages(written.parent) == [Damage("runs-0001.jsonl", 1)]


@pytest.mark.parametrize("byte", [0, 4, 8, 9, 20])
def test_a_spoilt_byte_in_the_middle_costs_that_entry_only(written, byte):
    lines = written.read_bytes().splitlines(keepends=True)
    at = len(lines[0]) + len(lines[1]) + byte
    content = bytearray(written.read_bytes())
    content[at] ^= 0x40
    written.write_bytes(bytes(content))
    assert entries(written.parent) == [*ENTRIES[:2], *ENTRIES[3:]]
    assert damages(written.parent) == [Damage("runs-0001.jsonl", 1)]


def test_entries_behind_a_spoilt_one_are_found_again_where_they_lie(written):
    lines = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join([lines[0], b"rubbish\n\n", b"\xff\x00\n", *lines[2:]]))
    found = [item for item in read_journal(written.parent) if not isinstance(item, Damage)]
    assert [entry for _, entry in found] == [ENTRIES[0], *ENTRIES[2:]]
    assert [read_entry(written.parent, spot) for spot, _ in found] == [ENTRIES[0], *ENTRIES[2:]]
    assert damages(written.parent) == [Damage("runs-0001.jsonl", 3)]


def test_a_whole_line_that_is_no_entry_is_damage(tmp_path):
    JournalWriter(tmp_path).write([1, 2])
    assert entries(tmp_path) == []
    assert damages(tmp_path) == [Damage("runs-0001.jsonl", 1)]


def test_an_entry_spoilt_after_it_was_found_stops_the_experiment(written):
    spots = [item[0] for item in read_journal(written.parent)]
    content = bytearray(written.read_bytes())
    content[spots[2].offset + 12] ^= 1
    written.write_bytes(bytes(content))
    assert read_entry(written.parent, spots[1]) == ENTRIES[1]
    with pytest.raises(FatalError, match=r"runs-0001\.jsonl has been damaged"):
        read_entry(written.parent, spots[2])


def test_two_writers_do_not_meet(tmp_path):
    one, other = JournalWriter(tmp_path), JournalWriter(tmp_path)
    for number in range(3):
        assert one.write(entry(one=number)).file == "runs-0001.jsonl"
        assert other.write(entry(other=number)).file == "runs-0002.jsonl"
    found = entries(tmp_path)
    assert found == [entry(one=n) for n in range(3)] + [entry(other=n) for n in range(3)]


def test_a_writer_never_adds_to_what_an_earlier_one_left(written):
    before = written.read_bytes()
    assert JournalWriter(written.parent).write({}) == Spot("runs-0002.jsonl", 0)
    assert written.read_bytes() == before


def test_files_with_other_names_are_no_hindrance(written):
    (written.parent / "runs-of-old.jsonl").write_bytes(written.read_bytes())
    (written.parent / "notes.txt").write_text("mine")
    assert JournalWriter(written.parent).write({}).file == "runs-0003.jsonl"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_writer_writes_into_a_file_of_its_own(tmp_path):
    writer = JournalWriter(tmp_path)
    writer.write(entry(who="parent"))

    if (child := os.fork()) == 0:
        try:
            writer.write(entry(who="child"))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert writer.write(entry(who="parent again")).file == "runs-0001.jsonl"
    assert entries(tmp_path) == [entry(who="parent"), entry(who="parent again"), entry(who="child")]
    assert damages(tmp_path) == []


def test_a_full_disk_is_fatal_and_keeps_what_was_there(written):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = JournalWriter(written.parent)
    writer.write(entry(fits=True))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(FatalError, match="File too large"):
            writer.write(entry(text="x" * 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert entries(written.parent) == [*ENTRIES, entry(fits=True)]
    assert damages(written.parent) == [Damage("runs-0002.jsonl", 1)]
    assert writer.write(entry(again=True)) == Spot("runs-0003.jsonl", 0)  # not behind half a line
    assert entries(written.parent)[-1] == entry(again=True)


def test_a_folder_that_is_gone_is_fatal(tmp_path):
    with pytest.raises(FatalError, match="No such file"):
        JournalWriter(tmp_path / "gone").write({})
