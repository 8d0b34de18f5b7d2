"""Capacity that arrests remove from the market, and how it is replaced.

An operator is a cell of several persons. An arrest on a case or in a raid takes its head, and the
cell stands still; some arrests of a raid take only a part of its helpers. The capacity that a cell
has lost is *missing* until it is replaced in one of three ways: those arrested come back, a
successor or new helpers take their places, or rivals have grown by as much. It is replaced once:
what comes back in one way is no longer missing for the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, inner, kernel, with_room
from simulation.corridor.stages import BOAT, SEGMENTS, SUPPLY
from simulation.model.agents.smuggler import (
    HEIR_TO_COME,
    NEVER_BACK,
    NO_HEIR,
    ORGANISERS,
    SmugglerColumns,
    Status,
)
from simulation.model.processes.world import DayContext, World
from simulation.randomness import Decision, draw

_REMOVED, _TAKEN_OVER = link("capacity_removed"), link("capacity_taken_over")
_RELEASED, _REPLACED = link("capacity_released"), link("capacity_replaced")
#: a gap smaller than this share of the cell is closed at once
_LAST_STEP = 1e-6
#: rows of the table of capacity regained in a morning
_GAINED = ("by release, people a day", "by new helpers, people a day", "the latter by `size_of`")
_BY_RELEASE, _BY_HIRING, _BY_SIZE = range(len(_GAINED))


def size_of(s: SmugglerColumns) -> Floats:
    """How large cells are beside others of their segment, (operators,).

    Launchers in launches a day, suppliers of boats all alike, others in people a day.
    """
    return np.where(s.stage == BOAT, s.teams, np.where(s.stage == SUPPLY, 1.0, s.capacity))


def _gap_of(s: SmugglerColumns) -> Floats:
    """Capacity that arrests took from cells and that is not replaced yet, by `size_of`."""
    return np.where(s.stage == BOAT, s.missing_teams, s.missing)


def strength_of_cells(s: SmugglerColumns, working: Bools, orphan_loss: float) -> Floats:
    """What cells can do today, against what they can with their organiser, (operators,).

    Args:
        s: The operators.
        working: (operators,) who is at work.
        orphan_loss: Share of its capacity that a cell loses while its organiser is out.
    """
    orphans = (s.organiser >= 0) & ~working[s.organiser]
    return np.where(working, np.where(orphans, 1.0 - orphan_loss, 1.0), 0.0)


@inner
def _regain(s: SmugglerColumns, row: int, part: float) -> float:
    """Give a cell back a part, 0 to 1, of its missing capacity; returns people a day."""
    people = part * s.missing[row]
    s.capacity[row] += people
    s.teams[row] += part * s.missing_teams[row]
    s.missing[row] -= people
    s.missing_teams[row] -= part * s.missing_teams[row]
    return people


class HealingSpace(NamedTuple):
    """Work space of a morning of healing, until there are more operators."""

    due: Ints  # (operators or more,) those whose successor takes over today
    #: (ways, segments) capacity regained, see `_GAINED`
    gained: Floats
    available: Floats  # (segments,) share of the helpers looked for that can be hired


@kernel
def share_available(
    drawn: np.ndarray, at_work: np.ndarray, pool: float, available: np.ndarray
) -> None:
    """Share of the helpers looked for that can be hired.

    Suppliers of boats are traders, and helpers do not limit them: a market with low barriers
    (Campana 2017) replaces everybody who is missing.

    Args:
        drawn: (segments,) helpers hired from those ready and not replaced yet.
        at_work: (segments,) how large segments are.
        pool: Helpers who stand ready, against those at work.
        available: (segments,) filled.
    """
    for segment in range(available.size):
        ready = pool * at_work[segment]
        share = drawn[segment] / ready if ready > 0.0 else 0.0
        available[segment] = max(1.0 - share, 0.0)
    available[SUPPLY] = 1.0


@inner
def _recover(now: DayContext, row: int, s: SmugglerColumns) -> None:
    """Let an operator go back to work after a disruption, and a successor gain skill."""
    learning = 1.0 / now.market.successor_skill_days
    if s.status[row] == Status.DISRUPTED and s.until[row] <= now.day:
        s.status[row] = Status.ACTIVE
    if s.status[row] == Status.ACTIVE and s.skill[row] != s.able[row]:
        s.skill[row] += (s.able[row] - s.skill[row]) * (1.0 - np.exp(-learning))


@inner
def _hire_helpers(row: int, days: float, s: SmugglerColumns, space: HealingSpace) -> None:
    """Let a cell hire helpers in place of those it misses, over so many days on average."""
    segment = s.stage[row]
    available = space.available[segment]
    part = 1.0 - np.exp(-(1.0 / days) * available)
    if available > 0.0 and s.missing[row] < _LAST_STEP * s.capacity[row]:
        part = 1.0
    teams = part * s.missing_teams[row]
    people = _regain(s, row, part)
    space.gained[_BY_HIRING, segment] += people
    space.gained[_BY_SIZE, segment] += teams if segment == BOAT else people


@kernel
def heal(
    packed: np.ndarray,
    recruitment: bool,
    s: SmugglerColumns,
    drawn: np.ndarray,
    at_work: np.ndarray,
    space: HealingSpace,
) -> int:
    """A morning: people come back, cells find helpers or a successor, successors gain skill.

    Args:
        packed: The day, and what is assumed (`World.now`).
        recruitment: Whether helpers and successors are looked for.
        s: The operators; changed.
        drawn: (segments,) helpers hired from those ready; added to.
        at_work: (segments,) how large segments are.
        space: Filled.

    Returns:
        How many successors take over.
    """
    now, available, gained = packed[0], space.available, space.gained
    share_available(drawn, at_work, now.market.helper_pool, available)
    count = 0
    gained[:, :] = 0.0
    for row in range(s.status.size):
        _recover(now, row, s)
        held = s.status[row] == Status.HELD
        if s.status[row] == Status.RETIRED or (not held and s.missing[row] <= 0.0):
            continue  # a person who comes back to a closed cell does not open it again
        segment = s.stage[row]
        if s.back[row] <= now.day:
            gained[_BY_RELEASE, segment] += _regain(s, row, 1.0)
            if held:
                s.status[row], s.heir[row], s.search[row] = Status.ACTIVE, NO_HEIR, 0.0
        elif held and recruitment and s.heir[row] == HEIR_TO_COME:
            s.search[row] -= available[segment]
            if s.search[row] <= 0.0:
                space.due[count] = row
                count += 1
        elif s.status[row] == Status.ACTIVE and recruitment:
            _hire_helpers(row, now.market.replacement_days_helper, s, space)
    for segment in range(drawn.size):
        drawn[segment] += gained[_BY_SIZE, segment]
    return count


def time_away(world: World, row: int) -> int:
    """Day on which somebody arrested today comes back to the trade; NEVER_BACK for nobody.

    Some are let go after a time in custody, the others serve a sentence, after which some are out
    of the trade for good. Both times are exponential; heads of organisers serve longer.
    """
    s, intelligence = world.smugglers, world.parameters.intelligence
    fate = draw(world.seed, Decision.CONVICTION, s.uid[row], world.ordinal)
    sentenced = intelligence.conviction_share
    if fate < sentenced * intelligence.retired_share:
        return NEVER_BACK
    mean = float(intelligence.custody_days)
    if fate < sentenced:
        mean = intelligence.sentence_days
        mean *= intelligence.sentence_organiser if s.role[row] in ORGANISERS else 1.0
    u = draw(world.seed, Decision.CUSTODY, s.uid[row], world.ordinal)
    return min(world.day + 1 + int(-np.log(u) * mean), NEVER_BACK - 1)


def remove(world: World, row: int, authority: int, part: float) -> None:
    """Remove a part of a cell's capacity after an arrest.

    Args:
        world: The world.
        row: The cell.
        authority: Who arrests.
        part: Of its capacity, 0 to 1.
    """
    s = world.smugglers
    people, teams = part * float(s.capacity[row]), part * float(s.teams[row])
    s.capacity[row] -= people
    s.teams[row] -= teams
    s.missing[row] += people
    s.missing_teams[row] += teams
    world.count(_REMOVED, people, authority)


class Helpers:
    """People ready to work for operators, by segment.

    `market.helper_pool` is their number against those at work. The replacement of an arrested
    person comes from them. Another person is ready within `market.helper_pool_days` on average.
    A single arrest is therefore replaced at the usual pace, and sustained arrests more slowly.
    """

    def __init__(self) -> None:
        #: (segments,) of those ready, who took a place and are not followed yet, by `size_of`
        self.drawn = np.zeros(len(SEGMENTS))
        #: (segments,) how large segments are, arrested people included, by `size_of`
        self.at_work = np.zeros(len(SEGMENTS))
        self.space: HealingSpace | None = None

    def survey(self, world: World, working: Bools) -> Floats:
        """Note how large segments are, arrested people included.

        Args:
            world: The world.
            working: (operators,) who is at work.

        Returns:
            (segments,) share that operators can carry of what they could carry if nobody had been
            arrested or warned.
        """
        s, segments = world.smugglers, len(SEGMENTS)
        size, gap = np.where(s.status == Status.RETIRED, 0.0, size_of(s)), _gap_of(s)
        strength = strength_of_cells(s, working, world.parameters.market.orphan_loss)
        at_work, in_trade, missing, self.at_work = (
            np.bincount(s.stage, of, segments) for of in (size * strength, size, gap, size + gap)
        )
        most = in_trade + missing
        return np.divide(at_work, most, out=np.ones(segments), where=most > 0.0)

    def available(self, world: World) -> Floats:
        """Share of the helpers looked for that can be hired, (segments,)."""
        available = np.empty_like(self.drawn)
        share_available(self.drawn, self.at_work, world.parameters.market.helper_pool, available)
        return available

    def refill(self, world: World) -> None:
        """Let others become ready, for a day."""
        self.drawn *= np.exp(-1.0 / world.parameters.market.helper_pool_days)


def take_over(world: World, gained: Floats) -> Floats:
    """Reduce missing capacity by what rivals gained.

    Each cell keeps the size below which an operator does not shrink. Without this floor, a person
    who comes back or takes over would have nothing, and a place with one operator would close
    for ever.

    Args:
        world: The world.
        gained: (segments,) by `size_of`.

    Returns:
        (segments,) of it, what was missing and open to rivals.
    """
    s, floor = world.smugglers, world.parameters.market.hiring_floor
    reserved = np.maximum(floor * world.typical_capacity[s.stage, s.place] - s.capacity, 0.0)
    reserved = np.divide(reserved, s.missing, out=np.ones(s.count), where=s.missing > 0.0)
    share = np.where(s.status == Status.RETIRED, 1.0, np.maximum(1.0 - reserved, 0.0))
    open_gap = np.bincount(s.stage, share * _gap_of(s), gained.size)
    taken_over = np.minimum(gained, open_gap)
    part = np.divide(taken_over, open_gap, out=np.zeros(gained.size), where=open_gap > 0.0)
    closed = part[s.stage] * share
    world.count(_TAKEN_OVER, float((closed * s.missing).sum()))
    s.missing[:] *= 1.0 - closed
    s.missing_teams[:] *= 1.0 - closed
    return taken_over


def regain_today(world: World, helpers: Helpers) -> list[int]:
    """A morning of healing: releases, new helpers, and successors that are due.

    Args:
        world: The world.
        helpers: Who can be had to work.

    Returns:
        Rows of those held whose successor takes over today.
    """
    s, space = world.smugglers, helpers.space
    if space is None or space.due.size < s.count:
        segments = len(SEGMENTS)
        space = with_room(HealingSpace, segments, due=2 * s.count, gained=(len(_GAINED), segments))
        helpers.space = space
    helpers.refill(world)
    recruitment = world.policy.adaptation.recruitment
    count = heal(world.now, recruitment, s.rows, helpers.drawn, helpers.at_work, space)
    released, replaced, _ = space.gained.sum(axis=1).tolist()
    world.count(_RELEASED, released)
    world.count(_REPLACED, replaced)
    return space.due[:count].tolist() if count else []
