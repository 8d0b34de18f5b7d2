"""What a fit is asked to do, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from simulation.corridor import load_observed
from simulation.corridor.observed import MONTH
from simulation.data.own_series import OwnSeries, read_own_series
from simulation.engine.arguments import BUDGET
from simulation.errors import InputError
from simulation.fitting.series import FitWindow, load_method
from simulation.scenario import Scenario

#: share of all runs in each wave after the first, which has what is left: a wave that is drawn from
#: the emulator, and those of Gauss-Newton steps (an assumption)
WAVE_SHARE = 0.087
LATER_WAVES = 7
#: share of all runs by which candidates are tried again, one run of each
CANDIDATE_SHARE = 0.0978
#: share of all runs by which the ensemble is judged, one run of each of its sets
GATE_SHARE = 0.0768
#: candidates and sets that an ensemble should have, and the largest share of the runs they take
ENOUGH_CANDIDATES, MOST_CANDIDATE_SHARE = 250, 0.16
ENOUGH_SETS, MOST_GATE_SHARE = 150, 0.125
#: share of the sets that are tried as the centre; share of these that is run in each later round,
#: how many such rounds there are, and how many times each is run in one, if there are as many
CENTRE_SHARE, CONTENDER_SHARE = 0.235, 0.15
ROUNDS, TIMES = 4, 4
#: parameters that are drawn and regressed like the others and drive nothing. They cost no run. Of
#: 150 assumptions that drive nothing, some three exceed all of them in one of three measures
CONTROLS = 150
FIRST_MONTH = "2021-01"
#: sets of the fitted file at most
MOST_SETS = 250


@dataclass(frozen=True)
class CentreRounds:
    """How often sets are run to see which is the most central (`simulation.fitting.centre`).

    Attributes:
        tried: Sets that are run once.
    """

    tried: int

    @property
    def contenders(self) -> int:
        """How many of them are run in each later round, at most."""
        return max(int(CONTENDER_SHARE * self.tried), 1)

    @property
    def times(self) -> int:
        """How many times each of these is run in a round."""
        return min(TIMES, self.contenders)

    @property
    def runs(self) -> tuple[int, ...]:
        """Of each round."""
        return self.tried, *([self.times * self.contenders] * ROUNDS)


@dataclass(frozen=True)
class FitPlan:
    """How much is run, and which months are fitted.

    Attributes:
        window: The months.
        budget: Runs in all.
    """

    window: FitWindow
    budget: int = BUDGET.default

    @property
    def sizes(self) -> tuple[int, ...]:
        """Members of each wave, one run each."""
        later = [int(WAVE_SHARE * self.budget)] * LATER_WAVES
        last = self.candidates + self.sets + sum(CentreRounds(self.centres).runs)
        return self.budget - last - sum(later), *later

    @property
    def candidates(self) -> int:
        """Sets that are tried again at most, once each."""
        enough = min(ENOUGH_CANDIDATES, int(MOST_CANDIDATE_SHARE * self.budget))
        return max(int(CANDIDATE_SHARE * self.budget), enough)

    @property
    def sets(self) -> int:
        """Sets of the ensemble at most, which are run once more each."""
        enough = min(ENOUGH_SETS, int(MOST_GATE_SHARE * self.budget))
        return min(max(int(GATE_SHARE * self.budget), enough), MOST_SETS)

    @property
    def centres(self) -> int:
        """Sets that are tried as the most central one, once each."""
        return max(int(CENTRE_SHARE * self.sets), 1)

    @property
    def rounds(self) -> tuple[int, ...]:
        """Runs of every round: the waves, the candidates, the sets, and those for the centre."""
        return *self.sizes, self.candidates, self.sets, *CentreRounds(self.centres).runs


def make_plan(
    scenario: Scenario,
    first: str | None,
    last: str | None,
    budget: int,
    own: OwnSeries | None = None,
) -> FitPlan:
    """Check the window and the budget of a fit.

    Args:
        scenario: What is run.
        first: First month; 2021-01, or the run's first whole month if it starts later, when None.
        last: Last month; the last that was observed and lies in the run when None. A later one
            needs a longer run: see `simulation.engine.longer_run.run_to`.
        budget: Runs in all.
        own: A user's own series, which may be of any year.

    Raises:
        InputError: Any of them cannot be used.
    """
    run_first, run_last = whole_months(scenario)
    if own is None:
        available = FIRST_MONTH, last_observed()
        why = "months that were observed"
    else:
        available = own.months[0], own.months[-1]
        why = "months with your own figures"
    earliest, latest = max(available[0], run_first), available[1]
    default = earliest, min(latest, run_last)
    window = FitWindow(_month("--from", first or default[0]), _month("--to", last or default[1]))
    for key, month in (("--from", window.first), ("--to", window.last)):
        if not earliest <= month <= latest:
            run = f"the scenario's run ({scenario.run.start} to {scenario.run.end})"
            allowed = f"{earliest} to {latest}: {why}, from the first whole month of {run}"
            problem = "a month that cannot be fitted"
            raise InputError(problem, key=key, value=month, allowed=allowed)
    if window.last < window.first:
        problem = "ends before it starts"
        raise InputError(problem, key="--to", value=window.last, allowed=f"{window.first} or later")
    BUDGET.check(budget)
    return FitPlan(window, budget)


def last_observed() -> str:
    """The last month of which small-boat arrivals were observed."""
    months, values = load_observed().monthly("channel_arrivals")
    return max(month for month, value in zip(months, values, strict=True) if value == value)


def own_series(path: Path, scenario: Scenario) -> OwnSeries:
    """A user's own series, from the first whole month of a scenario's run on.

    Raises:
        InputError: They cannot be used, or none of them is one that is fitted.
    """
    own, (first, last) = read_own_series(path), whole_months(scenario)
    own = check_window(own, first, max(last, own.months[-1]))
    fitted = [spec.name for spec in load_method().specs if spec.kind != "mix" and not spec.total_of]
    if not set(fitted) & set(own.series):
        problem = "no series that can be fitted"
        raise InputError(problem, file=path, value=", ".join(own.series), allowed=", ".join(fitted))
    return own


def check_window(own: OwnSeries, first: str, last: str) -> OwnSeries:
    """The series, whose months must lie in a run.

    Args:
        own: The series.
        first: First month of the run, as "2021-01".
        last: Last month of the run, included.

    Raises:
        InputError: If a month lies outside.
    """
    window = f"{first} to {last}"
    if first > last:
        raise InputError("ends before it begins", key="--from, --to", value=window)
    for month, place in zip(own.months, own.places, strict=True):
        if not first <= month <= last:
            refuse = partial(InputError, file=own.file, key=f"{place}: month", value=month)
            allowed = f"{window}; leave the line out, or change --from and --to"
            raise refuse("a month outside the run", allowed=allowed)
    return own


def whole_months(scenario: Scenario) -> tuple[str, str]:
    """The first and the last calendar month that lie whole in the run."""
    start, end = scenario.run.start, scenario.run.end
    first = start if start.day == 1 else start.replace(day=28) + timedelta(days=4)
    last = (end + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def _month(key: str, text: str) -> str:
    if not MONTH.match(text):
        raise InputError("not a month", key=key, value=text, allowed="a month such as 2023-12")
    return text
