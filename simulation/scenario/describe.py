"""A scenario in words: each lever as a sentence, and what it changes against its parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulation.outcomes import long_date
from simulation.parameters import load_parameters
from simulation.scenario.lever_models import (
    SECTIONS,
    Boats,
    Freight,
    Funding,
    Growing,
    Lasting,
    LegalRoute,
    Lever,
    Operation,
    Raid,
    Returns,
    Sharing,
    Shock,
    Staff,
    Visa,
    Wave,
)
from simulation.scenario.pair_levels import agreed, height, pairs
from simulation.scenario.schema import Adaptation, Scenario

if TYPE_CHECKING:
    from simulation.corridor import Corridor

#: what smugglers, or people on the way, are capable of in response, in words
RESPONSES = {
    "route": "change their route",
    "price": "change their price",
    "load": "change the load of a boat",
    "recruitment": "replace those arrested",
    "going_dark": "go dark",
    "beliefs": "learn from others which ways are risky",
}


def who_responds(name: str) -> str:
    """Whose response one of `RESPONSES` is: hearsay is of people, all others of smugglers."""
    return "People" if name == "beliefs" else "Smugglers"


def describe_differences(
    scenario: Scenario, parent: Scenario, corridor: Corridor | None = None
) -> list[str]:
    """What a scenario changes against another, in sentences.

    Args:
        scenario: The scenario.
        parent: What it is compared with, usually what it extends.
        corridor: Tells which authorities a group has; the package's own by default.

    Returns:
        One sentence for each change; none if both ask for the same.
    """
    if corridor is None:
        from simulation.corridor import load_corridor

        corridor = load_corridor()
    lines = _run_changes(scenario, parent)
    before, after = parent.sharing_default.level, scenario.sharing_default.level
    if before != after:
        lines.append(
            f"Sharing between all others {_moves(before, after)} from {_word(before)}"
            f" to {_word(after)}."
        )
    for section in SECTIONS:
        old, new = list(getattr(parent, section)), list(getattr(scenario, section))
        gone, added = _without(old, new), _without(new, old)
        if len(gone) == len(old) and len(old) > 2:
            noun = section.replace("_", " ")
            dated = "" if not added else ", before what follows"
            lines.append(f"All {len(old)} {noun} levers are taken out{dated}.")
        else:
            lines.extend(f"No longer: {lower_first(describe(lever))}" for lever in gone)
        for lever in added:
            if isinstance(lever, Sharing):
                lines.append(_sharing(lever, [x for x in old if x not in gone], scenario, corridor))
            else:
                lines.append(describe(lever))
    lines.extend(_table_changes(scenario, parent))
    return lines


def describe(lever: Lever) -> str:
    """A lever as a sentence."""
    if isinstance(lever, Sharing):
        what = f"Sharing {_between(lever)}: {_qualities(lever)}"
    elif isinstance(lever, Funding):
        amount = lever.amount
        money = f"GBP {amount.GBP:,.0f}" if amount.GBP is not None else f"EUR {amount.EUR:,.0f}"
        spread = ", ".join(
            f"{share:.0%} {kind.replace('_', ' ')}" for kind, share in lever.spend_on.items()
        )
        to = f" in {lever.beneficiary}" if lever.beneficiary else ""
        often = "a year" if lever.per == "year" else "once"
        what = f"{lever.authority} spends {money} {often}{to} ({spread})"
    elif isinstance(lever, Staff):
        kind = lever.kind.replace("_", " ")
        if lever.change is not None:
            what = f"{lever.authority} has {lever.change:g} times its {kind} staff"
        else:
            sign = "more" if (lever.add or 0) >= 0 else "fewer"
            what = f"{lever.authority} has {abs(lever.add or 0):g} {sign} {kind} units"
    elif isinstance(lever, Operation):
        where = ", ".join((*(lever.places or ()), *(lever.legs or ())))
        work = {
            "patrol": "patrols",
            "arrests": "arrests",
            "boat_supply": "work against boat deliveries",
        }[lever.kind]
        ground = f" at {where}" if where else ""
        what = f"Operation of {lever.authority}: {lever.strength:g} times the {work}{ground}"
    elif isinstance(lever, Raid):
        what = _raid(lever)
    elif isinstance(lever, Visa):
        size = "" if lever.effect is None else f" ({lever.effect:.0%} stay away)"
        what = f"{lever.authority} requires visas of {', '.join(lever.origins)}{size}"
    elif isinstance(lever, Returns):
        size = "" if lever.effect is None else f" ({lever.effect:.0%} fewer set out for the UK)"
        what = f"The UK returns people to {lever.partner}{size}"
    elif isinstance(lever, LegalRoute):
        people = f"{lever.people_per_year:,.0f} people a year"
        what = f"A legal way to the UK for {people} from {', '.join(lever.origins)}"
    elif isinstance(lever, Wave):
        size, often = "", ""
        if lever.people_per_year is not None:
            size, often = f" {lever.people_per_year:,.0f}", " a year"
        who = ", ".join(lever.origins)
        what = f"A wave of{size} more people{often} from {who} on the route {lever.route}"
    elif isinstance(lever, Shock):
        what = _shock(lever)
    elif isinstance(lever, Boats):
        before = "smaller" if lever.size is None else f"{lever.size:g} times today's size"
        what = f"Boats are {before} at first and grow to those of today"
    elif isinstance(lever, Freight):
        before = "weaker" if lever.search is None else f"{lever.search:g} times today's"
        searches = "Searches of lorries and ferries to the UK"
        what = f"{searches} are {before} at first and grow to those of today"
    else:  # pragma: no cover - every kind of lever has its sentence
        what = repr(lever)
    return what + _when(lever) + "."


def _shock(lever: Shock) -> str:
    """A shock with whom it concerns."""
    routes = ", ".join(lever.route or ())
    noun = "route" if len(lever.route or ()) == 1 else "routes"
    where = f"on the {noun} {routes}" if routes else "on every route"
    who = f"people from {', '.join(lever.origins)}" if lever.origins else "people"
    if lever.size == 0.0:
        return f"No {who} set out {where}"
    return f"{lever.size:g} times as many {who} set out {where}"


def _raid(lever: Raid) -> str:
    """A raid with who is taken, and where."""
    who = "person" if lever.arrests == 1 else "people"
    stages = f" of the stages {', '.join(lever.stages)}" if lever.stages else ""
    where = f" at {', '.join(lever.places)}" if lever.places else ""
    noun = "boat" if lever.boats == 1 else "boats"
    boats = f" and takes {lever.boats:,} {noun}" if lever.boats else ""
    share = "" if lever.share is None else f", who carry {100 * lever.share:g}% of their stages,"
    return (
        f"A raid of {lever.authority} arrests {lever.arrests:,} {who}{stages}{where}{share}{boats}"
    )


def lower_first(text: str) -> str:
    """A sentence to stand within another; names in capitals stay as they are."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _sharing(lever: Sharing, before: list[Sharing], scenario: Scenario, corridor: Corridor) -> str:
    """A sharing lever with what it replaces."""
    if lever.level is None:
        return describe(lever)
    found = _levels_before(lever, before, scenario, corridor)
    order = [height(level) for level in found]
    low, high = found[order.index(min(order))], found[order.index(max(order))]
    old = _word(low) if low == high else f"{_word(low)} to {_word(high)}"
    if low == high == lever.level:
        verb = f"stays {old}"
    elif low == high:
        verb = f"{_moves(low, lever.level)} from {old} to {_word(lever.level)}"
    else:
        verb = f"is set to {_word(lever.level)} (before, {old})"
    more = _overrides(lever)
    extra = f", with {more}" if more else ""
    return f"Sharing {_between(lever)} {verb}{_when(lever)}{extra}."


