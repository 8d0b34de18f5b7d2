"""The planner's door: the command `crossings`.

Nothing heavy is imported here. Each command lives in its own module under `simulation.commands`
and is imported when it is called, or when its own help is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

from simulation import __version__
from simulation.errors import EXIT_INTERRUPTED, InputError, closest

EXIT_INPUT = 2


class Entry(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        target: `module:attribute` of the click command.
        summary: Its line in the help of `crossings`.
    """

    target: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "run": Entry("simulation.commands.run:run", "Run a scenario and write its results."),
    "compare": Entry(
        "simulation.commands.compare:compare", "Compare scenarios with a baseline, run by run."
    ),
    "sensitivity": Entry(
        "simulation.commands.sensitivity:sensitivity", "Find which assumptions drive an effect."
    ),
    "discover": Entry(
        "simulation.commands.discover:discover", "Find assumptions under which a scenario fails."
    ),
    "scenario": Entry(
        "simulation.commands.scenario:scenario", "Write, check and read scenario files."
    ),
}


class Crossings(click.Group):
    """The group of all commands, which tells a user's mistakes in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command by its name; None if there is none."""
        entry = COMMANDS.get(name)
        if entry is None:
            return None
        module, attribute = entry.target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line; an interrupt meanwhile is told as one during a command."""
        try:
            return super().make_context(*args, **kwargs)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            raise SystemExit(EXIT_INTERRUPTED) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, with a suggestion when there is none of this name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            nearest = closest(name, COMMANDS)
            hint = f" Did you mean '{nearest}'?" if nearest else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an InputError or an interrupt ends it without a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            click.echo(str(error), err=True)
            ctx.exit(EXIT_INPUT)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group(cls=Crossings, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="crossings")
def cli() -> None:
    """Simulate migrant smuggling from the Western Balkans to the Channel.

    What does intelligence sharing between named authorities do to small-boat crossings, and what
    else moves with it? Start with: crossings scenario list
    """
