import json
import resource
import subprocess
import sys
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulation.chain import LINKS
from simulation.engine.findings import Damage
from simulation.engine.run_store import (
    LEG_COUNTS,
    OUTCOME_NAMES,
    Measures,
    RunStore,
    StoredRun,
    measure,
    months,
)
from simulation.errors import FatalError
from simulation.outcomes import OUTCOMES, periods, summarise
from tests import synthetic


def rows_of(columns: int) -> st.SearchStrategy[np.ndarray]:
    """Arrays with that many columns, one to five rows, and any floats."""
    return arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.just(columns)),
        elements=st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True),
    )


values, on_legs, links = rows_of(len(OUTCOMES)), rows_of(len(LEG_COUNTS)), rows_of(len(LINKS))


def bits(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array).tobytes()


@given(totals=values, by_month=values, legs=on_legs, chain=links)
def test_measures_go_through_text_to_the_last_bit(totals, by_month, legs, chain):
    before = Measures(totals, by_month, legs, chain)
    after = Measures.from_json(json.loads(json.dumps(before.as_json())))
    for mine, theirs in zip(before, after, strict=True):
        assert mine.shape == theirs.shape
        assert bits(mine) == bits(theirs)


def test_the_measures_of_a_run_are_its_sums(small):
    record = synthetic.simulate(small, seed=3)
    measures = measure(record)
    assert measures.totals.shape == (len(periods(record.start, record.end)), len(OUTCOMES))
    assert measures.months.shape == (2, len(OUTCOMES))
    column = OUTCOME_NAMES.index("channel_arrivals")
    arrivals = record.daily["channel_arrivals"]
    assert measures.totals[0, column] == arrivals.sum()
    assert measures.months[:, column].tolist() == [arrivals[:31].sum(), arrivals[31:].sum()]
    assert measures.totals[0].tolist() == pytest.approx(
        list(summarise(record, record.start, record.end).values()), nan_ok=True
    )
    for column, name in enumerate(LEG_COUNTS):
        assert measures.legs[:, column].tolist() == getattr(record, f"leg_{name}").sum(0).tolist()
    for column, spec in enumerate(LINKS.values()):
        each_day = record.chain[:, column].sum(axis=1)
        whole = each_day.mean() if spec.kind == "stock" else each_day.sum()
        assert measures.chain[0, column] == pytest.approx(whole), spec.label


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 1200))
def test_months_hold_every_day_once(start, days):
    end = date.fromordinal(start.toordinal() + days)
    spans = list(months(start, end).values())
    assert spans[0][0] == start
    assert spans[-1][1] == end
    assert sum((last - first).days + 1 for first, last in spans) == days + 1
    assert all(a[1].toordinal() + 1 == b[0].toordinal() for a, b in pairwise(spans))


# -- the store ------------------------------------------------------------------------------------

RUNS = [
    StoredRun(case="a", seed=n, seconds=0.5, measures={"text": f"{n}é" * 2000}) for n in range(9)
]


@pytest.fixture
def store(tmp_path) -> RunStore:
    """A store of nine runs, each of several pages."""
    run_store = RunStore(tmp_path / "runs.sqlite")
    run_store.replace_with({})
    for run in RUNS:
        run_store.add(run)
    return run_store


def runs(store: RunStore) -> list[StoredRun]:
    return [item[1] for item in store.scan() if not isinstance(item, Damage)]


def damage(store: RunStore) -> list[Damage]:
    return [item for item in store.scan() if isinstance(item, Damage)]


def test_runs_are_read_in_their_order_and_by_their_number(tmp_path):
    store = RunStore(tmp_path / "runs.sqlite")
    store.replace_with({})
    numbers = [store.add(run) for run in RUNS]
    assert list(store.scan()) == list(zip(numbers, RUNS, strict=True))
    assert [*store.read(reversed(numbers))] == RUNS[::-1]
    assert [path.name for path in tmp_path.iterdir()] == ["runs.sqlite"]


def test_a_failed_run_has_no_measures_and_any_text(store):
    failed = StoredRun(case="b", seed=2**63 - 1, error="a file \udcff")
    (stored,) = store.read([store.add(failed)])
    assert (stored.measures, stored.error) == (None, "a file \\udcff")


@pytest.mark.parametrize("content", [b"", b"no database", bytes(range(256)) * 40])
def test_a_file_that_is_no_store_is_one_damage(store, content):
    store.path.write_bytes(content)
    assert list(store.scan()) == [Damage(file="runs.sqlite", runs=None)]


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
connection.execute("UPDATE finished SET measures = 'x'")
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
