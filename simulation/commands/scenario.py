"""`crossings scenario`: write, check, read and list scenario files."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.usage_errors import Commands
from simulation.engine.command_text import to_type
from simulation.errors import InputError
from simulation.regular_files import write_text

if TYPE_CHECKING:
    from simulation.engine.observed_run import Workload
    from simulation.scenario import Scenario
    from simulation.scenario.levers.base import Lever
    from simulation.scenario.resources import Purchase


@click.group("scenario", cls=Commands)
def scenario() -> None:
    """Write, check and read scenario files."""


@scenario.command()
@click.argument("name", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
def new(name: str | None, output: Path | None) -> None:
    """Write a commented template to NAME.toml, a file or the screen."""
    from simulation.scenario.files import PLAIN_NAME
    from simulation.scenario.template import TEMPLATE

    if name is not None and output is not None:
        raise InputError("give a name or a file, not both", key="-o", value=str(output))
    if name is not None:
        stem = name.removesuffix(".toml")
        if not PLAIN_NAME.fullmatch(stem):
            allowed = "letters, digits, - and _; or -o FILE"
            raise InputError("not a name", key="NAME", value=name, allowed=allowed)
        output = Path(f"{stem}.toml")
    if output is None:
        click.echo(TEMPLATE, nl=False)
        return
    if os.path.lexists(output):
        problem = "exists already and is not overwritten"
        raise InputError(problem, file=output, allowed="another name")
    try:
        write_text(output, TEMPLATE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be written: {reason.lower()}", file=output) from None
    next_one = to_type(shlex.join(["crossings", "scenario", "check", str(output)]))
    click.echo(f"Wrote {output}. Next: {next_one}")


@scenario.command()
@click.argument("file")
def check(file: str) -> None:
    """Check a scenario FILE (or a shipped one) and all it extends.

    Notes name months beyond the data, and levers whose days or amounts look like a slip.
    """
    from simulation.scenario import load_scenario

    loaded = load_scenario(file)
    click.echo(f"{file}: good ({loaded.title})")
    for line in _notes(loaded):
        click.echo(f"Note: {line}")


def _notes(scenario: Scenario) -> list[str]:
    """What is to be known before a scenario is run."""
    from simulation.engine.experiment import notes_before

    return [note.text for note in notes_before([scenario], days=None, assumptions=None)]


@scenario.command()
@click.argument("file")
@click.option("--toml", "as_toml", is_flag=True, help="The file it amounts to, extending nothing.")
@click.option(
    "--resources/--no-resources",
    default=True,
    help="Whether to tell what staff and money buy and how busy staff is, which takes a short run.",
)
def show(file: str, as_toml: bool, resources: bool) -> None:
    """Show in words what a scenario FILE (or a shipped one) changes."""
    from simulation.outcomes import long_date
    from simulation.scenario import load_scenario
    from simulation.scenario.describe import describe_differences
    from simulation.scenario.levers.registry import SECTIONS
    from simulation.scenario.notes import has_no_day

    loaded = load_scenario(file)
    if as_toml:
        click.echo(loaded.resolved_toml(), nl=False)
        return
    run = loaded.run
    click.echo(loaded.title)
    if description := loaded.description.strip():
        click.echo(f"\n{click.wrap_text(description, width=80)}")
    days = f"{long_date(run.start)} to {long_date(run.end)}"
    click.echo(f"\nRuns from {days}, after {run.warm_up_days} days to warm up.")
    _tell("To know before a run:", _notes(loaded))
    parent = loaded.parent
    if parent is not None:
        changes = describe_differences(loaded, parent) or ["Nothing changes."]
        _tell(f"Against {parent.slug} ({parent.title}):", changes)
    every = [lever for section in SECTIONS for lever in getattr(loaded, section)]
    absent = [lever for lever in every if has_no_day(lever, loaded)]
    in_force = _in_words(lever for lever in every if lever not in absent)
    in_force.append(f"Sharing between all others: {loaded.sharing_default.level}.")
    in_force += [
        f"Assumption overridden: {name} = {value}." for name, value in loaded.parameters.items()
    ]
    _tell("All levers in force at some time of the run:", in_force)
    absent += [one.lever for one in loaded.left_out]
    _tell("Levers without a day in the run:", _in_words(absent))
    if resources:
        _tell_resources(loaded)


def _tell(heading: str, lines: Sequence[str]) -> None:
    """Print lines below a heading, if there are any."""
    if lines:
        click.echo("\n  - ".join([f"\n{heading}", *lines]))


def _in_words(levers: Iterable[Lever]) -> list[str]:
    """Levers in words, each with the name by which it can be dropped."""
    return [f"{one.in_words()}{f'  [{one.name}]' if one.name else ''}" for one in levers]


def _tell_resources(scenario: Scenario) -> None:
    """Print what the staff and funding levers buy, and how busy staff is without them."""
    from simulation.corridor import load_corridor
    from simulation.parameters import load_parameters
    from simulation.scenario.levers.staff import UNITS
    from simulation.scenario.resources import purchases

    parent = scenario.parent
    inherited = [lever for section in UNITS.sections for lever in getattr(parent, section, ())]
    every = purchases(scenario, load_corridor(), load_parameters(scenario.parameters))
    bought = [one for one in every if one.lever not in inherited]
    if not bought:
        return
    from simulation.engine.observed_run import SCALE, workloads

    click.echo("\nWhat staff and money buy once they have their full effect:")
    usual = parent or scenario
    for line in _purchase_lines(bought, workloads(usual)):
        click.echo(line)
    click.echo(f"  How busy staff is: one run of {usual.slug} with {SCALE:.0%} of the people.")


def _purchase_lines(bought: Sequence[Purchase], busy: Mapping[str, Workload]) -> list[str]:
    """A line for each lever and, below it, one for each authority and kind of work it changes."""
    from simulation.outcomes import long_date

    lines = []
    for _, group in groupby(bought, key=lambda one: id(one.lever)):
        changes = list(group)
        first = changes[0]
        name = first.lever.name or "a lever without a name"
        lines.append(f"  {name}, on {long_date(first.day)}:")
        for one in changes:
            lines.append(f"    - {_change(one)}{_busy(one, busy[one.authority])}")
    return lines


def _change(one: Purchase) -> str:
    """Units before and after, and what the difference is in people and hours."""
    kind = one.kind.replace("_", " ")
    share = f" ({one.after / one.before - 1:+.0%})" if one.before > 0 else ""
    if one.kind == "boat_supply":
        return (
            f"{one.authority}, work against boat deliveries: {one.before:.2g} to {one.after:.2g}"
            f" times today's{share}."
        )
    unit = {"investigation": "teams", "analysis": "reports a day"}.get(one.kind, "units")
    more = "more" if one.officers >= 0 else "fewer"
    people = "analysts" if one.kind == "analysis" else "officers"
    text = (
        f"{one.authority}, {kind}: {one.before:.1f} to {one.after:.1f} {unit}{share}; some"
        f" {abs(one.officers):,.0f} {people} {more}, {abs(one.hours_a_day):,.0f} hours a day"
    )
    if one.cases:
        text += f", {abs(one.cases):,.0f} investigations {more} at a time"
    return text + "."


def _busy(one: Purchase, load: Workload) -> str:
    """How busy those there are."""
    from simulation.corridor.stages import PATROLS

    if one.kind == "investigation":
        if not load.teams:
            return ""
        return (
            f" Those there are have {load.cases:.1f} cases on a mean day and can hold"
            f" {load.teams:.1f} ({load.cases / load.teams:.0%} busy)."
        )
    if one.kind == "analysis":
        used = f" ({load.worked_through / load.capacity:.0%} busy)" if load.capacity else ""
        return (
            f" Those there are work through {load.worked_through:.1f} reports on a mean day and"
            f" could do {load.capacity:.1f}{used}; {load.waiting:.1f} are waiting."
        )
    if one.kind in PATROLS:
        return f" On its ground {load.stops:,.0f} people are stopped on a mean day."
    return ""


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from simulation.scenario.schema import ScenarioFile

    click.echo(json.dumps(ScenarioFile.model_json_schema(by_alias=True), indent=2))


@scenario.command("list")
def list_() -> None:
    """List the scenarios that come with crossings."""
    from simulation.scenario.files import read
    from simulation.scenario.shipped import shipped_scenarios

    paths = shipped_scenarios()
    width = max(map(len, paths), default=0)
    for name, path in paths.items():
        click.echo(f"{name:{width}}  {read(path).data.get('title', '')}")
