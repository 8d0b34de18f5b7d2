"""Whether the fitted ensemble gives back what it was fitted to: one new run of each set.

What is uncertain here is assumptions and chance. What the model leaves out is not added, so an
interval that misses says that the model, and not the weather, is off.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.fitting.series import Array, Block, Data
from simulation.outcomes import OUTCOMES, OutcomeSpec
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.timeseries.months import MONTHS_OF_YEAR

#: series whose years are checked
YEARLY = (
    "channel_arrivals", "channel_boats", "people_per_boat", "wb_detections", "prevented_share",
    "channel_deaths", "lorry_arrivals", "hungary_stops", "serbia_stay_days",
    "winter_share", "coast_people",
)  # fmt: skip
#: how people read those that are no outcome of a run
_SHOWN = {
    "hungary_stops": OutcomeSpec("Attempts stopped at the Hungarian fence", "attempts", "flow"),
    "serbia_stay_days": OutcomeSpec("Mean stay in Serbia", "days", "ratio", 1),
    "winter_share": OutcomeSpec("Share of arrivals in January and February", "share", "ratio", 1),
    "coast_people": OutcomeSpec("People on the launch coast", "people", "stock"),
    "channel_arrivals_year": OutcomeSpec("Small-boat arrivals of a whole year", "people", "flow"),
    "channel_boats_year": OutcomeSpec("Boats that arrived in a whole year", "boats", "flow"),
    "prevented_share": OutcomeSpec("Share of attempts prevented", "share", "ratio", 1),
    "arrivals_by_origin": OutcomeSpec("Small-boat arrivals by origin", "share", "ratio", 1),
}
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def spec_of(series: str) -> OutcomeSpec:
    """How a series that is fitted is named and shown."""
    return _SHOWN.get(series) or OUTCOMES[series]


def label_in_text(series: str) -> str:
    """Its label inside a sentence."""
    label = spec_of(series).label
    return label[0].lower() + label[1:]


class FittedFigure(Finding):
    """A figure that was fitted, and its quantiles over the ensemble."""

    series: str
    period: str
    group: str
    observed: float
    q5: float
    q25: float
    q50: float
    q75: float
    q95: float


class FittedYear(Finding):
    """A whole year, or the months of it that were fitted; `inside` its 90% interval or not."""

    series: str
    year: str
    months: int
    observed: float
    q5: float
    q25: float
    q50: float
    q75: float
    q95: float
    inside: bool


class Coverage(Finding):
    """How many figures of a series lie in their 50% and in their 90% interval."""

    series: str
    figures: Count
    in_50: Count
    in_90: Count


class CheckedFigure(Finding):
    """Years and figures against the intervals of the ensemble, and coverage by series."""

    predictive: list[FittedYear]
    coverage: list[Coverage]
    figures: list[FittedFigure]

    @property
    def outside(self) -> list[FittedYear]:
        """Years outside their 90% interval."""
        return [row for row in self.predictive if not row.inside]


def check(data: Data, runs: Array, weights: Array) -> CheckedFigure:
    """Years and figures against the intervals of the ensemble.

    Args:
        data: What was observed.
        runs: (members, figures).
        weights: They sum to 1, (members,).
    """
    observed = np.array(data.observed)
    figures: list[FittedFigure] = []
    coverage = []
    for block, where in data.slices:
        columns, seen = _shown(block, runs[:, where]), _shown(block, observed[where][None])[0]
        names = [(period, group) for period in block.periods for group in block.groups]
        name = block.spec.name
        rows = [
            FittedFigure(
                series=name,
                period=period,
                group=group,
                observed=float(value),
                **_quantiles(column, weights),
            )
            for (period, group), value, column in zip(names, seen, columns.T, strict=True)
        ]
        figures += rows
        in_50 = sum(row.q25 <= row.observed <= row.q75 for row in rows)
        in_90 = sum(row.q5 <= row.observed <= row.q95 for row in rows)
        coverage.append(Coverage(series=name, figures=block.size, in_50=in_50, in_90=in_90))
    return CheckedFigure(predictive=_years(data, runs, weights), coverage=coverage, figures=figures)


def misfit(data: Data, runs: Array, weights: Array, variance: Array) -> dict[str, float]:
    """Distance of the ensemble's mean from each series, in the standard deviations fitted with.

    Args:
        data: What was observed.
        runs: (members, figures).
        weights: They sum to 1, (members,).
        variance: Of the errors on the scale of the fit, (figures,).
    """
    centre = weights @ data.transformed(runs)
    gaps = (data.transformed(np.array(data.observed)) - centre) ** 2 / variance
    return {block.spec.name: float(np.sqrt(gaps[where].mean())) for block, where in data.slices}


def figures_csv(checked: CheckedFigure) -> str:
    """Every figure with the quantiles of the ensemble, as the text of a CSV file."""
    header = ["series", "period", "group", "observed", "q5", "q25", "q50", "q75", "q95"]
    return as_csv(header, [[getattr(row, key) for key in header] for row in checked.figures])


def _shown(block: Block, values: Array) -> Array:
    """Figures as people read them: a mix in shares."""
    if block.spec.kind != "mix":
        return values
    people = values.reshape(-1, len(block.periods), len(block.groups))
    shares: Array = people / np.maximum(people.sum(axis=-1, keepdims=True), 1.0)
    return shares.reshape(values.shape)


def _quantiles(values: Array, weights: Array) -> dict[str, float]:
    quantiles = np.quantile(values, QUANTILES, weights=weights, method="inverted_cdf").tolist()
    return {f"q{100 * at:g}": value for at, value in zip(QUANTILES, quantiles, strict=True)}


def _years(data: Data, runs: Array, weights: Array) -> list[FittedYear]:
    """Totals by calendar year, of the months that are fitted."""
    by_name = {block.spec.name: (block, where) for block, where in data.slices}
    observed = np.array(data.observed)
    rows = []
    for block in (by_name[name][0] for name in YEARLY if name in by_name):
        for year in sorted({period[:4] for period in block.periods}):
            if total := _total(block.spec.name, year, by_name):
                seen, quantiles = float(total(observed[None])[0]), _quantiles(total(runs), weights)
                months = sum(period.startswith(year) for period in block.periods)
                rows.append(
                    FittedYear(
                        series=block.spec.name,
                        year=year,
                        months=MONTHS_OF_YEAR if block.spec.by == "year" else months,
                        observed=seen,
                        **quantiles,
                        inside=quantiles["q5"] <= seen <= quantiles["q95"],
                    )
                )
    return rows


def _total(
    name: str, year: str, by_name: dict[str, tuple[Block, slice]]
) -> Callable[[Array], Array] | None:
    """What gives the figure of a year from (runs, figures); None where it cannot be had."""

    def sums(series: str) -> Callable[[Array], Array]:
        block, where = by_name[series]
        inside = np.array([period.startswith(year) for period in block.periods])
        return lambda values: values[:, where][:, inside].sum(axis=1)

    if name != "people_per_boat":
        spec = by_name[name][0].spec
        # the share of a year is no sum of those of its months
        return None if spec.kind == "share" and spec.by == "month" else sums(name)
    if not {"channel_arrivals", "channel_boats"} <= by_name.keys():
        return None
    people, boats = sums("channel_arrivals"), sums("channel_boats")
    return lambda values: people(values) / np.maximum(boats(values), 1.0)
