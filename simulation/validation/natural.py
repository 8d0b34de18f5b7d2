"""Natural experiments: what really happened, as tests of the model's mechanisms.

    python -m simulation.validation.natural --document docs/validation.md

Each is a pair of scenarios, with and without the event, run with the same seeds, and a band from
what was published. What is outside its band is reported so; nothing is tuned here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.corridor import load_corridor
from simulation.experiments.engine.trials import model_simulate
from simulation.experiments.engine.worker_pool import run_each
from simulation.experiments.statistics.paired import paired_differences
from simulation.outcomes import OUTCOMES
from simulation.validation.ratios import relative_change

if TYPE_CHECKING:
    from simulation.report.blocks import Section
    from simulation.report.document import Asked

Array = npt.NDArray[np.float64]
#: with eight, a dip of the size of the band is found or not by chance
SEEDS, SCALE = 24, 0.3
#: borders whose crossings are looked at
_BORDERS = {"serbia_hungary": "RS-HU", "bosnia_croatia": "BA-HR"}
#: percent of half a year's arrivals that would be seen in the series: half of the smallest change
#: between the first halves of 2022, 2023 and 2024 (-10% and +18%; Home Office)
_VISIBLE = 5.0
_DAILY = (
    "channel_arrivals", "channel_prevented", "channel_deaths", "wb_detections",
    "smuggler_profit_eur", "seat_price_eur", "smugglers_arrested", "lorry_arrivals",
)  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Daily series of several runs of one scenario.

    Attributes:
        first: First day.
        series: Name -> (runs, days).
    """

    first: date
    series: Mapping[str, Array]

    def total(self, name: str, first: date, last: date) -> Array:
        """Sum from one day to another, both included, (runs,)."""
        return self.window(name, first, last).sum(axis=1)

    def mean(self, name: str, first: date, last: date) -> Array:
        """Mean over the days that have a value, (runs,)."""
        return np.asarray(np.nanmean(self.window(name, first, last), axis=1))

    def window(self, name: str, first: date, last: date) -> Array:
        """Values of the days from one to another, both included, (runs, days)."""
        start, end = (first - self.first).days, (last - self.first).days + 1
        if not 0 <= start < end <= self.series[name].shape[1]:
            raise ValueError(f"{first} to {last} does not lie in the run")
        return self.series[name][:, start:end]


def together(runs: Sequence[Days]) -> Days:
    """The series of several runs of one scenario."""
    names = runs[0].series
    return Days(
        runs[0].first, {name: np.concatenate([one.series[name] for one in runs]) for name in names}
    )


@dataclass(frozen=True)
class Reading:
    """One line of a natural experiment.

    Attributes:
        what: What was looked at, in words.
        found: The figure, in words.
        band: What it is held to; empty where it is only reported.
        holds: Whether it is inside; None where it is only reported.
    """

    what: str
    found: str
    band: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class NaturalExperiment:
    """A pair of scenarios and what is read from them.

    Attributes:
        title: What happened.
        event: Scenario with the event.
        without: The same without it.
        read: From the runs of both to the lines.
        note: What a reader must know to judge them.
    """

    title: str
    event: str
    without: str
    read: Callable[[Days, Days], list[Reading]]
    note: str = ""


@dataclass(frozen=True)
class Compared:
    """What an event changes: mean difference and change of the mean in percent, with intervals."""

    mean: float
    low: float
    high: float
    percent: float
    percent_low: float
    percent_high: float


def _compared(event: Days, without: Days, name: str, first: date, last: date) -> Compared:
    sides = without.total(name, first, last), event.total(name, first, last)
    one = paired_differences(*sides)
    return Compared(float(one.mean), float(one.low), float(one.high), *relative_change(*sides))


def _percent(found: Compared) -> str:
    text = f"{found.percent:+.1f}%"
    if np.isfinite(found.percent_low):
        text += f" ({found.percent_low:+.1f}% to {found.percent_high:+.1f}%)"
    return text


def _range(found: Compared) -> str:
    """The interval of a difference in people, without its middle: so deaths are quoted."""
    return f"{found.low:+,.0f} to {found.high:+,.0f} people"


def _look(
    event: Days,
    without: Days,
    what: str,
    series: str,
    days: tuple[date, date],
    band: str = "",
    holds: Callable[[Compared], object] | None = None,
) -> Reading:
    """A series that is compared over some days, and what its change is held to, if anything."""
    change = _compared(event, without, series, *days)
    by_range = series in OUTCOMES and OUTCOMES[series].quote == "range"
    words = (_range if by_range else _percent)(change)
    return Reading(what, words, band, None if holds is None else bool(holds(change)))


