"""The migrant's day, the slow and obvious way: one object a person, one decision at a time.

This is the yardstick for the compiled day in `simulation/model/processes/movement.py` and
`launching.py`: written from the rules, in a shape of its own, with the same keyed draws. Both must
agree person by person, to the last bit. It is also what the compiled day's speed is measured
against.

Entry points: `reference_move`, `reference_sail`, with people from `people_from_columns`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from simulation.model.agents.migrant import FINAL_STATES, MigrantColumns, State
from simulation.model.processes.tables import LegArrays
from simulation.model.processes.world import COMPILED_GROUPS
from simulation.randomness import Decision, draw

NOBODY = -1
MOST_TRIES = 4095
WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15
AT_SEA = 2**40
INTERCEPTION, DEBRIEF = 0, 1
STOPPED, BROUGHT_BACK, LANDED = 0, 1, 2

#: of a world, what a day on land changes beside the people
CHANGED = ("pairs", "counts", "revenue", "money", "ended")

Fact = tuple[int, int, int, int]  # authority, operator, how it was learnt, row of the person


class Person:
    """Somebody on the way, with everything a row of the columns holds."""

    __slots__ = ("row", *MigrantColumns._fields)

    def __init__(self, row: int, values: Iterable[Any]) -> None:
        self.row = row
        for name, value in zip(MigrantColumns._fields, values, strict=True):
            setattr(self, name, value)

    def attempt(self) -> int:
        """The number of this attempt: place, visit and try."""
        return self.place * 2**24 + self.detours * 2**12 + self.tries

    def attempt_by(self, leg: Leg) -> int:
        """The number of this attempt on one leg."""
        return self.attempt() * 512 + leg.number

    def has_paid_for(self, leg: Leg) -> bool:
        """Whether a third party holds a fee for this leg."""
        return self.escrow > 0 and self.escrow_leg == leg.number

    def is_done(self) -> bool:
        return self.state in FINAL_STATES

    def fail_once_more(self) -> None:
        self.tries = min(self.tries + 1, MOST_TRIES)


@dataclass(slots=True, eq=False)
class Offer:
    """An operator on a leg today."""

    number: int
    smuggler: int
    uid: int
    room: int
    weight: float
    fee: int
    stop_factor: float
    single_fee: int

    def is_open(self) -> bool:
        return self.room > 0 and self.weight > 0.0


class Leg:
    """A leg today, with everything a row of the legs holds, and who serves it."""

    __slots__ = ("number", "offers", *LegArrays._fields)

    def __init__(self, number: int, values: Iterable[Any]) -> None:
        self.number = number
        self.offers: list[Offer] = []
        for name, value in zip(LegArrays._fields, values, strict=True):
            setattr(self, name, value)


@dataclass(slots=True, eq=False)
class Place:
    """A place today."""

    number: int
    stay_mean: float
    winter: tuple[float, int, int]
    destination: int
    ways: list[Leg] = field(default_factory=list)


def people_from_columns(columns: MigrantColumns, rows: Any) -> list[Person]:
    """One `Person` for each of the rows, in their order."""
    rows = np.asarray(rows)
    values = zip(*(column[rows].tolist() for column in columns), strict=True)
    return [Person(row, person) for row, person in zip(rows.tolist(), values, strict=True)]


# -- the day ---------------------------------------------------------------------------------------


def copied(world: Any) -> Any:
    """A stand-in of a world, with copies of the arrays that a day on land changes."""
    given = (
        "day", "ordinal", "seed", "legs", "places", "landing_authority", "smugglers",
        "account_yield",
    )  # fmt: skip
    stand_in = SimpleNamespace(**{name: getattr(world, name) for name in given})
    vars(stand_in).update({name: copy.deepcopy(getattr(world, name)) for name in CHANGED})
    return stand_in


def plain(parameters: Any) -> Any:
    """Packed assumptions with Python's own numbers, group by group."""
    return SimpleNamespace(
        **{
            group: SimpleNamespace(
                **{name: parameters[group][name].item() for name in parameters[group].dtype.names}
            )
            for group in COMPILED_GROUPS
        }
    )


