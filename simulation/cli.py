"""The command line `crossings`.

Nothing heavy is imported here. Each command lives in its own module under `simulation.commands`, or
in the room of its study, and is imported when it is called, or when its own help is asked for.
"""

from __future__ import annotations

import errno
import importlib
from typing import Any, NamedTuple

import click

from simulation.commands.usage_errors import Commands, one_line_error
from simulation.errors import EXIT_INPUT, EXIT_INTERRUPTED, NO_MEMORY, InputError
from simulation.version import __version__

#: errors of a disk that takes no more, whatever was being written
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


class CommandEntry(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        summary: Its line in the help of `crossings`.
        runs: Whether it runs the model and goes on where it was stopped.
        study: The room of its study in `simulation.studies`, where it has one.
    """

    summary: str
    runs: bool = False
    study: str = ""


#: the commands of planners; each is a click command of its name, in a module of that name but for
#: a study's
PLANNERS: dict[str, CommandEntry] = {
    "run": CommandEntry("Run a scenario and write its results.", runs=True),
    "compare": CommandEntry("Compare scenarios with a baseline, run by run.", runs=True),
    "agreements": CommandEntry("Find which agreement to share buys most.", True, "agreements"),
    "estimate": CommandEntry("Estimate at once what a scenario changes."),
    "reach": CommandEntry("Find the smallest changes that reach a goal.", runs=True),
    "brief": CommandEntry("Write the first page of a comparison to take along."),
    "app": CommandEntry("Ask a what-if in the browser."),
    "scenario": CommandEntry("Write, check and read scenario files."),
    "results": CommandEntry("List results, make their pages and packs, see how they moved."),
}
#: the commands of analysts
ANALYSTS: dict[str, CommandEntry] = {
    "sweep": CommandEntry("Vary levers or assumptions: dose-response curves.", True, "sweep"),
    "sensitivity": CommandEntry("Find which assumptions drive an effect.", runs=True),
    "discover": CommandEntry("Find assumptions under which a scenario fails.", True, "discovery"),
    "backtest": CommandEntry("Forecast a past year and score the forecast.", runs=True),
    "monitor": CommandEntry("See whether the newest months still agree.", runs=True),
    "fit": CommandEntry("Fit the uncertain assumptions to what was observed.", runs=True),
    "emulator": CommandEntry("Build what estimates are made from.", runs=True),
    "data": CommandEntry("See which figures are in use, and update them."),
    "parameters": CommandEntry("Show what is assumed, and on what ground."),
    "mesa": CommandEntry("Run a scenario in Mesa's viewer, in the browser."),
    "doctor": CommandEntry("See whether all works on this machine, and compile the model."),
}
COMMANDS = PLANNERS | ANALYSTS


class CrossingsCommands(Commands):
    """The group of all commands; it reports usage errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command by its name; None if there is none."""
        if name not in COMMANDS:
            return None
        module_name, study = name.replace("-", "_"), COMMANDS[name].study
        path = f"studies.{study}.command" if study else f"commands.{module_name}"
        module = importlib.import_module(f"simulation.{path}")
        command: click.Command = getattr(module, module_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        for heading, commands in (("Commands", PLANNERS), ("For analysts", ANALYSTS)):
            with formatter.section(heading):
                formatter.write_dl([(name, entry.summary) for name, entry in commands.items()])

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line; its errors are reported like those of a command."""
        try:
            return super().make_context(*args, **kwargs)
        except _Stop as error:
            raise SystemExit(_report(error)) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; bad input or an interrupt ends it without a traceback."""
        try:
            return super().invoke(ctx)
        except _Stop as error:
            ctx.exit(_report(error))
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            where = f"{error.filename}: " if error.filename else ""
            problem = f"{where}cannot be written ({error.strerror or error})"
        except MemoryError:
            problem = NO_MEMORY
        entry = COMMANDS.get(ctx.invoked_subcommand or "")
        if entry is not None and entry.runs:
            problem += "; what is finished is kept, and the same command goes on from there"
        click.echo(problem, err=True)
        ctx.exit(EXIT_INPUT)


#: what ends a command in one line
_Stop = (InputError, click.UsageError, KeyboardInterrupt)


def _report(error: BaseException) -> int:
    """Print why a command ends, and return its exit status."""
    if isinstance(error, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    # no arguments at all is no mistake: it asks for help
    if isinstance(error, click.UsageError) and type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return error.exit_code
    shown = one_line_error(error) if isinstance(error, click.UsageError) else error
    click.echo(str(shown), err=True)
    return EXIT_INPUT


@click.group(
    "crossings", cls=CrossingsCommands, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, "--version", prog_name="crossings")
def cli() -> None:
    """Simulate migrant smuggling from the Western Balkans to the Channel.

    What does intelligence sharing between named authorities do to small-boat crossings, and what
    else moves with it? Start with: crossings scenario list
    """


if __name__ == "__main__":
    click.echo("This module is not the command: use crossings, or python -m simulation.", err=True)
    raise SystemExit(EXIT_INPUT)
