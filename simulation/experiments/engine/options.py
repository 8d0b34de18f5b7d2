"""What every run and experiment can be asked, and the bounds of each number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulation.errors import InputError
from simulation.experiments.engine.cluster import Cluster
from simulation.experiments.engine.trials import Assumptions, fitted_ensemble
from simulation.experiments.engine.worker_pool import cores
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import Scenario
from simulation.scenario.notes import Note
from simulation.scenario.shipped import base_under, base_with_dates

#: runs of one case that nobody exceeds on purpose
MOST_RUNS = 100_000


class RunBounds(BaseModel):
    """The numbers a user can ask for, with their bounds.

    Commands, functions and the app check what they are given against these fields, and take their
    messages from them. The description of a field is added to what is allowed.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    seed: int = Field(default=1, ge=0, le=2**63 - 1)
    replications: int = Field(default=1, ge=1, le=MOST_RUNS)
    #: below the first, one agent stands for more people than a boat holds
    scale: float = Field(
        default=1.0, ge=0.02, le=1.0, description="the share of the people to simulate"
    )
    workers: int | None = Field(default=None, ge=1)
    assumptions: Assumptions | None = None


def check_bounds(model: type[BaseModel] = RunBounds, **values: object) -> None:
    """Refuse values that a model of bounds does not allow.

    Args:
        model: The bounds; its fields are named as the options are.
        **values: Values by field name.

    Raises:
        InputError: Names the first option that is wrong, and what is allowed.
    """
    try:
        model(**values)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        name = str(found["loc"][0])
        raise out_of_range(name, values[name], allowed(model, name)) from None


def check_fields(asked: object, model: type[BaseModel] = RunBounds) -> None:
    """Refuse an object with a field that a model of bounds does not allow.

    Args:
        asked: What was asked for; fields of the bounds that it lacks are not looked at.
        model: The bounds.

    Raises:
        InputError: Names the first option that is wrong, and what is allowed.
    """
    names = [name for name in model.model_fields if hasattr(asked, name)]
    check_bounds(model, **{name: getattr(asked, name) for name in names})


def out_of_range(name: str, value: object, text: str) -> InputError:
    """The error for a value out of its bounds.

    Args:
        name: The option, as a name of Python.
        value: What was asked.
        text: What is allowed, in words.
    """
    key = f"--{name.replace('_', '-')}"
    shown = value if isinstance(value, (int, float)) else str(value)
    percent = name == "scale" and isinstance(value, (int, float)) and 1 < value <= 100
    return InputError(
        "out of range",
        key=key,
        value=shown,
        allowed=text,
        suggestion=f"{value:g}%" if percent else None,
    )


def allowed(model: type[BaseModel], name: str) -> str:
    """What a field allows, in words: `1 to 100000`, `1 or more`, `above 0, below 1`, `5 to 9 runs`.

    The title of a field is the unit of its values.
    """
    field = model.model_fields[name]
    found = {
        kind: f"{value:.10g}" if value != 2**63 - 1 else "2^63 - 1"
        for mark in field.metadata
        for kind in ("ge", "gt", "le", "lt")
        if (value := getattr(mark, kind, None)) is not None
    }
    if "gt" in found:
        text = f"above {found['gt']}, below {found['lt']}"
    elif "ge" in found:
        text = f"{found['ge']} to {found['le']}" if "le" in found else f"{found['ge']} or more"
    else:
        text = ", ".join(get_args(Assumptions))
    text = f"{text} {field.title}" if field.title else text
    return f"{text} ({field.description})" if field.description else text


@dataclass(frozen=True)
class Options:
    """What every experiment can be asked.

    Attributes:
        seed: Seed of the first run; the others follow it.
        scale: Share of the people simulated.
        days: Days counted; all of the scenario's when None.
        assumptions: `records`, `ranges` or `fitted`; see `Setting`. The commands use
            `default_assumptions` where nothing is asked.
        workers: Processes; one per core when None.
        cluster: A Dask cluster to run on instead.
        out: Folder of the experiment; `results/<kind>-<scenario>/<id>` when None.
        results: Folder under which experiments go when `out` is None.
        announce: Called with the notes before the first run.
        ensemble: The fitted ensemble that is drawn from with `fitted`; the newest of the package
            when None.
    """

    seed: int = 1
    scale: float = 1.0
    days: int | None = None
    assumptions: Assumptions = "records"
    workers: int | None = None
    cluster: Cluster | None = None
    out: Path | None = None
    results: Path = Path("results")
    announce: Callable[[Sequence[Note]], None] | None = None
    ensemble: FittedEnsemble | None = None

    @property
    def processes(self) -> int | None:
        """Processes that share the runs; None on a cluster, which has the workers it has."""
        return None if self.cluster is not None else self.workers or cores()


def check_options(options: Options, scenario: Scenario) -> None:
    """Refuse options that no run or experiment can have.

    Raises:
        InputError: An option cannot be used, or there is no fitted ensemble.
    """
    check_fields(options)
    check_days(options.days, scenario)
    if options.assumptions == "fitted" and options.ensemble is None:
        fitted_ensemble()  # or say at once that there is none
    if options.workers is not None and options.cluster is not None:
        raise InputError(
            "goes with no cluster, which has the workers it has",
            key="--workers",
            value=options.workers,
            allowed="--workers or --scheduler, not both",
        )


def check_days(days: int | None, scenario: Scenario) -> None:
    """Refuse a number of days that a scenario does not have.

    Raises:
        InputError: It is out of range.
    """
    start, end = scenario.run.start, scenario.run.end
    length = (end - start).days + 1
    if days is not None and not 1 <= days <= length:
        text = f"1 to {length} (the scenario runs from {start} to {end})"
        raise out_of_range("days", days, text)


def check_together(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios that cannot be compared.

    Raises:
        InputError: Their dates differ.
    """
    first = scenarios[0]
    for other in scenarios[1:]:
        for key in ("start", "end", "warm_up_days"):
            wanted, found = getattr(first.run, key), getattr(other.run, key)
            if wanted != found:
                shown = found.isoformat() if isinstance(found, date) else found
                raise InputError(
                    f'differs from "{first.title}", and runs are compared day by day',
                    file=other.file,
                    key=f"run.{key}",
                    value=shown,
                    allowed=f"{wanted}{_sibling(other)}",
                )


def _sibling(scenario: Scenario) -> str:
    """Which shipped scenario to compare another one with, whose days it runs."""
    # of a scenario that stands on a shipped one only that: others differ in policies not its own
    name, under = base_with_dates(scenario.run.start, scenario.run.end), base_under(scenario)
    itself = scenario.file is not None and scenario.slug == name
    other = ""
    if name is not None and not itself and under in (None, name):
        other = f', or compare it with "{name}", which runs the same days'
    elif scenario.parent_on_its_days is not None:
        other = ", or give it alone, to compare it with what it extends"
    return f" (set the dates in [run]{other})"