def reference_move(people: list[Person], world: Any, parameters: Any) -> list[Person]:
    """One day on land of everyone in `people`; returns who is still on the way.

    Adds to the arrays of the world what the compiled `move` adds: counts, room and counts of pairs,
    revenue, money, ended. What was learnt is in `learnt` of the world.
    """
    today = ReferenceDay(world, world.counts, parameters)
    today.landing_authority = world.landing_authority
    today.lay_out(world.legs, world.places, world.pairs, world.smugglers.uid)
    today.everyone_on_land(people)
    on_the_way = []
    for person in people:
        if person.is_done():
            world.ended[person.state] += 1
        else:
            on_the_way.append(person)
    world.learnt = today.facts
    return on_the_way


def reference_sail(
    crews: list[list[Person]], boats: Any, counts: Any, coast: Any, people: Any, parameters: Any
) -> list[Fact]:
    """The day at sea of the people in each boat: what was learnt.

    Fills in what became of the boats, and adds to `counts` by leg. All but `crews` is as the
    compiled `sail` takes it; `people` is its `PeopleToday`.
    """
    today = ReferenceDay(people, counts, parameters)
    for number, aboard in enumerate(crews):
        today.one_boat(number, aboard, boats, coast)
    return today.facts


class ReferenceDay:
    """A day and its rules, applied to one person after another."""

    def __init__(self, today: Any, counts: Any, parameters: Any) -> None:
        self.day = today.day
        self.date = today.ordinal  # as a number, for draws
        self.seed = today.seed
        self.counts = counts
        self.parameters = parameters
        self.account_yield = today.account_yield
        self.revenue = today.revenue
        self.money = today.money
        self.facts: list[Fact] = []
        self.legs: list[Leg] = []
        self.places: list[Place] = []

    def lay_out(self, legs: Any, places: Any, pairs: Any, smuggler_uid: Any) -> None:
        """Turn the day's arrays into legs, places and offers."""
        self.pairs = pairs
        self.value_ahead = places.to_go.tolist()
        self.legs = [
            Leg(number, leg)
            for number, leg in enumerate(zip(*(column.tolist() for column in legs), strict=True))
        ]
        for leg in self.legs:
            for pair in range(pairs.start[leg.number], pairs.start[leg.number + 1]):
                who = int(pairs.smuggler[pair])
                offer = Offer(
                    pair, who, int(smuggler_uid[who]), int(pairs.room[pair]),
                    float(pairs.weight[pair]), int(pairs.fee[pair]),
                    float(pairs.stop_factor[pair]), int(pairs.single_fee[pair]),
                )  # fmt: skip
                leg.offers.append(offer)
        for number in range(places.destination.size):
            first, last = places.leg_start[number], places.leg_start[number + 1]
            ways = [self.legs[leg] for leg in places.legs[first:last]]
            stay, destination = float(places.stay_mean[number]), int(places.destination[number])
            winter = (
                float(places.winter_share[number]), int(places.winter_start[number]),
                int(places.winter_end[number]),
            )  # fmt: skip
            self.places.append(Place(number, stay, winter, destination, ways))

    def draw(self, decision: Decision, agent: int, occasion: int) -> float:
        return draw(self.seed, decision, agent % WORD, occasion % WORD)

    # -- on land -------------------------------------------------------------------------------

    def everyone_on_land(self, people: list[Person]) -> None:
        clients = []
        for person in people:
            if person.due > self.day:
                continue
            if person.state == State.TRAVELLING:
                self.reach_the_end(person)
            elif self.look_around(person):
                clients.append(person)
        clients.sort(key=lambda person: self.draw(Decision.QUEUE, person.uid, self.date))
        for person in clients:
            self.find_a_smuggler(person)

    def reach_the_end(self, person: Person) -> None:
        leg = self.legs[person.leg]
        place = self.places[leg.target]
        self.counts.arrivals[leg.number] += 1
        self.settle_up(person)
        brought_by = person.smuggler
        if brought_by != NOBODY:
            person.legs_served += 1
            u = self.draw(Decision.RECALL, person.uid, person.legs_served)
            if u < 1 / person.legs_served:
                person.recalled_smuggler = person.smuggler
        person.smuggler = NOBODY
        person.leg = NOBODY
        person.place = place.number
        person.tries = 0
        person.waited = 0
        if leg.sideways:
            person.detours = min(person.detours + 1, MOST_TRIES)
        if leg.final_state:
            self.end(person, State(leg.final_state))
        elif place.destination == person.destination:
            self.end(person, State.SETTLED)
        else:
            u = self.draw(Decision.STAY, person.uid, person.attempt())
            person.state = State.WAITING
            person.due = self.day + days_of_waiting(place.stay_mean, u)
            share, starts, ends = place.winter
            waits = self.draw(Decision.WINTER, person.uid, ends)
            in_winter = self.day < ends and person.due >= starts
            if in_winter and waits < share:
                person.due += ends - max(self.day, starts)
        if person.state == State.ARRIVED_LORRY:
            self.talk(person, self.landing_authority, brought_by, 0)

    def look_around(self, person: Person) -> bool:
        """Decide what to do next; whether it takes a smuggler."""
        if person.state == State.QUEUED:
            self.hand_back(person)
            person.smuggler = NOBODY
            person.fail_once_more()
        person.state = State.WAITING
        if person.earning:
            person.funds += self.parameters.migrants.work_income
            person.earning = False
        ways = [
            leg
            for leg in self.places[person.place].ways
            if self.value_ahead[person.destination][leg.target] > -math.inf
        ]
        served = [leg for leg in ways if leg.offered]
        within_means = [leg for leg in served if leg.single_fee <= person.funds + person.escrow]
        leads_on = any(not leg.sideways for leg in within_means)
        free_to_choose = len(within_means) == len(ways)
        if within_means and (leads_on or free_to_choose):
            leg = max(
                self.preferred_nest(person, within_means),
                key=lambda way: self.worth(person, way) + self.taste(person, way),
            )
            if leg.smuggled:
                person.leg = leg.number
                return True
            self.hand_back(person)
            person.smuggler = NOBODY
            self.set_out(person, leg, None)
        elif len(within_means) < len(served):
            self.earn_or_stay(person)
        elif ways:
            self.wait_in_vain(person, self.parameters.migrants.wait_days, 1.0)
        else:
            person.due = self.day + self.parameters.migrants.wait_days
            if not self.make_for_elsewhere(person):
                self.end(person, State.SETTLED)
        return False

    def earn_or_stay(self, person: Person) -> None:
        if person.spells >= self.parameters.migrants.work_spells:
            self.end(person, State.SETTLED)
            return
        person.spells += 1
        person.earning = True
        migrants = self.parameters.migrants
        self.wait_in_vain(person, migrants.work_days, migrants.wait_poor)

    def wait_in_vain(self, person: Person, days: int, hurry: float) -> None:
        """Wait some days more, or go on alone, turn elsewhere, settle or go back."""
        migrants, occasion = self.parameters.migrants, person.attempt() * 2**12 + person.waited
        hazard = hurry * migrants.wait_hazard * (1.0 + person.waited / migrants.wait_growth_days)
        person.leg = NOBODY
        person.due = self.day + days
        person.waited = min(person.waited + days, MOST_TRIES)
        if self.draw(Decision.WAIT_ENDS, person.uid, occasion) >= 1.0 - math.exp(-hazard * days):
            return
        u = self.draw(Decision.WAY_OUT, person.uid, occasion)
        if u < migrants.alone_share:
            walks = [
                leg
                for leg in self.places[person.place].ways
                if leg.alone
                and not leg.sideways
                and self.value_ahead[person.destination][leg.target] > -math.inf
            ]
            if walks:
                best = max(walks, key=lambda leg: self.worth(person, leg, alone=True))
                self.walk_alone(person, best)
                return
            u = u / migrants.alone_share
        else:
            u = (u - migrants.alone_share) / (1.0 - migrants.alone_share)
        if u < migrants.turn_share and self.make_for_elsewhere(person):
            return
        u = self.draw(Decision.WAY_OUT, person.uid, occasion + 2**60)
        goes_back = u < migrants.returned_share
        self.end(person, State.RETURNED if goes_back else State.SETTLED)

    def make_for_elsewhere(self, person: Person) -> bool:
        """Take the best other destination that can be reached; whether there is one."""
        others = {
            number: values[person.place]
            for number, values in enumerate(self.value_ahead)
            if number != person.destination and values[person.place] > -math.inf
        }
        if not others:
            return False
        person.destination = max(others, key=lambda number: others[number])
        person.waited = 0
        if self.places[person.place].destination == person.destination:
            self.end(person, State.SETTLED)
        return True

    def walk_alone(self, person: Person, leg: Leg) -> None:
        self.hand_back(person)
        person.smuggler, person.earning = NOBODY, False
        risk = 1.0 - (1.0 - leg.stop_chance) ** self.parameters.migrants.alone_risk
        self.set_out(person, leg, None, risk)

    def preferred_nest(self, person: Person, ways: list[Leg]) -> list[Leg]:
        """The ways by freight or the others, as the person prefers on this visit of the place."""
        nests = [[leg for leg in ways if leg.freight is by_freight] for by_freight in (True, False)]
        if not all(nests):
            return ways
        nesting = self.parameters.migrants.freight_nesting
        best = max(self.worth(person, leg) for leg in ways)
        freight, others = (
            sum(math.exp(self.worth(person, leg) - best) for leg in nest) ** nesting
            for nest in nests
        )
        visit = person.attempt() - person.tries
        hides = self.draw(Decision.NEST, person.uid, visit) < freight / (freight + others)
        return nests[0] if hides else nests[1]

    def worth(self, person: Person, leg: Leg, *, alone: bool = False) -> float:
        """What a leg and the way beyond it are worth, with an operator or without."""
        migrants = self.parameters.migrants
        risk, fee = self.fear_of_stop(person, leg), leg.fee
        if alone:
            risk, fee = 1.0 - (1.0 - risk) ** migrants.alone_risk, 0
            risk = min(risk, self.parameters.beliefs.ceiling)
        dread = person.risk_aversion * (
            risk / (1.0 - risk) * migrants.stop_cost + leg.death_chance * migrants.death_cost
        )
        cost = fee + migrants.day_value * leg.duration + leg.other_cost + dread
        return self.value_ahead[person.destination][leg.target] - cost / migrants.choice_scale

    def taste(self, person: Person, leg: Leg) -> float:
        """The taste of the moment for one leg."""
        return -math.log(-math.log(self.draw(Decision.LEG, person.uid, person.attempt_by(leg))))

    def fear_of_stop(self, person: Person, leg: Leg) -> float:
        u = self.draw(Decision.BELIEF_ERROR, person.uid, leg.number)
        error = (2.0 * u - 1.0) * math.sqrt(3.0)
        odds = leg.belief * max(1.0 + self.parameters.beliefs.error * error, 0.0)
        risk = odds / (odds + 1.0 - leg.belief) if odds > 0.0 else 0.0
        if person.stopped_leg == leg.number:
            risk += self.parameters.beliefs.experience * (1.0 - risk)
        return min(risk, self.parameters.beliefs.ceiling)

    def find_a_smuggler(self, person: Person) -> None:
        leg = self.legs[person.leg]
        self.counts.asked[leg.number] += 1
        offer = self.who_comes_first(person, leg)
        if offer is None:
            self.counts.unmet[leg.number] += 1
            self.wait_in_vain(person, self.parameters.migrants.wait_days, 1.0)
            return
        self.agree(person, leg, offer)
        self.pairs.asked[offer.number] += 1
        self.pairs.room[offer.number] -= 1
        offer.room -= 1
        person.smuggler = offer.smuggler
        if leg.boat:
            patience = self.draw(Decision.PATIENCE, person.uid, person.attempt())
            person.state = State.QUEUED
            person.joined = self.day
            mean = self.parameters.migrants.patience_days
            person.due = self.day + days_of_waiting(mean, patience)
        else:
            self.set_out(person, leg, offer)

    def who_comes_first(self, person: Person, leg: Leg) -> Offer | None:
        def wait(offer: Offer) -> float:
            key = offer.uid * GOLDEN + person.attempt()
            return -math.log(self.draw(Decision.SMUGGLER, person.uid, key)) / offer.weight

        possible = [
            offer
            for offer in leg.offers
            if offer.is_open()
            and (person.has_paid_for(leg) or offer.single_fee <= person.funds + person.escrow)
        ]
        return min(possible, key=wait, default=None)

    def agree(self, person: Person, leg: Leg, offer: Offer) -> None:
        """Settle the fee, unless it is held already."""
        if person.has_paid_for(leg):
            return
        self.hand_back(person)
        u = self.draw(Decision.CONTRACT, person.uid, person.attempt_by(leg))
        single = u >= self.liking_for_guarantee(person, leg, offer) or person.funds < offer.fee
        fee = offer.single_fee if single else offer.fee
        person.funds -= fee
        person.paid += fee
        self.money[0] += fee
        if single and not leg.boat:
            self.earn(offer.smuggler, fee)
        else:
            person.escrow, person.escrow_leg = fee, leg.number
            person.single_try = single

    def liking_for_guarantee(self, person: Person, leg: Leg, offer: Offer) -> float:
        """Chance of the dearer contract, by what single tries are feared to cost in the end."""
        migrants, beliefs = self.parameters.migrants, self.parameters.beliefs
        risk = min(leg.belief, beliefs.ceiling)
        tries = 1.0 + person.risk_aversion * risk / (1.0 - risk)
        saved = (offer.single_fee * tries - offer.fee) / migrants.contract_scale
        weight = math.exp(min(max(saved, -30.0), 30.0)) * migrants.escrow_share
        return weight / (weight + 1.0 - migrants.escrow_share)

    def set_out(
        self, person: Person, leg: Leg, offer: Offer | None, risk: float | None = None
    ) -> None:
        """Leave, at the risk of the leg if no other is given; who is stopped tells of it."""
        occasion = person.attempt_by(leg)
        self.counts.departures[leg.number] += 1
        person.leg = leg.number
        if risk is None:
            risk = leg.stop_chance
        if offer is not None:
            self.pairs.trips[offer.number] += 1
            risk = 1.0 - (1.0 - risk) ** offer.stop_factor
        if self.draw(Decision.STOP, person.uid, occasion) < risk:
            self.counts.stops[leg.number] += 1
            if offer is not None:
                self.pairs.stops[offer.number] += 1
            if self.draw(Decision.RECORDED, person.uid, occasion) < leg.recorded_chance:
                self.counts.detections[leg.number] += 1
            self.be_stopped(person)
            present = NOBODY if offer is None else offer.smuggler
            self.talk(person, leg.stop_authority, present, person.attempt() + 1)
        elif self.draw(Decision.LEG_DEATH, person.uid, occasion) < leg.death_chance:
            self.counts.deaths[leg.number] += 1
            self.end(person, State.DIED)
        else:
            person.state = State.TRAVELLING
            person.due = self.day + leg.duration

    def be_stopped(self, person: Person) -> None:
        person.fail_once_more()
        person.stopped_leg = person.leg
        migrants = self.parameters.migrants
        weariness = min(1.0, migrants.give_up + migrants.give_up_growth * (person.tries - 1))
        if self.draw(Decision.GIVE_UP, person.uid, person.attempt()) >= weariness:
            person.state = State.DETAINED
            person.due = self.day + migrants.hold_days
        elif self.draw(Decision.RETURNED, person.uid, person.attempt()) < migrants.returned_share:
            self.end(person, State.RETURNED)
        else:
            self.end(person, State.SETTLED)

    def end(self, person: Person, state: State) -> None:
        self.hand_back(person)
        person.state = int(state)
        person.end_day = self.day

    # -- money and talk ------------------------------------------------------------------------

    def earn(self, smuggler: int, amount: int) -> None:
        self.revenue[smuggler] += amount
        self.money[1] += amount

    def settle_up(self, person: Person) -> None:
        """What was held goes to the operator."""
        if person.escrow > 0:
            assert person.smuggler >= 0, "a fee is held and nobody is to have it"
            self.earn(person.smuggler, person.escrow)
            person.escrow, person.escrow_leg = 0, NOBODY

    def pay_by_the_try(self, person: Person) -> None:
        """The try is over; without a guarantee that is the end of the fee."""
        if person.single_try:
            self.settle_up(person)

    def hand_back(self, person: Person) -> None:
        """What was held goes back to the person."""
        if person.escrow > 0:
            person.funds += person.escrow
            self.money[2] += person.escrow
            person.escrow, person.escrow_leg = 0, NOBODY

    def talk(self, person: Person, authority: int, present: int, key: int) -> None:
        """Tell an authority of the operator at hand and of another one on the way."""
        if authority < 0:
            return
        chance = self.account_yield[authority]
        earlier = NOBODY if person.recalled_smuggler == present else person.recalled_smuggler
        for kind, who in ((INTERCEPTION, present), (DEBRIEF, earlier)):
            u = self.draw(Decision.DEBRIEF, person.uid, 2 * key + kind)
            if who != NOBODY and u < chance:
                self.facts.append((int(authority), who, kind, person.row))
            chance *= self.parameters.intelligence.previous_yield

    # -- at sea --------------------------------------------------------------------------------

    def one_boat(self, number: int, aboard: list[Person], boats: Any, coast: Any) -> None:
        key, launcher = int(boats.key[number]), int(boats.launcher[number])
        leg = int(boats.leg[number])
        self.counts.departures[leg] += len(aboard)
        for person in aboard:
            person.leg = leg

        if self.draw(Decision.BEACH_STOP, key, self.date) < boats.stop_chance[number]:
            boats.fate[number] = STOPPED
            channel = self.parameters.channel
            seizure, share_stopped = channel.seizure_chance, channel.found_share
            if boats.taxi[number]:  # stopped on the water, with its people still on the beach
                seizure, share_stopped = channel.seizure_at_sea, channel.found_at_sea
            boats.seized[number] = self.draw(Decision.BOAT_SEIZED, key, self.date) < seizure
            stopped = [
                person
                for person in aboard
                if self.draw(Decision.PASSENGER_STOP, person.uid, self.date) < share_stopped
            ]
            for person in stopped:
                self.prevent(person, number, leg, boats)
                self.talk(person, coast.beach_authority[leg], launcher, AT_SEA + 2 * self.date)
            return

        if self.draw(Decision.SEA_DEATH, key, self.date) < boats.death_chance[number]:
            lost = self.toll(key, len(aboard), coast)
            boats.dead[number] = lost
            by_luck = sorted(
                aboard, key=lambda person: self.draw(Decision.VICTIM, person.uid, self.date)
            )
            for person in by_luck[:lost]:
                self.counts.deaths[leg] += 1
                self.pay_by_the_try(person)
                self.end(person, State.DIED)

        survivors = [person for person in aboard if person.state != State.DIED]
        if self.draw(Decision.SEA_RETURN, key, self.date) < boats.return_chance[number]:
            boats.fate[number] = BROUGHT_BACK
            for person in survivors:
                self.prevent(person, number, leg, boats)
            return
        boats.fate[number] = LANDED
        for person in survivors:
            boats.landed[number] += 1
            self.counts.arrivals[leg] += 1
            self.settle_up(person)
            person.smuggler = NOBODY
            self.end(person, State.ARRIVED_BOAT)
            self.talk(person, coast.arrival_authority, launcher, AT_SEA + 2 * self.date + 1)

    def prevent(self, person: Person, number: int, leg: int, boats: Any) -> None:
        boats.prevented[number] += 1
        self.counts.stops[leg] += 1
        self.pay_by_the_try(person)
        person.smuggler = NOBODY
        self.be_stopped(person)

    def toll(self, key: int, aboard: int, coast: Any) -> int:
        """Agents lost in a disaster."""
        channel = self.parameters.channel
        size = self.draw(Decision.SEA_DEATH_COUNT, key, self.date)
        rounding = self.draw(Decision.SEA_DEATH_COUNT, key, self.date + 2**32)
        people = math.floor(size ** (-1.0 / channel.death_tail))
        most = max(1, math.floor(channel.death_cap * aboard / coast.scale))
        return min(aboard, math.floor(min(people, most) * coast.scale + rounding))


def days_of_waiting(mean: float, u: float) -> int:
    """Days of a stay, at least one."""
    return 1 + math.floor(-math.log(u) * max(mean - 0.5, 0.0))
