"""What a sweep varies: `--vary` as it is typed, checked, and laid over a scenario.

One text names one variable and its values, `sharing.UK-RS=none,low,medium,high,full`. A varied
scenario is an ordinary scenario: it can be written to a file and run again. A lever declares in its
own module what can be varied of it; what can be varied of the tables of a scenario stands here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pydantic import ValidationError

from simulation.corridor import load_corridor, load_origins
from simulation.corridor.network import BY_ROUTE
from simulation.errors import InputError, closest
from simulation.parameters import load_parameters
from simulation.parameters.records import unknown_parameter
from simulation.scenario import Scenario
from simulation.scenario.describe import RESPONSES, who_responds
from simulation.scenario.levels import LEVEL_WORDS, level_number
from simulation.scenario.levers.declaration import Lay, SweepTarget, Value, checked_name
from simulation.scenario.levers.registry import LEVERS
from simulation.scenario.names import Names
from simulation.scenario.schema import Adaptation
from simulation.scenario.validation_errors import first_error

#: longest title a scenario may have
_TITLE = 200
#: most values one variable of a grid may have
_MOST_VALUES = 1000
#: digits of a value as it is written
_DIGITS = 6


@dataclass(frozen=True)
class Variable:
    """One `--vary`.

    Attributes:
        text: As it was typed.
        target: What it varies.
        values: Values to try, from low to high.
    """

    text: str
    target: SweepTarget
    values: tuple[Value, ...]


def read_variables(texts: Sequence[str], scenario: Scenario) -> list[Variable]:
    """Read every `--vary` of a command.

    Args:
        texts: As they were typed.
        scenario: What they are laid over.

    Raises:
        InputError: Names the text and what is wrong with it.
    """
    if not texts:
        raise InputError(
            "missing", key="--vary", allowed="what to vary, such as sharing.UK-RS=none,low,high"
        )
    corridor = load_corridor()
    names = Names.of(corridor, load_origins().origins, load_parameters())
    variables: list[Variable] = []
    for text in texts:
        try:
            variable = _read(text, scenario, names)
            for earlier in variables:
                _refuse_overlap(earlier, variable)
        except InputError as error:
            raise InputError(
                error.problem,
                key="--vary",
                value=text,
                allowed=error.allowed,
                suggestion=error.suggestion,
            ) from None
        variables.append(variable)
    return variables


def varied(scenario: Scenario, settings: Sequence[tuple[Variable, Value]]) -> Scenario:
    """A scenario with some variables set, in the order given; its title tells them."""
    names = ", ".join(f"{variable.target.name} = {written(value)}" for variable, value in settings)
    data = scenario.as_toml_data()
    for variable, value in settings:
        variable.target.lay(data, value)
    title = f"{scenario.title} ({names})"
    data["title"] = title if len(title) <= _TITLE else title[: _TITLE - 3] + "..."
    return Scenario.model_validate(data)


def written(value: Value) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.{_DIGITS}g}"


def _read(text: str, scenario: Scenario, names: Names) -> Variable:
    name, equals, after = text.partition("=")
    if not equals or not name.strip() or not after.strip():
        raise InputError("not a variation", allowed="NAME=VALUE,VALUE,... or NAME=LOW:HIGH:COUNT")
    kind, _, rest = name.strip().partition(".")
    if kind not in KINDS:
        raise InputError(
            f"nothing called {kind} can be varied",
            allowed=", ".join(KINDS),
            suggestion=closest(kind, KINDS),
        )
    target = KINDS[kind](rest, names, scenario)
    if ":" in after:
        values = _range(after.strip(), target)
    else:
        values = tuple(_value(part.strip(), target) for part in after.split(","))
    ordered = tuple(sorted(values, key=level_number))
    for one, other in pairwise(ordered):
        if level_number(one) == level_number(other):
            alike = written(one) if one == other else f"{written(one)} is {written(other)}, and"
            raise InputError(f"{alike} is given twice")
    if len(ordered) < 2:
        raise InputError(
            "one value is no variation", allowed="two or more; crossings compare takes one"
        )
    for value in ordered:
        _try(scenario, target, value, names)
    return Variable(text, target, ordered)


def _range(after: str, target: SweepTarget) -> tuple[Value, ...]:
    """The values of `low:high:count`."""
    if target.scale == "switch":
        raise InputError("a switch has no range", allowed="true,false")
    parts = [part.strip() for part in after.split(":")]
    if len(parts) != 3:
        raise InputError("a range needs to say how many values", allowed="LOW:HIGH:COUNT")
    low, high = (level_number(_value(part, target)) for part in parts[:2])
    if not low < high:
        raise InputError(f"the range {after} does not rise", allowed="LOW:HIGH with LOW below HIGH")
    if not parts[2].isdecimal() or not 2 <= int(parts[2]) <= _MOST_VALUES:
        raise InputError(f"{parts[2]} is no number of values", allowed=f"2 to {_MOST_VALUES}")
    spaced = np.linspace(low, high, int(parts[2]))
    return tuple(float(f"{value:.{_DIGITS}g}") for value in spaced)


def _value(text: str, target: SweepTarget) -> Value:
    """One value as typed; what it may be is checked later, with the scenario."""
    if not text:
        raise InputError("a value is missing", allowed=_allowed(target))
    if target.scale == "switch":
        if text not in ("true", "false"):
            raise InputError(f"{text} is neither true nor false", allowed="true,false")
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        if target.scale == "level" and text in LEVEL_WORDS:
            return text
        wrong = "unknown level" if target.scale == "level" else "not a number"
        words = LEVEL_WORDS if target.scale == "level" else ()
        raise InputError(
            f"{text}: {wrong}", allowed=_allowed(target), suggestion=closest(text, words)
        ) from None
    if not math.isfinite(number):
        raise InputError(f"{text}: not a finite number", allowed=_allowed(target))
    return number


def _allowed(target: SweepTarget) -> str:
    if target.scale == "switch":
        return "true,false"
    if target.scale == "level":
        return f"{', '.join(LEVEL_WORDS)}, or a number from 0 to 1"
    return f"numbers ({target.unit})"


def _try(scenario: Scenario, target: SweepTarget, value: Value, names: Names) -> None:
    """Refuse what a scenario refuses: a value out of range, an authority on foreign ground."""
    data = scenario.as_toml_data()
    target.lay(data, value)
    try:
        Scenario.model_validate(data, context=names)
    except ValidationError as error:
        refusal = first_error(error, Scenario, None)
    except InputError as error:
        refusal = error
    else:
        return
    about = "" if refusal.value is None else f"{refusal.value}: "
    raise InputError(
        f"{about}{refusal.problem}", allowed=refusal.allowed, suggestion=refusal.suggestion
    ) from None


def _refuse_overlap(earlier: Variable, later: Variable) -> None:
    """Refuse a variable that leaves nothing of an earlier one."""
    if earlier.target.name == later.target.name:
        raise InputError("this is varied twice", allowed="one --vary with all its values")
    pairs = earlier.target.pairs
    if pairs and pairs <= later.target.pairs:
        raise InputError(
            f"it would set every pair of {earlier.target.name} again, and leave nothing of it",
            allowed="the wider first, then the narrower",
        )


# -- what can be varied ----------------------------------------------------------------------------


def _entry(table: str, name: str) -> Lay:
    """What lays a value over a scenario that is an entry of one of its tables."""
    return lambda data, value: data.update({table: {**data.get(table, {}), name: value}})


def _sharing_default(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    if rest:
        raise InputError(
            "sharing_default has no parts",
            allowed="sharing_default=LEVELS, or sharing.A-B=LEVELS for a pair",
        )

    label = "Sharing of all pairs the scenario does not name"
    lay = _entry("sharing_default", "level")
    return SweepTarget("sharing_default", label, "level", "level", lay)


def _adaptation(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    name = checked_name(rest, "response of smugglers", tuple(Adaptation.model_fields))
    label = f"{who_responds(name)} can {RESPONSES[name]}"
    return SweepTarget(f"adaptation.{name}", label, "", "switch", _entry("adaptation", name))


def _parameter(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    records = {record.name: record for record in names.parameters}
    if rest not in records:
        raise unknown_parameter(rest, records)
    record = records[rest]
    lay = _entry("parameters", rest)
    return SweepTarget(
        f"parameters.{rest}",
        rest.replace("_", " ").replace(".", ": ", 1),
        "" if record.is_switch else record.unit,
        "switch" if record.is_switch else "number",
        lambda data, value: lay(
            data, int(value) if record.whole and value == int(value) else value
        ),
        whole=record.whole,
        about=record.drives,
    )


def _entries(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    route = checked_name(rest, "route", names.routes)
    label, unit = f"People {BY_ROUTE[route]}", "times what was observed"
    return SweepTarget(f"entries.{route}", label, unit, "number", _entry("entries", route))


#: what stands before the first dot -> what it means
KINDS: dict[str, Callable[[str, Names, Scenario], SweepTarget]] = {
    "sharing_default": _sharing_default,
    "adaptation": _adaptation,
    "parameters": _parameter,
    "entries": _entries,
    **{lever.section: lever.vary for lever in LEVERS if lever.vary is not None},
}