def _levels_before(
    lever: Sharing, before: list[Sharing], scenario: Scenario, corridor: Corridor
) -> list[str | float]:
    """The levels that earlier levers and the default give the pairs of a lever on its first day."""
    day = lever.from_ or scenario.run.start
    wanted = pairs(lever, corridor)
    found = agreed(before, scenario.sharing_default.level, wanted, day, corridor)
    return [pair.level for pair in found.values()]


def _between(lever: Sharing) -> str:
    first, second = lever.between
    if first == second:
        return f"within {first}"
    return f"from {first} to {second}" if lever.one_way else f"between {first} and {second}"


def _qualities(lever: Sharing) -> str:
    parts = [] if lever.level is None else [_word(lever.level)]
    more = _overrides(lever)
    return ", ".join([*parts, more] if more else parts)


def _overrides(lever: Sharing) -> str:
    parts = []
    if lever.coverage is not None:
        parts.append(f"{lever.coverage:.0%} of reports passed on")
    if lever.delay_days is not None:
        parts.append(f"a delay of {lever.delay_days:g} days")
    if lever.fidelity is not None:
        parts.append(f"a fidelity of {lever.fidelity:g}")
    if lever.leak is not None:
        parts.append(f"{lever.leak:.1%} of shared reports leaked")
    if lever.third_party is not None:
        parts.append(f"passing on {'allowed' if lever.third_party else 'not allowed'}")
    return ", ".join(parts)


