"""Who could agree with whom, and the sharing levers that an agreement to share more amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, count, groupby, product
from typing import Any, NamedTuple

import numpy as np

from simulation.corridor import Corridor, load_corridor, load_origins
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import STEP, Quality, levels
from simulation.scenario.levers.sharing import Sharing, SharingDay
from simulation.scenario.names import Names
from simulation.scenario.policy import Levers

#: the level an agreement raises a pair to
RAISED = "high"
#: the authorities of the United Kingdom sign as one
UK = "UK"
#: what a pair can have more or less of, and whether more of it is better
_QUALITIES = (("coverage", True), ("delay_days", False), ("fidelity", True))


class Party(NamedTuple):
    """Who can sign an agreement: an authority, or the United Kingdom.

    Attributes:
        code: Its code.
        name: Its name.
        members: The authorities it stands for.
    """

    code: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Agreement:
    """Two parties who could share more, and what that changes.

    Attributes:
        first: One party.
        second: The other.
        before: How much they share in the scenario: `low`, `low to medium`, `0.625`.
        levers: What raises them to `RAISED`; none when there is no room.
    """

    first: Party
    second: Party
    before: str
    levers: tuple[Sharing, ...]

    @property
    def key(self) -> str:
        """How it is named in files and on axes: `UK-FR`."""
        return f"{self.first.code}-{self.second.code}"

    @property
    def name(self) -> str:
        """How it is named in words."""
        return f"{self.first.name} and {self.second.name}"


def parties(corridor: Corridor) -> list[Party]:
    """Everybody who can sign: the UK, then the others in the corridor's order."""
    uk = tuple(a.code for a in corridor.authorities if a.kind == "uk")
    others = [Party(a.code, a.name, (a.code,)) for a in corridor.authorities if a.kind != "uk"]
    return [Party(UK, UK, uk), *others]


def agreements_of(
    scenario: Scenario, among: str | None = None, with_: str | None = None
) -> list[Agreement]:
    """Every agreement two parties could make on top of a scenario.

    Args:
        scenario: What they have now.
        among: Only parties of these: authorities and groups, with commas between them.
        with_: Only agreements with this authority, or with a member of this group.

    Raises:
        InputError: A name is unknown, or no pair is left.
    """
    corridor = load_corridor()
    names = Names.of(corridor, load_origins().origins, load_parameters())
    everybody = parties(corridor)
    inside = _chosen(everybody, names, "--among", among)
    outside = _chosen(everybody, names, "--with", with_)
    pairs = [
        (a, b) for a, b in combinations(everybody, 2)
        if a in inside and b in inside and (a in outside or b in outside)
    ]  # fmt: skip
    if not pairs:
        key, value = ("--with", with_) if with_ is not None else ("--among", among)
        raise InputError(
            "leaves no pair of authorities (the UK's authorities count as one)",
            key=key,
            value=value,
            allowed="two or more authorities or groups in all",
        )
    room = _Room(scenario, corridor, names)
    return [Agreement(a, b, room.before(a, b), room.levers(a, b)) for a, b in pairs]


def with_agreements(scenario: Scenario, signed: Sequence[Agreement], description: str) -> Scenario:
    """A scenario with agreements laid over it: their levers come last, and so prevail."""
    keys = ", ".join(agreement.key for agreement in signed)
    most = 200  # characters of a title
    ending = f", with {RAISED} sharing: {keys}"
    if len(scenario.title) + len(ending) > most:
        ending = f", with {RAISED} sharing between {len(signed)} pairs"
    levers = tuple(lever for agreement in signed for lever in agreement.levers)
    return scenario.model_copy(
        update={
            "title": scenario.title[: most - len(ending)] + ending,
            "description": description,
            "sharing": (*scenario.of(Sharing), *levers),
        }
    )


def _chosen(everybody: Sequence[Party], names: Names, key: str, text: str | None) -> set[Party]:
    """The parties a list of authorities and groups names; all of them without a list."""
    if text is None:
        return set(everybody)
    members: set[str] = set()
    for word in text.split(","):
        name = word.strip()
        if name not in names.authorities:
            raise InputError(
                "unknown authority or group",
                key=key,
                value=name,
                allowed=", ".join(names.authorities),
                suggestion=names.closest_authority(name),
            )
        members.update(names.members(name))
    return {party for party in everybody if members & set(party.members)}


class _Need(NamedTuple):
    """The qualities that one authority's sharing with another lacks on a day."""

    #: qualities below those of the level raised to, and above, which must not be taken away
    lacking: tuple[str, ...]
    better: tuple[str, ...]
    #: whether reports may already be passed on
    third_party: bool


