"""What runs and experiments find, as types: what `summary.json` holds and what pages show.

A study makes its own findings; the engine puts the header before them. What was not set is not
written, so a summary that is read and written again stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, computed_field, model_validator

from simulation.outcomes import Quote
from simulation.scenario.field_types import FIRST_DAY, LAST_DAY
from simulation.scenario.horizon import KEYS, Horizon, horizon_of
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import CLEAR, COVERAGE, Verdict, verdict_of


def _day(text: str) -> str:
    """A day of a run, as ISO 8601."""
    if not FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY:
        raise ValueError(f"must be a day from {FIRST_DAY} to {LAST_DAY}")
    return text


Day = Annotated[str, AfterValidator(_day)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
#: a name that is printed beside others on a line, such as a kind or a status
Word = Annotated[str, Field(max_length=100)]


#: experiments that vary the assumptions by a design of their own
DESIGNS = frozenset({"sensitivity", "discover"})


class Window(Finding):
    """Days of a period, both ends included."""

    first: Day
    last: Day

    @classmethod
    def between(cls, first: date, last: date) -> Window:
        """The window of these days."""
        return cls(first=first.isoformat(), last=last.isoformat())

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return date.fromisoformat(self.first), date.fromisoformat(self.last)


class Level(Finding):
    """Runs of one scenario: their mean, median and range, in the unit of the outcome.

    Attributes:
        mean: Their mean; None without a value.
        median: Their median.
        low: The 5% quantile of `SPREAD_PAIRS` runs or more, the lowest of fewer; None for fewer
            than `FEWEST_PAIRS`.
        high: The 95% quantile, or the highest.
    """

    mean: float | None
    median: float | None
    low: float | None
    high: float | None


def ends(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Both ends of an interval, or None where there is none."""
    return None if low is None or high is None else (low, high)


class _Paired(Finding):
    """A paired difference, with the interval of its mean.

    Attributes:
        pairs: Pairs of runs behind it.
        groups: Sets of assumptions or paths that the pairs have, where these are fewer.
        mean_difference: Mean difference, in the unit of the outcome.
        mean_low: Lower end of the interval of the mean.
        mean_high: Upper end.
        mean_probability: That the true mean has the sign of the mean, 0 to 1.
        detectable: Whether the mean may be called a rise or a fall.
    """

    pairs: Count
    groups: Count | None = None
    mean_difference: float | None
    mean_low: float | None
    mean_high: float | None
    mean_probability: float | None = None
    detectable: bool

    @property
    def independent(self) -> int:
        """How many independent differences its interval rests on."""
        return self.pairs if self.groups is None else self.groups

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval by which the mean is judged."""
        return ends(self.mean_low, self.mean_high)

    @property
    def way(self) -> float:
        """Above zero for a rise, below it for a fall, by the mean that is judged."""
        return _way(self.mean_difference, self.interval)


class Effect(_Paired):
    """A paired difference of an outcome; None where there is no value.

    The effect over worlds (sets of assumptions and future paths) is in `plausible_unit`, all else
    in the unit of the outcome.

    Attributes:
        baseline: Median of the baseline over the pairs.
        baseline_low: 5% quantile of the baseline; None for too few pairs.
        baseline_high: 95% quantile.
        scenario: Median of the scenario.
        scenario_low: 5% quantile.
        scenario_high: 95% quantile.
        plausible_low: 5% quantile of the effect over worlds, chance removed; None for too few
            pairs, or a single world.
        median: Median effect over worlds.
        plausible_high: 95% quantile.
        plausible_low_error: Standard error of `plausible_low`: how well the computer knows it.
        median_error: Standard error of `median`.
        plausible_high_error: Standard error of `plausible_high`.
        plausible_unit: `%` of each pair's own baseline, as of `mean_percent`; the unit of the
            outcome where that is None.
        probability_of_fall: Share of worlds in which it falls; None for too few sets.
        fall_beyond_1: Share in which it falls by more than 1%; None where it is not in percent.
        fall_beyond_5: By more than 5%.
        fall_beyond_10: By more than 10%.
        probability_of_rise: Share of worlds in which it rises.
        rise_beyond_1: Share in which it rises by more than 1%.
        rise_beyond_5: By more than 5%.
        rise_beyond_10: By more than 10%.
        mean_percent: Mean of the pairs' differences in percent, each of its own baseline; None
            where the outcome is not quoted in percent, or the baseline is too small. It is then
            what `mean_probability` and `detectable` are of.
        mean_percent_low: Lower end of the interval of that.
        mean_percent_high: Upper end.
        margin: The largest difference that does not matter, in percent; None where none is
            recorded, and where it is not in percent.
    """

    baseline: float | None
    baseline_low: float | None = None
    baseline_high: float | None = None
    scenario: float | None
    scenario_low: float | None = None
    scenario_high: float | None = None
    plausible_low: float | None = None
    median: float | None = None
    plausible_high: float | None = None
    plausible_low_error: float | None = None
    median_error: float | None = None
    plausible_high_error: float | None = None
    plausible_unit: str = ""
    probability_of_fall: float | None = None
    fall_beyond_1: float | None = None
    fall_beyond_5: float | None = None
    fall_beyond_10: float | None = None
    probability_of_rise: float | None = None
    rise_beyond_1: float | None = None
    rise_beyond_5: float | None = None
    rise_beyond_10: float | None = None
    mean_percent: float | None = None
    mean_percent_low: float | None = None
    mean_percent_high: float | None = None
    margin: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_verdict(cls, content: Any) -> Any:
        """A file has the verdict, which follows from the rest."""
        if isinstance(content, dict):
            return {name: one for name, one in content.items() if name != "verdict"}
        return content

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """What may be said of the average, see `simulation.statistics.paired`."""
        if self.interval is None:
            return "open"
        return verdict_of(*self.interval, self.independent, self.margin)

    def judged(self, margin: float | None) -> Self:
        """The same with its verdict by a margin in percent."""
        if self.interval is None or self.mean_percent is None:
            return self
        return self.model_copy(update={"margin": margin})

    @property
    def plausible(self) -> tuple[float, float] | None:
        """The range of the effect over worlds, in `plausible_unit`."""
        return ends(self.plausible_low, self.plausible_high)

    @property
    def is_clear(self) -> bool:
        """Whether its average is a clear fall or rise."""
        return self.verdict in CLEAR

    @property
    def middle(self) -> float:
        """The median over worlds, by which options are ranked; without one, the average."""
        return self.way if self.median is None else self.median

    @property
    def end_error(self) -> float | None:
        """Standard error of the end of the range that is known worse."""
        errors = ends(self.plausible_low_error, self.plausible_high_error)
        return None if errors is None else max(errors)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval by which the mean is judged: in percent where there is a percentage."""
        if self.mean_percent is not None:
            return ends(self.mean_percent_low, self.mean_percent_high)
        return ends(self.mean_low, self.mean_high)

    @property
    def way(self) -> float:
        """Above zero for a rise, below it for a fall, by the mean that is judged."""
        mean = self.mean_difference if self.mean_percent is None else self.mean_percent
        return _way(mean, self.interval)


