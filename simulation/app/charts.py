"""Charts that grow with the runs: by week, small enough to be sent again each time one is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NotRequired, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

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
from simulation.scenario.horizon import Horizon

Array = npt.NDArray[np.float64]
WEEK = 7
BASELINE, WHATIF = "Baseline", "What-if"
#: colours of the two runs, told apart by dash as well
_LOOKS = ((BLUE, "solid"), (VERMILION, "dash"))
_COUNTRY_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW, GREY)
_MS_A_DAY = 86_400_000
#: figures of a number that are sent: what is seen on a chart
_DIGITS = 4


class Line(TypedDict):
    """A line of a chart as it is sent to the browser.

    Attributes:
        name: What it is called.
        color: Its colour.
        dash: How it is drawn.
        y: Its values, by week unless there is an `x`; None where there is none.
        x: The times of points that stand at days of their own, ms since 1970.
    """

    name: str
    color: str
    dash: str
    y: list[float | None]
    x: NotRequired[list[int]]


#: what draws it needs: `unit`; the time of the first point and from point to point, the first and
#: the last day of the run, all in ms since 1970; each stretch outside the data, from its first ms
#: to that after its last day, with what it is called; and the lines
Chart = TypedDict(
    "Chart",
    {
        "unit": str, "x0": int, "dx": int, "from": int, "to": int,
        "outside": list[tuple[int, int, str]], "series": list[Line],
    },
)  # fmt: skip


def _line(name: str, values: Array, look: tuple[str, str]) -> Line:
    """A line as long as its chart needs it, None where there is no value."""
    y = [None if np.isnan(v) else float(f"{v:.{_DIGITS}g}") for v in values]
    return Line(name=name, color=look[0], dash=look[1], y=y)


@dataclass(frozen=True)
class ChartSpec:
    """A chart and where its numbers come from.

    Attributes:
        key: Name of it, and of its CSV file.
        title: Heading.
        unit: Title of the axis.
        note: What to read in it.
        series: From runs to the lines.
        daily: From a run to the columns of its CSV file, (days,) each.
        two: Only there when two runs are compared.
    """

    key: str
    title: str
    unit: str
    note: str
    series: Callable[[Sequence[LiveRun]], list[Line]]
    daily: Callable[[LiveRun], dict[str, Array]]
    two: bool = False


def drawn(spec: ChartSpec, runs: Sequence[LiveRun]) -> Chart:
    """A chart as it is sent to the browser.

    Args:
        spec: Which.
        runs: The baseline and, if there is one, the what-if.
    """
    lead = runs[0]
    first, last = lead.date_of(lead.first), lead.date_of(lead.days - 1)
    return {
        "unit": spec.unit,
        "x0": _ms(first) + (WEEK - 1) * _MS_A_DAY,
        "dx": WEEK * _MS_A_DAY,
        "from": _ms(first),
        "to": _ms(last),
        "outside": [
            (_ms(begin), _ms(end) + _MS_A_DAY, label)
            for begin, end, label in Horizon(first, last).spans
        ],
        "series": spec.series(runs) + (_observed(first, last) if spec.key == "arrivals" else []),
    }


def as_csv(spec: ChartSpec, runs: Sequence[LiveRun]) -> str:
    """The data behind a chart by day, as the text of a CSV file."""
    columns = {
        f"{of}_{name}": values
        for run, of in zip(runs, ("baseline", "whatif"), strict=False)
        for name, values in spec.daily(run).items()
    }
    table = pd.DataFrame(columns, dtype=float)
    lead = runs[0]
    table.insert(0, "date", [lead.date_of(lead.first + day) for day in range(len(table))])
    return table.to_csv(index=False, float_format="%.10g", lineterminator="\n")


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
    return pd.DataFrame(whole).mean(axis=1).to_numpy()


def _each(
    name: str, by_week: Callable[[Array], Array], *, whole: bool = False
) -> Callable[[Sequence[LiveRun]], list[Line]]:
    """One line a run of an outcome; its running total where `whole`."""
    divisor = shown_divisor(OUTCOMES[name])

    def series(runs: Sequence[LiveRun]) -> list[Line]:
        lines = [by_week(run.daily()[name]) / divisor for run in runs]
        return [
            _line(label, np.cumsum(line) if whole else line, look)
            for label, line, look in zip(_labels(runs), lines, _LOOKS, strict=False)
        ]

    return series


def _only(*names: str) -> Callable[[LiveRun], dict[str, Array]]:
    def daily(run: LiveRun) -> dict[str, Array]:
        every = run.daily()
        return {name: every[name] for name in names}

    return daily


def _labels(runs: Sequence[LiveRun]) -> tuple[str, ...]:
    return (BASELINE, WHATIF) if len(runs) > 1 else (runs[0].scenario.title,)


def _difference(runs: Sequence[LiveRun]) -> list[Line]:
    """Arrivals and lorry arrivals so far, what-if less baseline."""
    before, after = (run.daily() for run in runs)
    ways = {"channel_arrivals": "By small boat", "lorry_arrivals": "By lorry or ferry"}
    return [
        _line(label, np.cumsum(_sums(after[name] - before[name])), look)
        for (name, label), look in zip(ways.items(), _LOOKS, strict=True)
    ]


def _countries(runs: Sequence[LiveRun]) -> list[Line]:
    """People on the way in the countries where most of them are, of the last run."""
    run = runs[-1]
    people = run.by_country()
    if not len(people):
        return []
    most = np.argsort(-people.sum(axis=0), kind="stable")
    names = [authority.name for authority in run.world.corridor.authorities]
    return [
        _line(names[column], _means(people[:, column]), (colour, "solid"))
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
def _observed(first: date, last: date) -> list[Line]:
    """Observed arrivals of the months of a run, as people a week at the middle of each."""
    names, values = load_observed().monthly("channel_arrivals")
    months = pd.PeriodIndex(names, freq="M")
    lengths = months.days_in_month
    middles = [
        month.start_time.date() + timedelta(days=length // 2)
        for month, length in zip(months, lengths, strict=True)
    ]
    seen = [first <= middle <= last for middle in middles] & ~np.isnan(values)
    if not seen.any():
        return []
    people = np.round((values / lengths * WEEK)[seen], 1).tolist()
    at = [_ms(middle) for middle, one in zip(middles, seen, strict=True) if one]
    return [Line(name="Observed, by month", color=BLACK, dash="dot", y=people, x=at)]


def _ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * _MS_A_DAY
