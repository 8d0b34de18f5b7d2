"""A scenario in words: each lever as a sentence, and what it changes against its parent."""

from __future__ import annotations

from simulation.corridor import load_corridor
from simulation.corridor.network import BY_ROUTE
from simulation.outcomes import long_date
from simulation.parameters import load_parameters
from simulation.scenario.levels import level_word
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.levers.sharing import level_moves
from simulation.scenario.scenario import Scenario, not_in
from simulation.scenario.schema import Adaptation

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
    """Who makes a response of `RESPONSES`: "People" for beliefs, otherwise "Smugglers"."""
    return "People" if name == "beliefs" else "Smugglers"


def describe_differences(scenario: Scenario, parent: Scenario) -> list[str]:
    """The changes of a scenario against another, in sentences.

    Args:
        scenario: The scenario.
        parent: What it is compared with, usually what it extends.

    Returns:
        One sentence for each change; none if both ask for the same.
    """
    lines, run, old_run = [], scenario.run, parent.run
    if (run.start, run.end) != (old_run.start, old_run.end):
        lines.append(f"Runs from {long_date(run.start)} to {long_date(run.end)}.")
    if run.warm_up_days != old_run.warm_up_days:
        lines.append(f"Warms up for {run.warm_up_days} days instead of {old_run.warm_up_days}.")
    before, after = parent.sharing_default.level, scenario.sharing_default.level
    if before != after:
        lines.append(
            f"Sharing between all others {level_moves(before, after)} from {level_word(before)}"
            f" to {level_word(after)}."
        )
    for section in SECTIONS:
        old, new = list(getattr(parent, section)), list(getattr(scenario, section))
        gone, added = ([lever for _, lever in not_in(*two)] for two in ((old, new), (new, old)))
        lines += _ends(gone, added)
        if len(gone) == len(old) and len(old) > 2:
            noun = section.replace("_", " ")
            dated = "" if not added else ", before what follows"
            lines.append(f"All {len(old)} {noun} levers are taken out{dated}.")
        else:
            lines.extend(f"No longer: {lower_first(lever.in_words())}" for lever in gone)
        others = [one for one in old if one not in gone]
        lines += [lever.against(others, scenario, load_corridor()) for lever in added]
    lines.extend(_table_changes(scenario, parent))
    return lines


def _ends(gone: list[Lever], added: list[Lever]) -> list[str]:
    """Sentences on levers that end earlier, which are taken out of both lists."""
    lines = []
    for now in list(added):
        before = next((one for one in gone if now.name and one.name == now.name), None)
        ends = getattr(now, "to", None)
        if before is not None and ends and before.model_copy(update={"to": ends}) == now:
            gone.remove(before)
            added.remove(now)
            lines.append(f"Ends on {long_date(ends)}: {lower_first(before.in_words())}")
    return lines


def lower_first(text: str) -> str:
    """A sentence with a small first letter, unless it begins with a name in capitals."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _table_changes(scenario: Scenario, parent: Scenario) -> list[str]:
    lines = []
    for name in Adaptation.model_fields:
        now, was = getattr(scenario.adaptation, name), getattr(parent.adaptation, name)
        if now != was:
            can = "can again" if now else "can no longer"
            lines.append(f"{who_responds(name)} {can} {RESPONSES[name]}.")
    if scenario.future != parent.future:
        now, was = str(scenario.future), str(parent.future)
        lines.append(f'Months after the data follow the future "{now}" instead of "{was}".')
    for month in sorted({**parent.weather, **scenario.weather}):
        days, before = (one.weather.get(month) for one in (scenario, parent))
        if days != before:
            now, was = ("as in the climate" if one is None else one for one in (days, before))
            lines.append(f"Days with arrivals by sea in {month}: {now} (before, {was}).")
    for route in {**parent.entries, **scenario.entries}:
        now, was = scenario.entries.get(route, 1.0), parent.entries.get(route, 1.0)
        if now != was:
            who = f"people set out {BY_ROUTE[route]}"
            lines.append(f"{now:g} times as many {who} (before, {was:g}).")
    for outcome, share in scenario.margin.items():
        if share != parent.margin.get(outcome):
            lines.append(f"A change of {outcome} by at most {share:.3g} of it does not matter.")
    usual = load_parameters().values()
    for name in {**parent.parameters, **scenario.parameters}:
        value = scenario.parameters.get(name, usual[name])
        was_value = parent.parameters.get(name, usual[name])
        if value != was_value:
            lines.append(f"Assumes {name} = {_shown(value)} instead of {_shown(was_value)}.")
    return lines


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
