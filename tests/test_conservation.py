"""Nobody is lost, no euro is lost, nothing is negative: over random scenarios and corridors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation import Crossings
from simulation.corridor import Corridor, load_corridor
from simulation.corridor.stages import BOAT
from simulation.model.agents.migrant import FINAL_STATES, State
from simulation.model.agents.smuggler import Status
from simulation.model.processes.tables import segment_values
from simulation.model.processes.world import World
from simulation.model.recording import make_record
from tests.chain_sums import agrees_with_itself, agrees_with_outcomes
from tests.corridor.rules import problems
from tests.runs import ARRESTS, Steps, scenario_from

ON_THE_WAY = [state for state in State if state not in (State.ABSENT, *FINAL_STATES)]
LEVELS = ("none", "low", "medium", "high", "full", 0.125, 0.9)
NAMES = ("EU", "WB6", "UK", "FR", "RS", "TR", "EUROPOL", "EPC", "CALAIS")
SWITCHES = ("route", "price", "load", "recruitment", "going_dark", "beliefs")


class Books:
    """Looks at a model every evening and complains of anything lost or below nothing."""

    def __init__(self) -> None:
        self.entered, self.received = 0, 0

    def morning(self, model) -> None:
        world = model.world
        self.money = world.money.copy()
        self.under_way = self._under_way(world)

    def _under_way(self, world: World) -> np.ndarray:
        """Travellers by leg."""
        m = world.migrants
        rows = world.live[m.state[world.live] == State.TRAVELLING]
        return np.bincount(m.leg[rows], minlength=len(world.corridor.legs))

    def evening(self, model) -> None:
        world = model.world
        self.people(model, world)
        self.money_adds_up(world)
        self.nothing_negative(world)
        self.legs(world)

    def people(self, model, world: World) -> None:
        m, ledger, day = world.migrants, world.ledger, world.day
        self.entered += np.count_nonzero((m.entry_day == day) & (m.state != State.ABSENT))
        assert ledger.states[day].sum() == self.entered
        by_state = np.bincount(m.state, minlength=len(State))
        by_state[State.ABSENT] = 0
        np.testing.assert_array_equal(ledger.states[day], by_state)
        assert np.unique(world.live).size == world.live.size
        assert np.isin(m.state[world.live], ON_THE_WAY).all()
        assert ledger.states[day][ON_THE_WAY].sum() == world.live.size
        assert m.uid.size == np.unique(m.uid).size
        assert ledger.present[day].sum() == world.live.size - by_state[State.TRAVELLING]
        over = np.isin(m.state, FINAL_STATES)
        assert (m.end_day[over] >= m.entry_day[over]).all()
        assert (m.end_day[~over & (m.state != State.ABSENT)] == -1).all()

    def money_adds_up(self, world: World) -> None:
        m = world.migrants
        paid, received, returned = world.money.tolist()
        assert paid == received + returned + int(m.escrow.sum())
        assert paid == int(m.paid.sum())
        taken = int(world.revenue.sum())
        self.received += taken
        assert received == self.received
        assert world.ledger.revenue[world.day] == pytest.approx(taken / world.scale)
        assert (world.money >= self.money).all()
        assert not m.escrow[np.isin(m.state, FINAL_STATES)].any()
        set_out = m.state != State.ABSENT
        assert ((m.escrow > 0) == (m.escrow_leg >= 0))[set_out].all()

    def nothing_negative(self, world: World) -> None:
        m, s = world.migrants, world.smugglers
        for name in ("funds", "escrow", "paid", "tries", "spells"):
            assert (getattr(m, name) >= 0).all(), name
        for name in ("boats", "ordered", "capacity", "fee", "load", "teams", "reputation", "use"):
            assert (getattr(s, name) >= 0).all(), name
        for name in ("cash", "profit_rate", "fee", "load"):
            assert np.isfinite(getattr(s, name)).all(), name
        assert (world.pairs.room >= 0).all()
        assert (world.queue_length >= 0).all()
        assert all((units >= 0).all() for units in world.policy.staff.values())
        assert (world.units.strength >= 0).all()
        assert (world.effort >= 0).all()
        for name in ("stop_chance", "belief", "death_chance", "recorded_chance"):
            chance = getattr(world.legs, name)
            assert ((chance >= 0) & (chance <= 1 + 1e-12)).all(), name
        queued = m.state == State.QUEUED
        assert (m.smuggler[queued] >= 0).all()
        assert (s.stage[m.smuggler[queued]] == BOAT).all()

    def legs(self, world: World) -> None:
        """Who left is stopped, dead, arrived or still on the leg; nobody arrives unsent."""
        ledger, day = world.ledger, world.day
        left = {name: getattr(ledger, name)[day] for name in ("departures", "stops", "deaths")}
        boat, now = world.ground.segment == BOAT, self._under_way(world)
        change = left["departures"] - left["stops"] - left["deaths"] - ledger.arrivals[day]
        np.testing.assert_array_equal(now[~boat], (self.under_way + change)[~boat])
        # boats are back, lost or across the same day; who is not found on a beach still waits
        assert not now[boat].any()
        assert (change[boat] >= 0).all()
        assert ledger.prevented[day] == left["stops"][boat].sum()
        assert (ledger.detections[day] <= left["stops"].sum()).all()
        assert (world.pairs.stops <= world.pairs.trips).all()
        assert (world.counts.unmet <= world.counts.asked).all()


def keep_books(scenario, *, seed=1, scale=0.02, corridor=None) -> World:
    steps = Steps(scenario, seed=seed, scale=scale, corridor=corridor)
    books = Books()
    model = steps.to_the_end(books.morning, books.evening)
    agrees_with_itself(steps.world)
    agrees_with_outcomes(make_record(steps.world, scenario.title, model.first_counted))
    return steps.world


# -- random scenarios -----------------------------------------------------------------------------


@st.composite
def levers(draw) -> str:
    """A scenario's levers, in TOML."""
    lines: list[str] = []
    if draw(st.booleans()):
        lines.append('clear = ["sharing"]')

    def any_of(*choices):
        return draw(st.sampled_from(choices))

    def days() -> list[str]:
        start = any_of(None, "2023-05-20", "2023-06-15")
        if start is None:
            return []
        ends = ["to = 2023-06-25"] if draw(st.booleans()) else []
        return [f"from = {start}", *ends, f"ramp_days = {draw(st.integers(0, 20))}"]

    for _ in range(draw(st.integers(0, 3))):
        one, other, level = any_of(*NAMES), any_of(*NAMES), any_of(*LEVELS)
        if one == other and one in ("FR", "RS", "TR", "EUROPOL"):
            continue
        lines += ["[[sharing]]", f'between = ["{one}", "{other}"]', f"level = {json.dumps(level)}"]
        if draw(st.booleans()):
            lines.append(f"leak = {any_of(0.0, 0.2, 1.0)}")
        lines += days()
    for _ in range(draw(st.integers(0, 2))):
        authority, place = any_of(
            ("RS", "subotica"), ("FR", "calais"), ("GR", "evros"), ("HU", "szeged")
        )
        lines += ["[[operation]]", f'authority = "{authority}"', f'places = ["{place}"]']
        lines += [f'kind = "{any_of("patrol", "arrests")}"', f"strength = {any_of(0.1, 5.0, 60.0)}"]
        lines += days()
    for _ in range(draw(st.integers(0, 2))):
        who = any_of("CALAIS", "EU", "RS", "UK-CI")
        lines += ["[[raid]]", f'authority = "{who}"', "on = 2023-06-18"]
        lines += [f"arrests = {any_of(1, 40, 5000)}", f"boats = {any_of(0, 7, 5000)}"]
    if draw(st.booleans()):
        able = dict.fromkeys(("border_patrol", "checkpoint"), ("FR", "HU", "RS"))
        able |= dict.fromkeys(("investigation", "analysis"), ("FR", "HU", "RS", "UK-CI"))
        able["coast_patrol"] = ("FR",)
        kind = any_of(*able)
        lines += ["[[staff]]", f'authority = "{any_of(*able[kind])}"', f'kind = "{kind}"']
        lines += [f"change = {any_of(0.0, 0.3, 4.0)}", *days()]
    if draw(st.booleans()):
        lines += ["[[funding]]", 'authority = "UK"', 'beneficiary = "FR"',
                  "amount = { EUR = 90_000_000 }", 'per = "year"',
                  "spend_on = { coast_patrol = 0.5, investigation = 0.5 }", *days()]  # fmt: skip
    off = draw(st.lists(st.sampled_from(SWITCHES), unique=True))
    lines += ["[adaptation]", *(f"{name} = false" for name in off)]
    lines += ["[entries]", *(f"{way} = {any_of(0.3, 1.0, 3.0)}" for way in ("balkan", "air"))]
    lines += ["[parameters]", f'"migrants.escrow_share" = {any_of(0.4, 0.9)}']
    return "\n".join(lines) + "\n"


