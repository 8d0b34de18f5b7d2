"""Effects by year since the first day on which two scenarios differ.

Calendar years would cut a policy's first year in two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from simulation.corridor import ROUTES, load_corridor, load_origins
from simulation.engine.experiment import Experiment
from simulation.engine.findings import Day, OutcomeEffects, Window
from simulation.engine.run_store import OUTCOME_NAMES, months
from simulation.engine.trials import Case
from simulation.outcomes import OUTCOMES, RATIOS
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levers.times import Shock, Wave, shock_factors, wave_people
from simulation.scenario.policy import Levers, first_difference
from simulation.statistics.finding import Finding
from simulation.studies.paired_effects import measure, outcome_effects

_MONTHS = 12
Values = npt.NDArray[np.float64]


class SinceChange(Finding):
    """Effects by year since the first day on which two scenarios differ.

    Attributes:
        first_change: That day.
        windows: Days of each year, twelve months from the month of that day.
        outcomes: Effects by outcome.
    """

    first_change: Day
    windows: dict[str, Window]
    outcomes: dict[str, OutcomeEffects]


def years_since_change(
    experiment: Experiment, base: Case, other: Case, seeds: Sequence[int]
) -> SinceChange | None:
    """Differences by year since the first change.

    None where the two ask for the same, or first differ before the days that are counted.
    """
    start, end = experiment.axes.start, experiment.axes.end
    change = first_change(base.scenario, other.scenario, experiment.setting.days)
    if change is None or change < start:
        return None
    years, days = years_since(change, start, end), days_of_months(start, end)
    both = (experiment.runs.values(case, seeds, "months") for case in (base, other))
    usual, changed = (totals_of_years(by_month, list(years.values()), days) for by_month in both)
    return SinceChange(
        first_change=change.isoformat(),
        windows=windows_of_years(years, start, end),
        outcomes=outcome_effects(
            measure(usual, changed, experiment.runs.worlds(seeds), OUTCOME_NAMES), list(years)
        ),
    )


def first_change(base: Scenario, other: Scenario, days: int) -> date | None:
    """The first day counted on which two scenarios can differ; None if there is none.

    What differs from the warm-up on, or in anything but a dated lever, does so from the first day
    counted. Waves and shocks count from the first day on which other people set out.

    Args:
        base: A scenario.
        other: Another one with the same dates.
        days: Days counted.
    """
    first, start = base.run.first_simulated, base.run.start
    warm_up = (start - first).days
    corridor = load_corridor()
    # their people are drawn before the first day, so they are in no policy of a day
    drawn = {kind.section: () for kind in (Wave, Shock)}
    one, two = (
        Levers(scenario.model_copy(update=drawn), corridor, load_parameters(scenario.parameters))
        for scenario in (base, other)
    )
    simulated = warm_up + days
    shared = min(
        first_difference(one, two, first, simulated), _same_people(base, other, first, simulated)
    )
    return None if shared >= simulated else max(start, first + timedelta(days=shared))


def _same_people(base: Scenario, other: Scenario, first: date, days: int) -> int:
    """Days from the first simulated one before waves or shocks make other people set out."""
    origins, begin = load_origins().origins, first.toordinal()
    waves = [
        wave_people(scenario, load_parameters(scenario.parameters), begin, days)
        for scenario in (base, other)
    ]
    shocks = [shock_factors(scenario, ROUTES, origins, begin, days) for scenario in (base, other)]
    no_people, usual = np.zeros(days), np.ones((days, len(ROUTES), len(origins)))
    differs = np.zeros(days, dtype=bool)
    for key in {**waves[0], **waves[1]}:
        differs |= waves[0].get(key, no_people) != waves[1].get(key, no_people)
    one, two = (usual if factors is None else factors for factors in shocks)
    differs |= (one != two).any(axis=(1, 2))
    return int(differs.argmax()) if differs.any() else days


def years_since(change: date, start: date, end: date) -> dict[str, slice]:
    """The years since a change, as rows of the months of a run.

    Args:
        change: The first day of the change.
        start: First day counted.
        end: Last day counted.

    Returns:
        Name (`year 1`, `year 2`, ...) -> twelve months, the last as many as there are.
    """
    names = list(months(start, end))
    first = names.index(f"{change.year}-{change.month:02d}")
    return {
        f"year {number}": slice(begin, min(begin + _MONTHS, len(names)))
        for number, begin in enumerate(range(first, len(names), _MONTHS), start=1)
    }


def totals_of_years(by_month: Values, years: Sequence[slice], days: Values) -> Values:
    """Outcomes of years from those of their months.

    Flows are summed and ratios worked out anew. Levels are averaged over the days counted; a month
    with a value on some of them stands for all. Medians are NaN: that of a year does not follow
    from those of its months.

    Args:
        by_month: (runs, months, outcomes) as `OUTCOME_NAMES` orders them.
        years: Rows of the months of each year.
        days: (months,) days counted in each.

    Returns:
        (runs, years, outcomes), NaN where there is no value.
    """

    def ratio(over: Values, under: Values) -> Values:
        shares = np.full(under.shape, np.nan)
        np.divide(over, under, out=shares, where=under > 0.0)
        return shares

    totals = np.full((by_month.shape[0], len(years), by_month.shape[2]), np.nan)
    column = {name: number for number, name in enumerate(OUTCOME_NAMES)}
    for row, rows in enumerate(years):
        values = by_month[:, rows]
        for name, spec in OUTCOMES.items():
            own = values[:, :, column[name]]
            if spec.kind == "flow":
                totals[:, row, column[name]] = own.sum(axis=1)
            elif spec.kind == "stock":
                weight = np.where(np.isnan(own), 0.0, days[rows])
                total = (np.nan_to_num(own) * weight).sum(axis=1)
                totals[:, row, column[name]] = ratio(total, weight.sum(axis=1))
        for name, (above, below) in RATIOS.items():
            over = totals[:, row, [column[term] for term in above]].sum(axis=1)
            totals[:, row, column[name]] = ratio(over, totals[:, row, column[below]])
    return totals


def windows_of_years(years: Mapping[str, slice], start: date, end: date) -> dict[str, Window]:
    """First and last day of each year."""
    spans = list(months(start, end).values())
    return {
        name: Window.between(spans[rows.start][0], spans[rows.stop - 1][1])
        for name, rows in years.items()
    }


def days_of_months(start: date, end: date) -> Values:
    """Days counted in each month of a run, (months,)."""
    return np.array([(last - first).days + 1.0 for first, last in months(start, end).values()])


# -- the adaptation ladder: without adaptation, then with one response after another ---------------
