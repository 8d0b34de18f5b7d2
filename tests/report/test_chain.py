"""The section of a run's page on the chain."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from simulation.chain import LINKS
from simulation.corridor import Corridor
from simulation.errors import InputError
from simulation.experiments.engine.replications import run_replications
from simulation.report import write_report
from simulation.report.blocks import Block, Table
from simulation.report.data import RunData, read_run
from simulation.report.run import _totals, authority_tables, facts_chart, links_table
from simulation.scenario import Scenario
from simulation.wording.chain import TITLE, shown_count
from tests import synthetic


@pytest.fixture
def folder(tmp_path: Path, small: Scenario, real_corridor: Corridor) -> Path:
    run_replications(small, [1, 2], out=tmp_path / "o", simulate=synthetic.simulate)
    return tmp_path / "o"


@pytest.fixture
def run(folder: Path) -> RunData:
    return read_run(folder)


def names(corridor: Corridor) -> dict[str, str]:
    return {authority.code: authority.name for authority in corridor.authorities}


def total(run: RunData, name: str, code: str | None = None) -> float:
    series = run.chain[name]
    return float(sum(days.sum() for key, days in series.items() if code in (None, key)))


def cells(blocks: list[Block], head: str) -> list[str]:
    """The cells of the first row of a table that has this heading."""
    rows = (row for block in blocks if isinstance(block, Table) for row in block.rows)
    return [cell.text for cell in next(row for row in rows if row.label == head).values]


def test_counts_are_means_over_replications(run, small, real_corridor):
    made = [synthetic.simulate(small, seed=seed, corridor=real_corridor).chain for seed in (1, 2)]
    rows = list(LINKS).index("delivered")
    expected = np.mean([chain[:, rows, 3] for chain in made], axis=0)
    code = real_corridor.authorities[3].code
    np.testing.assert_allclose(run.chain["delivered"][code], expected)


def test_the_table_of_links_has_the_totals_of_the_run(run):
    table = links_table(run)
    assert cells(table, LINKS["learnt"].label)[0] == shown_count(total(run, "learnt"))
    waiting = total(run, "waiting") / run.dates.size  # a level, not a sum
    assert cells(table, LINKS["waiting"].label)[0] == shown_count(waiting)
    share = total(run, "launches_stopped") / total(run, "launches_tried")
    assert cells(table, LINKS["launches_stopped"].label)[-1].startswith(f"{share:.0%} of ")


def test_the_tables_by_authority_have_who_did_something(run, real_corridor):
    tables = authority_tables(run, names(real_corridor))
    one = real_corridor.authorities[0]
    assert cells(tables, one.name)[0] == shown_count(total(run, "learnt", one.code))
    for series in run.chain.values():
        series.pop(one.code, None)
    with pytest.raises(StopIteration):
        cells(authority_tables(run, names(real_corridor)), one.name)


def test_the_chart_splits_own_facts_from_those_of_others(run):
    made = facts_chart(run)
    own, others = (trace["x"] for trace in json.loads(made.figure.to_json())["data"])
    assert own[0] == pytest.approx(total(run, "learnt"))
    assert others == pytest.approx(
        [total(run, name) for name in ("delivered", "processed_shared", "usable_shared")]
    )
    assert own[1] + others[1] == pytest.approx(total(run, "processed"))
    assert {row[0] for row in made.rows} == set(LINKS)


def test_a_run_in_which_nothing_is_shared_has_a_section(run, real_corridor):
    for name in ("delivered", "processed_shared", "usable_shared", "launches_tried"):
        del run.chain[name]
    assert not any(map(str.isdigit, facts_chart(run).note.split(".")[0]))
    assert cells(links_table(run), LINKS["launches_stopped"].label)[-1] == ""
    assert authority_tables(run, names(real_corridor))


def test_results_of_an_earlier_version_have_no_section(folder):
    assert TITLE in write_report(folder).read_text(encoding="utf-8")
    (folder / "chain.parquet").unlink()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["checksums"]["chain.parquet"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert TITLE not in write_report(folder).read_text(encoding="utf-8")


def test_a_table_that_is_gone_is_named(folder):
    (folder / "chain.parquet").unlink()
    with pytest.raises(InputError, match=r"chain\.parquet"):
        read_run(folder)


def test_a_window_holds_its_days_alone(run):
    first = _totals(run, date(2023, 1, 1), date(2023, 1, 31))
    second = _totals(run, date(2023, 2, 1), date(2023, 2, 28))
    assert first["learnt"] + second["learnt"] == pytest.approx(total(run, "learnt"))