class StepEffect(_Paired):
    """The change of an effect by one response, in the unit of the outcome.

    Attributes:
        before: Mean effect before.
        after: Mean effect after.
        before_detectable: Whether the effect before may be called a rise or a fall.
    """

    before: float | None
    after: float | None
    before_detectable: bool = True


def _way(mean: float | None, interval: tuple[float, float] | None) -> float:
    # without its middle, an interval of Student's t still has one
    if mean is not None:
        return mean
    return 0.0 if interval is None else sum(interval) / 2.0


#: a paired difference: an effect, or what changes of one
type Difference = Effect | StepEffect


class OutcomeEffects(Finding):
    """The effects on one outcome, by period, and how they may be quoted."""

    label: str
    unit: str
    quote: Quote = "percent"
    periods: dict[str, Effect]


class Failure(Finding):
    """A run that failed: its case and seed, and the error in one line."""

    case: str
    seed: Seed
    error: str


class Damage(Finding):
    """Finished runs of an earlier attempt that cannot be used.

    Attributes:
        file: Name of the file.
        runs: How many; None if unknown, as when the whole file is damaged.
    """

    file: str
    runs: Count | None = None


class SavedNote(Finding):
    """What a reader had to know before the runs began; `kind` is that of the note."""

    kind: Word
    text: str
    scenario: str = ""
    lever: str = ""


class World(Finding):
    """The set of assumptions, path and seed that both runs of a pair share.

    Attributes:
        seed: Their seed.
        set: Their set of assumptions.
        path: Their path of the months after the data.
        position: Share of paths that bring fewer people; None where no path is drawn.
        part: The third of the paths in which it lies.
    """

    seed: Seed
    set: str
    path: str
    position: float | None = None
    part: str | None = None


class Fitted(Finding):
    """The fitted ensemble that assumptions were drawn from.

    Attributes:
        sets: Sets it holds.
        window: First and last month it was fitted to.
        hash: Identifies it.
        records: Assumptions in a set.
        drawn: Other assumptions, drawn from their range.
        fixed: Assumptions with a range that stand at their value, by the reason.
        sharing: Whether what a level of sharing means is in a set.
    """

    sets: Count | None = None
    window: list[str] | None = None
    hash: str = ""
    records: Count | None = None
    drawn: Count = 0
    fixed: dict[str, Count] = Field(default_factory=dict)
    sharing: bool = False


