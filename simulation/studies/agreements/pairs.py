"""Who could agree with whom, and the sharing levers that an agreement to share more amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, count, groupby
from typing import NamedTuple

import numpy as np

from simulation.corridor import Corridor, load_corridor, load_origins
from simulation.errors import InputError, closest
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import (
    LEVEL_WORDS,
    LEVELS_ALLOWED,
    STEP,
    level_word,
    levels,
    quality_of,
)
from simulation.scenario.levers.sharing import Sharing, SharingDay
from simulation.scenario.names import Names, pairs_of
from simulation.scenario.policy import Levers

#: the agreements of the announcement of November 2024, each alone and all together
ANNOUNCED = "UK:RS,UK:MK,UK:XK,UK:RS+UK:MK+UK:XK"
#: the authorities of the United Kingdom sign as one
UK = "UK"
#: what a pair can have more or less of, and whether more of it is better
_QUALITIES = (("coverage", True), ("delay_days", False), ("fidelity", True))


class Party(NamedTuple):
    """Who can sign an agreement: an authority, a group, or the United Kingdom.

    Attributes:
        code: Its code.
        name: Its name.
        members: The authorities it stands for.
    """

    code: str
    name: str
    members: tuple[str, ...]


#: two parties who could share more
Pair = tuple[Party, Party]


@dataclass(frozen=True)
class Agreement:
    """Parties who could share more, and what that changes.

    Attributes:
        key: How it is named in files and on axes: `UK-FR`, or `UK-RS+UK-MK:high` for several pairs
            at one of several levels.
        name: How it is named in words.
        pairs: The parties, two by two.
        level: The level they are raised to: one of the five words, or a number from 0 to 1.
        before: How much they share in the scenario: `low`, `low to medium`, `above medium (0.625)`.
        levers: What raises them to the level; none when there is no room.
    """

    key: str
    name: str
    pairs: tuple[Pair, ...]
    level: str
    before: str
    levers: tuple[Sharing, ...]


class Terms(NamedTuple):
    """The terms of every agreement.

    Attributes:
        levels: The levels that pairs are raised to, one at a time.
        start: Its first day; None for always, warm-up included.
        ramp_days: Days it takes to grow from that day.
    """

    levels: tuple[str | float, ...] = ("high",)
    start: date | None = None
    ramp_days: int = 0


#: high sharing for the whole run
HIGH = Terms()


def read_terms(scenario: Scenario, level: str, start: str | None, ramp_days: int) -> Terms:
    """The terms of agreements from what was typed.

    Args:
        scenario: Its run holds the first day.
        level: Levels, with commas between them.
        start: The first day as ISO 8601; None for always.
        ramp_days: Days they take to grow.

    Raises:
        InputError: There is no such level, or the day is not in the run.
    """
    levels = tuple(_level(word.strip()) for word in level.split(","))
    if start is None:
        return Terms(levels)
    try:
        day = date.fromisoformat(start)
    except ValueError:
        raise outside(scenario, start) from None
    if not scenario.run.start <= day <= scenario.run.end:
        raise outside(scenario, start)
    return Terms(levels, day, ramp_days)


def outside(scenario: Scenario, start: str, end: date | None = None) -> InputError:
    """The error for a first day that is no day of the run, which may end on an earlier day."""
    return InputError(
        "not a day of the run",
        key="--from",
        value=start,
        allowed=f"{scenario.run.start} to {end or scenario.run.end}",
    )


def _level(text: str) -> str | float:
    if text in LEVEL_WORDS:
        return text
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise InputError(
            "unknown level",
            key="--level",
            value=text,
            allowed=LEVELS_ALLOWED,
            suggestion=closest(text, LEVEL_WORDS),
        )
    return number


def parties(corridor: Corridor) -> list[Party]:
    """Everybody who can sign: the UK, then the others in the corridor's order."""
    uk = tuple(a.code for a in corridor.authorities if a.kind == "uk")
    others = [Party(a.code, a.name, (a.code,)) for a in corridor.authorities if a.kind != "uk"]
    return [Party(UK, UK, uk), *others]


def agreements_of(
    scenario: Scenario,
    among: str | None = None,
    with_: str | None = None,
    *,
    between: str | None = None,
    terms: Terms = HIGH,
) -> list[Agreement]:
    """Every agreement that could be made on top of a scenario, or those that are asked for.

    Args:
        scenario: What parties have now.
        among: Only parties of these: authorities and groups, with commas between them.
        with_: Only agreements with this authority, or with a member of this group.
        between: These alone: `UK:RS,UK:WB6`, with `+` between pairs that sign together.
        terms: Their terms.

    Raises:
        InputError: A name is unknown, a pair has one side, or no pair is left.
    """
    corridor = load_corridor()
    names = Names.of(corridor, load_origins().origins, load_parameters())
    if between is not None:
        signed = [
            tuple(dict.fromkeys(_pair(pair, names) for pair in one.split("+")))
            for one in between.split(",")
        ]
    else:
        signed = [(pair,) for pair in _every_pair(corridor, names, among, with_)]
    agreements = []
    rooms = [_Room(scenario, corridor, names, level, terms) for level in terms.levels]
    for pairs in signed:
        key = "+".join(f"{a.code}-{b.code}" for a, b in pairs)
        name = key.replace("+", " + ") if len(pairs) > 1 else " and ".join(p.name for p in pairs[0])
        for room in rooms:
            level = room.raised if isinstance(room.raised, str) else f"{room.raised:g}"
            one_of = len(rooms) > 1
            agreements.append(
                Agreement(
                    key=f"{key}:{level}" if one_of else key,
                    name=f"{name} ({level})" if one_of else name,
                    pairs=pairs,
                    level=level,
                    before=room.before(pairs),
                    levers=tuple(lever for pair in pairs for lever in room.levers(*pair)),
                )
            )
    return agreements


