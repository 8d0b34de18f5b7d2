"""Notes before a run: months beyond the data, and levers that have no effect.

A note does not stop the run. Each says what happens, why, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np

from simulation.corridor import Corridor, Origins, load_corridor, load_origins
from simulation.outcomes import long_date
from simulation.parameters import load_parameters
from simulation.parameters.records import Value
from simulation.scenario import files
from simulation.scenario.capability import cannot_act, codes_of, join_words
from simulation.scenario.horizon import Horizon
from simulation.scenario.inherited import overriding, remarks
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.base import Dated, Lever, OneDay, PhasedIn, Timed
from simulation.scenario.levers.declaration import PolicyDifference
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy_difference import (
    LeaveOneOut,
    PolicyContext,
    TooMuchWorkError,
    Work,
    compare_policies,
)
from simulation.scenario.scenario import Scenario, not_in
from simulation.scenario.shipped import base_covering, is_shipped
from simulation.scenario.timeline import days_after

#: a lever that acts on fewer of the last days gets a note, for little of its effect can be seen
FEW_DAYS = 90
#: a part of a lever's units or money below this is not worth a note
_SMALL = 0.005

Kind = Literal[
    "months", "outside", "warm-up", "nothing", "nobody", "leaks", "part", "late", "early", "same",
    "stale", "unchecked", "beside", "amount",
]  # fmt: skip


@dataclass(frozen=True)
class Note:
    """One note on a scenario or a lever.

    Attributes:
        kind: `months` (beyond the data), `outside` (no day in the run), `warm-up` (ends before the
            first day counted), `nothing` (the same policy without it), `nobody` (nothing can act on
            it), `leaks` (acts by leaks alone), `part` (a part of it reaches nobody), `late` (few
            days are left), `same` (a scenario that changes nothing), `stale` (fitted assumptions
            whose inputs have changed since), `unchecked` (too many levers to check them all),
            `beside` (the scenario holds the like already), or `amount` (money far from what staff
            costs).
        text: The note in words, one line.
        scenario: Title of the scenario it is about; empty where it is about all.
        lever: The lever it is about, as `section[number]` in its file; empty where there is none.
        brief: A shorter text for where a report with the whole one follows; empty for none.
    """

    kind: Kind
    text: str
    scenario: str = ""
    lever: str = ""
    brief: str = ""

    def as_json(self) -> dict[str, str]:
        """The note as JSON knows it."""
        data = asdict(self)
        del data["brief"]
        return data


class Assumed(NamedTuple):
    """The assumptions under which levers are checked for an effect.

    Attributes:
        sets: Weight (summing to 1) and values by record name of each set; empty for the records.
        first: Whether the records are asked first, and the sets only where they say no.
        words: What the sets are called.
    """

    sets: tuple[tuple[float, Mapping[str, Value]], ...] = ()
    first: bool = True
    words: str = "sets of assumptions"


def notes_of(
    scenarios: Sequence[Scenario], *, days: int | None = None, assumed: Assumed | None = None
) -> tuple[Note, ...]:
    """Find all notes on some scenarios.

    Args:
        scenarios: A scenario; or a baseline, and those that are compared with it.
        days: Days counted from the start; all when None.
        assumed: The assumptions of the runs; the records when None.

    Returns:
        The notes: months beyond the data, then lever by lever. Of a single scenario and of a
        baseline the levers that come with the package are not looked at, unless it is a single one
        that does; of the others the levers that the baseline has are not.
    """
    first, *others = scenarios
    finder = _NoteFinder(days, assumed or Assumed())
    months = Horizon(first.run.start, finder.end_of(first), path=first.future.kind)
    notes = [Note("months", months.line, brief=months.brief)] if months.line else []
    own = [] if others and is_shipped(first.file) else _own(first)
    finder.several = len(others) > 1 or (bool(others) and bool(own))
    notes += finder.left_out(first)
    notes += finder.levers(first, own)
    for other in others:
        notes += finder.left_out(other, first)
        notes += finder.levers(other, _added(other, first))
        notes += finder.whole(other, first)
    return tuple(notes)


def notes_on_cases(
    base: Scenario,
    cases: Mapping[str, Scenario],
    noun: str,
    *,
    days: int | None = None,
    assumed: Assumed | None = None,
) -> tuple[Note, ...]:
    """Which of many cases have no effect, or one through leaks alone; a note for each.

    Args:
        base: What the cases are compared with.
        cases: Scenarios by what a reader calls them.
        noun: What they are, in the plural: `points`, `agreements`.
        days: Days counted from the start; all when None.
        assumed: The assumptions of the runs; the records when None.

    Returns:
        At most two notes, each with the reason that holds for the last case it names.
    """
    finder = _NoteFinder(days, assumed or Assumed())
    kinds = {name: finder.kind_of(case, base) for name, case in cases.items()}
    verbs: dict[Kind, str] = {
        "nobody": "have no effect",
        "leaks": "can change something only through leaks",
    }
    notes = []
    for kind, verb in verbs.items():
        names = [name for name, kind_of_case in kinds.items() if kind_of_case == kind]
        if not names:
            continue
        text = f"{len(names)} of {len(cases)} {noun} {verb}: {join_words(names)}."
        last = cases[names[-1]]
        why = [note.text for note in finder.levers(last, _added(last, base))]
        notes.append(Note(kind, " ".join([text, *(f"For example, {one}" for one in why[:1])])))
    return tuple(notes)


def _own(scenario: Scenario) -> list[tuple[str, int]]:
    """Section and number of the levers that come from no shipped scenario but itself."""
    own = "" if scenario.file is None else files.shown_path(scenario.file)
    below = _packaged_levers(scenario)
    return [
        (section, number)
        for section in SECTIONS
        for number, lever in enumerate(getattr(scenario, section))
        if (file := _source(scenario, section, number)[0]) == own
        or not (scenario.is_packaged(file) or lever in below)
    ]


def _source(scenario: Scenario, section: str, number: int) -> tuple[str, int]:
    """The file in which a lever is written and its place there; none of one made by code."""
    try:
        return scenario.source_of(section, number)
    except (KeyError, IndexError):
        return "", number


def _packaged_levers(scenario: Scenario) -> list[Lever]:
    """The levers of the shipped scenarios that a scenario extends, directly or not."""
    levers: list[Lever] = []
    parent = scenario.parent
    while parent is not None:
        if is_shipped(parent.file):
            levers += parent.levers
        parent = parent.parent
    return levers


def _added(scenario: Scenario, baseline: Scenario) -> list[tuple[str, int]]:
    """Section and number of the levers that a baseline has not."""
    return [
        (section, number)
        for section in SECTIONS
        for number, _ in not_in(getattr(scenario, section), getattr(baseline, section))
    ]


class _NoteFinder:
    """Finds the notes on levers and scenarios.

    Attributes:
        several: Whether a note must name its scenario.

    Args:
        days: Days counted from the start of each scenario; all when None.
        assumed: The assumptions of the runs.
    """

    def __init__(self, days: int | None, assumed: Assumed) -> None:
        self.several = False
        self._days, self.assumed = days, assumed
        self._recorded = load_parameters().values()
        self._by_days: dict[
            tuple[str, str], tuple[PolicyContext, list[tuple[float, PolicyContext]]]
        ] = {}
        self._work = Work()
        self._compared: dict[tuple[int, int], tuple[Scenario, LeaveOneOut]] = {}
        self.corridor: Corridor = load_corridor()
        self.origins: Origins = load_origins()

    def end_of(self, scenario: Scenario) -> date:
        """Last day of a scenario that is run."""
        run = scenario.run
        return run.end if self._days is None else run.start + timedelta(days=self._days - 1)

    def left_out(self, scenario: Scenario, baseline: Scenario | None = None) -> list[Note]:
        """The notes on inherited levers without a day in the run, but for those of a baseline."""
        others = _packaged_levers(scenario)
        if baseline is not None:
            others += [*(one.lever for one in baseline.left_out), *baseline.levers]
        end = self.end_of(scenario)
        return [
            self._note("outside", _never(lever, scenario, end), scenario, lever, place)
            for lever, file, place, _ in scenario.left_out
            if not scenario.is_packaged(file) and lever not in others
        ]

    def levers(self, scenario: Scenario, wanted: Iterable[tuple[str, int]]) -> list[Note]:
        """The notes on some levers of a scenario, which are new in it."""
        wanted = list(wanted)
        notes, new, unchecked = list[Note](), set(wanted), 0
        parameters = load_parameters(scenario.parameters)
        for section, number in wanted:
            lever = getattr(scenario, section)[number]
            place = _source(scenario, section, number)[1]
            try:
                kind, text = self._lever(scenario, section, number, lever)
            except TooMuchWorkError:
                unchecked += 1
                continue
            if kind is not None:
                notes.append(self._note(kind, text, scenario, lever, place))
            if kind in ("outside", "nothing"):
                continue
            for also, words in remarks(scenario, (section, number), new, self.corridor, parameters):
                notes.append(self._note(also, words, scenario, lever, place))
        if unchecked:
            text = (
                f"{unchecked} of the {len(scenario.levers)} levers were not checked for an effect, "
                "as too many of them change on too many days. Fewer levers or shorter ramps can be "
                "checked."
            )
            notes.append(Note("unchecked", self._named(text, scenario), scenario.title))
        return notes

    def whole(self, scenario: Scenario, baseline: Scenario) -> list[Note]:
        """A note where no difference between a scenario and a baseline has an effect."""
        if scenario.run != baseline.run or scenario.hash() == baseline.hash():
            return []

        def answer(context: PolicyContext) -> tuple[Kind | None, str]:
            return ("same" if compare_policies(scenario, baseline, context).inert else None), ""

        kind, under = self._answers(scenario, answer)
        text = (
            f"What the scenario changes against “{baseline.title}” has no effect on anyone in the "
            f"model, so both give the same numbers.{under}"
        )
        return [Note(kind, self._named(text, scenario), scenario.title)] if kind else []

    def _note(self, kind: Kind, text: str, scenario: Scenario, lever: Lever, place: int) -> Note:
        """A note on a lever, which begins with the lever's name, or what it does without one."""
        label = f"{lever.section}[{place}]"
        does = f"“{lever.sentence()}{lever.when()}”"
        named = f'{lever.section} "{lever.name}"' if lever.name else does
        return Note(kind, self._named(f"{named} {text}", scenario), scenario.title, label)

    def _named(self, text: str, scenario: Scenario) -> str:
        return f"“{scenario.title}”: {text}" if self.several else text

    def kind_of(self, scenario: Scenario, base: Scenario) -> Literal["nobody", "leaks"] | None:
        """Whether a scenario has no effect, or one through leaks alone; None otherwise.

        Under the records, or the assumptions that have the most weight. A scenario that changes
        nothing at all is none of these.
        """
        if scenario.hash() == base.hash():
            return None
        context, _ = self._contexts(scenario)
        difference = compare_policies(scenario, base, context)
        if difference.reaches:
            return None
        return "leaks" if difference.leaks else "nobody"

    # -- one lever -----------------------------------------------------------------------------

    def _lever(
        self, scenario: Scenario, section: str, number: int, lever: Lever
    ) -> tuple[Kind | None, str]:
        """The kind of note on a lever and its words after the lever's name."""
        if when := _never(lever, scenario, self.end_of(scenario)):
            return "outside", when

        def answer(context: PolicyContext) -> tuple[Kind | None, str]:
            compared = self._without_one(scenario, context)
            difference = compared.compare(section, number)
            if not difference.differs:
                later = overriding(scenario, (section, number), self.corridor)
                why = f" {later}" if later else ""
                return "nothing", (
                    f"changes nothing: without it the same policy is in force on every day.{why}"
                )
            idle = self._idle(section, number, lever, compared, context, difference)
            who = list(dict.fromkeys(code for _, codes in idle.values() for code in codes))
            if difference.inert:
                why = cannot_act(who, difference.capability) if who else lever.why(difference)
                return "nobody", f"has no effect in this run: {why}"
            if not difference.reaches:
                why = lever.why(difference)
                return "leaks", f"can change something only through leaks to smugglers: {why}"
            total = sum(part for part, _ in idle.values())
            if total < _SMALL:
                return None, ""
            words = f"has no effect for {total:.0%} of {lever.idle_words(idle)}:"
            return "part", f"{words} {cannot_act(who, difference.capability)}"

        if early := _early(lever, scenario):
            return "early", early
        kind, text = self._answers(scenario, answer)
        late = _late(lever, scenario, self.end_of(scenario))
        if kind is None and late:
            return late
        return kind, f"{text} It {late[1]}" if kind == "part" and late else text

    def _answers(
        self, scenario: Scenario, answer: Callable[[PolicyContext], tuple[Kind | None, str]]
    ) -> tuple[Kind | None, str]:
        """What an answer is under the assumptions, with the share of sets in which it differs."""
        main_context, contexts = self._contexts(scenario)
        main = answer(main_context)
        if main[0] is None or main[0] == "nothing":
            return main
        other = sum(
            weight
            for weight, context in contexts
            if context is not main_context and answer(context) != main
        )
        under = f" Under {other:.0%} of the {self.assumed.words} more of it can act."
        return main if other < _SMALL else (main[0], main[1] + under)

    def _contexts(
        self, scenario: Scenario
    ) -> tuple[PolicyContext, list[tuple[float, PolicyContext]]]:
        """Under what a scenario is looked at.

        Returns:
            The context that counts: that of the records, or of the sets with the most weight. Then
            those of all sets that can differ, with their weights.
        """
        key = repr(scenario.run), repr(scenario.parameters)
        if key not in self._by_days:
            groups = [
                (weight, self._context(scenario, given)) for weight, given in self._groups(scenario)
            ]
            if self.assumed.first or not groups:
                main = self._context(scenario, {})
            else:
                main = max(groups, key=lambda one: one[0])[1]
            self._by_days[key] = main, groups
        return self._by_days[key]

    def _without_one(self, scenario: Scenario, context: PolicyContext) -> LeaveOneOut:
        """The comparison of a scenario with itself without a lever, the same for all levers."""
        key = id(scenario), id(context)
        if key not in self._compared:
            self._compared[key] = scenario, LeaveOneOut(scenario, context, self._work)
        return self._compared[key][1]

    def _context(self, scenario: Scenario, given: Mapping[str, Value]) -> PolicyContext:
        parameters = load_parameters({**given, **scenario.parameters})
        first = scenario.run.first_simulated
        return PolicyContext(self.corridor, self.origins, parameters, first, self.end_of(scenario))

    def _groups(self, scenario: Scenario) -> list[tuple[float, Mapping[str, Value]]]:
        """The sets, those under which hubs may hand on at the same levels of sharing as one."""
        groups: dict[tuple[bool, ...], tuple[float, Mapping[str, Value]]] = {}
        for weight, given in self.assumed.sets:
            levels = _open_to_hubs({**self._recorded, **given, **scenario.parameters})
            total, first = groups.get(levels, (0.0, given))
            groups[levels] = total + weight, first
        return list(groups.values())

    def _idle(
        self,
        section: str,
        number: int,
        lever: Lever,
        compared: LeaveOneOut,
        context: PolicyContext,
        difference: PolicyDifference,
    ) -> dict[str, tuple[float, list[str]]]:
        """Which part of the units or the money of a lever has no effect, by kind of work.

        Returns:
            Kind of staff to the share of the whole lever (0 to 1) that goes to those who can act on
            nothing, and their codes; only kinds with such a share.
        """
        day = date.fromordinal(min(lever.span.last or context.last, context.last))
        if not lever.buys:
            return {}
        mine, theirs = compared.staff(section, number, day)
        parts: dict[str, tuple[float, list[str]]] = {}
        for kind, share in lever.buys.items():
            if kind == "boat_supply" or share == 0.0:
                continue
            more = np.abs(mine[kind] - theirs[kind])
            idle = np.where(difference.capability.can_use_staff(kind), 0.0, more)
            if idle.any():
                part = share * float(idle.sum() / more.sum())
                parts[kind] = part, codes_of(np.flatnonzero(idle).tolist(), self.corridor)
        return parts


