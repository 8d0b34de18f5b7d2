"""`crossings scenario`: write, check, read and list scenario files."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from simulation.commands.experiment import to_type
from simulation.commands.mistakes import Commands
from simulation.errors import InputError


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
    try:
        _write_new(output, TEMPLATE)
    except FileExistsError:
        problem = "exists already and is not overwritten"
        raise InputError(problem, file=output, allowed="another name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be written: {reason.lower()}", file=output) from None
    next_one = to_type(shlex.join(["crossings", "scenario", "check", str(output)]))
    click.echo(f"Wrote {output}. Next: {next_one}")


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    file = path.open("x", encoding="utf-8")  # what is there already is not ours to remove
    try:
        with file:
            file.write(text)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@scenario.command()
@click.argument("file")
def check(file: str) -> None:
    """Check a scenario FILE (or a shipped one) and all it extends."""
    from simulation.scenario import load_scenario

    found = load_scenario(file)
    click.echo(f"{file}: good ({found.title})")


@scenario.command()
@click.argument("file")
@click.option("--toml", "as_toml", is_flag=True, help="The file it amounts to, extending nothing.")
def show(file: str, as_toml: bool) -> None:
    """Show in words what a scenario FILE (or a shipped one) changes."""
    from simulation.outcomes import long_date
    from simulation.scenario import load_scenario
    from simulation.scenario.describe import describe, describe_differences
    from simulation.scenario.lever_models import SECTIONS

    found = load_scenario(file)
    if as_toml:
        click.echo(found.resolved_toml(), nl=False)
        return
    run = found.run
    click.echo(found.title)
    if found.description.strip():
        click.echo()
        click.echo(click.wrap_text(found.description.strip(), width=80))
    click.echo()
    click.echo(
        f"Runs from {long_date(run.start)} to {long_date(run.end)},"
        f" after {run.warm_up_days} days to warm up."
    )
    parent = found.parent
    if parent is not None:
        click.echo()
        click.echo(f"Against {parent.slug} ({parent.title}):")
        changes = describe_differences(found, parent)
        for line in changes or ["Nothing changes."]:
            click.echo(f"  - {line}")
    click.echo()
    click.echo("All levers in force at some time of the run:")
    for section in SECTIONS:
        for lever in getattr(found, section):
            name = f"  [{lever.name}]" if lever.name else ""
            click.echo(f"  - {describe(lever)}{name}")
    click.echo(f"  - Sharing between all others: {found.sharing_default.level}.")
    for parameter, value in found.parameters.items():
        click.echo(f"  - Assumption overridden: {parameter} = {value}.")


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file."""
    from simulation.scenario.schema import ScenarioFile

    click.echo(json.dumps(ScenarioFile.model_json_schema(by_alias=True), indent=2))


@scenario.command("list")
def list_() -> None:
    """List the scenarios that come with crossings."""
    from simulation.scenario.files import read, shipped_scenarios

    paths = shipped_scenarios()
    width = max(map(len, paths), default=0)
    for name, path in paths.items():
        click.echo(f"{name:{width}}  {read(path).data.get('title', '')}")