def _every_pair(
    corridor: Corridor, names: Names, among: str | None, with_: str | None
) -> list[Pair]:
    """Every two parties, as far as they are asked for."""
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
    return pairs


def with_agreements(scenario: Scenario, signed: Sequence[Agreement], description: str) -> Scenario:
    """A scenario with agreements laid over it: their levers come last, and so prevail."""
    keys = ", ".join(agreement.key for agreement in signed)
    most = 200  # characters of a title
    raised = " and ".join(dict.fromkeys(agreement.level for agreement in signed))
    ending = f", with {raised} sharing: {keys}"
    if len(scenario.title) + len(ending) > most:
        ending = f", with {raised} sharing between {len(signed)} pairs"
    levers = tuple(lever for agreement in signed for lever in agreement.levers)
    return scenario.model_copy(
        update={
            "title": scenario.title[: most - len(ending)] + ending,
            "description": description,
            "sharing": (*scenario.of(Sharing), *levers),
        }
    )


def _pair(text: str, names: Names) -> Pair:
    """The two parties of `UK:RS`."""
    sides = [side.strip() for side in text.split(":")]
    if len(sides) != 2 or sides[0] == sides[1]:
        raise InputError(
            "not two different sides",
            key="--between",
            value=text.strip(),
            allowed="two authorities or groups with a colon, such as UK:RS or UK:WB6",
        )
    members = [_members(side, names, "--between") for side in sides]
    one, other = (
        Party(code, names.names_by_code.get(code, code), of)
        for code, of in zip(sides, members, strict=True)
    )
    return one, other


def _chosen(everybody: Sequence[Party], names: Names, key: str, text: str | None) -> set[Party]:
    """The parties a list of authorities and groups names; all of them without a list."""
    if text is None:
        return set(everybody)
    members = {one for word in text.split(",") for one in _members(word.strip(), names, key)}
    return {party for party in everybody if members & set(party.members)}


def _members(name: str, names: Names, key: str) -> tuple[str, ...]:
    """The authorities that a name of an option stands for."""
    if name not in names.authorities:
        raise InputError(
            "unknown authority or group",
            key=key,
            value=name,
            allowed=", ".join(names.authorities),
            suggestion=names.closest_authority(name),
        )
    return names.members(name)


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
    """How much room is left below a level between each two authorities, over the days."""

    def __init__(
        self,
        scenario: Scenario,
        corridor: Corridor,
        names: Names,
        level: str | float,
        terms: Terms,
    ) -> None:
        self._names, self.raised, self._terms = names, level, terms
        self._index = corridor.authority_index
        self._used_names = {lever.name for lever in scenario.of(Sharing)}
        parameters = load_parameters(dict(scenario.parameters))
        self._words = levels(parameters)
        self._target = quality_of(level, parameters)
        calendar = Levers(scenario, corridor, parameters)
        first = terms.start or scenario.run.first_simulated
        days = (scenario.run.end - first).days + 1
        #: each change of sharing: its first day and what holds from then on
        self._changes: list[tuple[date, SharingDay]] = []
        for day in (first + timedelta(days=n) for n in range(days)):
            sharing = calendar.on(day).sharing
            if not self._changes or sharing is not self._changes[-1][1]:
                self._changes.append((day, sharing))

    def before(self, pairs: Iterable[Pair]) -> str:
        """How much the parties share, as a level or from one level to another."""
        coverages = [quality.coverage for quality in self._words.values()]
        shares = [
            sharing.coverage[self._index[a], self._index[b]]
            for first, second in pairs
            for a, b in pairs_of(first.members, second.members)
            for _, sharing in self._changes
        ]
        steps = np.interp((min(shares), max(shares)), coverages, np.arange(len(coverages)) * STEP)
        words = [level_word(round(level, 3)) for level in steps.tolist()]
        return words[0] if words[0] == words[1] else f"{words[0]} to {words[1]}"

    def levers(self, first: Party, second: Party) -> tuple[Sharing, ...]:
        """The levers that raise two parties and lower nothing that they have."""
        sides = first.members, second.members
        spans = {way: self._spans(*way) for way in pairs_of(*sides)}
        if len({tuple(each) for each in spans.values()}) == 1:
            entries = self._entries(first.code, second.code, next(iter(spans.values())))
        else:
            entries = []
            for a, b in pairs_of(*sides, one_way=True):
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
            _Span(day if number else self._terms.start, last, need)
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

    def _entries(self, first: str, second: str, spans: Iterable[_Span]) -> list[dict[str, object]]:
        """The sharing levers of some spans, as a scenario file has them.

        A span that begins while the agreement grows has grown on the same day.
        """
        entries = []
        for span in spans:
            need = span.need
            if not need.lacking:
                continue
            entry: dict[str, object] = {"between": [first, second]}
            if need.better:  # only what is lacking: the rest is better already
                entry |= {name: float(getattr(self._target, name)) for name in need.lacking}
            else:
                entry["level"] = self.raised
                if need.third_party and not self._target.third_party:
                    entry["third_party"] = True
            entry |= {"from": span.first} if span.first else {}
            start, ramp = self._terms.start, self._terms.ramp_days
            if start and span.first and (left := ramp - (span.first - start).days) > 0:
                entry["ramp_days"] = left
            entry |= {"to": span.last} if span.last else {}
            entries.append(entry)
        return entries
