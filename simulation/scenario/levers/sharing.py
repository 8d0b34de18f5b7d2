"""The lever `sharing`: how much of what one authority learns reaches another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self

import numpy as np
from pydantic import Field

from simulation.corridor import Corridor
from simulation.errors import InputError, closest
from simulation.parameters import Parameters
from simulation.scenario.field_types import QUALITIES, Authority, Level, NotNegative, Share
from simulation.scenario.levels import (
    LEVEL_WORDS,
    Quality,
    level_number,
    level_word,
    quality_of,
)
from simulation.scenario.levers.base import Timed, optional
from simulation.scenario.levers.declaration import (
    SHARING,
    Form,
    Inputs,
    PolicyPart,
    SweepTarget,
    adds_lever,
    read_only,
)
from simulation.scenario.names import Names, pairs_of
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

Pair = tuple[str, str]
#: what of a pair's sharing matters to estimates of crossings, and what to facts besides
_ESTIMATES, _FACTS = ("coverage", "delay_days", "fidelity"), ("leak", "third_party")


@dataclass(frozen=True, eq=False)
class SharingDay:
    """How reports pass between authorities, each array (source, receiver).

    Attributes:
        coverage: Share of the source's reports passed on; 1 on the diagonal. Float (A, A).
        delay_days: Mean days a report takes; 0 on the diagonal. Float (A, A).
        fidelity: Chance that it survives as information; 1 on the diagonal. Float (A, A).
        leak: Chance that a shared report leaks; 0 on the diagonal. Float (A, A).
        third_party: May the receiver pass it on? True on the diagonal. Bool (A, A).
    """

    coverage: np.ndarray
    delay_days: np.ndarray
    fidelity: np.ndarray
    leak: np.ndarray
    third_party: np.ndarray


def _sharing(inputs: Inputs, day: int) -> SharingDay:
    """Sharing between all pairs on a day."""
    usual, permitted = inputs.once(_usual)
    numbers, allowed = usual.copy(), permitted.copy()
    for (_, part), (pairs, targets, third_party) in zip(
        inputs.of(Sharing, day), inputs.once(_targets), strict=True
    ):
        for row, target in targets if part > 0.0 else ():
            was = numbers[row, pairs]
            numbers[row, pairs] = target if part == 1.0 else was + part * (target - was)
        if third_party is not None and part == 1.0:
            allowed[pairs] = third_party
    count = len(inputs.corridor.authorities)
    tables = [read_only(one).reshape(count, count) for one in (*read_only(numbers), allowed)]
    return SharingDay(*tables)


def _usual(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Sharing without any lever: four numbers, float (4, A x A), and permission, bool (A x A)."""
    count = len(inputs.corridor.authorities)
    default = quality_of(inputs.scenario.sharing_default.level, inputs.parameters)
    usual = np.repeat(np.array(default[:4])[:, None], count * count, axis=1)
    permitted = np.full(count * count, default.third_party)
    own = np.arange(count) * (count + 1)
    usual[:, own] = np.array([1.0, 0.0, 1.0, 0.0])[:, None]
    permitted[own] = True
    return usual, permitted


def _targets(inputs: Inputs) -> list[tuple[np.ndarray, list[tuple[int, float]], bool | None]]:
    """The sharing levers as numbers."""
    levers = inputs.scenario.of(Sharing)
    return [_target(lever, inputs.corridor, inputs.parameters) for lever in levers]


