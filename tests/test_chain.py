"""The links of the chain are counted, and agree with each other, the outcomes and the world."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulation import Crossings
from simulation.chain import LINKS, NOWHERE
from simulation.engine.findings import LinkTotal
from simulation.engine.replications import run_replications
from simulation.model.recording import make_record
from simulation.wording.chain import (
    chain_lines,
    fate_of_shared,
)
from tests import synthetic
from tests.chain_sums import agrees_with_itself, agrees_with_outcomes, counts
from tests.runs import Steps, scenario_from

ROOT = Path(__file__).parents[1]
SHARING = """
clear = ["sharing"]
[sharing_default]
level = "{level}"
[[raid]]
authority = "FR"
on = 2023-06-21
arrests = 12
boats = 20
[[operation]]
authority = "FR"
kind = "arrests"
strength = 3.0
[[operation]]
authority = "RS"
kind = "arrests"
places = ["subotica"]
strength = 3.0
[parameters]
"intelligence.account_yield" = 0.02
"intelligence.memory_days" = 60
"intelligence.custody_days" = 20
"market.cash_days" = 15.0
"channel.taxi_share" = 0.1
"""


def finished(folder, *, level="high", days=150) -> Crossings:
    """A model after its last day."""
    text = SHARING.format(level=level)
    return Steps(scenario_from(folder, text, days=days, warm_up=10)).to_the_end()


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Crossings:
    return finished(tmp_path_factory.mktemp("chain"))


# -- the sums that docs/results.md states ----------------------------------------------------------


def test_the_chain_agrees_with_itself_and_with_the_outcomes(model):
    agrees_with_itself(model.world)
    agrees_with_outcomes(make_record(model.world, "A case", model.first_counted))


# -- what is counted is what there is --------------------------------------------------------------


def test_every_link_is_counted(model):
    zero = [name for name in LINKS if not counts(model.world, name).any()]
    assert zero == [], "count them in a process, or let this run do more"


def test_cases_under_way_are_those_that_teams_work(model):
    units = model.units
    busy = np.bincount(
        units.authority[units.target >= 0], minlength=len(model.world.corridor.authorities)
    )
    assert busy.sum() > 5
    np.testing.assert_array_equal(counts(model.world, "cases_under_way")[-1, :NOWHERE], busy)


def test_arrests_on_a_case_are_by_who_holds_it_or_with_a_partner(model):
    alone = counts(model.world, "arrests_on_case") + counts(model.world, "arrests_in_raid")
    joint, closed = counts(model.world, "arrests_joint"), counts(model.world, "cases_closed")
    assert closed.any()
    assert (closed - joint <= alone).all()
    # each arrest on a case closes a case of whoever arrests, or of the one whose team it was
    on_case = counts(model.world, "arrests_on_case").sum(axis=1)
    assert (on_case <= closed.sum(axis=1)).all()
    assert (joint.sum(axis=1) <= on_case).all()


def test_without_sharing_nothing_is_handed_over(tmp_path):
    model = finished(tmp_path, level="none", days=40)
    shared = (
        "passed_on", "leaked", "delivered", "processed_shared", "usable_shared",
        "cases_handed_over", "arrests_joint",
    )  # fmt: skip
    assert not any(counts(model.world, name).any() for name in shared)
    assert counts(model.world, "usable").sum() > 0


def test_a_launch_is_of_the_coast_it_leaves(model):
    world = model.world
    legs = np.flatnonzero(world.ledger.launches.any(axis=0))
    beach = set(world.ground.authority_from[legs].tolist())
    tried = np.flatnonzero(counts(world, "launches_tried").any(axis=0))
    assert set(tried.tolist()) == beach
    assert counts(world, "launches_tried").sum() == world.ledger.launches.sum()
    assert counts(world, "launches_stopped").sum() == world.ledger.launches_stopped.sum()


# -- the table, the totals and their words ---------------------------------------------------------


@pytest.fixture
def folder(small, real_corridor, tmp_path) -> Path:
    run_replications(small, [1, 2], out=tmp_path / "out", simulate=synthetic.simulate)
    return tmp_path / "out"


def test_the_table_has_every_count_and_no_zero(small, real_corridor, folder):
    rows = pq.read_table(folder / "chain.parquet").to_pylist()
    assert all(row["value"] > 0 for row in rows)
    chain = synthetic.simulate(small, seed=2, corridor=real_corridor).chain
    mine = [row for row in rows if row["replication"] == 1]
    assert len(mine) == np.count_nonzero(chain)
    codes = [*(authority.code for authority in real_corridor.authorities), ""]
    day, number, authority = np.argwhere(chain)[17]
    where = {"link": list(LINKS)[number], "authority": codes[authority]}
    where["date"] = small.run.start + timedelta(days=int(day))
    values = [row["value"] for row in mine if row.items() >= where.items()]
    assert values == [chain[day, number, authority]]


def test_totals_are_means_over_replications(small, real_corridor, folder):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    chains = [synthetic.simulate(small, seed=s, corridor=real_corridor).chain for s in (1, 2)]
    sums = np.mean([chain.sum(axis=0) for chain in chains], axis=0)
    for row, (name, spec) in enumerate(LINKS.items()):
        entry = summary["chain"][name]
        days = chains[0].shape[0] if spec.kind == "stock" else 1
        assert entry["mean"] == pytest.approx(sums[row].sum() / days)
        assert sum(entry["authorities"].values()) == pytest.approx(sums[row, :NOWHERE].sum() / days)
        assert (entry["label"], entry["unit"], entry["kind"]) == (spec.label, spec.unit, spec.kind)


def test_the_short_chain_goes_from_facts_to_arrivals():
    chain = {
        name: LinkTotal(label=name, unit=spec.unit, kind=spec.kind, mean=10.0, authorities={})
        for name, spec in LINKS.items()
    }
    lines = chain_lines(chain)
    assert lines[0][0] == LINKS["learnt"].label
    assert lines[-1][0] == LINKS["arrivals"].label
    assert next(line for line in lines if line[0].startswith("Boats"))[1] == "20"


def test_what_became_of_shared_facts_is_of_those_that_arrived():
    text = fate_of_shared({"delivered": 200, "processed_shared": 100, "usable_shared": 10})
    assert re.findall(r"\d+", text) == ["100", "50", "5"]
    assert not re.search(r"\d", fate_of_shared({"delivered": 0}))


# -- the registry and the page ---------------------------------------------------------------------


def test_the_page_of_results_has_the_links_of_the_registry():
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    section = text[text.index("## Links of the chain") : text.index("## `summary.json`")]
    assert re.findall(r"`(\w+)`[,.]", section[: section.index("`summary.json` has")]) == [*LINKS]
