"""Which agreement buys most: every pair of authorities raised to high sharing, one at a time.

All pairs are screened with few seeds and the best are run again with seeds of their own, so that
what was chosen for its luck does not keep it. Sets are built from the best (`agreement_sets`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from simulation.errors import InputError
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options, check_options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.findings import Finished
from simulation.experiments.statistics.paired import COVERAGE
from simulation.experiments.studies.agreement_pairs import RAISED, agreements_of, with_agreements
from simulation.experiments.studies.agreement_sets import grow, measure_sets
from simulation.experiments.studies.agreement_study import (
    JUDGED,
    MANY_RUNS,
    Plan,
    Study,
    Wanted,
    plan_of,
)
from simulation.experiments.studies.agreement_tables import write_agreements
from simulation.scenario import Scenario
from simulation.wording.agreements import duration


def agreements(
    scenario: Scenario,
    options: Options,
    wanted: Wanted,
    *,
    name: str | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    announce: Callable[[Plan], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Finished[dict[str, Any]]:
    """Raise every pair of authorities to high sharing, and write which agreement buys most.

    Args:
        scenario: What they have now.
        options: What every experiment can be told.
        wanted: What is asked.
        name: How the user names the scenario, for the command that runs the best set.
        command: Command that reproduces it.
        progress: Called as runs go on.
        announce: Called with what is about to be run.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used, there are many runs that nobody has agreed
            to, or no pair of runs succeeded.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    wanted.check()
    check_options(options, scenario)
    found = {item.key: item for item in agreements_of(scenario, wanted.among, wanted.with_)}
    cases = {
        key: Case(item.name, with_agreements(scenario, [item], scenario.description))
        for key, item in found.items()
        if item.levers
    }
    if not cases:
        raise InputError(
            f"no pair of authorities has room: all {len(found)} share at {RAISED} or above already",
            file=scenario.file,
        )
    experiment = Experiment(
        "agreements",
        [scenario],
        options,
        settings={"agreements": " ".join(found), "raised_to": RAISED, "by": wanted.by},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    base = Case(scenario.title, scenario)
    plan = plan_of(len(cases), wanted, options.processes)
    if plan.runs > MANY_RUNS and not wanted.yes:
        raise _many(plan, experiment.setting, Trial(base, options.seed))
    few, more = wanted.replications, wanted.refine_replications
    study = Study(
        experiment,
        wanted,
        base,
        cases,
        found,
        screening=experiment.seeds(few),
        refining=experiment.seeds(more, first=few),
        confirming=experiment.seeds(more, first=few + more),
    )
    experiment.note_cases(base, list(cases.values()), "agreements")
    with experiment:
        _start(study, plan, announce)
        screened = screen(study)
        refined = refine(study, screened)
        ranking = rank(study, screened, refined)
        sets = grow(study, ranking[: wanted.candidates])
        found_sets = measure_sets(study, sets, refined, name or str(scenario.file or scenario.slug))
        summary = {**describe(study, screened, refined, ranking), **found_sets}
        write_agreements(study, summary)
        tables = [base, *(cases[key] for key in refined or screened)]
        seeds = study.refining if refined else study.screening
        content = experiment.finish(summary, tables, experiment.runs.seeds(tables, seeds))
        return Finished(experiment.folder.path, content, experiment.runs.ran)


def screen(study: Study) -> dict[str, dict[str, Any]]:
    """The effect of every agreement with room, from few seeds; also notes who reaches nobody.

    Raises:
        InputError: No pair of runs succeeded.
    """
    study.add(list(study.cases.values()), study.screening)
    looks = len(study.cases)
    effects = {
        key: effect
        for key, case in study.cases.items()
        if (effect := study.effect(case, study.screening, looks)) is not None
    }
    if not effects:
        failures = study.failures()
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"no seed gave a run of the baseline and of an agreement ({len(failures)} runs "
            f"failed{first})",
            kept=study.experiment.folder.path,
        )
    study.silent = {
        key for key in effects if study.reaches_nobody(study.cases[key], study.screening)
    }
    return effects


def refine(study: Study, screened: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The effects of the best, from seeds that had no part in choosing them."""
    best = rank(study, screened, {})[: study.wanted.refined]
    if not best:
        return {}
    study.add([study.cases[key] for key in best], study.refining)
    effects = {key: study.effect(study.cases[key], study.refining, len(best)) for key in best}
    return {key: effect for key, effect in effects.items() if effect is not None}


def rank(
    study: Study, screened: Mapping[str, dict[str, Any]], refined: Mapping[str, dict[str, Any]]
) -> list[str]:
    """The agreements that reach somebody: the refined ones best first, then the others."""

    def ordered(effects: Mapping[str, dict[str, Any]]) -> list[str]:
        # sorted keeps the corridor's order among equals
        return sorted(effects, key=lambda key: -study.gain(effects[key]))

    known = {*refined, *study.silent}
    return ordered(refined) + [key for key in ordered(screened) if key not in known]


def describe(
    study: Study,
    screened: Mapping[str, dict[str, Any]],
    refined: Mapping[str, dict[str, Any]],
    ranking: Sequence[str],
) -> dict[str, Any]:
    """What the single agreements do, as JSON knows it."""
    pairs = []
    for key, item in study.agreements.items():
        status = "raised"
        if key not in study.cases:
            status = "no_room"
        elif key not in screened:
            status = "failed"
        elif key in study.silent:
            status = "reaches_nobody"
        pairs.append(
            {
                "key": key,
                "name": item.name,
                "first": item.first.code,
                "second": item.second.code,
                "before": item.before,
                "status": status,
                "rank": ranking.index(key) + 1 if key in ranking else None,
                "screening": screened.get(key),
                "refined": refined.get(key),
            }
        )
    parties = {
        party.code: party.name
        for item in study.agreements.values()
        for party in (item.first, item.second)
    }
    failures = study.failures()
    return {
        "baseline": study.base.name,
        "coverage": COVERAGE,
        "headline": study.wanted.by,
        "better": study.better,
        "outcomes": list(JUDGED),
        "raised_to": RAISED,
        "parties": parties,
        "pairs": pairs,
        "ranking": list(ranking),
        "looks": {"screening": len(study.cases), "refined": len(refined)},
        "seeds_of": {
            "screening": list(study.screening),
            "refined": list(study.refining) if refined else [],
        },
        "failed": [failure._asdict() for failure in failures],
    }


def _start(study: Study, plan: Plan, announce: Callable[[Plan], None] | None) -> None:
    """Time one run, unless it is there already, and say what comes."""
    runs = study.experiment.runs
    runs.add([Trial(study.base, study.screening[0])])
    seconds = runs.run_seconds or None
    everyone = [study.base, *study.cases.values()]
    missing = runs.plan(Trial(case, seed) for case in everyone for seed in study.screening)
    if announce is not None:
        announce(replace(plan, missing=missing, seconds=seconds))


def _many(plan: Plan, setting: Setting, trial: Trial) -> InputError:
    """The error for more runs than anybody starts unasked, with the time they would take."""
    took = ""
    if plan.workers is not None:
        setting.warm(trial)
        # what is wrong with the model is told when it is run, not here
        with contextlib.suppress(Exception):
            took = f", {duration(replace(plan, seconds=setting.run(trial).seconds))}"
    return InputError(
        f"{plan.runs:,} runs for {plan.pairs} agreements{took}: more than anybody wants to start "
        "by mistake",
        key="--yes",
        allowed=f"--yes to run them; or up to {MANY_RUNS} runs, with --among, --with, or fewer "
        "--replications, --refine and --sets",
    )
