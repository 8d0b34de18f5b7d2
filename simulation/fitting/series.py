"""What is fitted: observed figures of a window of months, and the same figures of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulation.corridor import Observed, arrivals_by_origin, load_corridor, load_observed
from simulation.corridor.tables import read_toml
from simulation.engine.observed_run import ground_series
from simulation.engine.run_store import months
from simulation.outcomes import RunRecord
from simulation.timeseries.months import MONTHS_OF_YEAR, last_day

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
#: of a year, its first ones, in which few cross
_WINTER_MONTHS = 2
FILE = Path(__file__).with_name("series.toml")
#: closest to 0 or 1 that a share is taken to be, so that its logit is finite
_EDGE = 0.005
#: what a manifest holds of a series
_NUMBERS = ("discrepancy", "offset", "weight")
_STAMPS = {"month": "datetime64[M]", "year": "datetime64[Y]"}
#: series that are quotients of outcomes: the one above, and those below, which are added up
QUOTIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people_per_boat": ("channel_arrivals", ("channel_boats",)),
    # as the observed share is counted, whatever else the model calls an attempt
    "prevented_share": ("channel_prevented", ("channel_prevented", "channel_arrivals")),
}


@dataclass(frozen=True)
class Spec:
    """A series that can be fitted; the keys of `series.toml` say what they mean.

    Attributes:
        name: The outcome's name where it is one.
        by: `month` or `year`.
        kind: `count`, `ratio`, `share` or `mix`.
        discrepancy: What the model leaves out, a standard deviation on the transformed scale.
        offset: Added before a logarithm.
        weight: 1, or less where it repeats others.
        why: The reasons for these numbers.
        total_of: Of a year, the monthly series of which it is the sum; empty otherwise.
        winter_of: Of a year, the monthly series of which it is the share of January and February;
            empty otherwise.
    """

    name: str
    by: str
    kind: str
    discrepancy: float
    offset: float
    weight: float
    why: str
    total_of: str = ""
    winter_of: str = ""

    @property
    def outcome(self) -> str:
        """The name under which it was observed and is found in a run."""
        return self.total_of or self.name

    def forward(self, values: Array) -> Array:
        """Figures of a count, a ratio or a share on a scale on which errors are near to normal."""
        if self.kind in ("count", "ratio"):
            return np.asarray(np.log(values + self.offset))
        if self.kind == "share":
            share = np.clip(values, _EDGE, 1.0 - _EDGE)
            return np.asarray(np.log(share / (1.0 - share)))
        raise ValueError(f"{self.kind} has no scale of single figures")

    def backward(self, scaled: Array) -> Array:
        """Figures from that scale; what would be below 0 is 0."""
        if self.kind == "share":
            return np.asarray(1.0 / (1.0 + np.exp(-scaled)))
        return np.asarray(np.maximum(np.exp(scaled) - self.offset, 0.0))


@dataclass(frozen=True)
class Bound:
    """What no year of a possible world exceeds.

    Attributes:
        series: A series by year.
        low: Least figure of a year.
        high: Largest.
        source: Where the bounds come from.
    """

    series: str
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Method:
    """The content of `series.toml`.

    Attributes:
        specs: The series.
        of_centre: Series that are no target, by which the most central values are judged as well.
        memory: Correlation of the discrepancy from month to month.
        bounds: Worlds outside them contradict what is known.
    """

    specs: tuple[Spec, ...]
    of_centre: tuple[Spec, ...]
    memory: float
    bounds: tuple[Bound, ...]


@cache
def load_method() -> Method:
    """Read `series.toml`."""
    content = read_toml(FILE)
    specs, of_centre = (tuple(Spec(**row) for row in content[key]) for key in ("series", "centre"))
    bounds = tuple(Bound(**row) for row in content["bound"])
    return Method(specs, of_centre, content["memory"], bounds)


@dataclass(frozen=True)
class FitWindow:
    """The months of a fit, both included.

    Attributes:
        first: Such as "2021-01".
        last: Such as "2023-12".
    """

    first: str
    last: str

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        return last_day(self.first).replace(day=1), last_day(self.last)

    @property
    def months(self) -> tuple[str, ...]:
        """Every month."""
        return tuple(months(*self.days))

    @property
    def years(self) -> tuple[str, ...]:
        """The calendar years that lie in it whole."""
        counted = [month[:4] for month in self.months]
        return tuple(year for year in sorted(set(counted)) if counted.count(year) == MONTHS_OF_YEAR)

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Block:
    """One series in the window.

    Attributes:
        spec: Which.
        periods: Its months or years, those that were observed.
        groups: Origins of a mix; one empty name otherwise.
    """

    spec: Spec
    periods: tuple[str, ...]
    groups: tuple[str, ...] = ("",)

    @property
    def size(self) -> int:
        """How many figures it holds."""
        return len(self.periods) * len(self.groups)

    def of(self, record: RunRecord) -> Array:
        """Its figures in a run, (size,)."""
        stamps = record.dates.astype(_STAMPS[self.spec.by])
        inside = [stamps == np.array(period, _STAMPS[self.spec.by]) for period in self.periods]
        if self.spec.kind == "mix":
            people = [record.arrivals_by_origin[group] for group in self.groups]
            return np.array([[who[days].sum() for who in people] for days in inside]).ravel()
        figure = _FIGURES.get(self.spec.outcome) or _total(self.spec.outcome)
        if self.spec.winter_of:
            figure = _winter_share(self.spec.winter_of)
        return np.array([figure(record, days) for days in inside], dtype=float)

    def transformed(self, values: Array) -> Array:
        """Figures on a scale on which their errors are near to normal, (..., size)."""
        if self.spec.kind != "mix":
            return self.spec.forward(values)
        people = values.reshape(*values.shape[:-1], len(self.periods), len(self.groups))
        roots: Array = np.sqrt(people / np.maximum(people.sum(axis=-1, keepdims=True), 1.0))
        return roots.reshape(values.shape)


@dataclass(frozen=True)
class Data:
    """What was observed.

    Attributes:
        blocks: The series.
        observed: All figures of all blocks, in their order, (figures,).
        memory: Correlation of the discrepancy from month to month.
    """

    blocks: tuple[Block, ...]
    observed: tuple[float, ...]
    memory: float

    @property
    def size(self) -> int:
        """How many figures there are."""
        return sum(block.size for block in self.blocks)

    @property
    def slices(self) -> list[tuple[Block, slice]]:
        """Each block with where its figures lie."""
        ends = np.cumsum([block.size for block in self.blocks]).tolist()
        both = zip(self.blocks, ends, strict=True)
        return [(block, slice(end - block.size, end)) for block, end in both]

    def of(self, record: RunRecord) -> Array:
        """The same figures of a run, (figures,)."""
        return np.concatenate([block.of(record) for block in self.blocks])

    def transformed(self, values: Array) -> Array:
        """Figures on the scale the fit works on, (..., figures)."""
        parts = [block.transformed(values[..., where]) for block, where in self.slices]
        return np.concatenate(parts, axis=-1)

    def restored(self, scaled: Array) -> Array:
        """Figures from the scale the fit works on, for series without a mix, (..., figures)."""
        parts = [block.spec.backward(scaled[..., where]) for block, where in self.slices]
        return np.concatenate(parts, axis=-1)

    def distances(self, values: Array) -> Array:
        """How far figures are from the observed, in declared discrepancies, (..., figures)."""
        gaps = self.transformed(values) - self.transformed(np.array(self.observed))
        return np.asarray(gaps / np.sqrt(self.discrepancy / self.weight))

    def columns(self, series: str) -> npt.NDArray[np.int64]:
        """Where the figures of a series lie; none if it is not there."""
        places = [np.arange(at.start, at.stop) for b, at in self.slices if b.spec.name == series]
        return np.concatenate([np.empty(0, dtype=np.int64), *places])

    @property
    def discrepancy(self) -> Array:
        """Variance of what the model leaves out, on that scale, (figures,).

        Months are treated as independent; what correlation between them would take away is added
        to the variance of each, so that a year as a whole is as uncertain as it should be.
        """
        monthly = (1.0 + self.memory) / (1.0 - self.memory)
        inflated = {"month": monthly, "year": 1.0}
        return self._of_each(lambda spec: spec.discrepancy**2 * inflated[spec.by])

    @property
    def weight(self) -> Array:
        """How much each figure counts, (figures,)."""
        return self._of_each(lambda spec: spec.weight)

    def _of_each(self, number: Callable[[Spec], float]) -> Array:
        return np.concatenate([np.full(one.size, number(one.spec)) for one in self.blocks])

    def as_json(self) -> dict[str, object]:
        """What was fitted to, as a manifest holds it."""
        return {
            "series": [
                {
                    "name": block.spec.name,
                    "periods": list(block.periods),
                    "groups": list(block.groups),
                    **{key: getattr(block.spec, key) for key in _NUMBERS},
                }
                for block in self.blocks
            ],
            "observed": list(self.observed),
            "memory": self.memory,
        }


def years_without_data(names: Sequence[str], years: Sequence[str]) -> Data:
    """Series by year of which nothing was observed, for figures of runs.

    Args:
        names: Of the series.
        years: For which.
    """
    method = load_method()
    every = (*method.specs, *method.of_centre)
    specs = [spec for spec in every if spec.name in names and years]
    blocks = tuple(Block(spec, tuple(years)) for spec in specs)
    return Data(blocks, (0.0,) * sum(block.size for block in blocks), method.memory)


def observed_data(
    window: FitWindow,
    own: Mapping[str, tuple[Sequence[str], Array]] | None = None,
    observed: Observed | None = None,
    origins: Mapping[int, Mapping[str, int]] | None = None,
) -> Data:
    """What was observed in a window of months, and nothing later.

    Args:
        window: The months.
        own: Series of a user's own by name, (months, values), in place of ours.
        observed: Stands in for the observed tables.
        origins: Stands in for the table of arrivals by year and origin.
    """
    method, own_series = load_method(), {} if own is None else own
    tables = load_observed() if observed is None else observed
    by_origin = arrivals_by_origin() if origins is None else origins
    blocks: list[Block] = []
    figures: list[float] = []
    for spec in method.specs:
        groups: tuple[str, ...] = ("",)
        if spec.kind == "mix":
            groups = tuple(next(iter(by_origin.values()), ()))
            table = {str(y): [float(n[group]) for group in groups] for y, n in by_origin.items()}
        elif spec.name in own_series:
            # figures of a user's own are monthly, whatever is published is
            spec = replace(spec, by="month")
            table = _monthly(*own_series[spec.name])
        elif spec.winter_of:
            table = _winters(spec.winter_of, tables, own_series)
        elif spec.by == "year":
            table = _yearly(spec.outcome, tables, own_series)
        else:
            monthly = spec.name in tables.monthly_series
            table = _monthly(*tables.monthly(spec.name)) if monthly else {}
        periods = window.months if spec.by == "month" else window.years
        listed = tuple(period for period in periods if period in table)
        if listed:
            blocks.append(Block(spec, listed, groups))
            figures += [figure for period in listed for figure in table[period]]
    return Data(tuple(blocks), tuple(figures), method.memory)


def _monthly(names: Sequence[str], values: Array) -> dict[str, list[float]]:
    """The months of a series that are known."""
    pairs = zip(names, values, strict=True)
    return {month: [float(value)] for month, value in pairs if not np.isnan(value)}


def _yearly(
    name: str, tables: Observed, own: Mapping[str, tuple[Sequence[str], Array]]
) -> dict[str, list[float]]:
    """The years of a series that are known: sums of a user's own months where these are given."""
    if name in own:
        return {year: [sum(values)] for year, values in _whole_years(*own[name]).items()}
    yearly = tables.yearly(name) if name in tables.yearly_series else {}
    return {str(year): [value] for year, value in yearly.items()}