def _target(
    lever: Sharing, corridor: Corridor, parameters: Parameters
) -> tuple[np.ndarray, list[tuple[int, float]], bool | None]:
    """A sharing lever as numbers.

    Returns:
        Flat indices into (source, receiver), int (n,); the rows of the table it sets, and to what;
        the permission it sets once its ramp is over, if any.
    """
    count, index = len(corridor.authorities), corridor.authority_index
    named = [index[a] * count + index[b] for a, b in lever_pairs(lever, corridor)]
    level = None if lever.level is None else quality_of(lever.level, parameters)
    values = [
        getattr(level, name, None) if getattr(lever, name) is None else getattr(lever, name)
        for name in Quality._fields
    ]
    targets = [(row, float(value)) for row, value in enumerate(values[:4]) if value is not None]
    return np.array(named, dtype=np.intp), targets, values[4]


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    one_way = ">" in rest
    first, second = _two(rest, ">" if one_way else "-", names)
    members = names.members(first), names.members(second)
    between = frozenset(pairs_of(*members, one_way))
    if not between:
        raise InputError(f"{rest}: needs two different authorities")
    if not one_way:
        # both ways is the same the other way round
        order = list(names.authorities)
        first, second = sorted(
            (first, second), key=lambda name: (not name.startswith("UK"), order.index(name))
        )
    only = {"one_way": True} if one_way else {}
    lay = adds_lever("sharing", "level", between=[first, second], **only)
    label = f"Sharing {_sides(first, second, one_way)}"
    name = f"sharing.{first}{'>' if one_way else '-'}{second}"
    return SweepTarget(name, label, "level", "level", lay, pairs=between)


def _two(text: str, mark: str, names: Names) -> tuple[str, str]:
    """The two authorities of `A-B` or `A>B`; their own codes may hold hyphens."""
    codes = names.authorities
    for at, letter in enumerate(text):
        first, second = text[:at].strip(), text[at + 1 :].strip()
        if letter == mark and first in codes and second in codes:
            return first, second
    near = closest(text, [f"{one}{mark}{other}" for one in codes for other in codes])
    raise InputError(
        f"{text or 'the name'} has no two authorities or groups",
        allowed=f"two of {', '.join(codes)}, as in UK-RS (both ways) or UK>RS (one way)",
        suggestion=f"sharing.{near}" if near else None,
    )


def _sides(first: str, second: str, one_way: bool) -> str:
    if first == second:
        return f"within {first}"
    return f"from {first} to {second}" if one_way else f"between {first} and {second}"


class Sharing(Timed):
    """Intelligence sharing between two authorities, or between all members of two groups.

    Each fact that one learns reaches the other by chance, late, and not always true. That can
    only matter where the receiver can use it: for an arrest, for a case, or for its patrols.
    """

    group: ClassVar = SHARING
    assumes: ClassVar = ("sharing", "intelligence.hub_onward")
    template: ClassVar = """\
[[sharing]]
name = "uk-serbia"
between = ["UK", "RS"]
level = "high"
from = 2027-04-01
ramp_days = 180
# to = 2028-03-31
# announced = 2026-11-01      # shown, and without effect; so is signed
# one_way = true              # only from the first to the second
# coverage = 0.5              # share of reports passed on
# delay_days = 10
# fidelity = 0.9              # chance to survive as information; 0.5 carries none
# third_party = false         # may the receiver pass it on?
# leak = 0.002                # chance that a shared report reaches the smuggler
"""
    form: ClassVar = Form(
        button="Add an agreement",
        noun="agreements",
        start={"level": "high"},
        rarely=frozenset(QUALITIES),
    )
    parts: ClassVar = (
        PolicyPart(
            name="sharing",
            does="five qualities for every ordered pair of authorities",
            value=_sharing,
            set_by="`sharing`, `sharing_default`",
        ),
    )
    vary: ClassVar = _vary

    between: Annotated[tuple[Authority, Authority], Field(strict=False)] = Field(
        title="Between",
        description="Two authorities or groups; the same group twice means within the group.",
    )
    level: Level | None = optional("Level", "none, low, medium, high, full, or 0 to 1.")
    one_way: bool = Field(
        default=False, title="One way only", description="Only from the first to the second."
    )
    coverage: Share | None = optional("Share passed on", "Share of reports passed on.")
    delay_days: NotNegative | None = optional("Delay in days", "Mean days a report takes.")
    fidelity: Annotated[float, Field(ge=0.5, le=1)] | None = optional(
        "Fidelity", "Chance that a report survives as information; 0.5 carries none."
    )
    third_party: bool | None = optional("Receiver may pass it on", "May the receiver pass it on?")
    leak: Share | None = optional(
        "Share leaked", "Chance that a shared report reaches the smuggler it is about."
    )

    def check(self) -> None:
        if self.replaces is not None:
            raise field_error(
                "a later entry takes the place of earlier ones anyway, from its from on",
                "replaces",
                allowed="an entry without it",
            )
        if self.level is None and all(getattr(self, quality) is None for quality in QUALITIES):
            raise field_error("needs a level", "level", allowed=LEVEL_WORDS)

    def check_names(self, names: Names) -> None:
        first, second = (names.members(name) for name in self.between)
        if not pairs_of(first, second, self.one_way):
            raise field_error("needs two different authorities", "between")

    def sentence(self) -> str:
        more = self._overrides()
        level = "" if self.level is None else level_word(self.level)
        what = ", ".join(filter(None, (level, more)))
        return f"Sharing {_sides(*self.between, self.one_way)}: {what}"

    def against(self, before: Sequence[Self], scenario: Scenario, corridor: Corridor) -> str:
        if self.level is None:
            return self.in_words()
        day = self.from_ or scenario.run.start
        default = scenario.sharing_default.level
        agreed = agreed_levels(before, default, lever_pairs(self, corridor), day, corridor)
        levels = [pair.level for pair in agreed.values()]
        low, high = min(levels, key=level_number), max(levels, key=level_number)
        old = level_word(low) if low == high else f"{level_word(low)} to {level_word(high)}"
        if low == high == self.level:
            verb = f"stays {old}"
        elif low == high:
            verb = f"{level_moves(low, self.level)} from {old} to {level_word(self.level)}"
        else:
            verb = f"is set to {level_word(self.level)} (before, {old})"
        more = self._overrides()
        extra = f", with {more}" if more else ""
        return f"Sharing {_sides(*self.between, self.one_way)} {verb}{self.when()}{extra}."

    def _overrides(self) -> str:
        phrases = self.phrases(
            coverage="{percent} of reports passed on",
            delay_days="a delay of {value:g} days",
            fidelity="a fidelity of {value:g}",
            leak="{percent} of shared reports leaked",
            third_party=f"passing on {'allowed' if self.third_party else 'not allowed'}",
        )
        return ", ".join(phrases)


