"""The matrix of sharing without its page: what each cell shows, and what a choice in it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from simulation.app.draft import Draft, Entry
from simulation.app.naming import between
from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS, level_interval, level_number, level_word
from simulation.scenario.levers.sharing import (
    AgreedLevel,
    Pair,
    Sharing,
    levels_on_day,
    lever_pairs,
)
from simulation.scenario.names import pairs_of

#: rows and columns of the compact matrix, from the Channel back along the way
COMPACT = ("UK", "FR", "BE", "DE", "BG", "RS", "MK", "XK", "AL", "TR")
#: agreements among many at once, each a cell of its own
SHORTCUTS = (
    ("UK", "WB6"),
    ("UK", "EU"),
    ("EU", "WB6"),
    ("CALAIS", "CALAIS"),
    ("EU", "EU"),
    ("WB6", "WB6"),
    ("UK", "UK"),
)
LETTERS = {word: word[0].upper() for word in LEVEL_WORDS}
_PLAIN = {"between", "level", "from", "ramp_days"}


@dataclass(frozen=True)
class When:
    """From which day on what is set in the matrix applies, and over how many days it grows."""

    day: date
    ramp_days: int = 0


@dataclass(frozen=True)
class SharingCell:
    """The agreement between two sides on a day, as the matrix shows it.

    Attributes:
        first: An authority or a group.
        second: Another, or the same for what is agreed within it.
        low: Number of the lowest level among their authorities, from 0.
        high: Number of the highest.
        letters: The level as short as it gets: L, M+, or N-L for several.
        now: The level in words.
        was: The level in the scenario it starts from.
        changed: Whether the two differ for some pair of authorities.
        label: The cell for those who hear it.
        back: The level to go back to; None unless it is one for all their authorities.
    """

    first: str
    second: str
    low: int
    high: int
    letters: str
    now: str
    was: str
    changed: bool
    label: str
    back: str | float | None


def letter(level: str | float) -> str:
    """The first letter of a level, with a plus for a number above it and below the next."""
    below, above = level_interval(level)
    return LETTERS[LEVEL_WORDS[below]] + ("+" if above else "")


def spread(low: str | float, high: str | float) -> str:
    """From the lowest to the highest of some levels, in words."""
    if level_number(low) == level_number(high):
        return level_word(low)
    return f"from {level_word(low)} to {level_word(high)}"


def pairs_between(first: str, second: str) -> list[Pair]:
    """Every (source, receiver) of two sides, both ways; none for an authority with itself."""
    return pairs_of(load_corridor().members(first), load_corridor().members(second))


def cells(
    sides: Iterable[tuple[str, str]], whatif: Scenario, start: Scenario, day: date
) -> list[SharingCell]:
    """The agreements between pairs of sides on a day, beside those of the start.

    Args:
        sides: Pairs of authorities or groups that can share.
        whatif: The scenario that is being made.
        start: The scenario it starts from.
        day: The day.
    """
    now, was = (levels_on_day(one, day, load_corridor()) for one in (whatif, start))
    return [_cell(first, second, now, was) for first, second in sides]


def _cell(
    first: str, second: str, now: Mapping[Pair, AgreedLevel], was: Mapping[Pair, AgreedLevel]
) -> SharingCell:
    wanted = pairs_between(first, second)
    today, at_start = ([agreed[pair] for pair in wanted] for agreed in (now, was))
    (low, high), (was_low, was_high) = _ends(today), _ends(at_start)
    low_step, high_step = (int(level_number(at) * (len(LEVEL_WORDS) - 1)) for at in (low, high))
    letters = "\u2013".join(dict.fromkeys((letter(low), letter(high))))
    words, before = spread(low, high), spread(was_low, was_high)
    own_numbers = any(one.own_numbers for one in today)
    if own_numbers:
        letters, words = f"{letters}*", f"{words}, with numbers of its own"
    changed = [_compared(one) for one in today] != [_compared(one) for one in at_start]
    sides = between(first, second) if first == second else f"between {between(first, second)}"
    label = f"Sharing {sides}: {words}{f', changed from {before}' if changed else ''}"
    single = not own_numbers and level_number(was_low) == level_number(was_high)
    back = was_low if single else None
    return SharingCell(
        first, second, low_step, high_step, letters, words, before, changed, label, back
    )


def _ends(agreed: Sequence[AgreedLevel]) -> tuple[str | float, str | float]:
    levels = sorted((one.level for one in agreed), key=level_number)
    return levels[0], levels[-1]


def _compared(agreed: AgreedLevel) -> tuple[float, bool]:
    return level_number(agreed.level), agreed.own_numbers


def triangle(sides: Sequence[str]) -> list[list[tuple[str, str]]]:
    """The pairs of some sides, each once: a row for every side but the first."""
    return [[(side, other) for other in sides[:row]] for row, side in enumerate(sides)][1:]


def all_sides() -> tuple[str, ...]:
    """Every authority, those nearest the Channel first."""
    codes = tuple(authority.code for authority in load_corridor().authorities)
    uk = load_corridor().members("UK")
    return (*uk, *reversed([code for code in codes if code not in uk]))


def with_level(draft: Draft, first: str, second: str, level: str, when: When) -> Draft:
    """A what-if in which two sides share on a level from a day on.

    What the matrix has set for the two from that day on is replaced. Nothing is written where the
    scenario has this level anyhow, from that day to its end.
    """
    others = [
        entry
        for entry in draft.entries("sharing")
        if not (_of(entry, first, second) and _is_set(entry, when))
    ]
    without = draft.with_(sharing=others)
    if _holds_anyhow(without, first, second, level, when.day):
        return without
    entry = {"between": _written(first, second), "level": level}
    return draft.with_(sharing=[*others, _dated(entry, when)])


def as_it_is(draft: Draft, first: str, second: str, when: When, start: Scenario) -> Draft:
    """A what-if in which two sides share on a day as in the start.

    What the what-if says of just these two is taken out. Where a wider agreement of it changes
    them too, they are set back to the level of the start.

    Raises:
        InputError: A wider agreement changes them, and they have no single level to go back to.
    """
    entries = draft.entries("sharing")
    others = [entry for entry in entries if not _speaks_of(entry, first, second, when.day)]
    without = draft.with_(sharing=others)
    try:
        whatif = without.scenario()
    except InputError:
        return without
    (cell,) = cells([(first, second)], whatif, start, when.day)
    if not cell.changed:
        return without
    if cell.back is None:
        raise InputError(
            "cannot be set back by itself",
            key=f"sharing {between(first, second)}",
            allowed="taking out the wider agreement in the list below",
        )
    entry = {"between": _written(first, second), "level": cell.back, "from": when.day}
    return draft.with_(sharing=[*others, entry])


def moved(draft: Draft, old: When, new: When) -> Draft:
    """A what-if in which all that the matrix has set for one day applies from another."""
    if old == new:
        return draft
    entries = draft.entries("sharing")
    return draft.with_(sharing=[_dated(one, new) if _is_set(one, old) else one for one in entries])


def when_of_levers(draft: Draft) -> When | None:
    """The day and ramp of what the matrix has set in a what-if; None if it is not one for all."""
    dates = {
        (entry["from"], entry.get("ramp_days", 0))
        for entry in draft.entries("sharing")
        if _is_plain(entry) and type(entry.get("from")) is date
    }
    return When(*dates.pop()) if len(dates) == 1 else None


def _written(first: str, second: str) -> list[str]:
    """Two sides in the order in which they are written, the one nearer the Channel first."""
    order = ("UK", *all_sides())
    both_placed = first in order and second in order
    return sorted((first, second), key=order.index) if both_placed else [first, second]


def _is_plain(entry: Entry) -> bool:
    """Whether a lever says no more than the matrix writes."""
    return set(entry) <= _PLAIN and "level" in entry


def _is_set(entry: Entry, when: When) -> bool:
    """Whether a lever is one that the matrix writes for a day."""
    dated = entry.get("from") == when.day and entry.get("ramp_days", 0) == when.ramp_days
    return dated and _is_plain(entry)


def _of(entry: Entry, first: str, second: str) -> bool:
    return sorted(entry.get("between", ())) == sorted((first, second))


def _speaks_of(entry: Entry, first: str, second: str, day: date) -> bool:
    """Whether a lever is about just these two sides and in force on a day."""
    if not _of(entry, first, second):
        return False
    try:
        return Sharing.model_validate(dict(entry)).in_force(day)
    except ValidationError:
        return True  # what cannot be used is best taken out


def _dated(entry: Entry, when: When) -> Entry:
    dated = {**entry, "from": when.day, "ramp_days": when.ramp_days}
    if not when.ramp_days:
        del dated["ramp_days"]
    return dated


def _holds_anyhow(draft: Draft, first: str, second: str, level: str, day: date) -> bool:
    """Whether two sides share on a level from a day to the end of the run without a lever."""
    try:
        scenario = draft.scenario()
    except InputError:
        return False
    wanted = set(pairs_between(first, second))
    if any(
        ((lever.from_ is not None and lever.from_ > day) or (lever.to and lever.to >= day))
        and not wanted.isdisjoint(lever_pairs(lever, load_corridor()))
        for lever in scenario.of(Sharing)
    ):
        return False
    now = levels_on_day(scenario, day, load_corridor())
    return all(now[pair] == AgreedLevel(level) for pair in wanted)