# -- days ------------------------------------------------------------------------------------------


def has_no_day(lever: Lever, scenario: Scenario) -> bool:
    """Whether a lever is not in force, or not yet at more than nothing, on any day of a run."""
    return not isinstance(lever, PhasedIn) and bool(_never(lever, scenario, scenario.run.end))


def _never(lever: Lever, scenario: Scenario, end: date) -> str:
    """Why none of the days of a lever lies in a run, and what to do; empty if some do."""
    run, span = scenario.run, lever.span
    first = run.first_simulated
    cut = end < run.end
    more_days = cut and span.first <= run.end.toordinal()
    later = "run more days" if more_days else "set a later end in [run]"
    earlier = (
        f"the run begins on {long_date(first)}, its warm-up included. "
        "To see it, set an earlier start in [run]."
    )
    if isinstance(lever, PhasedIn):
        over = days_after(lever.from_, lever.ramp_days)
        if over > first:
            return ""
        return f"changes nothing: its growth was over on {long_date(over)} and {earlier}"
    if span.first > end.toordinal():
        starts, until = date.fromordinal(span.first), long_date(end)
        ends = f"only the days until {until} are run" if cut else f"the run ends on {until}"
        fits = None if cut else base_covering(starts, starts)
        other = f', or extend "{fits}", which runs then' if fits else ""
        never = f"is never in force: it starts on {long_date(starts)} and {ends}."
        return f"{never} To see it, {later}{other}."
    if span.last is not None and span.last < first.toordinal():
        ended = long_date(date.fromordinal(span.last))
        return f"is never in force: it ended on {ended} and {earlier}"
    last = end.toordinal() if span.last is None else min(span.last, end.toordinal())
    if span.progress(last) == 0.0:
        return (
            f"has no effect yet on {long_date(date.fromordinal(last))}, its first day and the last "
            f"that is run: it grows over {span.ramp_days} days. To see it, {later}."
        )
    return ""


