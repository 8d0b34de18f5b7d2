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
    call_of,
    declared,
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

    with call_of("sweep", {**locals(), **options, "vary": _varied(vary)}) as call:
        loaded = scenario_of(scenario)
        against = None if reference is None else scenario_of(reference)
        how, rest = call.options()
        study = Sweep(loaded, **rest | {"reference": against})
        *base, name = call.names(study.scenarios)
        return call.conduct(
            SweepResults, study, how, [name], assumptions=how.assumptions,
            reference=base[0] if base else None,
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
    margin: str | None = None,
    by: str = "channel_arrivals",
    replications: int = 6,
    refine: int = 15,
    refine_replications: int = 20,
    yes: bool = False,
    **options: Unpack[ExperimentOptions],
) -> AgreementsResults:
    """Rank agreements between authorities to share more.

    Returns:
        Each agreement with its effects.

    Raises:
        InputError: An argument, the scenario or the folder cannot be used, or no pair succeeded.
        Interrupted: Ctrl-C (a KeyboardInterrupt); what was finished is kept where `out` says.
    """
    from simulation.studies.agreements.study import Agreements, question

    lists = {
        name: ",".join(map(str, value))
        for name, value in (("between", between), ("among", among), ("level", level))
        if isinstance(value, Sequence) and not isinstance(value, str)
    }
    with call_of("agreements", {**locals(), **options, **lists}) as call:
        scenario, call.asked = question(scenario, call.asked)
        loaded = scenario_of(scenario)
        names = call.names([loaded])
        how, rest = call.options()
        study = Agreements(loaded, **rest)
        return call.conduct(AgreementsResults, study, how, names, assumptions=how.assumptions)


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

    arguments = {**locals(), **options}
    return _designed("sensitivity", Sensitivity, SensitivityResults, scenario, arguments)


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

    return _designed("discover", Discover, DiscoveryResults, scenario, {**locals(), **options})


def _designed[R: Results](
    command: str,
    study: Callable[..., Study[Any]],
    results: type[R],
    scenario: Asked,
    arguments: Mapping[str, object],
) -> R:
    """Conduct a study with a design over the assumptions."""
    from simulation.studies.design_points import sides

    with call_of(command, arguments) as call:
        both = sides(scenario, call.asked.pop("baseline"))
        how, rest = call.options()
        base, name = call.names(both)
        return call.conduct(results, study(*both, **rest), how, [name], baseline=base)


@declared("backtest")
def backtest(
    *,
    holdout: int | str | None = None,
    scenario: Asked = "history",
    members: int | None = None,
    replications: int | None = None,
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

    with call_of("backtest", {**locals(), **options}) as call:
        how, rest = call.options()
        study, how = backtest_of(options=how, **rest)
        (name,) = call.names(study.scenarios, [scenario])
        # the ensembles of several years have no single name
        unseen = None if study.ensembles else _window(how.ensemble)
        return call.conduct(
            BacktestResults, study, how, assumptions=how.assumptions, scenario=name,
            ensemble=call.asked["ensemble"] or unseen,
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

    with call_of("monitor", {**locals(), **options}) as call:
        how, rest = call.options(days=None, assumptions="fitted")
        study = monitor_of(**rest)
        name = None if scenario is None else call.names(study.scenarios, [scenario])[0]
        return call.conduct(MonitorResults, study, how, scenario=name)


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

    with call_of("fit", {**locals(), **options}) as call:
        how, rest = call.options(days=None, assumptions="records")
        rest.pop("install")
        study = fit_of(scenario, **rest)
        names = call.names(study.scenarios, [scenario])
        outcome = call.conduct(FitResults, study, how, names)
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


def _window(ensemble: Any) -> str | None:
    from simulation.parameters.fitted import window_name

    return None if ensemble is None or ensemble.window is None else window_name(*ensemble.window)
