"""What is counted: the table of outcomes, the record of one run, and its summary.

The model fills a `RunRecord`; result files, comparisons and the report read it. The names in
`OUTCOMES` are part of the contract of the result files (`docs/results.md`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import numpy as np

Kind = Literal["flow", "stock", "ratio", "median"]
#: how a difference may be quoted: in percent of each pair's own baseline; in its unit; or by the
#: ends of its range and its direction alone, and then no level by a single number either
Quote = Literal["percent", "absolute", "range"]


@dataclass(frozen=True)
class OutcomeSpec:
    """How one outcome is named, measured and shown.

    Attributes:
        label: What a planner reads.
        unit: Unit of its value.
        kind: `flow` is summed over a window; `stock` (a level: a stock, a price, a share) is
            averaged over the days that have a value; `ratio` is the quotient of two sums over the
            window; `median` is taken over people.
        decimals: Most decimals worth showing, of a share those of its percentage.
        quote: How it may be quoted; `absolute` for what is a share or can be negative, `range` for
            whatever counts deaths.
    """

    label: str
    unit: str
    kind: Kind
    decimals: int = 0
    quote: Quote = "percent"

    def __post_init__(self) -> None:
        """Refuse deaths that could be quoted by a single number.

        Raises:
            ValueError: The label speaks of deaths, and `quote` is not `range`.
        """
        if "death" in self.label.lower() and self.quote != "range":
            raise ValueError(f"{self.label}: deaths may be quoted as a range only")


#: numbers from here on have no decimals that a float could hold
_EXACT = 1e15
#: the default outcome of an experiment
HEADLINE = "channel_arrivals"

OUTCOMES: dict[str, OutcomeSpec] = {
    "channel_arrivals": OutcomeSpec("Small-boat arrivals in the UK", "people", "flow"),
    "channel_deaths": OutcomeSpec("Deaths in the Channel", "people", "flow", quote="range"),
    "channel_boats": OutcomeSpec("Boats that arrived", "boats", "flow"),
    "people_per_boat": OutcomeSpec("People per boat", "people per boat", "ratio", 1),
    "channel_attempts": OutcomeSpec("Attempts to cross by boat", "attempts", "flow"),
    "channel_prevented": OutcomeSpec("Attempts prevented", "attempts", "flow"),
    "attempts_per_arrival": OutcomeSpec("Attempts per arrival", "attempts per arrival", "ratio", 2),
    "lorry_arrivals": OutcomeSpec("Arrivals in the UK by lorry or ferry", "people", "flow"),
    "wb_entries": OutcomeSpec("Entries to the Western Balkan route", "people", "flow"),
    "wb_detections": OutcomeSpec("Detections on the Western Balkan route", "detections", "flow"),
    "corridor_deaths": OutcomeSpec(
        "Deaths on the corridor before the coast", "people", "flow", quote="range"
    ),
    "settled_elsewhere": OutcomeSpec("Settled outside the UK", "people", "flow"),
    "returned": OutcomeSpec("Returned or gave up", "people", "flow"),
    "returned_after_arrival": OutcomeSpec("Returned after arrival", "people", "flow"),
    "admitted_legally": OutcomeSpec("Admitted in return for them", "people", "flow"),
    "in_transit": OutcomeSpec("People on the way (mean of days)", "people", "stock"),
    "median_transit_days": OutcomeSpec("Days on the way (median of arrivals)", "days", "median"),
    "seat_price_eur": OutcomeSpec("Price of a seat in a boat", "EUR", "stock"),
    "smuggler_revenue_eur": OutcomeSpec("Smugglers' revenue", "EUR", "flow"),
    "smuggler_profit_eur": OutcomeSpec("Smugglers' profit", "EUR", "flow", quote="absolute"),
    "smugglers_arrested": OutcomeSpec("Smugglers arrested or held briefly", "smugglers", "flow"),
    "arrests_on_case": OutcomeSpec("Arrests on a case or in a raid", "smugglers", "flow"),
    "brief_detentions": OutcomeSpec("Brief detentions", "smugglers", "flow"),
    "smugglers_active": OutcomeSpec("Smugglers active (mean of days)", "smugglers", "stock"),
    "boats_seized": OutcomeSpec("Boats seized", "boats", "flow"),
    "mapped_share": OutcomeSpec(
        "Smugglers with an open case where they operate", "share", "stock", 1, quote="absolute"
    ),
}

#: numerator terms and denominator of each ratio, as sums over the window
RATIOS: dict[str, tuple[tuple[str, ...], str]] = {
    "people_per_boat": (("channel_arrivals",), "channel_boats"),
    "attempts_per_arrival": (("channel_arrivals", "channel_prevented"), "channel_arrivals"),
}

#: outcomes the model writes for each day (ratios are derived, the median is over people)
DAILY: tuple[str, ...] = tuple(
    name for name, spec in OUTCOMES.items() if spec.kind in ("flow", "stock")
)


#: parts of a record with a row for each day
_BY_DAY = (
    "dates", "daily", "leg_departures", "leg_stops", "leg_arrivals", "place_present",
    "authority_cases", "authority_smugglers", "chain", "arrivals_by_origin", "entries_by_origin",
)  # fmt: skip


@dataclass
class RunRecord:
    """Everything one run leaves behind; warm-up days are not in it. Counts are of real people.

    Attributes:
        scenario_title: Title of the scenario.
        seed: Seed of the run.
        scale: Share of the people simulated; counts are already scaled back.
        start: First day counted.
        end: Last day counted.
        dates: (days,) datetime64[D].
        daily: Outcome name -> (days,) float, NaN where undefined that day; the names of `DAILY`.
        leg_departures: (days, legs) people who set out.
        leg_stops: (days, legs) people stopped.
        leg_arrivals: (days, legs) people who arrived.
        place_present: (days, places) people present.
        authority_cases: (days, authorities) active smugglers in its jurisdiction it holds a case
            against.
        authority_smugglers: (days, authorities) active smugglers in its jurisdiction.
        activity_picture: (authorities, legs) crossings a day each authority expects at the end.
        activity_truth: (legs,) true crossings a day, mean of the last 28 days.
        chain: (days, links, authorities + 1) what each link of the chain counts (`LINKS`); the
            last column belongs to no authority.
        states: State -> people in it at the end; they sum to the people who entered.
        arrivals_by_origin: Origin -> (days,) people who arrived over the Channel.
        entries_by_origin: Origin -> (days,) people who set out on the Balkan route.
        transit_days_by_year: Year ("2023") -> days on the way of each arrival of that year.
        totals: `fees_paid`, `fees_received`, `escrow_held`, `escrow_returned` (EUR), `entered`.
    """

    scenario_title: str
    seed: int
    scale: float
    start: date
    end: date
    dates: np.ndarray
    daily: dict[str, np.ndarray]
    leg_departures: np.ndarray
    leg_stops: np.ndarray
    leg_arrivals: np.ndarray
    place_present: np.ndarray
    authority_cases: np.ndarray
    authority_smugglers: np.ndarray
    activity_picture: np.ndarray
    activity_truth: np.ndarray
    chain: np.ndarray
    states: dict[str, float] = field(default_factory=dict)
    arrivals_by_origin: dict[str, np.ndarray] = field(default_factory=dict)
    entries_by_origin: dict[str, np.ndarray] = field(default_factory=dict)
    transit_days_by_year: dict[str, np.ndarray] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)


def since(record: RunRecord, first: date) -> RunRecord:
    """The record of a run from a day on, 1 January of a year or the first day of the run.

    States and totals stay those at the end of the run.
    """
    days = record.dates >= np.datetime64(first, "D")
    by_day: dict[str, Any] = {
        name: {key: values[days] for key, values in part.items()}
        if isinstance(part, dict)
        else part[days]
        for name in _BY_DAY
        for part in [getattr(record, name)]
    }
    transit = {
        year: stays
        for year, stays in record.transit_days_by_year.items()
        if int(year) >= first.year
    }
    return replace(record, start=first, transit_days_by_year=transit, **by_day)


def daily_value(daily: Mapping[str, np.ndarray], name: str) -> np.ndarray | None:
    """Daily series of an outcome: given for flows and stocks, derived for ratios.

    Args:
        daily: Outcome name -> (days,) float.
        name: An outcome.

    Returns:
        (days,) float, NaN on days without a value; None when the outcome has no daily value.
    """
    if name in daily:
        return np.asarray(daily[name], dtype=float)
    if name not in RATIOS:
        return None
    over, under = RATIOS[name]
    below = np.asarray(daily[under], dtype=float)
    above = sum((np.asarray(daily[term], dtype=float) for term in over), np.zeros_like(below))
    return np.asarray(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0))


def summarise(record: RunRecord, first: date, last: date) -> dict[str, float]:
    """Each outcome over the days `first` to `last`, both included.

    Flows are sums and stocks means over the days that have a value; ratios divide sums. The median
    of days on the way is known by calendar year, so it is NaN for a window that cuts a year of the
    run in two. An outcome without any value is NaN.

    Args:
        record: The run.
        first: First day of the window.
        last: Last day of the window.

    Returns:
        A value for every name of `OUTCOMES`, in its order.
    """
    inside = (record.dates >= np.datetime64(first, "D")) & (
        record.dates <= np.datetime64(last, "D")
    )
    result: dict[str, float] = {}
    for name, spec in OUTCOMES.items():
        if spec.kind == "flow":
            result[name] = _over(record.daily.get(name), inside, np.sum)
        elif spec.kind == "stock":
            result[name] = _over(record.daily.get(name), inside, np.mean)
        elif spec.kind == "ratio":
            over, under = RATIOS[name]
            below = _over(record.daily.get(under), inside, np.sum)
            above = sum(_over(record.daily.get(term), inside, np.sum) for term in over)
            result[name] = above / below if below > 0 else np.nan
        else:
            result[name] = _transit_median(record, first, last)
    return result


def periods(start: date, end: date) -> dict[str, tuple[date, date]]:
    """The windows that are summarised: the whole run, then each calendar year it touches.

    Args:
        start: First day of the run.
        end: Last day of the run.

    Returns:
        Name (`run`, `2023`, ...) -> first and last day, clipped to the run.
    """
    windows = {"run": (start, end)}
    for year in range(start.year, end.year + 1):
        windows[str(year)] = (max(start, date(year, 1, 1)), min(end, date(year, 12, 31)))
    return windows


def period_label(name: str, first: date, last: date) -> str:
    """A period in words: `2024`, `2024 (1 Jan to 4 Nov)`, `whole run`."""
    if name == "run":
        return "whole run"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return name
    return f"{name} ({_day_month(first)} to {_day_month(last)})"


def shown_unit(spec: OutcomeSpec) -> str:
    """The unit people read: sums of money are in millions, and a share carries its own %."""
    if _is_share(spec):
        return ""
    return f"{spec.unit} million" if _in_millions(spec) else spec.unit


def unit_beside(spec: OutcomeSpec) -> str:
    """The unit that people read beside the label; empty where the label says it already."""
    unit = shown_unit(spec)
    return "" if unit == spec.label.lower() else unit


def heading(spec: OutcomeSpec) -> str:
    """Label and unit in one, without saying the same twice."""
    unit = unit_beside(spec)
    return f"{spec.label}, {unit}" if unit else spec.label


def shown(spec: OutcomeSpec, value: float) -> str:
    """A value that was observed as people read it, in `shown_unit`; quantiles of a fit as well.

    What the model gives is written by `simulation.wording.quoting`.
    """
    text = rounded(value / shown_divisor(spec), most_decimals(spec))
    return f"{text}%" if _is_share(spec) else text


def most_decimals(spec: OutcomeSpec) -> int:
    """Most decimals of a value in `shown_unit`."""
    return 1 if _in_millions(spec) else spec.decimals


def difference_unit(spec: OutcomeSpec) -> str:
    """The unit of a difference: that of a share is percentage points, never percent."""
    return "percentage points" if _is_share(spec) else shown_unit(spec)


def shown_divisor(spec: OutcomeSpec) -> float:
    """What a value is divided by on an axis: money in millions, shares in percent."""
    if _is_share(spec):
        return 0.01
    return 1e6 if _in_millions(spec) else 1.0


def axis_unit(spec: OutcomeSpec) -> str:
    """The unit on an axis of values (not differences)."""
    return "%" if _is_share(spec) else shown_unit(spec)


def scale_note(scale: float) -> str:
    """What a reader must know of a run that does not simulate everybody; empty if it does."""
    if scale == 1:
        return ""
    return (
        f"Simulated at {scale:g} of the people, counts scaled back: levels lie some percent off "
        "those with everybody. Numbers of smugglers, and the share of them that is known, must not "
        "be compared with a run at another scale."
    )


def rounded(value: float, decimals: int) -> str:
    """A number with so many decimals and its thousands apart; tens or hundreds below zero of them.

    Halves are rounded away from zero, as people round, and not to even.
    """
    if abs(value) < _EXACT:
        number = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        text = f"{number:,.{max(decimals, 0)}f}"
    else:
        text = f"{value:,.0f}"
    return text if text.strip("-0.,") else text.removeprefix("-")


def _is_share(spec: OutcomeSpec) -> bool:
    return spec.unit == "share"


def _in_millions(spec: OutcomeSpec) -> bool:
    return spec.unit == "EUR" and spec.kind == "flow"


def long_date(day: date) -> str:
    """A date as people write it: 7 November 2024."""
    return f"{day.day} {day:%B %Y}"


def listing(words: Sequence[str]) -> str:
    """Words one after another, the last after an "and"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _day_month(day: date) -> str:
    return f"{day.day} {calendar.month_abbr[day.month]}"


def _over(
    series: np.ndarray | None, inside: np.ndarray, take: Callable[[np.ndarray], float]
) -> float:
    """The sum or the mean of the days of a window that have a value; NaN without any."""
    chosen = np.empty(0) if series is None else np.asarray(series, dtype=float)[inside]
    chosen = chosen[~np.isnan(chosen)]
    return float(take(chosen)) if chosen.size else np.nan


def _transit_median(record: RunRecord, first: date, last: date) -> float:
    parts = []
    for name, (begin, finish) in periods(record.start, record.end).items():
        if name == "run" or finish < first or begin > last:
            continue
        if begin < first or finish > last:
            return np.nan
        parts.append(np.asarray(record.transit_days_by_year.get(name, ()), dtype=float))
    days = np.concatenate(parts) if parts else np.empty(0)
    return float(np.median(days)) if days.size else np.nan