def level_moves(before: str | float, after: str | float) -> str:
    """Whether a level rises, falls or stays."""
    if level_number(before) == level_number(after):
        return "stays"
    return "rises" if level_number(after) > level_number(before) else "falls"


# -- which level is agreed on a day ---------------------------------------------------------------
#
# A level counts from the first day of its lever: how far a ramp has come is not in it. What is in
# force in numbers, ramps included, is `policy.Levers`.


class AgreedLevel(NamedTuple):
    """What one authority has agreed to tell another.

    Attributes:
        level: One of the five words, or a number from 0 to 1.
        own_numbers: Whether some lever sets coverage, delay and the like beside the level.
    """

    level: str | float
    own_numbers: bool = False


def lever_pairs(lever: Sharing, corridor: Corridor) -> list[Pair]:
    """Every (source, receiver) a lever names."""
    first, second = lever.between
    return pairs_of(corridor.members(first), corridor.members(second), lever.one_way)


def agreed_levels(
    levers: Iterable[Sharing],
    default: str | float,
    wanted: Iterable[Pair],
    day: date,
    corridor: Corridor,
) -> dict[Pair, AgreedLevel]:
    """What some levers agree for some pairs on a day; later levers replace earlier ones.

    Args:
        levers: The levers, in the order in which they apply.
        default: The level of pairs that none of them names.
        wanted: The pairs asked for.
        day: The day.
        corridor: Tells which authorities a group has.
    """
    agreed = dict.fromkeys(wanted, AgreedLevel(default))
    for lever in levers:
        if not lever.in_force(day):
            continue
        own = any(getattr(lever, quality) is not None for quality in QUALITIES)
        for pair in lever_pairs(lever, corridor):
            if pair in agreed:
                level = agreed[pair].level if lever.level is None else lever.level
                agreed[pair] = AgreedLevel(level, own)
    return agreed


def levels_on_day(scenario: Scenario, day: date, corridor: Corridor) -> dict[Pair, AgreedLevel]:
    """What every authority has agreed with every other on a day."""
    codes = [authority.code for authority in corridor.authorities]
    everyone = pairs_of(codes, codes)
    return agreed_levels(
        scenario.of(Sharing), scenario.sharing_default.level, everyone, day, corridor
    )
