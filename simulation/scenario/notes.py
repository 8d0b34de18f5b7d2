"""Notes before a run: months beyond the data, and levers whose days or amounts look like a slip.

A note does not stop the run. Each says what happens, why, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal

from simulation.outcomes import long_date
from simulation.parameters import load_parameters
from simulation.scenario.files import shown_path
from simulation.scenario.horizon import Horizon
from simulation.scenario.levers.base import Dated, Lever, OneDay, PhasedIn, Timed
from simulation.scenario.levers.funding import Funding, cost_of
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.levers.staff import Staff
from simulation.scenario.resources import officers_per_unit
from simulation.scenario.scenario import Scenario, not_in
from simulation.scenario.shipped import base_covering, is_shipped
from simulation.scenario.timeline import days_after

#: a lever that acts on fewer of the last days gets a note, for little of its effect can be seen
FEW_DAYS = 90

Kind = Literal["months", "stale", "outside", "warm-up", "late", "early", "beside", "amount"]


@dataclass(frozen=True)
class Note:
    """One note on a scenario or a lever.

    Attributes:
        kind: `months` (beyond the data), `stale` (fitted assumptions whose inputs have changed
            since), `outside` (no day in the run), `warm-up` (ends before the first day counted),
            `late` (few days are left), `early` (works before it was signed), `beside` (the parent
            has the like already), or `amount` (money for less than one officer).
        text: The note in words, one line.
        scenario: Title of the scenario it is about; empty where it is about all.
        lever: The lever it is about, as `section[number]` in its file; empty where there is none.
    """

    kind: Kind
    text: str
    scenario: str = ""
    lever: str = ""

    def as_json(self) -> dict[str, str]:
        """The note as JSON knows it."""
        return asdict(self)


def notes_of(scenarios: Sequence[Scenario], *, days: int | None = None) -> tuple[Note, ...]:
    """Find all notes on some scenarios.

    Args:
        scenarios: A scenario; or a baseline, and those that are compared with it.
        days: Days counted from the start; all when None.

    Returns:
        The notes: months beyond the data, then lever by lever. Of a single scenario and of a
        baseline the levers that come with the package are not looked at, unless it is a single one
        that does; of the others the levers that the baseline has are not.
    """
    first, *others = scenarios
    months = Horizon(first.run.start, _end(first, days), path=first.future.kind)
    notes = [Note("months", months.line)] if months.line else []
    inherited = first.levers if others and is_shipped(first.file) else _packaged_levers(first)
    of_baseline = [*first.levers, *(one.lever for one in first.left_out)]
    on_levers = list(_on_levers(first, inherited, days))
    for other in others:
        on_levers += _on_levers(other, of_baseline, days)
    if len(others) > 1 or len({note.scenario for note in on_levers}) > 1:
        on_levers = [_named(note) for note in on_levers]
    return (*notes, *on_levers)


def _named(note: Note) -> Note:
    """A note whose text names its scenario."""
    return Note(note.kind, f"“{note.scenario}”: {note.text}", note.scenario, note.lever)


def _packaged_levers(scenario: Scenario) -> list[Lever]:
    """The levers of the shipped scenarios that a scenario extends, directly or not."""
    levers: list[Lever] = []
    parent = scenario.parent
    while parent is not None:
        levers += parent.levers if is_shipped(parent.file) else []
        parent = parent.parent
    return levers


def _on_levers(scenario: Scenario, others: Sequence[Lever], days: int | None) -> Iterator[Note]:
    """The notes on the levers that others have not, and on those that a scenario left out."""
    end = _end(scenario, days)
    for lever, file, place, _ in scenario.left_out:
        if not scenario.is_packaged(file) and lever not in others:
            yield _note("outside", _never(lever, scenario, end), scenario, lever, place)
    own = "" if scenario.file is None else shown_path(scenario.file)
    new = [
        (lever, place)
        for section in SECTIONS
        for number, lever in not_in(getattr(scenario, section), others)
        for file, place in [scenario.source_of(section, number)]
        if file == own or not scenario.is_packaged(file)
    ]
    inherited = [lever for _, lever in not_in(scenario.levers, [lever for lever, _ in new])]
    for lever, place in new:
        for kind, text in _remarks(lever, scenario, end, inherited):
            yield _note(kind, text, scenario, lever, place)


def _note(kind: Kind, text: str, scenario: Scenario, lever: Lever, place: int) -> Note:
    """A note on a lever, which begins with the lever's name, or what it does without one."""
    does = f"“{lever.sentence()}{lever.when()}”"
    named = f'{lever.section} "{lever.name}"' if lever.name else does
    return Note(kind, f"{named} {text}", scenario.title, f"{lever.section}[{place}]")