class _Span(NamedTuple):
    """Days on which the same is lacking; None for since ever and for ever."""

    first: date | None
    last: date | None
    need: _Need


class _Room:
    """How much room is left between each two authorities, over the days of a scenario."""

    def __init__(self, scenario: Scenario, corridor: Corridor, names: Names) -> None:
        self._names = names
        self._index = corridor.authority_index
        self._used_names = {lever.name for lever in scenario.of(Sharing)}
        parameters = load_parameters(dict(scenario.parameters))
        self._words = levels(parameters)
        self._target: Quality = self._words[RAISED]
        calendar = Levers(scenario, corridor, parameters)
        days = (scenario.run.end - scenario.run.first_simulated).days + 1
        #: each change of sharing: its first day and what holds from then on
        self._changes: list[tuple[date, SharingDay]] = []
        for day in (scenario.run.first_simulated + timedelta(days=n) for n in range(days)):
            sharing = calendar.on(day).sharing
            if not self._changes or sharing is not self._changes[-1][1]:
                self._changes.append((day, sharing))

    def before(self, first: Party, second: Party) -> str:
        """How much two parties share, as a level or from one level to another."""
        coverages = [quality.coverage for quality in self._words.values()]
        shares = [
            sharing.coverage[self._index[a], self._index[b]]
            for a, b in _directions(first, second)
            for _, sharing in self._changes
        ]
        words = [
            self._level(float(np.interp(share, coverages, np.arange(len(coverages)) * STEP)))
            for share in (min(shares), max(shares))
        ]
        return words[0] if words[0] == words[1] else f"{words[0]} to {words[1]}"

    def levers(self, first: Party, second: Party) -> tuple[Sharing, ...]:
        """The levers that raise two parties and lower nothing that they have."""
        spans = {way: self._spans(*way) for way in _directions(first, second)}
        if len({tuple(each) for each in spans.values()}) == 1:
            entries = self._entries(first.code, second.code, next(iter(spans.values())))
        else:
            entries = []
            for a, b in product(first.members, second.members):
                if spans[a, b] == spans[b, a]:
                    entries += self._entries(a, b, spans[a, b])
                else:
                    one_way = (self._entries(*way, spans[way]) for way in ((a, b), (b, a)))
                    entries += [{**entry, "one_way": True} for each in one_way for entry in each]
        stem = f"agreement-{first.code}-{second.code}".lower()
        free = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        names = (name for name in free if name not in self._used_names)
        return tuple(
            Sharing.model_validate({"name": next(names), **entry}, context=self._names)
            for entry in entries
        )

    def _spans(self, source: str, receiver: str) -> list[_Span]:
        """The spans in which one direction lacks something, from the first day to the last."""
        between = self._index[source], self._index[receiver]
        groups = groupby(self._changes, key=lambda change: self._need(change[1], *between))
        needs = [(next(changes)[0], need) for need, changes in groups]
        lasts = [day - timedelta(days=1) for day, _ in needs[1:]]
        return [
            _Span(day if number else None, last, need)
            for number, ((day, need), last) in enumerate(zip(needs, [*lasts, None], strict=True))
        ]

    def _need(self, sharing: SharingDay, source: int, receiver: int) -> _Need:
        lacking: list[str] = []
        better: list[str] = []
        for name, more in _QUALITIES:
            has = float(getattr(sharing, name)[source, receiver])
            wanted = float(getattr(self._target, name))
            if has != wanted:
                (lacking if (has < wanted) == more else better).append(name)
        allowed = bool(sharing.third_party[source, receiver])
        return _Need(tuple(lacking), tuple(better), allowed)

    def _entries(self, first: str, second: str, spans: Iterable[_Span]) -> list[dict[str, Any]]:
        """The sharing levers of some spans, as a scenario file has them."""
        entries = []
        for span in spans:
            need = span.need
            if not need.lacking:
                continue
            entry: dict[str, Any] = {"between": [first, second]}
            if need.better:  # only what is lacking: the rest is better already
                entry |= {name: float(getattr(self._target, name)) for name in need.lacking}
            else:
                entry["level"] = RAISED
                if need.third_party and not self._target.third_party:
                    entry["third_party"] = True
            entry |= {"from": span.first} if span.first else {}
            entry |= {"to": span.last} if span.last else {}
            entries.append(entry)
        return entries

    def _level(self, position: float) -> str:
        words = (
            word for number, word in enumerate(self._words) if abs(position - number * STEP) < 1e-9
        )
        return next(words, f"{position:.3g}")


def _directions(first: Party, second: Party) -> list[tuple[str, str]]:
    """Every way reports can go between two parties."""
    forth = list(product(first.members, second.members))
    return forth + [(b, a) for a, b in forth]
