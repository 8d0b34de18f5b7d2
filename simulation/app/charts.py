"""Charts that grow with the runs: by week, small enough to be sent again each time one is over."""

from __future__ import annotations

import calendar
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.app.live import LiveRun
from simulation.corridor import load_observed
from simulation.outcomes import OUTCOMES, shown_divisor
from simulation.report.drawing import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
)
from simulation.scenario.horizon import horizon

Array = npt.NDArray[np.float64]
WEEK = 7
BASELINE, WHATIF = "Baseline", "What-if"
#: colours of the two runs, told apart by dash as well
_LOOK = ({"color": BLUE, "dash": "solid"}, {"color": VERMILION, "dash": "dash"})
_COUNTRY_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW, GREY)
_COUNTRIES = len(_COUNTRY_COLOURS)
_MS_A_DAY = 86_400_000
#: figures of a number that are sent: what is seen on a chart
_DIGITS = 4


@dataclass(frozen=True)
class ChartSpec:
    """A chart and where its numbers come from.

    Attributes:
        key: Name of it, and of its CSV file.
        title: Heading.
        unit: Title of the axis.
        note: What to read in it.
        series: From runs to (name, look, values by week) of each line.
        daily: From a run to the columns of its CSV file, (days,) each.
        two: Only there when two runs are compared.
    """

    key: str
    title: str
    unit: str
    note: str
    series: Callable[[Sequence[LiveRun]], list[tuple[str, dict[str, str], Array]]]
    daily: Callable[[LiveRun], dict[str, Array]]
    two: bool = False


def drawn(spec: ChartSpec, runs: Sequence[LiveRun]) -> dict[str, Any]:
    """A chart as it is sent to the browser.

    Args:
        spec: Which.
        runs: The baseline and, if there is one, the what-if.

    Returns:
        `x0`, the last day of the first week in ms since 1970, `dx`, ms from point to point, `from`
        and `to`, the days of the run, `unit`, `outside`, first and last ms of each stretch
        outside the data and what it is called, and `series`: `name`, `color`, `dash`, `y`
        with None where there is no value; `points` where points stand at days of their own, `x`.
    """
    lead = runs[0]
    start = _ms(lead.date_of(lead.first))
    series: list[dict[str, Any]] = [
        {"name": name, **look, "y": _short(values)} for name, look, values in spec.series(runs)
    ]
    if spec.key == "arrivals":
        months, values = _observed_weeks(lead.date_of(lead.first), lead.date_of(lead.days - 1))
        if months:
            seen: dict[str, Any] = {"name": "Observed, by month", "color": BLACK, "dash": "dot"}
            series.append({**seen, "x": months, "y": values, "points": True})
    return {
        "unit": spec.unit,
        "x0": start + (WEEK - 1) * _MS_A_DAY,
        "dx": WEEK * _MS_A_DAY,
        "from": start,
        "to": _ms(lead.date_of(lead.days - 1)),
        "outside": _outside(lead.date_of(lead.first), lead.date_of(lead.days - 1)),
        "series": series,
    }


