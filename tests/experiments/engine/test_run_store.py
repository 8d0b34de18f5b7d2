import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from random import Random

import pytest

from simulation.experiments.engine import run_store
from simulation.experiments.engine.run_store import RunStore, StoredRun
from simulation.experiments.engine.worker_pool import FatalError
from simulation.experiments.findings import Damage

RUNS = [
    StoredRun(case="a", seed=n, seconds=0.5, measures={"text": f"{n}é" * 2000}) for n in range(9)
]


@pytest.fixture
def store(tmp_path) -> RunStore:
    """A store of nine runs, each of several pages."""
    made = RunStore(tmp_path / "runs.sqlite")
    made.replace_with({})
    for run in RUNS:
        made.add(run)
    return made


def runs(store: RunStore) -> list[StoredRun]:
    return [item[1] for item in store.scan() if not isinstance(item, Damage)]


def damage(store: RunStore) -> list[Damage]:
    return [item for item in store.scan() if isinstance(item, Damage)]


def place_of(store: RunStore, seed: int) -> int:
    return store.path.read_bytes().index(f"{seed}\\u00e9".encode() * 20)


def change(store: RunStore, place: int, by: int = 1) -> None:
    content = bytearray(store.path.read_bytes())
    content[place] ^= by
    store.path.write_bytes(content)


def edit(store: RunStore, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change the file behind the back of the store."""
    with closing(sqlite3.connect(store.path)) as connection, connection:
        change(connection)


def test_runs_are_read_in_their_order_and_by_their_number(tmp_path):
    store = RunStore(tmp_path / "runs.sqlite")
    store.replace_with({})
    numbers = [store.add(run) for run in RUNS]
    assert list(store.scan()) == list(zip(numbers, RUNS, strict=True))
    assert [store.read(number) for number in reversed(numbers)] == RUNS[::-1]
    assert [path.name for path in tmp_path.iterdir()] == ["runs.sqlite"]


def test_a_failed_run_has_no_measures_and_any_text(store):
    failed = StoredRun(case="b", seed=2**63 - 1, error="a file \udcff")
    found = store.read(store.add(failed))
    assert (found.measures, found.error) == (None, "a file \\udcff")


def test_a_file_that_is_not_there_holds_nothing_and_takes_nothing(tmp_path):
    store = RunStore(tmp_path / "gone" / "runs.sqlite")
    assert list(store.scan()) == []
    with pytest.raises(FatalError, match="unable to open"):
        store.add(RUNS[0])
    with pytest.raises(FatalError, match="unable to open"):
        store.replace_with({})


def test_a_spoilt_row_costs_that_run_only(store):
    change(store, place_of(store, 4) + 100)
    assert runs(store) == [*RUNS[:4], *RUNS[5:]]
    assert damage(store) == [Damage(file="runs.sqlite", runs=1)]
    with pytest.raises(FatalError, match=r"runs\.sqlite has been damaged meanwhile"):
        store.read(5)


def test_a_row_that_is_missing_is_damage(store):
    edit(store, lambda connection: connection.execute("DELETE FROM runs WHERE number = 3"))
    assert damage(store) == [Damage(file="runs.sqlite", runs=1)]


@pytest.mark.parametrize("bad", ["[1]", "{", '{"a": 1}x', "1e999"])
def test_a_row_whose_content_is_no_run_is_damage(store, bad):
    row = ("a", 1, 0.0, bad, None)
    edit(store, lambda found: run_store._insert(found, (*row, run_store._checksum(row))))
    assert runs(store) == RUNS
    assert damage(store) == [Damage(file="runs.sqlite", runs=1)]


def test_a_file_cut_short_gives_what_is_left_of_it(store):
    content = store.path.read_bytes()
    store.path.write_bytes(content[: place_of(store, 6)])
    assert runs(store) == RUNS[:6]
    assert damage(store)


@pytest.mark.parametrize("content", [b"", b"no database", os.urandom(9000)])
def test_a_file_that_is_no_store_is_one_damage(store, content):
    store.path.write_bytes(content)
    assert list(store.scan()) == [Damage(file="runs.sqlite", runs=None)]


def test_a_flipped_bit_never_gives_a_run_that_was_not_written(store):
    r, good = Random(1), store.path.read_bytes()
    lost = []
    for _ in range(300):
        store.path.write_bytes(good)
        change(store, r.randrange(len(good)), 1 << r.randrange(8))
        found = runs(store)
        assert all(run in RUNS for run in found)
        assert len(found) == len(RUNS) or damage(store), "nothing is lost in silence"
        lost.append(len(RUNS) - len(found))
    assert sorted(lost)[len(lost) // 2] <= 1


@pytest.mark.parametrize("name", ["runs.sqlite", "runs.sqlite-journal"])
def test_a_pipe_is_not_waited_for(store, name):
    path = store.path.with_name(name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert list(store.scan()) == [Damage(file="runs.sqlite", runs=None)]


def test_a_view_in_place_of_the_table_is_not_computed(store):
    store.path.unlink()
    view = (
        "CREATE VIEW runs AS WITH RECURSIVE n(number) AS "
        "(SELECT 1 UNION ALL SELECT number + 1 FROM n) SELECT number FROM n"
    )
    edit(store, lambda connection: connection.execute(view))
    assert list(store.scan()) == [Damage(file="runs.sqlite", runs=None)]


def test_the_rows_that_are_taken_over_have_new_numbers(store):
    taken = store.replace_with({("a", 7): 8, ("a", 2): 3})
    assert taken == {("a", 7): 1, ("a", 2): 2}
    assert runs(store) == [RUNS[7], RUNS[2]]
    assert damage(store) == []


def test_a_full_disk_is_fatal_and_keeps_what_was_there(store):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.stat().st_size, hard))
    try:
        with pytest.raises(FatalError, match=r"runs\.sqlite: "):
            store.add(RUNS[0])
        with pytest.raises(FatalError):
            store.replace_with({("a", n): n + 1 for n in range(9)} | {("b", 1): 1})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert runs(store) == RUNS
    assert damage(store) == []
    store.add(RUNS[0])
    assert runs(store) == [*RUNS, RUNS[0]]
    assert [path.name for path in store.path.parent.iterdir()] == ["runs.sqlite"]


KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE runs SET measures = 'x'")
os._exit(1)
"""


def test_a_process_killed_in_the_middle_of_a_write_loses_no_finished_run(store):
    subprocess.run([sys.executable, "-c", KILLED, str(store.path)], check=False)
    journal = store.path.with_name("runs.sqlite-journal")
    assert journal.exists()
    assert runs(store) == RUNS
    assert not journal.exists()
    store.add(RUNS[0])
    assert runs(store) == [*RUNS, RUNS[0]]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_reader_and_a_forked_process_hold_up_no_writer(store):
    scan = store.scan()
    next(scan)
    if (child := os.fork()) == 0:
        os._exit(0 if runs(store) == RUNS else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.add(RUNS[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_can_be_read(store):
    store.path.parent.chmod(0o500)
    try:
        assert runs(store) == RUNS
    finally:
        store.path.parent.chmod(0o700)
