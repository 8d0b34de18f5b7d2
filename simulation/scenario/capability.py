"""What each authority can do in a run, derived from the tables of the corridor.

Each answer is an upper bound: where it is no, nothing in the model can make it yes; where it is
yes, it can still be rare. The rules are those of `simulation.model.processes`: who learns facts
(`movement`, `sailing`, `supply`, `collection`), who is given them and hands them on (`routing`,
`sharing`), who opens cases and hands them over (`investigation`, `cooperation`) and who seizes
boats (`supply`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.corridor.jurisdiction import operators_on_ground, workplaces
from simulation.corridor.network import BALKAN

if TYPE_CHECKING:
    from simulation.corridor import Corridor, Origins
    from simulation.parameters import Parameters
    from simulation.scenario.levers.raid import RaidOrder
    from simulation.scenario.levers.sharing import SharingDay
    from simulation.scenario.scenario import Scenario

Flags = npt.NDArray[np.bool_]

_NAMES = 4  # names listed before "and others"


class Capability:
    """Flags of what each authority can do; arrays (authorities,) unless stated otherwise.

    Args:
        corridor: Places, legs, staff and supply chains.
        parameters: What lets a hub hand on.
        raiding: Codes of the authorities that take part in a raid of the run.
        policies: How authorities share on the days of the run.
        listing: Codes of the authorities that list operators on a day of the run.

    Attributes:
        ground: Has legs on its ground, so it can stop people and listen to them.
        hubs: Only analyses, so it receives every fact and passes it on.
        concerned: Receives facts: operators work on its territory or its legs, or it is a hub.
        watches_supply: Boats are carried over its ground, so what it knows leads to seizures.
        teams: Has investigators who can hold a case.
        opens_cases: Has teams, and operators on its ground or partners to act with.
        learns: Can learn facts itself.
        is_useful: What it knows can have an effect: it acts on it, or tells an authority that does.
        informed: Others share facts with it.
        operators: (authorities, places) whether it can arrest operators who work at a place.
        neighbours: (authorities, authorities) whether two share a leg.
    """

    def __init__(
        self,
        corridor: Corridor,
        parameters: Parameters,
        raiding: Iterable[str] = (),
        policies: Iterable[SharingDay] = (),
        listing: Iterable[str] = (),
    ) -> None:
        codes = [authority.code for authority in corridor.authorities]
        self._corridor = corridor
        self._index = corridor.authority_index
        self._strict_below = parameters.intelligence.hub_strict_below
        self._on_ground = operators_on_ground(corridor)
        self._useful: dict[str, Flags] = {
            kind: np.isin(codes, where) for kind, where in workplaces(corridor).items()
        }
        on_leg = np.zeros((len(codes), len(corridor.legs)), dtype=bool)
        for number, leg in enumerate(corridor.legs):
            on_leg[[self._index[c] for c in (leg.authority_from, leg.authority_to)], number] = True
        arrests = np.array([bool(self._on_ground[code]) for code in codes])
        raids = np.isin(codes, list(raiding))
        self.ground: Flags = on_leg.any(axis=1)
        self.neighbours: Flags = (on_leg[:, None, :] & on_leg[None, :, :]).any(axis=2)
        self.hubs: Flags = corridor.hubs()
        self.concerned: Flags = arrests | self.ground | self.hubs
        stations = {code for chain in corridor.supply_chains for code in chain.authorities}
        self.watches_supply: Flags = np.isin(codes, list(stations))
        self.teams: Flags = self._useful["investigation"]
        self.learns: Flags = self.ground | (arrests & (raids | self.teams))
        policies = list(policies)
        channels, _ = self._channels(policies)
        self.opens_cases: Flags = self.teams & (arrests | (channels & arrests).any(axis=1))
        lists = np.isin(codes, list(listing))
        self.is_useful: Flags = self.opens_cases | self.watches_supply | raids | lists
        gives = self.carries(policies)
        # what is known there goes on to somebody who can act
        for _ in range(len(codes)):
            useful = self.concerned & (self.is_useful | arrests)
            self.is_useful = self.is_useful | (gives & (channels & useful).any(axis=1))
        self.informed: Flags = (channels & gives[:, None]).any(axis=0) & self.concerned
        self.operators: Flags = np.zeros((len(codes), len(corridor.places)), dtype=bool)
        for code, pairs in self._on_ground.items():
            self.operators[self._index[code], [corridor.place_index[p] for _, p in pairs]] = True

    def has_ground(self, code: str) -> bool:
        """Whether an authority can arrest anybody anywhere."""
        return bool(self._on_ground[code])

    def is_informed(self, code: str) -> bool:
        """Whether others share facts with an authority."""
        return bool(self.informed[self._index[code]])

    def can_use_staff(self, kind: str) -> Flags:
        """For which authorities more or fewer staff of a kind can change anything.

        Args:
            kind: A kind of staff, or `boat_supply` for work against boat deliveries.

        Returns:
            (authorities,).
        """
        if kind == "boat_supply":
            return self.watches_supply
        useful = self._useful[kind]
        if kind == "investigation":
            return useful & self.opens_cases
        if kind == "analysis":
            return self.is_useful & (self.learns | self.informed)
        return useful

    def can_take(self, raid: RaidOrder) -> bool:
        """Whether a raid could arrest any operator."""
        places = {self._corridor.places[row].id for row in raid.places}
        return any(
            (not raid.stages or stage in raid.stages) and (not places or place in places)
            for row in raid.authorities
            for stage, place in self._on_ground[self._corridor.authorities[row].code]
        )

    def can_know(self, authorities: Iterable[int]) -> bool:
        """Whether any of these authorities, by row, can learn of an operator in any way."""
        return any(self.learns[row] or self.informed[row] for row in authorities)

    def carries(self, policies: Iterable[SharingDay]) -> Flags:
        """Which authorities can hold a fact that they may pass on, (authorities,).

        An authority may pass on a fact that it learns itself. It may pass on a fact from others
        where the third-party rule of the channel allows it, and as a hub where coverage is high
        enough.
        """
        _, onward = self._channels(policies)
        holds = self.learns.copy()
        for _ in range(holds.size):
            informed = (onward & holds[:, None]).any(axis=0) & self.concerned
            if not (informed & ~holds).any():
                break
            holds |= informed
        return holds

    def _channels(self, policies: Iterable[SharingDay]) -> tuple[Flags, Flags]:
        """Pairs that share anything, and pairs whose receiver may pass it on, [from, to]."""
        shared, onward = np.zeros((2, *self.neighbours.shape), dtype=bool)
        for policy in policies:
            used = policy.coverage > 0.0
            shared |= used
            exception = self.hubs[None, :] & (policy.coverage >= self._strict_below)
            onward |= used & (policy.third_party | exception)
        for pairs in (shared, onward):
            np.fill_diagonal(pairs, False)
        return shared, onward


class People:
    """Who can set out in a run, by origin.

    Args:
        scenario: Its waves and the multipliers of routes.
        corridor: Where routes are entered.
        origins: Shares of the groups of origin.
    """

    def __init__(self, scenario: Scenario, corridor: Corridor, origins: Origins) -> None:
        self._scenario, self._corridor, self._origins = scenario, corridor, origins
        self._of = cache(self._work_out)

    def entering(self, year: int) -> Flags:
        """Whether anybody of an origin can enter at a place in a year, (origins, places)."""
        return self._of(year)[0]

    def bound_for_uk(self, year: int) -> Flags:
        """Whether anybody of an origin can set out for the UK in a year, (origins,)."""
        return self._of(year)[1]

    def _work_out(self, year: int) -> tuple[Flags, Flags]:
        origins, places = self._origins, self._corridor.places
        entering = np.zeros((len(origins.origins), len(places)), dtype=bool)
        for_uk = np.zeros(len(origins.origins), dtype=bool)
        uk = origins.destinations.index("uk")
        for route in {place.route for place in places if place.route}:
            if self._scenario.entries.get(route, 1.0) == 0.0:
                continue
            waves = {o for w in self._scenario.wave if w.route == route for o in w.origins}
            mix = origins.mix_in(route, year)
            for row, origin in enumerate(origins.origins):
                if mix[row] == 0.0 and origin not in waves:
                    continue
                if route == BALKAN:
                    shares = dict(zip(origins.entry_places, origins.entry_mix[origin], strict=True))
                    for_uk[row] |= origins.destination_mix[origin][uk] > 0.0
                else:
                    shares = {place.id: 1.0 for place in places if place.route == route}
                    for_uk[row] = True
                for place, share in shares.items():
                    entering[row, self._corridor.place_index[place]] |= share > 0.0
        return entering, for_uk


# -- in words -------------------------------------------------------------------------------------


def cannot_act(codes: Sequence[str], reach: Capability) -> str:
    """Explain why some authorities cannot act on anything that they learn."""
    landless = [code for code in codes if not reach.has_ground(code)]
    uninformed = [code for code in landless if not reach.is_informed(code)]
    no_ground = [code for code in landless if reach.is_informed(code)]
    no_case = [code for code in codes if reach.has_ground(code)]
    parts = []
    if uninformed:
        verb, whom = ("learns", "it") if len(uninformed) == 1 else ("learn", "them")
        parts.append(f"{join_words(uninformed)} {verb} nothing, and nobody tells {whom} anything.")
    if no_ground:
        verb, hands = ("has", "hands") if len(no_ground) == 1 else ("have", "hand")
        parts.append(
            f"{join_words(no_ground)} {verb} no ground on which to arrest anybody, and {hands} "
            "nothing on to anybody who has."
        )
    if no_case:
        verb = "has" if len(no_case) == 1 else "have"
        parts.append(f"{join_words(no_case)} {verb} no investigators to take up a case.")
    return " ".join(parts)


def codes_of(rows: Iterable[int], corridor: Corridor) -> list[str]:
    """Codes of authorities by their rows."""
    return [corridor.authorities[row].code for row in rows]


def listing(words: Sequence[str]) -> str:
    """Words one after another, the last after an "and"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def join_words(words: Sequence[str]) -> str:
    """The same of the first few; a longer list ends with "others"."""
    return listing([*words[:_NAMES], "others"] if len(words) > _NAMES else words)