class DataNotes(Finding):
    """The months of the data of a run, and what was known before it.

    Attributes:
        observed_from: First month that all data cover, as "2021-01".
        observed_until: Last such month.
        repeated_until: Last month of the run before the data; None if there is none.
        projected_from: First month of the run after the data; None if there is none.
        observed_inputs: Last month of each input.
        notes: What was known before the runs.
    """

    observed_from: str | None = None
    observed_until: str | None = None
    repeated_until: str | None = None
    projected_from: str | None = None
    observed_inputs: dict[str, str] | None = None
    notes: list[SavedNote] = Field(default_factory=list)


class Header(DataNotes):
    """The fields that summaries of runs and experiments share.

    Attributes:
        scale: Share of the people simulated.
        assumptions: `records`, `ranges` or `fitted`.
        fitted: The fitted ensemble, where one was drawn from.
        replications: Seeds with which all finished.
        seeds: These seeds.
        worlds: What each of these seeds stands for, where pairs cross sets, paths and seeds.
        chosen_set: The fitted set that all of them have, where it was asked for.
        chosen_path: The path that all of them have, as it was asked for.
        coverage: Of the intervals, 0 to 1.
    """

    scale: float = 1.0
    assumptions: Literal["records", "ranges", "fitted"] = "records"
    fitted: Fitted | None = None
    replications: Count = 0
    seeds: list[Seed] = Field(default_factory=list)
    worlds: list[World] = Field(default_factory=list)
    chosen_set: Count | None = None
    chosen_path: Word | None = None
    coverage: float = COVERAGE

    @property
    def draws_paths(self) -> bool:
        """Whether pairs differ in the path of the months after the data, by design."""
        return any(world.part is not None for world in self.worlds)

    def horizon_over(self, start: str, end: str) -> Horizon:
        """The days from `start` to `end` against the months of the data."""
        months = {name: getattr(self, name) for name in self.model_fields_set}
        return horizon_of({**months, "start": start, "end": end})

    def note_texts(self, *, kind: str | None = None) -> list[str]:
        """The texts of its notes, or of those of one kind."""
        return [note.text for note in self.notes if kind in (None, note.kind)]


class ExperimentFindings(Header):
    """`summary.json` of an experiment, as far as all kinds are alike.

    Attributes:
        kind: `compare`, `sweep`, ...
        experiment_id: Name of its folder.
        start: First day counted.
        end: Last day counted.
        failed: Runs that failed.
    """

    kind: Word
    experiment_id: Word = ""
    start: Day = ""
    end: Day = ""
    failed: list[Failure] = Field(default_factory=list)

    @property
    def horizon(self) -> Horizon:
        """The days of the runs against the months of the data."""
        return self.horizon_over(self.start, self.end)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day counted."""
        return date.fromisoformat(self.start), date.fromisoformat(self.end)


@dataclass(frozen=True)
class Finished[FindingsT]:
    """A finished experiment: its folder, its findings and the number of runs.

    Attributes:
        folder: Its folder.
        findings: Its findings, as in its `summary.json`.
        ran: Runs of this attempt.
        answered: Whether an earlier attempt had left all of it, so that nothing was written.
    """

    folder: Path
    findings: FindingsT
    ran: int
    answered: bool = False


class FailedSeed(Finding):
    """A seed whose run failed."""

    seed: Seed
    error: str


class OutcomeLevels(Finding):
    """One outcome of the runs of a scenario, by period, and how it may be quoted."""

    label: str
    unit: str
    quote: Quote = "percent"
    periods: dict[str, Level]


class Balance(Finding):
    """Where people or money are at the end of a run, a mean over runs."""

    unit: str
    mean: float


class LinkTotal(Finding):
    """A link of the chain over the whole run, a mean over runs, in all and by authority."""

    label: str
    unit: str
    kind: Literal["flow", "stock"]
    mean: float
    authorities: dict[str, float]


class LinkEffect(Effect):
    """The effect on a sum of links of the chain over the whole run, in all authorities."""

    label: str
    unit: str


class RunFindings(Header):
    """`summary.json` of a run.

    Attributes:
        scenario: Title of the scenario.
        run_id: Name of its folder.
        asked: Replications that were asked for.
        failed: Seeds whose run failed.
        periods: Days of each period.
        outcomes: Median and range by outcome.
        balance: Where the people and the money are at the end.
        chain: Links of the chain.
    """

    scenario: str
    run_id: Word = ""
    asked: Count = 0
    failed: list[FailedSeed] = Field(default_factory=list)
    periods: dict[str, Window]
    outcomes: dict[str, OutcomeLevels]
    balance: dict[str, Balance]
    chain: dict[str, LinkTotal] = Field(default_factory=dict)

    filed = (
        "scenario", "run_id", "replications", "asked", "seeds", "failed", "scale", "assumptions",
        "fitted", *KEYS, "notes", "coverage", "periods", "outcomes", "balance", "chain",
    )  # fmt: skip

    @property
    def horizon(self) -> Horizon:
        """The days of the run against the months of the data."""
        run = self.periods["run"]
        return self.horizon_over(run.first, run.last)