def in_any_scenario(examples: int):
    """The property for that many scenarios."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=levers(), seed=st.integers(0, 10**9), start=st.sampled_from([1, 2, 6]))
    def check(tmp_path_factory, text, seed, start):
        folder = tmp_path_factory.mktemp("scenario")
        scenario = scenario_from(folder, text, start=date(2023, 6, start), days=45, warm_up=10)
        keep_books(scenario, seed=seed)

    return check


test_nothing_is_lost_in_any_scenario = in_any_scenario(10)
test_nothing_is_lost_in_many_scenarios = pytest.mark.full(in_any_scenario(100))


@pytest.mark.parametrize("route", ["air", "balkan"])
def test_nothing_is_lost_where_nobody_comes_by_a_route(tmp_path, route):
    """A planner may close a route altogether."""
    keep_books(scenario_from(tmp_path, f"[entries]\n{route} = 0.0\n", days=30, warm_up=10))


def test_nothing_is_lost_in_a_run_of_a_day(tmp_path):
    for seed in range(4):
        keep_books(scenario_from(tmp_path, days=1, warm_up=0), seed=seed, scale=0.01)


def test_nothing_is_lost_in_a_long_run(tmp_path):
    """Long enough for launches, deaths, arrests, newcomers and successors."""
    text = (
        '[parameters]\n"intelligence.account_yield" = 0.01\n"intelligence.case_threshold" = 0.5\n'
    )
    world = keep_books(scenario_from(tmp_path, text, days=200, warm_up=30), scale=0.05, seed=3)
    states = world.ledger.states[-1]
    assert (states[[State.ARRIVED_BOAT, State.SETTLED, State.RETURNED, State.DIED]] > 0).all()
    assert world.money.min() > 0
    assert world.smugglers.count > segment_values(world.parameters, "operators").sum()
    assert world.ledger.boats_seized.sum() > 0
    assert world.smugglers.ordered.sum() > 0


# -- random small corridors -----------------------------------------------------------------------


def smaller_corridor(seed: int, keep_share: float) -> Corridor:
    """The real corridor without some of its legs, as long as people can get where they want."""
    corridor = replace(load_corridor(), shipped=False)
    fewest = keep_share * len(corridor.legs)
    for gone in np.random.default_rng(seed).permutation(np.array(corridor.legs, dtype=object)):
        fewer = replace(corridor, legs=tuple(leg for leg in corridor.legs if leg != gone))
        if not problems(fewer):
            corridor = fewer
        if len(corridor.legs) <= fewest:
            break
    return corridor


@pytest.mark.parametrize(
    "seed", [1, 2, pytest.param(3, marks=pytest.mark.full), pytest.param(4, marks=pytest.mark.full)]
)
def test_nothing_is_lost_on_smaller_corridors(tmp_path, seed):
    corridor = smaller_corridor(seed, keep_share=0.5)
    assert len(corridor.legs) < 0.75 * len(load_corridor().legs)
    world = keep_books(scenario_from(tmp_path, days=50, warm_up=10), seed=seed, corridor=corridor)
    assert world.ledger.departures.sum() > 0


# -- what a switch freezes ------------------------------------------------------------------------


def shares(model: Crossings) -> dict[tuple[int, int], float]:
    """Share of capacity by operator and leg, of the founders who are still there."""
    pairs = model.world.pairs
    return {
        (int(model.world.smugglers.uid[who]), int(leg)): float(share)
        for who, leg, share in zip(pairs.smuggler, pairs.leg, pairs.share, strict=True)
    }


#: what is looked at each evening, by name; to what cells can carry belongs what arrests removed
LOOKS: dict[str, Callable[[Crossings], object]] = {
    "capacity": lambda model: model.world.smugglers.capacity + model.world.smugglers.missing,
    "shares": shares,
    "operators": lambda model: model.world.smugglers.count,
    "belief": lambda model: model.world.legs.belief.copy(),
} | {
    name: lambda model, name=name: getattr(model.world.smugglers, name).copy()
    for name in ("fee", "place", "load", "dark_until")
}


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    """Gives what a look sees each evening, with a switch off and with it on.

    All switches are on in the baseline, so one run of each scenario shows them on.
    """

    @cache
    def run(off: str | None, text: str) -> dict[str, list]:
        lines = (f"[adaptation]\n{off} = false\n" if off else "") + text
        scenario = scenario_from(tmp_path_factory.mktemp("watched"), lines, days=70, warm_up=0)
        steps = Steps(scenario)
        if off is None:
            assert all(dict(scenario.adaptation).values())
        seen = {name: [see(steps.model)] for name, see in LOOKS.items()}

        def evening(model):
            for name, see in LOOKS.items():
                seen[name].append(see(model))

        steps.to_the_end(after=evening)
        return seen

    return lambda name, switch, text="": (run(switch, text)[name], run(None, text)[name])


def constant(values) -> bool:
    """Whether nothing changes for those who were there on the first day."""
    first = np.asarray(values[0])
    return all(np.array_equal(np.asarray(value)[: len(first)], first) for value in values)


@pytest.mark.parametrize(
    ("switch", "name", "text"),
    [
        ("price", "fee", ""), ("route", "place", ""), ("load", "load", ""),
        ("beliefs", "belief", ""),
        ("recruitment", "capacity", ARRESTS),  # by arrests alone it changes
    ],
)  # fmt: skip
def test_a_switch_off_freezes_what_it_moves(watch, switch, name, text):
    off, on = watch(name, switch, text)
    assert constant(off)
    assert not constant(on)


def test_route_off_keeps_the_shares_of_legs(watch):
    off, on = watch("shares", "route")
    for values in off:
        assert all(values[pair] == off[0][pair] for pair in values if pair in off[0])
    assert any(on[-1].get(pair) != share for pair, share in on[0].items())


def test_recruitment_off_lets_nobody_in(watch):
    """No successors and no newcomers, though operators are arrested."""
    off, on = watch("operators", "recruitment", ARRESTS)
    assert len(set(off)) == 1
    assert on[-1] > on[0]


def test_going_dark_off_keeps_everybody_in_the_light(watch):
    leaky = '[[sharing]]\nbetween = ["EPC", "EPC"]\nlevel = "full"\nleak = 1.0\n' + ARRESTS
    off, on = watch("dark_until", "going_dark", leaky)
    assert constant(off)
    assert (off[0] == -1).all()
    assert not constant(on)


def test_retired_operators_serve_nobody(tmp_path):
    steps = Steps(scenario_from(tmp_path, ARRESTS, days=150, warm_up=0))

    def evening(model):
        world = model.world
        s, pairs = world.smugglers, world.pairs
        idle = (s.status != Status.ACTIVE) | (s.dark_until > world.day)
        # those caught in the act, or warned, worked until the evening
        idle[[row for row, _, major in world.seized_phones if not major]] = False
        idle[world.warned_operators] = False
        assert not pairs.room[idle[pairs.smuggler]].any()
        assert (s.boats[s.status == Status.RETIRED] >= 0).all()

    steps.to_the_end(after=evening)