def serbian_operation(event: Days, without: Days) -> list[Reading]:
    """October 2023: the fence empties, people go round it, the Channel hardly notices."""
    december = date(2023, 12, 1), date(2023, 12, 31)
    year = date(2023, 11, 1), date(2024, 10, 31)
    look = partial(_look, event, without)
    return [
        look("Crossings from Serbia to Hungary, December 2023", "serbia_hungary", december,
             "a fall of at least 80%", lambda found: found.percent <= -80.0),
        look("Crossings from Bosnia to Croatia, November 2023 to October 2024", "bosnia_croatia",
             year, "a rise that can be told from chance", lambda found: found.low > 0.0),
        look("Detections on the Western Balkan route, same months", "wb_detections", year),
        look("Channel arrivals, same months", "channel_arrivals", year,
             "a change of less than 10%", lambda found: abs(found.percent) < 10.0),
    ]  # fmt: skip


def serbian_visas(event: Days, without: Days) -> list[Reading]:
    """2022: those who needed no visa stop coming; the Channel does not notice."""
    third_month = date(2023, 3, 1), date(2023, 3, 31)
    half = date(2023, 1, 1), date(2023, 6, 30)
    look = partial(_look, event, without)
    return [
        look("Entries of the origins concerned, March 2023, the third month", "visa_free_entries",
             third_month, "a fall of at least 90%", lambda found: found.percent <= -90.0),
        look("Detections on the Western Balkan route, January to June 2023", "wb_detections",
             half, "a fall of 5 to 15%", lambda found: -15.0 <= found.percent <= -5.0),
        look("Channel arrivals, same months", "channel_arrivals", half,
             f"an effect nobody could see, below {_VISIBLE:g}%, at both ends of the interval",
             lambda found: found.percent_low > -_VISIBLE and found.percent_high < _VISIBLE),
    ]  # fmt: skip


def albanian_returns(event: Days, without: Days) -> list[Reading]:
    """December 2022: most of the fall had happened when the agreement came."""

    def a_day(first: date, last: date) -> float:
        return float(event.mean("albanian_arrivals", first, last).mean())

    before = a_day(date(2022, 1, 1), date(2022, 12, 31))
    after = a_day(date(2023, 1, 1), date(2023, 12, 31))
    summer = a_day(date(2022, 7, 1), date(2022, 9, 30))
    autumn = a_day(date(2022, 10, 1), date(2022, 12, 12))
    winter = a_day(date(2023, 1, 1), date(2023, 3, 31))
    # without a fall nothing of it came before
    earlier = (summer - autumn) / (summer - winter) if summer > winter else 0.0
    fall = 100.0 * (after / before - 1.0)
    agreed = date(2022, 12, 13), date(2023, 12, 31)
    return [
        Reading("Arrivals of Albanians, 2023 against 2022", f"{fall:+.0f}%",
                "a fall of at least 85%", bool(fall <= -85.0)),
        Reading("Share of the fall by quarter that came before the agreement", f"{earlier:.0%}",
                "more than half", bool(earlier > 0.5)),
        _look(event, without,
              "Arrivals of Albanians to the end of 2023, what the agreement alone did",
              "albanian_arrivals", agreed),
    ]  # fmt: skip


def french_coast(event: Days, without: Days) -> list[Reading]:
    """A year in which three of four launches are stopped."""
    year = date(2024, 1, 1), date(2024, 12, 31)

    def stopped(days: Days) -> float:
        prevented = days.total("channel_prevented", *year)
        return float((prevented / (prevented + days.total("channel_arrivals", *year))).mean())

    dearer, usual = (days.mean("seat_price_eur", *year).mean() for days in (event, without))
    shares = f"{stopped(without):.0%}, {stopped(event):.0%}"
    look = partial(_look, event, without, days=year)
    return [
        Reading("Share of attempts prevented in 2024, without and with", shares),
        look("Channel arrivals, 2024", "channel_arrivals"),
        look("Deaths in the Channel, 2024", "channel_deaths"),
        look("Arrivals by lorry or ferry, 2024", "lorry_arrivals"),
        look("Profit of all smugglers, 2024", "smuggler_profit_eur"),
        Reading("Price of a seat, mean of 2024", f"{100.0 * (dearer / usual - 1.0):+.1f}%"),
    ]


