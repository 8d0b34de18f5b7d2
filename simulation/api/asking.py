"""What the functions share: their signatures, the arguments they read, and the folders they fill.

The arguments of a function are the options of the command of its name, declared once in
`simulation.engine.arguments`.
"""

from __future__ import annotations

import functools
import inspect
import operator
import re
import shutil
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from simulation.engine.argument import Argument
from simulation.engine.arguments import DECLARED
from simulation.engine.trials import Assumptions
from simulation.errors import InputError, unknown_word
from simulation.frames import Results, forget_folder
from simulation.scenario import Scenario, scenario_of, shipped_scenarios

if TYPE_CHECKING:
    from simulation.engine.options import Options
    from simulation.engine.progress import Progress
    from simulation.studies.study import Study

#: a scenario, a file, or the name of one that is shipped
Asked = Scenario | str | Path
#: an option in a message
_OPTION = re.compile(r"--([a-z][a-z-]*[a-z])")
#: arguments of how runs are computed, which no recorded command names
_HOW = frozenset({"workers", "scheduler", "tls_ca", "tls_cert", "tls_key", "install"})


class RunnerOptions(TypedDict, total=False):
    """Where runs are computed and kept; `help(sweep)` says what each is."""

    scale: float
    workers: int | None
    scheduler: str | None
    tls_ca: str | Path | None
    tls_cert: str | Path | None
    tls_key: str | Path | None
    out: str | Path | None
    progress: Callable[[Progress], None] | None


class SeededOptions(RunnerOptions, total=False):
    """The same with the seed of the first run."""

    seed: int


class DesignedOptions(SeededOptions, total=False):
    """The options of an experiment that varies the assumptions by a design of its own."""

    days: int | None
    assumptions: Assumptions


class ExperimentOptions(SeededOptions, total=False):
    """The options of every other experiment."""

    days: int | None
    assumptions: Assumptions | None
    ensemble: str | Path | None


_SHARED = (RunnerOptions, SeededOptions, DesignedOptions, ExperimentOptions)


def declared[F: Callable[..., Any]](command: str, **positional: str) -> Callable[[F], F]:
    """Give a function the whole signature and documentation of its arguments.

    Type checkers read the signature in the source. At run time `inspect.signature` and `help` show
    every argument, with the texts and defaults that are declared for the command.

    Args:
        command: The command, for most the one of the same name.
        positional: What the arguments are that are no options, by name.
    """

    def decorate(function: F) -> F:
        whole = _signature(function, command)
        texts = {one.name: _text(one) for one in DECLARED[command]} | positional
        texts["progress"] = "Called as runs go on."

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            whole.bind(*args, **kwargs)  # a misspelt argument is a TypeError, as of any function
            return function(*args, **kwargs)

        lines = [
            textwrap.fill(
                f"{name}: {texts[name]}", 92, initial_indent="    ", subsequent_indent=" " * 8
            )
            for name in whole.parameters
        ]
        summary, returns, rest = (inspect.getdoc(function) or "").partition("\n\nReturns:")
        called.__doc__ = "\n".join([summary, "", "Args:", *lines]) + returns + rest
        called.__signature__ = whole  # type: ignore[attr-defined]
        return called  # type: ignore[return-value]

    return decorate


def _signature(function: Callable[..., Any], command: str) -> inspect.Signature:
    """The signature with the arguments in it that a function takes as `**options`."""
    signature = inspect.signature(function)
    *named, options = signature.parameters.values()
    if options.kind is not options.VAR_KEYWORD:
        return signature
    shared = next(kind for kind in _SHARED if kind.__name__ in str(options.annotation))
    defaults = {one.name: one.default for one in DECLARED[command]} | {"progress": None}
    names = [name for name in defaults if name in shared.__annotations__]
    more = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults[name],
            annotation=shared.__annotations__[name].__forward_arg__,
        )
        for name in names
    ]
    return signature.replace(parameters=[*named, *more])


def _text(argument: Argument) -> str:
    """The description of an argument, with its bounds and the meaning of its default None."""
    bounds = f" Allowed: {argument.allowed}." if argument.allowed else ""
    default = f" None: {argument.shown}." if argument.shown else ""
    return _in_python(argument.help) + bounds + default


# -- what is asked ---------------------------------------------------------------------------------


def name_of(scenario: Asked, copy: Path) -> str:
    """The name of a scenario in a command: a shipped name, its file, or its copy in the results."""
    loaded = scenario_of(scenario)
    if loaded.file is None:
        return str(copy)
    shipped = shipped_scenarios().get(loaded.slug) == loaded.file
    return loaded.slug if shipped else str(loaded.file)


