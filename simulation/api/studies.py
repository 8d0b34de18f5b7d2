"""Questions that many runs answer: each function does what the command of its name does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from simulation.api.asking import (
    Asked,
    DesignedOptions,
    ExperimentOptions,
    SeededOptions,
    command_of,
    conduct_study,
    declared,
    folder_for,
    name_of,
    options_of,
    python_errors,
    read_arguments,
)
from simulation.frames import (
    AgreementsResults,
    BacktestResults,
    DiscoveryResults,
    FitResults,
    MonitorResults,
    Results,
    SensitivityResults,
    SweepResults,
)
from simulation.scenario import scenario_of

if TYPE_CHECKING:
    from simulation.studies.study import Study

_ASKED = "A scenario, a file, or the name of a shipped scenario."

#: what is varied: texts as `--vary` takes them, or values by name
Vary = str | Iterable[str] | Mapping[str, Any]


@declared(
    "sweep",
    scenario=f"What is varied. {_ASKED}",
    vary='What to vary, as texts ("sharing.UK-RS=none,low,high", "entries.balkan=0.5:1.5:3") or as '
    'a dict ({"sharing.UK-RS": ["none", "high"]}); `crossings sweep --help` lists the names.',
)
def sweep(
    scenario: Asked,
    vary: Vary,
    *,
    lhs: int | None = None,
    reference: Asked | None = None,
    replications: int = 8,
    yes: bool = False,
    **options: Unpack[ExperimentOptions],
) -> SweepResults:
    """Vary levers or assumptions of a scenario: dose-response curves with 90% bands.

    Returns:
        Each point against the reference, and every run.

    Raises:
        InputError: An argument, a scenario or the folder cannot be used, or no pair succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.studies.sweep.findings import Sweep

    with python_errors():
        arguments = {**locals(), **options, "vary": _varied(vary)}
        asked = read_arguments("sweep", arguments)
        with folder_for(asked["out"]) as folder:
            loaded = scenario_of(scenario)
            against = None if reference is None else scenario_of(reference)
            how = options_of(rest := dict(asked), folder)
            study = Sweep(loaded, **rest | {"reference": against})
            copies = _copies(study.scenarios, folder)
            recorded = asked | {"out": folder, "assumptions": how.assumptions}
            if against is not None:
                recorded["reference"] = name_of(against, copies[0])
            return conduct_study(
                SweepResults, study, how, out=asked["out"], progress=options.get("progress"),
                command=command_of("sweep", [name_of(loaded, copies[-1])], recorded),
            )  # fmt: skip


@declared("agreements", scenario=f"What parties have now; None: the outlook. {_ASKED}")
def agreements(
    scenario: Asked | None = None,
    *,
    between: str | Sequence[str] | None = None,
    all_: bool = False,
    among: str | Sequence[str] | None = None,
    with_: str | None = None,
    level: str | float | Sequence[str | float] | None = None,
    from_: str | date | None = None,
    ramp_days: int = 180,
    period: str | None = None,
    by: str = "channel_arrivals",
    replications: int = 6,
    refine: int = 15,
    refine_replications: int = 20,
    sets: int = 5,
    candidates: int = 12,
    yes: bool = False,
    **options: Unpack[ExperimentOptions],
) -> AgreementsResults:
    """Rank agreements between authorities to share more.

    Returns:
        Each agreement with its effects, and the sets that were built from the best.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or no pair succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.studies.agreements.study import Agreements, question

    with python_errors():
        lists = {
            name: ",".join(map(str, value))
            for name, value in (("between", between), ("among", among), ("level", level))
            if isinstance(value, Sequence) and not isinstance(value, str)
        }
        asked = read_arguments("agreements", {**locals(), **options, **lists})
        scenario, asked = question(scenario, asked)
        with folder_for(asked["out"]) as folder:
            loaded = scenario_of(scenario)
            name = name_of(loaded, _copies([loaded], folder)[0])
            how = options_of(rest := dict(asked), folder)
            recorded = asked | {"out": folder, "assumptions": how.assumptions}
            return conduct_study(
                AgreementsResults, Agreements(loaded, name, **rest), how, out=asked["out"],
                progress=options.get("progress"),
                command=command_of("agreements", [name], recorded),
            )  # fmt: skip


@declared("sensitivity", scenario=_ASKED)
def sensitivity(
    scenario: Asked,
    *,
    outcome: str = "channel_arrivals",
    trajectories: int = 4,
    survivors: int = 6,
    samples: int = 64,
    baseline: Asked | None = None,
    only: str | Sequence[str] = (),
    replications: int = 1,
    noise: int = 8,
    yes: bool = False,
    **options: Unpack[DesignedOptions],
) -> SensitivityResults:
    """Find the assumptions on which the effect of a scenario depends most.

    Returns:
        The screening of all assumptions, and the shares of variance of the strongest.

    Raises:
        InputError: An argument, a scenario or the folder cannot be used, or too many runs failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.studies.sensitivity import Sensitivity

    return _designed("sensitivity", Sensitivity, SensitivityResults, {**locals(), **options})