def raid(event: Days, without: Days, *, on: date) -> list[Reading]:
    """A large raid: no dip beyond the season within four weeks.

    Args:
        event: With the raid.
        without: Without.
        on: Its day.
    """
    last = event.first + timedelta(event.series["channel_arrivals"].shape[1] - 1)

    def after(weeks: int) -> Compared:
        end = min(on + timedelta(7 * weeks), last)
        return _compared(event, without, "channel_arrivals", on + timedelta(1), end)

    arrested = _compared(event, without, "smugglers_arrested", on, on)
    # a raid that catches nobody tests nothing
    tested = bool(arrested.low > 0.0)
    soon = after(4)
    dip = bool(soon.high < 0.0 and soon.percent < -10.0)
    found = [
        Reading("Operators arrested on the day", f"{float(arrested.mean):+.1f}"),
        Reading(
            "Channel arrivals in the four weeks after"
            + ("" if tested else " (not tested, for the raid catches nobody here)"),
            _percent(soon),
            "no dip of 10% or more that can be told from chance",
            not dip if tested else None,
        ),
    ]
    if on + timedelta(7 * 16) <= last:
        found.append(Reading("Channel arrivals in the sixteen weeks after", _percent(after(16))))
    return found


EXPERIMENTS = (
    NaturalExperiment(
        "The Serbian police operation of late October 2023",
        "baseline", "no-serbian-operation", serbian_operation,
    ),
    NaturalExperiment(
        "Serbia requires visas, autumn 2022", "serbian-visas-2022", "no-serbian-visas",
        serbian_visas,
        "First halves of 2022, 2023 and 2024 differ by 10% and 18% in arrivals, so half of the "
        "smaller counts as visible. Until a run in which it failed (-1.5% to -0.1%), the band of "
        "arrivals was that the interval holds zero. Any effect fails this test with enough pairs.",
    ),
    NaturalExperiment(
        "The UK-Albania agreement of December 2022", "uk-albania-2022", "no-uk-albania-returns",
        albanian_returns,
    ),
    NaturalExperiment(
        "Three of four launches stopped on the French coast", "french-coast-2024", "baseline",
        french_coast,
    ),
    NaturalExperiment(
        "The raid of 5 July 2022", "raid-july-2022", "history",
        partial(raid, on=date(2022, 7, 5)),
        "The rule by which persons arrested become operators was changed after this raid had left "
        "a dip of 14%: here it describes, and the next two raids test it.",
    ),
    NaturalExperiment(
        "The raid of 21 February 2024", "raid-february-2024", "history",
        partial(raid, on=date(2024, 2, 21)),
    ),
    NaturalExperiment(
        "The raid of 4 December 2024", "raid-december-2024", "history",
        partial(raid, on=date(2024, 12, 4)),
    ),
)  # fmt: skip


def _run(job: tuple[str, int, float]) -> Days:
    """The series of one run; in a process of its own."""
    from simulation.scenario import load_scenario

    name, seed, scale = job
    record = model_simulate()(load_scenario(name), seed=seed, scale=scale)
    series = {name: np.asarray(record.daily[name], dtype=float) for name in _DAILY}
    legs = load_corridor().legs
    for key, border in _BORDERS.items():
        there = [number for number, leg in enumerate(legs) if leg.border == border]
        series[key] = record.leg_arrivals[:, there].sum(axis=1)
    series["albanian_arrivals"] = record.arrivals_by_origin["albania"]
    series["visa_free_entries"] = record.entries_by_origin["visa_free_serbia"]
    return Days(record.start, {key: values[None] for key, values in series.items()})


def runs_by_name[T](
    run: Callable[[tuple[str, int, float]], T],
    names: Sequence[str],
    seeds: Sequence[int],
    scale: float,
    workers: int,
) -> dict[str, list[T]]:
    """What a function gives for each scenario and seed.

    Args:
        run: Takes name, seed and scale; called in other processes.
        names: Of the scenarios.
        seeds: Of each.
        scale: Agents per person.
        workers: Processes.

    Returns:
        Name -> one result for each seed, in their order.
    """
    jobs = [(name, seed, scale) for name in names for seed in seeds]
    done = run_each(run, jobs, workers)
    each = len(seeds)
    return {name: done[i * each : (i + 1) * each] for i, name in enumerate(names)}


def run_all(
    names: Sequence[str], seeds: Sequence[int], scale: float, workers: int
) -> dict[str, Days]:
    """Run scenarios, each with every seed."""
    done = runs_by_name(_run, names, seeds, scale, workers)
    return {name: together(runs) for name, runs in done.items()}


def readings(found: Mapping[str, Days]) -> list[tuple[NaturalExperiment, list[Reading]]]:
    """Every natural experiment, and what is read from its runs."""
    return [(one, one.read(found[one.event], found[one.without])) for one in EXPERIMENTS]


def main() -> None:
    """Command line of the natural experiments."""
    from simulation.report.document import NATURAL, natural_section, write_from_runs

    def section(asked: Asked) -> Section:
        names = list(dict.fromkeys(n for one in EXPERIMENTS for n in (one.event, one.without)))
        found = run_all(names, asked.seeds, asked.scale, asked.workers)
        return natural_section(readings(found), len(asked.seeds), asked.scale)

    write_from_runs(NATURAL, section, SEEDS, SCALE)


if __name__ == "__main__":
    main()