def read_arguments(command: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The declared arguments of a function, each a value of its kind.

    Args:
        command: The command of the same name.
        values: By name; those left out have their defaults.

    Raises:
        InputError: A value is of another kind, or a word that is not allowed.
    """
    return {
        one.name: read_argument(one, values.get(one.name, one.default)) for one in DECLARED[command]
    }


def read_argument(argument: Argument, value: Any) -> Any:
    """A value of the kind of an argument; a scenario stays one.

    Raises:
        InputError: It is of another kind, or a word that is not allowed.
    """
    if value is None or (argument.kind is int and value in argument.words):
        return value
    if argument.several:
        return (value,) if isinstance(value, str) else tuple(map(str, value))
    if isinstance(value, Scenario):
        return value
    if argument.kind is str and argument.words and value not in argument.words:
        raise unknown_word("unknown word", str(value), argument.words, key=argument.option)
    if argument.name == "out" and not str(value).strip():
        raise InputError("no name of a folder", key=argument.option, value=str(value))
    read, problem, allowed = _KINDS[argument.kind]
    try:
        return read(value)
    except (TypeError, ValueError):
        shown = str(value)
        raise InputError(problem, key=argument.option, value=shown, allowed=allowed) from None


#: kind of an argument -> how a value is read, what is wrong with one that is none, and an example
_KINDS: dict[type, tuple[Callable[[Any], Any], str, str]] = {
    int: (operator.index, "not a whole number", "such as 12"),
    float: (float, "not a number", "a number such as 0.5"),
    str: (str, "not a text", "a text"),
    bool: (bool, "not true or false", "True or False"),
    Path: (Path, "not the name of a file", "a text or a path"),
}


def command_of(command: str, arguments: Sequence[str], asked: Mapping[str, Any]) -> str:
    """The command that makes the results again.

    Args:
        command: Its name, behind that of its group if it has one.
        arguments: Scenarios and files, as it names them.
        asked: The value of each declared argument. How runs are computed is left out.
    """
    from simulation.engine.command_text import command_text

    options: dict[str, object] = {}
    for one in DECLARED[command]:
        value = asked.get(one.name)
        if one.name in _HOW:
            continue
        yes, _, no = one.option.partition("/")
        if one.kind is bool and one.default:
            options[no] = not value
        else:
            options[yes] = value
    group, *rest = command.split()
    return command_text(group, [*rest, *arguments], options)


@contextmanager
def python_errors() -> Iterator[None]:
    """Errors name the arguments of a function, where commands have options."""
    try:
        yield
    except InputError as error:
        error.key = None if error.key is None else _in_python(error.key, values=False)
        error.problem = _in_python(error.problem)
        error.allowed = None if error.allowed is None else _in_python(error.allowed)
        raise


def _in_python(text: str, *, values: bool = True) -> str:
    """A text in which options have the names of arguments.

    Args:
        text: The text.
        values: Whether a switch is shown as it is set: `yes=True`.
    """
    by_option = {one.option: one for each in DECLARED.values() for one in each}

    def name(match: re.Match[str]) -> str:
        one = by_option.get(match[0])
        if one is None:
            return match[1].replace("-", "_")
        return f"{one.name}=True" if values and one.kind is bool else one.name

    return _OPTION.sub(name, text)


# -- what is written -------------------------------------------------------------------------------


@contextmanager
def folder_for(out: Path | None) -> Iterator[Path]:
    """The folder to write to; one that nobody asked for is gone when nothing comes of it."""
    if out is not None:
        yield out
        return
    folder = Path(tempfile.mkdtemp(prefix="crossings-"))
    try:
        yield folder
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, InputError):
            error.run_folder = None
        raise


def warn_rewritten(names: Sequence[str]) -> None:
    """Warn of the files of an earlier call that had changed since, and were made again."""
    from simulation.wording import differences as wording

    if names:
        warnings.warn(wording.rewritten_note(names), stacklevel=4)


@dataclass
class Call:
    """A call of a function, and the folder that it fills.

    Attributes:
        command: The command of the same name.
        asked: The value of each declared argument.
        folder: The folder to write to.
        progress: Called as runs go on.
    """

    command: str
    asked: dict[str, Any]
    folder: Path
    progress: Callable[[Progress], None] | None = None

    def options(self, **fixed: object) -> tuple[Options, dict[str, Any]]:
        """The options of an experiment, and the other values by name: those of the study itself.

        Args:
            fixed: Options that the function does not have.

        Raises:
            InputError: An ensemble or a cluster cannot be used.
        """
        from simulation.engine.options import take_options

        rest = self.asked | {"out": self.folder} | fixed
        return take_options(rest, lambda text: warnings.warn(text, stacklevel=6)), rest

    def names(self, scenarios: Sequence[Scenario], asked: Sequence[Asked] = ()) -> list[str]:
        """The names of the scenarios of an experiment in its command.

        Args:
            scenarios: In the order in which the folder holds them.
            asked: The same as they were asked for, where they are others.
        """
        return [
            name_of(given, self.folder / "scenarios" / f"{number}-{one.slug}.toml")
            for number, (given, one) in enumerate(zip(asked or scenarios, scenarios, strict=True))
        ]

    def conduct[R: Results](
        self,
        results: type[R],
        study: Study[Any],
        options: Options,
        names: Sequence[str] = (),
        **recorded: object,
    ) -> R:
        """Conduct a study, write its page where a folder is kept, and give its results.

        Args:
            results: Their type.
            study: The study.
            options: What every experiment is asked.
            names: Scenarios and files, as the command that makes the results again names them.
            recorded: Values of options in that command, where they are not those asked.
        """
        from simulation.engine.result_folder import ResultFolder
        from simulation.studies.study import conduct

        asked = {**self.asked, "out": self.folder, **recorded}
        command = command_of(self.command, names, asked)
        done = conduct(study, options, command=command, progress=self.progress)
        if self.asked["out"] is not None:
            from simulation.report.experiment import write_experiment_report

            write_experiment_report(done.folder)
            manifest = ResultFolder(done.folder).manifest()
            warn_rewritten(manifest.made_again if manifest else ())
        return self.removed_with(results(done.folder, done.findings.as_json(), done.ran))

    def removed_with[R: Results](self, results: R) -> R:
        """The results; unless `out` was given, their folder is removed with them."""
        if self.asked["out"] is None:
            forget_folder(results, results.folder)
        return results


@contextmanager
def call_of(command: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    """A call of the function of a command; its errors name arguments.

    Args:
        command: The command.
        arguments: What the function was given, by name.

    Raises:
        InputError: A value is of another kind, or a word that is not allowed.
    """
    with python_errors():
        asked = read_arguments(command, arguments)
        with folder_for(asked["out"]) as folder:
            yield Call(command, asked, folder, arguments.get("progress"))