@declared("discover", scenario=_ASKED)
def discover(
    scenario: Asked,
    *,
    samples: int = 200,
    baseline: Asked | None = None,
    only: str | Sequence[str] = (),
    replications: int = 1,
    noise: int = 8,
    yes: bool = False,
    **options: Unpack[DesignedOptions],
) -> DiscoveryResults:
    """Find the assumptions under which a scenario does not lower arrivals, or raises deaths.

    Returns:
        The regions, and the outcomes at each set of assumptions.

    Raises:
        InputError: An argument, a scenario or the folder cannot be used, or too many runs failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.studies.discovery.findings import Discover

    return _designed("discover", Discover, DiscoveryResults, {**locals(), **options})


def _designed[R: Results](
    command: str, study: Callable[..., Study[Any]], results: type[R], arguments: dict[str, Any]
) -> R:
    """Conduct a study with a design over the assumptions."""
    from simulation.studies.design_points import sides

    with python_errors():
        asked = read_arguments(command, arguments)
        with folder_for(asked["out"]) as folder:
            both = sides(arguments["scenario"], asked.pop("baseline"))
            how = options_of(rest := dict(asked), folder)
            copies = _copies(both, folder)
            base, name = map(name_of, both, copies)
            return conduct_study(
                results, study(*both, **rest), how, out=asked["out"],
                progress=arguments.get("progress"),
                command=command_of(command, [name], asked | {"out": folder, "baseline": base}),
            )  # fmt: skip


@declared("backtest")
def backtest(
    *,
    holdout: int | str | None = None,
    scenario: Asked = "history",
    members: int | None = None,
    replications: int | None = None,
    weather: str = "drawn",
    discrepancy: bool = True,
    yes: bool = False,
    **options: Unpack[ExperimentOptions],
) -> BacktestResults:
    """Forecast years that are held out and score the forecasts beside naive ones.

    Returns:
        The scores, by year, series, horizon and forecast.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or too many runs failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.validation.backtest import backtest_of

    with python_errors():
        asked = read_arguments("backtest", {**locals(), **options})
        with folder_for(asked["out"]) as folder:
            how = options_of(rest := dict(asked), folder)
            study, how = backtest_of(options=how, **rest)
            recorded = asked | {"out": folder, "assumptions": how.assumptions}
            recorded["scenario"] = name_of(scenario, _copies(study.scenarios, folder)[0])
            # the ensembles of several years have no single name
            unseen = None if study.ensembles else _window(how.ensemble)
            recorded["ensemble"] = asked["ensemble"] or unseen
            return conduct_study(
                BacktestResults, study, how, out=asked["out"], progress=options.get("progress"),
                command=command_of("backtest", [], recorded),
            )  # fmt: skip


@declared("monitor")
def monitor(
    *,
    scenario: Asked | None = None,
    first: str | None = None,
    last: str | None = None,
    ensemble: str | Path | None = None,
    own_data: str | Path | None = None,
    members: int = 100,
    replications: int = 1,
    power: bool = False,
    yes: bool = False,
    **options: Unpack[SeededOptions],
) -> MonitorResults:
    """See whether the newest months still agree with the model.

    Returns:
        Each month of each figure, and the verdict.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or too many runs failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.validation.monitor import monitor_of

    with python_errors():
        asked = read_arguments("monitor", {**locals(), **options})
        with folder_for(asked["out"]) as folder:
            how = options_of(rest := dict(asked), folder, days=None, assumptions="fitted")
            study = monitor_of(**rest)
            recorded = asked | {"out": folder}
            if scenario is not None:
                recorded["scenario"] = name_of(scenario, _copies(study.scenarios, folder)[0])
            return conduct_study(
                MonitorResults, study, how, out=asked["out"], progress=options.get("progress"),
                command=command_of("monitor", [], recorded),
            )  # fmt: skip


@declared("fit", scenario=f"The past. {_ASKED}")
def fit(
    scenario: Asked = "history",
    *,
    first: str | None = None,
    last: str | None = None,
    budget: int = 2500,
    own_data: str | Path | None = None,
    install: bool = False,
    **options: Unpack[SeededOptions],
) -> FitResults:
    """Fit the uncertain assumptions to what was observed.

    Returns:
        What the figures say of each assumption, and the file of the fitted sets.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or too many runs failed.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.fitting.fit import FITTED, fit_of
    from simulation.fitting.provenance import install as put_in_place

    with python_errors():
        asked = read_arguments("fit", {**locals(), **options})
        with folder_for(asked["out"]) as folder:
            how = options_of(rest := dict(asked), folder, days=None, assumptions="records")
            rest.pop("install")
            study, _ = fit_of(scenario, **rest)
            name = name_of(scenario, _copies(study.scenarios, folder)[0])
            outcome = conduct_study(
                FitResults, study, how, out=asked["out"], progress=options.get("progress"),
                command=command_of("fit", [name], asked | {"out": folder}),
            )  # fmt: skip
            if install:
                put_in_place(outcome.folder / FITTED)
            return outcome


def _varied(vary: Vary) -> tuple[str, ...]:
    """The variables of a sweep, as texts of the command."""
    if isinstance(vary, str):
        return (vary,)
    if not isinstance(vary, Mapping):
        return tuple(vary)

    def word(value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    def values(of: object) -> str:
        many = isinstance(of, Iterable) and not isinstance(of, str)
        return ",".join(map(word, of)) if many else word(of)  # type: ignore[call-overload]

    return tuple(f"{name}={values(of)}" for name, of in vary.items())


def _copies(scenarios: Sequence[Any], folder: Path) -> list[Path]:
    """Where an experiment keeps the scenarios that it starts from."""
    return [folder / "scenarios" / f"{n}-{one.slug}.toml" for n, one in enumerate(scenarios)]


def _window(ensemble: Any) -> str | None:
    from simulation.parameters.fitted import window_name

    return None if ensemble is None or ensemble.window is None else window_name(*ensemble.window)
