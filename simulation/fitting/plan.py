"""What a fit is asked to do, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from simulation.corridor.observed import MONTH
from simulation.errors import InputError
from simulation.fitting.own_data import OwnSeries, check_window, read_own_series
from simulation.fitting.series import Window, load_method
from simulation.scenario import Scenario

#: times the observed figures are assimilated
ASSIMILATIONS = 4
#: runs of each member in a generation, and in the last, which is weighted
REPLICATES, LAST_REPLICATES = 2, 4
#: parameters that are drawn and moved like the others and drive nothing. They cost no run. An
#: assumption that drives nothing exceeds all of them in one of three measures with a chance of at
#: most 3 in 2001: with sixty of them, one is called informed by chance in about every tenth fit
CONTROLS = 2000
#: runs a default fit takes: 270 members
DEFAULT_BUDGET = 3240
FIRST_MONTH = "2021-01"
_FEWEST_MEMBERS, _MOST_RUNS = 10, 10_000_000
_RUNS_OF_A_MEMBER = ASSIMILATIONS * REPLICATES + LAST_REPLICATES
#: sets kept in the fitted file
KEPT = 250


@dataclass(frozen=True)
class Plan:
    """How much is run, and which months are fitted.

    Attributes:
        window: The months.
        budget: Runs at most.
    """

    window: Window
    budget: int = DEFAULT_BUDGET

    @property
    def members(self) -> int:
        """Members of each generation."""
        return self.budget // _RUNS_OF_A_MEMBER

    @property
    def runs(self) -> int:
        """Runs it takes when none fails."""
        return self.members * _RUNS_OF_A_MEMBER


def make_plan(
    scenario: Scenario,
    first: str | None,
    last: str | None,
    budget: int,
    *,
    own: OwnSeries | None = None,
) -> Plan:
    """Check the window and the budget of a fit.

    Args:
        scenario: What is run.
        first: First month; 2021-01, or the run's first whole month if it starts later, when None.
        last: Last month; the last before the year that is held out when None.
        budget: Runs at most.
        own: A user's own series, which may be of any year.

    Raises:
        InputError: Any of them cannot be used.
    """
    run_first, run_last = whole_months(scenario)
    held_out = load_method().held_out_from
    end = _before(held_out)
    own_months = None if own is None else (own.months[0], own.months[-1])
    if own_months is not None:
        default = max(own_months[0], run_first), min(own_months[1], run_last)
    else:
        default = max(FIRST_MONTH, run_first), min(end, run_last)
    window = Window(_month("--from", first or default[0]), _month("--to", last or default[1]))
    run_text = f"the scenario runs from {scenario.run.start} to {scenario.run.end}"
    for key, month in (("--from", window.first), ("--to", window.last)):
        if own_months is None and month >= held_out:
            raise InputError(
                "is held out: the fitted model is tested on it",
                key=key,
                value=month,
                allowed=f"months before {held_out}",
            )
        if not run_first <= month <= run_last:
            raise InputError(
                "no whole month of the run",
                key=key,
                value=month,
                allowed=f"{run_first} to {run_last} ({run_text})",
            )
        if own_months is not None and not own_months[0] <= month <= own_months[1]:
            raise InputError(
                "a month without figures of your own",
                key=key,
                value=month,
                allowed=f"{own_months[0]} to {own_months[1]}",
            )
    if window.last < window.first:
        raise InputError(
            "ends before it starts",
            key="--to",
            value=window.last,
            allowed=f"{window.first} or later",
        )
    if not _FEWEST_MEMBERS * _RUNS_OF_A_MEMBER <= budget <= _MOST_RUNS:
        raise InputError(
            "out of range",
            key="--budget",
            value=budget,
            allowed=f"{_FEWEST_MEMBERS * _RUNS_OF_A_MEMBER} to {_MOST_RUNS} runs",
        )
    return Plan(window, budget)


def own_series(path: Path, scenario: Scenario) -> OwnSeries:
    """A user's own series, within the run of a scenario.

    Raises:
        InputError: They cannot be used, or none of them is one that is fitted.
    """
    own = check_window(read_own_series(path), *whole_months(scenario))
    fitted = [spec.name for spec in load_method().specs if spec.kind != "mix" and not spec.total_of]
    if not set(fitted) & set(own.series):
        raise InputError(
            "no series that can be fitted",
            file=path,
            value=", ".join(own.series),
            allowed=", ".join(fitted),
        )
    return own


def whole_months(scenario: Scenario) -> tuple[str, str]:
    """The first and the last calendar month that lie whole in the run."""
    start, end = scenario.run.start, scenario.run.end
    first = start if start.day == 1 else _next_month(start)
    after = end + timedelta(days=1)
    last = after.replace(day=1) - timedelta(days=1)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _before(month: str) -> str:
    first = date(int(month[:4]), int(month[5:]), 1)
    return f"{first - timedelta(days=1):%Y-%m}"


def _month(key: str, text: str) -> str:
    if not MONTH.match(text):
        raise InputError("not a month", key=key, value=text, allowed="a month such as 2023-12")
    return text