def as_csv(spec: ChartSpec, runs: Sequence[LiveRun]) -> str:
    """The data behind a chart by day, as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names: list[str] = []
    columns: list[Array] = []
    for run, of in zip(runs, ("baseline", "whatif"), strict=False):
        for name, values in spec.daily(run).items():
            names.append(f"{of}_{name}")
            columns.append(values)
    lead = runs[0]
    writer.writerow(["date", *names])
    for day, row in enumerate(zip(*columns, strict=True)):
        cells = ["" if np.isnan(value) else f"{value:.10g}" for value in row]
        writer.writerow([lead.date_of(lead.first + day).isoformat(), *cells])
    return text.getvalue()


def weeks_over(run: LiveRun) -> int:
    """Whole weeks that are over since the first day that counts."""
    return max(0, run.over - run.first) // WEEK


# -- where numbers come from ----------------------------------------------------------------------


def _sums(values: Array) -> Array:
    """Sums of whole weeks."""
    whole = len(values) // WEEK * WEEK
    return np.asarray(values[:whole].reshape(-1, WEEK).sum(axis=1), dtype=float)


def _means(values: Array) -> Array:
    """Means of whole weeks over the days that have a value."""
    whole = values[: len(values) // WEEK * WEEK].reshape(-1, WEEK)
    known = ~np.isnan(whole)
    count = known.sum(axis=1)
    total = np.where(known, whole, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(whole), np.nan), where=count > 0)


def _each(
    name: str, by_week: Callable[[Array], Array], *, whole: bool = False
) -> Callable[[Sequence[LiveRun]], list[tuple[str, dict[str, str], Array]]]:
    """One line a run of an outcome; its running total where `whole`."""
    divisor = shown_divisor(OUTCOMES[name])

    def series(runs: Sequence[LiveRun]) -> list[tuple[str, dict[str, str], Array]]:
        lines = [by_week(run.daily()[name]) / divisor for run in runs]
        return [
            (label, look, np.cumsum(line) if whole else line)
            for label, look, line in zip(_labels(runs), _LOOK, lines, strict=False)
        ]

    return series


def _only(*names: str) -> Callable[[LiveRun], dict[str, Array]]:
    def daily(run: LiveRun) -> dict[str, Array]:
        every = run.daily()
        return {name: every[name] for name in names}

    return daily


def _labels(runs: Sequence[LiveRun]) -> tuple[str, ...]:
    return (BASELINE, WHATIF) if len(runs) > 1 else (runs[0].scenario.title,)


def _difference(runs: Sequence[LiveRun]) -> list[tuple[str, dict[str, str], Array]]:
    """Arrivals and lorry arrivals so far, what-if less baseline."""
    before, after = (run.daily() for run in runs)
    found = []
    for name, label, look in (
        ("channel_arrivals", "By small boat", _LOOK[0]),
        ("lorry_arrivals", "By lorry or ferry", _LOOK[1]),
    ):
        total = np.cumsum(_sums(after[name] - before[name]))
        found.append((label, look, total))
    return found


def _countries(runs: Sequence[LiveRun]) -> list[tuple[str, dict[str, str], Array]]:
    """People on the way in the countries where most of them are, of the last run."""
    run = runs[-1]
    people = run.by_country()
    if not len(people):
        return []
    most = np.argsort(-people.sum(axis=0), kind="stable")[:_COUNTRIES]
    names = [authority.name for authority in run.world.corridor.authorities]
    return [
        (names[column], {"color": colour, "dash": "solid"}, _means(people[:, column]))
        for column, colour in zip(most.tolist(), _COUNTRY_COLOURS, strict=False)
    ]


def _countries_daily(run: LiveRun) -> dict[str, Array]:
    people = run.by_country()
    codes = [authority.code for authority in run.world.corridor.authorities]
    return {code: people[:, column] for column, code in enumerate(codes) if people[:, column].any()}


CHARTS: tuple[ChartSpec, ...] = (
    ChartSpec(
        "arrivals", "Small-boat arrivals in the UK", "people a week",
        "Dots: the observed arrivals of a month, spread evenly over its weeks. "
        "Months without an observed figure have none.",
        _each("channel_arrivals", _sums), _only("channel_arrivals", "channel_boats"),
    ),
    ChartSpec(
        "difference", "What the what-if changes, so far", "people, what-if less baseline",
        "Below zero means fewer arrivals. One seed: chance is in it, so it is not an estimate.",
        _difference, _only("channel_arrivals", "lorry_arrivals", "channel_deaths"), two=True,
    ),
    ChartSpec(
        "deaths", "Deaths in the Channel, so far", "people",
        "One disaster can be most of a year; never read it from one run.",
        _each("channel_deaths", _sums, whole=True), _only("channel_deaths", "corridor_deaths"),
    ),
    ChartSpec(
        "country", "People on the way, by country", "people",
        "Where most of them are; of the what-if where two runs are compared.",
        _countries, _countries_daily,
    ),
    ChartSpec(
        "price", "Price of a seat in a boat", "EUR",
        "Mean of the week over days with a price.",
        _each("seat_price_eur", _means), _only("seat_price_eur"),
    ),
    ChartSpec(
        "known", "Smugglers with an open case where they operate", "% of active operators",
        "Known: an authority with jurisdiction holds a case.",
        _each("mapped_share", _means), _only("mapped_share", "smugglers_active"),
    ),
    ChartSpec(
        "profit", "Smugglers' profit", "EUR million a week",
        "All stages of the way together, from Turkey to the Channel.",
        _each("smuggler_profit_eur", _sums), _only("smuggler_profit_eur", "smuggler_revenue_eur"),
    ),
)  # fmt: skip


# -- the past -------------------------------------------------------------------------------------


@cache
def _observed_weeks(first: date, last: date) -> tuple[list[int], list[float | None]]:
    """Observed arrivals of the months of a run, as people a week at the middle of each."""
    names, values = load_observed().monthly("channel_arrivals")
    at: list[int] = []
    people: list[float | None] = []
    for name, value in zip(names, values, strict=True):
        year, month = int(name[:4]), int(name[5:7])
        length = calendar.monthrange(year, month)[1]
        middle = date(year, month, 1) + timedelta(days=length // 2)
        if first <= middle <= last and not np.isnan(value):
            at.append(_ms(middle))
            people.append(round(float(value) / length * WEEK, 1))
    return at, people


@cache
def _outside(first: date, last: date) -> list[tuple[int, int, str]]:
    """The stretches of a run outside the data, from the first ms to that after the last day."""
    return [
        (_ms(begin), _ms(end) + _MS_A_DAY, label)
        for begin, end, label in horizon(first, last).spans
    ]


def _ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * _MS_A_DAY


def _short(values: Array) -> list[float | None]:
    """Numbers as long as a chart needs them, None where there is none."""
    return [None if np.isnan(v) else float(f"{v:.{_DIGITS}g}") for v in values]