def _winters(
    name: str, tables: Observed, own: Mapping[str, tuple[Sequence[str], Array]]
) -> dict[str, list[float]]:
    """Share of a monthly series that lies in January and February, for years that are known."""
    by_year = _whole_years(*(own[name] if name in own else tables.monthly(name)))
    return {
        year: [sum(values[:_WINTER_MONTHS]) / max(sum(values), 1.0)]
        for year, values in by_year.items()
    }


def _whole_years(names: Sequence[str], values: Array) -> dict[str, list[float]]:
    """The months of the years of a series all of whose months are known, from January on."""
    by_year: dict[str, list[float]] = {}
    for month, (value,) in sorted(_monthly(names, values).items()):
        by_year.setdefault(month[:4], []).append(value)
    return {year: months for year, months in by_year.items() if len(months) == MONTHS_OF_YEAR}


_Figure = Callable[[RunRecord, Flags], float]


def _total(name: str) -> _Figure:
    return lambda record, days: float(record.daily[name][days].sum())


def _quotient(over: str, under: tuple[str, ...]) -> _Figure:
    def figure(record: RunRecord, days: Flags) -> float:
        below = sum(record.daily[name][days].sum() for name in under)
        return float(record.daily[over][days].sum() / below) if below > 0 else 0.0

    return figure