def _word(level: str | float) -> str:
    return level if isinstance(level, str) else f"{level:g}"


def _moves(before: str | float, after: str | float) -> str:
    if height(before) == height(after):
        return "stays"
    return "rises" if height(after) > height(before) else "falls"


def _when(lever: Lever) -> str:
    if isinstance(lever, Raid):
        return f" on {long_date(lever.on)}"
    if isinstance(lever, Shock):
        text = f" from {long_date(lever.on)}"
        text += f" to {long_date(lever.to)}" if lever.to else ""
        half = lever.half_life_days
        return text + (f"; of this, half is left after {half:g} days" if half else "")
    if not isinstance(lever, (Lasting, Growing)):  # pragma: no cover - there is no fourth kind
        return ""
    text = f" from {long_date(lever.from_)}" if lever.from_ else ""
    if isinstance(lever, Lasting) and lever.to:
        text += f" to {long_date(lever.to)}"
    return text + (f", over {lever.ramp_days} days" if lever.ramp_days else "")


def _without(levers: list[Any], others: list[Any]) -> list[Any]:
    """The levers of a list that are not also in another, counting repeats."""
    left = list(others)
    kept = []
    for lever in levers:
        if lever in left:
            left.remove(lever)
        else:
            kept.append(lever)
    return kept


def _run_changes(scenario: Scenario, parent: Scenario) -> list[str]:
    run, old = scenario.run, parent.run
    lines = []
    if (run.start, run.end) != (old.start, old.end):
        lines.append(f"Runs from {long_date(run.start)} to {long_date(run.end)}.")
    if run.warm_up_days != old.warm_up_days:
        lines.append(f"Warms up for {run.warm_up_days} days instead of {old.warm_up_days}.")
    return lines


def _table_changes(scenario: Scenario, parent: Scenario) -> list[str]:
    lines = []
    for name in Adaptation.model_fields:
        now, was = getattr(scenario.adaptation, name), getattr(parent.adaptation, name)
        if now != was:
            can = "can again" if now else "can no longer"
            lines.append(f"{who_responds(name)} {can} {RESPONSES[name]}.")
    if scenario.future != parent.future:
        now, was = scenario.future.path, parent.future.path
        lines.append(f'Months after the data follow the future "{now}" instead of "{was}".')
    for route in {**parent.entries, **scenario.entries}:
        now, was = scenario.entries.get(route, 1.0), parent.entries.get(route, 1.0)
        if now != was:
            lines.append(f"{now:g} times the entries on the route {route} (before, {was:g}).")
    usual = load_parameters().values()
    for name in {**parent.parameters, **scenario.parameters}:
        value = scenario.parameters.get(name, usual[name])
        was_value = parent.parameters.get(name, usual[name])
        if value != was_value:
            lines.append(f"Assumes {name} = {_shown(value)} instead of {_shown(was_value)}.")
    return lines


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
