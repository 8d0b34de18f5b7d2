"""A lever that is told to reach nobody changes not one bit of a run: no alarm is false.

The model is run with and without it, with the same seed. Which levers are told, and in which words,
is tested in `test_notes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from simulation.chain import LINKS
from simulation.corridor import load_corridor, load_origins
from simulation.errors import InputError
from simulation.model.corridor_model import simulate
from simulation.outcomes import RunRecord
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario, shipped_scenarios
from simulation.scenario.levers.declaration import equal
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy_difference import PolicyContext, compare_policies
from tests.scenario.conftest import notes_of, sharing, staff

pytestmark = pytest.mark.slow

START, END = date(2023, 1, 1), date(2023, 5, 31)
DAYS = {"run": {"start": START, "end": END, "warm_up_days": 60}}
BASELINE = load_scenario("baseline").with_("Some months", **DAYS)
#: nobody shares anything, so hubs have nothing to do
ALONE = load_scenario("no-sharing").with_("Some months alone", **DAYS)
#: so that reports that leak change nothing
QUIET = ALONE.with_("Nobody goes dark", adaptation={"going_dark": False})
HELPLESS = ("UK-IN", "EUROPOL", "FRONTEX")
GROUPS = ("UK", "EU", "WB6", "CALAIS", "EPC")
CODES = tuple(authority.code for authority in load_corridor().authorities)
PLACES = tuple(place.id for place in load_corridor().places)


#: links of the chain that a lever may move without reaching anybody: facts that are handed to
#: somebody who can do nothing with them
IDLE_LINKS = [
    number
    for number, (name, spec) in enumerate(LINKS.items())
    if spec.group == "Facts" or name.startswith("operation_days")
]


def differences(one: RunRecord, other: RunRecord) -> list[str]:
    """Names of what two runs recorded otherwise, but for facts on desks and days of operations."""
    one, other = (
        replace(record, chain=np.delete(record.chain, IDLE_LINKS, axis=1), scenario_title="")
        for record in (one, other)
    )
    names = [field.name for field in fields(one)]
    return [name for name in names if not equal(getattr(one, name), getattr(other, name))]


_RUNS: dict[str, RunRecord] = {}


def run(scenario: Scenario) -> RunRecord:
    """A run at a fiftieth of the people; the same scenario is run once."""
    key = scenario.hash()
    if key not in _RUNS:
        if len(_RUNS) > 12:
            _RUNS.clear()
        _RUNS[key] = simulate(scenario, seed=7, scale=0.02)
    return _RUNS[key]


def note_kinds(base: Scenario, other: Scenario) -> set[str]:
    """The kinds of notes on what one scenario has and the other has not."""
    return {note.kind for note in notes_of([base, other])}


def money(part: str, authority: str = "UK", **more: Any) -> dict[str, Any]:
    return {
        "authority": authority,
        "amount": {"GBP": 9e7},
        "per": "year",
        "spend_on": {part: 1.0},
        **more,
    }


def raid(authority: str, on: date, **more: Any) -> dict[str, Any]:
    return {"authority": authority, "on": on, "arrests": 300, **more}


def arrests(authority: str, *places: str) -> dict[str, Any]:
    more = {"places": places} if places else {}
    return {"authority": authority, "kind": "arrests", "strength": 50.0, **more}


#: levers that are told to reach nobody where nobody shares anything
INERT_ALONE: dict[str, dict[str, Any]] = {
    **{f"analysis of {code}": {"staff": [staff(code, "analysis", add=30.0)]} for code in HELPLESS},
    "money for UK analysis": {"funding": [money("analysis")]},
    "money for Europol": {"funding": [money("analysis", beneficiary="EUROPOL")]},
    "both at once": {"funding": [money("analysis"), money("analysis", beneficiary="EUROPOL")]},
    "sharing by those who learn nothing": {
        "sharing": [sharing("UK-IN", "EPC", one_way=True), sharing("FRONTEX", "EPC", one_way=True)]
    },
}


#: every kind of lever that is told to change nothing or to reach nobody
INERT: dict[str, dict[str, Any]] = {
    "arrests where nobody works": {"operation": [arrests("UK", "dover", "kent-coast")]},
    "raid where nobody of the stage works": {
        "raid": [raid("FR", date(2023, 2, 1), stages=("boat",), places=("paris",))]
    },
    "raid where nobody works": {"raid": [raid("UK", date(2023, 2, 1), places=("dover",))]},
    "visas of those who do not enter there": {
        "visa": [{"authority": "IT", "origins": ("vietnam", "albania"), "effect": 1.0}]
    },
    "sharing at the level there is": {"sharing": [sharing("UK", "FR", 0.625)]},
    "sharing that is replaced": {
        "sharing": [sharing("UK", "RS", "full"), sharing("UK", "RS", 0.25)]
    },
    "units times one": {"staff": [staff("FR", "coast_patrol", change=1.0)]},
    "a wave on a closed route": {
        "wave": [{"origins": ("albania",), "route": "air"}],
    },
    "a wave that comes later": {
        "wave": [{"origins": ("albania",), "route": "air", "from": date(2024, 1, 1)}]
    },
    "a lever that comes later": {
        "sharing": [sharing("UK", "FR", "full", **{"from": date(2024, 1, 1)})]
    },
    "money that comes later": {"funding": [money("coast_patrol", **{"from": date(2023, 7, 1)})]},
    "a lever that ended before": {"operation": [{**arrests("FR"), "to": date(2022, 6, 1)}]},
    "a raid that comes later": {"raid": [raid("FR", date(2024, 2, 1))]},
    "a ramp that begins on the last day": {
        "staff": [staff("FR", "coast_patrol", change=9.0, ramp_days=20, **{"from": END})]
    },
    "growth that is over": {"freight": [{"from": date(2020, 1, 1), "ramp_days": 30}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("base", "inert"),
    [(BASELINE.with_("Nobody comes by air", entries={"air": 0.0}), INERT), (ALONE, INERT_ALONE)],
    ids=["baseline", "alone"],
)
def test_what_is_told_to_reach_nobody_changes_no_bit(base, inert):
    """Each is told; all at once are run."""
    together: dict[str, list[Any]] = {}
    for name, levers in inert.items():
        assert "same" in note_kinds(base, base.with_("With it", **levers)), name
        for section, entries in levers.items():
            together.setdefault(section, []).extend(entries)
    other = base.with_("With all of them", **together)
    assert "same" in note_kinds(base, other)
    assert differences(run(base), run(other)) == []


LEAKS = {
    "Europol": [sharing("EPC", "EUROPOL", one_way=True)],
    "Frontex": [sharing("EPC", "FRONTEX", "full", one_way=True)],
    "both": [
        sharing("EPC", "EUROPOL", one_way=True), sharing("EPC", "FRONTEX", one_way=True),
        sharing("EUROPOL", "FRONTEX"),
    ],
    "UK intelligence": [sharing("EPC", "UK-IN", one_way=True), sharing("UK-IN", "EPC", "none")],
}  # fmt: skip


@pytest.mark.parametrize("levers", LEAKS.values(), ids=LEAKS.keys())
def test_where_only_leaks_are_left_no_bit_changes_without_them(levers):
    assert "leaks" in note_kinds(ALONE, ALONE.with_("With it", sharing=levers))
    other = QUIET.with_("With it, quiet", sharing=levers)
    assert "same" in note_kinds(QUIET, other)
    assert differences(run(QUIET), run(other)) == []


def test_what_is_told_to_nobody_does_change_a_run_once_the_hub_tells_others():
    """The hub of the levers above, with the way back."""
    both = QUIET.with_("Both ways", sharing=[sharing("EPC", "EUROPOL")])
    assert note_kinds(QUIET, both) == set()
    assert differences(run(QUIET), run(both)) != []


@pytest.mark.full
@pytest.mark.parametrize("dark", [True, False], ids=["leaks warn", "leaks do not warn"])
@pytest.mark.parametrize("name", shipped_scenarios())
def test_of_every_shipped_lever_that_reaches_nobody_no_bit_changes(name, dark):
    """On some months within the run, in which its dated levers begin or end."""
    asked = load_scenario(name)
    middle = date(2023, 4, 1) if asked.run.start <= date(2023, 4, 1) <= asked.run.end else None
    start = middle or asked.run.start
    days = {"start": start, "end": min(asked.run.end, date(start.year, start.month + 2, 28))}
    scenario = asked.with_(
        "Some weeks", run={**days, "warm_up_days": 40}, adaptation={"going_dark": dark}
    )
    parameters, run_of = load_parameters(scenario.parameters), scenario.run
    context = PolicyContext(
        load_corridor(), load_origins(), parameters, run_of.first_simulated, run_of.end
    )
    for section in SECTIONS:
        for number in range(len(getattr(scenario, section))):
            other = scenario.without(section, number)
            if compare_policies(scenario, other, context).inert:
                assert differences(run(scenario), run(other)) == [], (section, number)


# -- levers that nobody thought of -----------------------------------------------------------------

_AUTHORITY = st.sampled_from((*HELPLESS, *HELPLESS, *GROUPS, *CODES))
_WHEN = st.sampled_from(
    [{}, {}, {"from": date(2023, 3, 1)}, {"from": date(2023, 5, 1), "ramp_days": 90}]
)
_STAGES = ("aegean", "south", "centre", "exit", "west", "lorry", "boat", "supply")


def _one_of(words: Iterable[str]) -> st.SearchStrategy[tuple[str]]:
    return st.sampled_from([(word,) for word in words])


#: section -> the keys that a lever has, and those that it may have, each with its values
_DRAWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sharing": (
        {"between": st.tuples(_AUTHORITY, _AUTHORITY), "one_way": st.booleans(),
         "level": st.sampled_from(("none", "low", "medium", "high", "full", 0.625))},
        {},
    ),
    "staff": (
        {"authority": _AUTHORITY, "change": st.sampled_from((0.0, 0.5, 1.0, 5.0)),
         "kind": st.sampled_from(("analysis", "investigation", "checkpoint", "coast_patrol"))},
        {},
    ),
    "operation": (
        {"authority": _AUTHORITY, "kind": st.just("arrests"), "strength": st.just(20.0)},
        {"places": _one_of(PLACES)},
    ),
    "raid": (
        {"authority": _AUTHORITY, "on": st.sampled_from((date(2023, 2, 2), date(2023, 5, 20))),
         "arrests": st.just(60), "stages": _one_of(_STAGES), "places": _one_of(PLACES)},
        {},
    ),
    "visa": (
        {"authority": _AUTHORITY, "origins": _one_of(load_origins().origins),
         "effect": st.just(1.0)},
        {},
    ),
    "funding": (
        {"authority": _AUTHORITY, "amount": st.just({"EUR": 5e7}), "per": st.just("year"),
         "spend_on": st.sampled_from([{"analysis": 1.0}, {"investigation": 1.0}])},
        {},
    ),
}  # fmt: skip


@st.composite
def _levers(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A section and a lever of it, some of them with days."""
    section = draw(st.sampled_from(sorted(_DRAWN)))
    required, optional = _DRAWN[section]
    when = {} if section == "raid" else draw(_WHEN)
    return section, draw(st.fixed_dictionaries(required, optional=optional)) | when


@pytest.mark.full
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    derandomize=True,
)
@given(st.lists(_levers(), min_size=1, max_size=2), st.sampled_from((BASELINE, ALONE, QUIET)))
def test_no_alarm_is_false(levers, base):
    sections: dict[str, list[Any]] = {}
    for section, lever in levers:
        sections.setdefault(section, []).append(lever)
    try:
        other = base.with_("Made up", **sections)
    except InputError:
        assume(False)
    inert = "same" in note_kinds(base, other)
    event(f"inert: {inert}")
    if inert:
        assert differences(run(base), run(other)) == []
