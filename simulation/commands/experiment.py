"""What the commands that run experiments share: options, progress, interrupts and the report."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.options import options_of
from simulation.engine.command_text import to_type
from simulation.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from simulation.engine.findings import ExperimentFindings, Finished
    from simulation.engine.options import Options
    from simulation.engine.progress import Progress
    from simulation.report.blocks import Block
    from simulation.scenario.notes import Note
    from simulation.studies.study import Study

#: prints a line
Tell = Callable[[str], None]


def study_command(
    name: str, **fixed: object
) -> Callable[[Callable[..., Study[Any]]], click.Command]:
    """Make the command of a study from a function that says which study is asked for.

    The function has the help of the command and its arguments; its options are those declared for
    it (`simulation.engine.arguments`). It takes what was typed but for the options of every
    experiment, and `tell`, which prints a line beside the results, if anything is to be printed. It
    returns the study.

    Args:
        name: Name of the command.
        fixed: Options of every experiment that the command does not have.
    """

    def decorate(study_of: Callable[..., Study[Any]]) -> click.Command:
        @wraps(study_of)
        def command(*, quiet: bool, as_json: bool, **asked: Any) -> None:
            options = options_from(rest := asked | fixed)
            study = study_of(tell=teller(quiet), **rest)
            conduct_study(study, options, quiet=quiet, as_json=as_json)

        return click.command(name)(options_of(name)(command))

    return decorate


def teller(quiet: bool) -> Tell:
    """What prints a line beside the results and not among them; nothing if it is to be quiet."""
    return lambda text: None if quiet else click.echo(text, err=True)


def tell_blocks(tell: Tell, parts: Sequence[Block]) -> None:
    """Print blocks beside the results, if there are any."""
    from simulation.report.terminal import as_text

    if parts:
        tell(as_text(parts))


def options_from(asked: dict[str, Any]) -> Options:
    """The options of a run or an experiment from what click gives a command.

    The default of the assumptions is settled here. `quiet`, `as_json` and what else a command
    takes stay in `asked`.
    """
    # before NumPy: workers share the cores among them, a library's own threads only disturb
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from simulation.engine.options import take_options

    quiet = click.get_current_context().params["quiet"]
    refused = asked["workers"] is not None  # with a cluster: that is then the one line printed
    tell, announce = teller(quiet or refused), None if quiet else print_notes
    return take_options(asked, lambda text: tell(f"Warning: {text}"), announce=announce)


def print_notes(notes: Sequence[Note]) -> None:
    """Print what is to be known before runs begin, beside the results and not among them."""
    for note in notes:
        click.echo(f"Note: {note.text}", err=True)


def command_line() -> str:
    """The command as it was typed, quoted for a shell, with the assumptions it has by default.

    These hang on whether the package holds a fit, so the same words may mean another experiment
    later.
    """
    from simulation.engine.command_text import with_options
    from simulation.engine.trials import default_assumptions

    typed = shlex.join(["crossings", *sys.argv[1:]])
    asked = click.get_current_context().params
    if asked.get("assumptions", typed) is not None:
        return typed
    drawn = default_assumptions() if asked.get("ensemble") is None else "fitted"
    return with_options(typed, {"assumptions": drawn})


def conduct_study[FindingsT: ExperimentFindings](
    study: Study[FindingsT], options: Options, *, quiet: bool, as_json: bool, command: str = ""
) -> Finished[FindingsT]:
    """Conduct a study with a progress bar, write its page and print what it found.

    Args:
        study: The study.
        options: What every experiment can be asked.
        quiet: Print nothing but what was wrong.
        as_json: Print the findings as JSON instead.
        command: Command that makes the results again, where it is not the one that was typed.

    Returns:
        Where the results are and what they say.
    """
    from simulation.studies.study import conduct

    with resumable_runs(quiet, as_json) as progress:
        finished = conduct(study, options, command=command or command_line(), progress=progress)
    from simulation.engine.result_folder import SUMMARY
    from simulation.report.experiment import page_of, presentation_of
    from simulation.report.terminal import show

    page = page_of(finished)
    print_losses(finished, failures=quiet or as_json)
    if as_json:
        click.echo((finished.folder / SUMMARY).read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        show(presentation_of(finished.folder).printed(finished.findings))
        print_written(page, finished.ran or not study.asks_runs)
    return finished


@contextmanager
def resumable_runs(quiet: bool, as_json: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A progress bar for runs; an interrupt ends the command and says how to go on."""
    from simulation.commands.progress import progress_bar
    from simulation.engine.progress import Interrupted

    try:
        with progress_bar(quiet, as_json) as progress:
            yield progress
    except Interrupted as stopped:
        from simulation.wording.quoting import number_of

        runs = number_of(stopped.finished, "run")
        click.echo(
            f"Interrupted: {runs} finished, kept in {stopped.folder}.\n"
            f"The same command goes on from there: {to_type(command_line())}",
            err=True,
        )
        click.get_current_context().exit(EXIT_INTERRUPTED)


def put_into(document: Path, folder: Path, *, quiet: bool) -> None:
    """Put the text of an experiment into a page as well, and say so.

    Args:
        document: The page.
        folder: Of an experiment.
        quiet: Say nothing.
    """
    from simulation.report.document import put_sections
    from simulation.report.experiment import presentation_of

    shown = presentation_of(folder)
    put_sections(document, shown.page(shown.read(folder)).sections)
    if not quiet:
        click.echo(f"Put into {shlex.quote(str(document))}.")


def print_losses(finished: Finished[Any], *, failures: bool) -> None:
    """Print on stderr what an experiment lost, and which of its files had changed.

    Args:
        finished: What it left behind.
        failures: Whether to name runs that failed; the tables on the terminal name them, too.
    """
    from simulation.engine.result_folder import ResultFolder
    from simulation.wording import differences as wording

    manifest = ResultFolder(finished.folder).manifest()
    texts = []
    if manifest:
        texts = [wording.damage(manifest.damaged), wording.rewritten_note(manifest.made_again)]
    if failures and (lost := wording.lost(finished.findings.failed)):
        texts.append(f"{lost} The same command tries again: {to_type(command_line())}")
    for text in filter(None, texts):
        click.echo(text, err=True)


def print_written(page: Path, ran: int | bool) -> None:
    """Where the results are."""
    shown = shlex.quote(str(page.parent))
    if ran:
        verb = "read" if page.suffix == ".md" else "open"
        click.echo(f"Written to {shown} ({verb} {page.name} there).")
    else:
        click.echo(f"Nothing to run: these are the results already in {shown}.")