def _early(lever: Lever, scenario: Scenario) -> str:
    """A note on a lever that works before it was signed; empty where it does not.

    A lever without a first day has always been in force. The text proposes a first day: the day of
    the signature and `policy.working_lag_days`.
    """
    first = scenario.run.first_simulated
    if not isinstance(lever, Dated) or lever.span.first > 0:
        return ""
    dates = [day for day in (lever.signed, lever.announced) if day is not None]
    if not dates or dates[0] <= first:
        return ""
    parameters = load_parameters(scenario.parameters)
    lag, record = parameters.policy.working_lag_days, parameters.record("policy.working_lag_days")
    works = days_after(dates[0], round(lag))
    word = "signed" if lever.signed is not None else "announced"
    return (
        f"is in force from the first day, though it was {word} on {long_date(dates[0])}: it has no "
        f"from. From there to work takes some {lag:g} days ({record.low:g} to {record.high:g}, "
        f"policy.working_lag_days), which gives from = {works}."
    )


def _late(lever: Lever, scenario: Scenario, end: date) -> tuple[Kind, str] | None:
    """A note on a lever that acts on few of the days counted; None if there are many."""
    run, span = scenario.run, lever.span
    start, last = run.start.toordinal(), end.toordinal()
    counted = last - start + 1
    if isinstance(lever, OneDay):
        left = last - span.first
        if span.first < start or left >= FEW_DAYS:
            return None
        days = "day" if left == 1 else "days"
        return "late", (
            f"is followed by only {left} {days} of the run. "
            "To see more of what follows, set a later end in [run]."
        )
    if not isinstance(lever, Timed):
        return None
    if span.last is not None and span.last < start:
        return "warm-up", (
            f"acts only in the warm-up: it ends on {long_date(date.fromordinal(span.last))}, and "
            f"days are counted from {long_date(run.start)} on."
        )
    left = last - span.first + 1
    if span.first <= start or left >= FEW_DAYS or (span.last is not None and span.last < last):
        return None
    text = f"acts on only {left} of the {counted} days of the run"
    reached = span.progress(last)
    if reached < 1.0:
        text += f" and grows to {reached:.0%} of its full effect"
    return "late", f"{text}. To see more of it, set a later end in [run] or an earlier from."


def _open_to_hubs(values: Mapping[str, Value]) -> tuple[bool, ...]:
    """For each level of sharing, whether hubs may hand on some of what is shared at it."""
    least = float(values["intelligence.hub_strict_below"])
    return tuple(
        bool(values[f"sharing.{level}_third_party"])
        or float(values[f"sharing.{level}_coverage"]) >= least
        for level in LEVEL_WORDS
    )