def _ground(over: str, under: str = "") -> _Figure:
    """A sum over days of a series of places and borders, or the quotient of two."""

    def figure(record: RunRecord, days: Flags) -> float:
        series = ground_series(record, load_corridor())
        below = max(series[under][days].sum(), 1.0) if under else 1.0
        return float(series[over][days].sum() / below)

    return figure


def _winter_share(name: str) -> _Figure:
    """Share of the sum of an outcome's days that lies in January and February."""

    def figure(record: RunRecord, days: Flags) -> float:
        month = record.dates.astype("datetime64[M]").astype(int) % MONTHS_OF_YEAR
        values = record.daily[name]
        winter = values[days & (month < _WINTER_MONTHS)].sum()
        return float(winter / max(values[days].sum(), 1.0))

    return figure


def _busiest_tenth(record: RunRecord, days: Flags) -> float:
    """Share of arrivals that comes on the busiest tenth of days."""
    arrivals = np.sort(record.daily["channel_arrivals"][days])
    return float(arrivals[-max(round(arrivals.size / 10), 1) :].sum() / max(arrivals.sum(), 1.0))


#: series that are not the sum of an outcome's days
_FIGURES: dict[str, _Figure] = {
    **{name: _quotient(*terms) for name, terms in QUOTIENTS.items()},
    "hungary_stops": _ground("stops_serbia_hungary"),
    # the mean stay: people present over people who come a day (Little 1961)
    "serbia_stay_days": _ground("present_serbia", "came_to_serbia"),
    # the mean of the days
    "coast_people": lambda record, days: float(
        ground_series(record, load_corridor())["present_coast"][days].mean()
    ),
    "days_with_arrivals": lambda record, days: float(
        np.count_nonzero(record.daily["channel_arrivals"][days])
    ),
    "busiest_tenth": _busiest_tenth,
}