def _remarks(
    lever: Lever, scenario: Scenario, end: date, inherited: Sequence[Lever]
) -> Iterator[tuple[Kind, str]]:
    """The kinds of note on a lever, and their words after its name."""
    if when := _never(lever, scenario, end):
        yield "outside", when
        return
    if early := _early(lever, scenario):
        yield "early", early
    elif late := _late(lever, scenario, end):
        yield late
    if isinstance(lever, Funding) and (text := _small_amount(lever, scenario)):
        yield "amount", text
    like = [one for one in inherited if _is_like(lever, one)]
    if like and isinstance(lever, (Funding, Staff)):
        one = like[-1]
        change = f'replaces = "{one.name}"' if one.name else "clear"
        text = f"comes on top of what the scenario inherits: {one.sentence()}{one.when()}."
        yield "beside", f"{text} To change that instead, use {change}."


# -- days ------------------------------------------------------------------------------------------


def _end(scenario: Scenario, days: int | None) -> date:
    """Last day of a scenario that is run."""
    run = scenario.run
    return run.end if days is None else run.start + timedelta(days=days - 1)


def has_no_day(lever: Lever, scenario: Scenario) -> bool:
    """Whether a lever is not in force on any day of a run."""
    days = scenario.run.first_simulated.toordinal(), scenario.run.end.toordinal()
    return not isinstance(lever, PhasedIn) and not lever.span.overlaps(*days)


def _never(lever: Lever, scenario: Scenario, end: date) -> str:
    """Why none of the days of a lever lies in a run, and what to do; empty if some do."""
    first, span = scenario.run.first_simulated, lever.span
    earlier = (
        f"the run begins on {long_date(first)}, its warm-up included. "
        "To see it, set an earlier start in [run]."
    )
    if isinstance(lever, PhasedIn):
        over = days_after(lever.from_, lever.ramp_days)
        past = f"changes nothing: its growth was over on {long_date(over)} and {earlier}"
        return past if over <= first else ""
    if span.first > end.toordinal():
        starts = date.fromordinal(span.first)
        fits = base_covering(starts, starts)
        other = f', or extend "{fits}", which runs then' if fits else ""
        return (
            f"is never in force: it starts on {long_date(starts)} and the run ends on "
            f"{long_date(end)}. To see it, set a later end in [run]{other}."
        )
    if span.last is not None and span.last < first.toordinal():
        ended = long_date(date.fromordinal(span.last))
        return f"is never in force: it ended on {ended} and {earlier}"
    return ""


def _early(lever: Lever, scenario: Scenario) -> str:
    """A note on a lever that works before it was signed; empty where it does not.

    A lever without a first day has always been in force. The text proposes a first day: the day of
    the signature and `policy.working_lag_days`.
    """
    if not isinstance(lever, Dated) or lever.span.first > 0:
        return ""
    day = lever.signed or lever.announced
    if day is None or day <= scenario.run.first_simulated:
        return ""
    parameters = load_parameters(scenario.parameters)
    lag, record = parameters.policy.working_lag_days, parameters.record("policy.working_lag_days")
    word = "signed" if lever.signed is not None else "announced"
    return (
        f"is in force from the first day, though it was {word} on {long_date(day)}: it has no "
        f"from. From there to work takes some {lag:g} days ({record.low:g} to {record.high:g}, "
        f"policy.working_lag_days), which gives from = {days_after(day, round(lag))}."
    )


def _late(lever: Lever, scenario: Scenario, end: date) -> tuple[Kind, str] | None:
    """A note on a lever that acts on few of the days counted; None if there are many."""
    run, span = scenario.run, lever.span
    start, last = run.start.toordinal(), end.toordinal()
    if isinstance(lever, Timed) and span.last is not None and span.last < start:
        return "warm-up", (
            f"acts only in the warm-up: it ends on {long_date(date.fromordinal(span.last))}, and "
            f"days are counted from {long_date(run.start)} on."
        )
    left, ends = last - span.first + 1, span.last is not None and span.last < last
    if not isinstance(lever, (Timed, OneDay)) or span.first <= start or left >= FEW_DAYS:
        return None
    if isinstance(lever, Timed) and ends:
        return None
    return "late", (
        f"begins {left} days before the end of the {last - start + 1} days of the run, so that "
        "little of it can be seen. To see more, set a later end in [run]."
    )


# -- slips of money --------------------------------------------------------------------------------


def _small_amount(lever: Funding, scenario: Scenario) -> str:
    """The question about an amount that pays for less than one officer; empty for others."""
    parameters = load_parameters(scenario.parameters)
    costs = [
        cost_of(kind, parameters) / officers
        for kind in lever.spend_on
        if (officers := officers_per_unit(kind, parameters))
    ]
    one = min(costs, default=0.0)  # work against boats is paid for by the effort
    if not 0.0 < lever.eur_per_year(parameters) < one:
        return ""
    return (
        f"({lever.amount.in_words()}) pays for less than one officer, who costs some EUR {one:,.0f}"
        " a year. Is the amount right? 75 million is 75_000_000."
    )


def _is_like(lever: Lever, other: Lever) -> bool:
    """Whether two levers pay the same or change the same staff on some of the same days."""
    keys = ("section", "authority", "beneficiary", "kind")
    alike = all(getattr(other, key, None) == getattr(lever, key, None) for key in keys)
    return alike and other.span.overlaps(lever.span.first, lever.span.last)
