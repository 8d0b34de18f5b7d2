"""What can be varied: one function for each kind, from its name to what it sets in a scenario.

Each takes what stands after the kind (`UK-RS` of `sharing.UK-RS`), checks the names, and gives a
`Target` that writes a value into the plain data of a scenario. Levers are added after those the
scenario has, so that sharing replaces what it says of a pair, and the others multiply or add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from simulation.corridor import load_corridor
from simulation.errors import InputError, closest, listed
from simulation.parameters.records import unknown_parameter
from simulation.scenario import Scenario
from simulation.scenario.describe import RESPONSES, who_responds
from simulation.scenario.kinds import Spending, StaffKind
from simulation.scenario.names import Names, pairs_of
from simulation.scenario.schema import Adaptation

Value = str | float | int | bool
Scale = Literal["level", "number", "switch"]

#: what money is spent on unless it is said: the work that handles intelligence, in even parts
_FUNDED = ("investigation", "analysis")


@dataclass(frozen=True)
class Target:
    """Something of a scenario that can be set.

    Attributes:
        name: As it is typed, in its usual form.
        label: As a planner reads it.
        unit: Unit of its values; empty for a switch.
        scale: `level` (a word or 0 to 1), `number` or `switch`.
        lay: Sets a value in the plain data of a scenario.
        whole: Whether only whole numbers will do.
        pairs: The (source, receiver) pairs of authorities whose sharing it sets.
        about: A sentence that explains it, if the label does not.
    """

    name: str
    label: str
    unit: str
    scale: Scale
    lay: Callable[[dict[str, Any], Value], None]
    whole: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    about: str = ""


def _sharing(rest: str, names: Names, scenario: Scenario) -> Target:
    one_way = ">" in rest
    first, second = _two(rest, ">" if one_way else "-", names)
    members = names.members(first), names.members(second)
    pairs = frozenset(pairs_of(*members, one_way))
    if not pairs:
        raise InputError(f"{rest}: needs two different authorities")
    if not one_way:
        # both ways is the same the other way round
        order = list(names.authorities)
        first, second = sorted(
            (first, second), key=lambda name: (not name.startswith("UK"), order.index(name))
        )

    def lay(data: dict[str, Any], value: Value) -> None:
        lever = {"between": [first, second], "level": value}
        _add(data, "sharing", {**lever, "one_way": True} if one_way else lever)

    if first == second:
        label = f"Sharing within {first}"
    elif one_way:
        label = f"Sharing from {first} to {second}"
    else:
        label = f"Sharing between {first} and {second}"
    name = f"sharing.{first}{'>' if one_way else '-'}{second}"
    return Target(name, label, "level", "level", lay, pairs=pairs)


def _two(text: str, mark: str, names: Names) -> tuple[str, str]:
    """The two authorities of `A-B` or `A>B`; their own codes may hold hyphens."""
    known = names.authorities
    splits = [
        (text[:at].strip(), text[at + 1 :].strip())
        for at, letter in enumerate(text)
        if letter == mark
    ]
    for first, second in splits:
        if first in known and second in known:
            return first, second
    allowed = f"two of {', '.join(known)}, as in UK-RS (both ways) or UK>RS (one way)"
    unknown: list[tuple[str, str | None]] = []
    for first, second in splits:
        if first in known:
            near = names.meant(second)
            unknown.append((second, near and f"sharing.{first}{mark}{near}"))
        elif second in known:
            near = names.meant(first)
            unknown.append((first, near and f"sharing.{near}{mark}{second}"))
    if unknown:
        # of a code with hyphens, the split with something like it is the one that was meant
        wrong, suggestion = max(unknown, key=lambda item: item[1] is not None)
        raise InputError(
            f"unknown authority or group {wrong}", allowed=allowed, suggestion=suggestion
        )
    pairs = [f"{one}{mark}{other}" for one in known for other in known]
    near = closest(text, pairs)
    raise InputError(
        f"{text} names no two authorities or groups" if text else "two authorities are missing",
        allowed=allowed,
        suggestion=f"sharing.{near}" if near else None,
    )


def _sharing_default(rest: str, names: Names, scenario: Scenario) -> Target:
    if rest:
        raise InputError(
            "sharing_default has no parts",
            allowed="sharing_default=LEVELS, or sharing.A-B=LEVELS for a pair",
        )

    def lay(data: dict[str, Any], value: Value) -> None:
        data["sharing_default"] = {"level": value}

    label = "Sharing of all pairs the scenario does not name"
    return Target("sharing_default", label, "level", "level", lay)


def _adaptation(rest: str, names: Names, scenario: Scenario) -> Target:
    name = _known(rest, "response of smugglers", tuple(Adaptation.model_fields))

    def lay(data: dict[str, Any], value: Value) -> None:
        data["adaptation"] = {**data.get("adaptation", {}), name: value}

    label = f"{who_responds(name)} can {RESPONSES[name]}"
    return Target(f"adaptation.{name}", label, "", "switch", lay)


def _parameter(rest: str, names: Names, scenario: Scenario) -> Target:
    known = {record.name: record for record in names.parameters}
    if rest not in known:
        raise unknown_parameter(rest, known)
    record = known[rest]

    def lay(data: dict[str, Any], value: Value) -> None:
        number = int(value) if record.whole and value == int(value) else value
        data["parameters"] = {**data.get("parameters", {}), rest: number}

    return Target(
        f"parameters.{rest}",
        rest.replace("_", " ").replace(".", ": ", 1),
        "" if record.is_switch else record.unit,
        "switch" if record.is_switch else "number",
        lay,
        whole=record.whole,
        about=record.drives,
    )


def _staff(rest: str, names: Names, scenario: Scenario) -> Target:
    authority, kind = _parts(rest, "staff.AUTHORITY.KIND")
    _known(authority, "authority or group", tuple(names.authorities))
    _known(kind, "kind of staff", get_args(StaffKind))
    corridor = load_corridor()
    members = names.members(authority)
    there = sum(corridor.staff[kind][corridor.authority_index[code]] for code in members)
    added = any(
        lever.kind == kind and (lever.add or 0.0) > 0.0 and set(names.members(lever.authority))
        & set(members)
        for lever in scenario.staff
    )  # fmt: skip
    if not there and not added:
        raise InputError(
            f"{authority} has no {kind} staff to multiply",
            allowed=", ".join(
                other
                for other, units in corridor.staff.items()
                if sum(units[corridor.authority_index[code]] for code in members)
            )
            or "an authority with staff",
        )

    def lay(data: dict[str, Any], value: Value) -> None:
        _add(data, "staff", {"authority": authority, "kind": kind, "change": value})

    words = kind.replace("_", " ").capitalize()
    label = f"{words} staff of {authority}"
    return Target(f"staff.{authority}.{kind}", label, "times what it is", "number", lay)


def _funding(rest: str, names: Names, scenario: Scenario) -> Target:
    authority, _, on = rest.partition(".")
    _known(authority, "authority or group", tuple(names.authorities))
    kinds = tuple(on.split("+")) if on else _FUNDED
    for kind in kinds:
        _known(kind, "purpose", get_args(Spending))
    if len(set(kinds)) < len(kinds):
        raise InputError(f"{on} names a purpose twice")

    def lay(data: dict[str, Any], value: Value) -> None:
        spend_on = {kind: 1.0 / len(kinds) for kind in kinds}
        lever = {"authority": authority, "amount": {"GBP": value}, "spend_on": spend_on}
        _add(data, "funding", lever)

    words = " and ".join(kind.replace("_", " ") for kind in kinds)
    return Target(
        f"funding.{authority}.{'+'.join(kinds)}",
        f"More money of {authority} for {words}",
        "GBP a year",
        "number",
        lay,
        about="" if len(kinds) == 1 else "The money is spent in even parts.",
    )


def _operation(rest: str, names: Names, scenario: Scenario) -> Target:
    authority, place = _parts(rest, "operation.AUTHORITY.PLACE")
    _known(authority, "authority or group", tuple(names.authorities))
    _known(place, "place", tuple(names.places))

    def lay(data: dict[str, Any], value: Value) -> None:
        _add(data, "operation", {"authority": authority, "places": [place], "strength": value})

    label = f"Patrols of {authority} at {place}"
    return Target(f"operation.{authority}.{place}", label, "times the effort", "number", lay)


def _entries(rest: str, names: Names, scenario: Scenario) -> Target:
    route = _known(rest, "route", names.routes)

    def lay(data: dict[str, Any], value: Value) -> None:
        data["entries"] = {**data.get("entries", {}), route: value}

    label = f"People entering on the route {route}"
    return Target(f"entries.{route}", label, "times what was observed", "number", lay)


def _add(data: dict[str, Any], section: str, lever: dict[str, Any]) -> None:
    data[section] = [*data.get(section, ()), lever]


def _parts(rest: str, form: str) -> tuple[str, str]:
    first, dot, second = rest.partition(".")
    if not dot or not first or not second:
        raise InputError("a part of the name is missing", allowed=f"{form}=VALUES")
    return first, second


def _known(name: str, noun: str, known: Sequence[str]) -> str:
    if name not in known:
        raise InputError(
            f"unknown {noun} {name}" if name else f"the {noun} is missing",
            allowed=listed(known),
            suggestion=closest(name, known),
        )
    return name


#: what stands before the first dot -> what it means
KINDS: dict[str, Callable[[str, Names, Scenario], Target]] = {
    "sharing": _sharing,
    "sharing_default": _sharing_default,
    "adaptation": _adaptation,
    "parameters": _parameter,
    "staff": _staff,
    "funding": _funding,
    "operation": _operation,
    "entries": _entries,
}
