"""Effects of one case against another, from runs with the same seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from simulation.chain import LINKS
from simulation.engine.findings import Effect, LinkEffect, OutcomeEffects
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.runs import ExperimentRuns
from simulation.engine.trials import Case
from simulation.engine.world_design import Worlds
from simulation.margins import margin_of
from simulation.outcomes import OUTCOMES, Quote
from simulation.serialization import as_csv, json_number
from simulation.statistics.finding import BEYOND, PROBABILITIES, Finding
from simulation.statistics.paired import (
    SMALL_COUNT,
    Differences,
    differences_to_settle,
    has_direction,
    own_percentages,
    paired_differences,
)
from simulation.statistics.plausible_range import (
    RESAMPLES,
    PlausibleEffects,
    plausible_effects,
)
from simulation.studies.effect_chain import LINK_SUMS, spec_of

#: a value of an effect -> what it is of paired differences
_SIDES = {
    f"{name}{end}": f"{side}{end}"
    for name, side in (("baseline", "base"), ("scenario", "other"))
    for end in ("", "_low", "_high")
}
_MEAN = {
    "mean_difference": "mean", "mean_low": "low", "mean_high": "high", "mean_percent": "percent",
    "mean_percent_low": "percent_low", "mean_percent_high": "percent_high",
    "mean_probability": "sign_probability",
}  # fmt: skip
#: a value of an effect -> what it is of effects over worlds
_OVER_WORLDS = {
    "plausible_low": "low", "median": "median", "plausible_high": "high",
    "plausible_low_error": "low_error", "median_error": "median_error",
    "plausible_high_error": "high_error",
}  # fmt: skip
#: the values of an effect, in the order of files
COLUMNS = (*_SIDES, *_OVER_WORLDS, "plausible_unit", *PROBABILITIES, *_MEAN)
#: what paired differences have in percent
_PERCENTS = ("percent", "percent_low", "percent_high", "percent_sd", "percent_probability")
_MEAN_PERCENTS = tuple(name for name in _MEAN if "percent" in name)


class Measured(NamedTuple):
    """Differences of many quantities; the last axis is that of outcomes.

    Attributes:
        mean: Their means.
        worlds: The effects over worlds: in percent of each pair's own baseline where the outcome is
            quoted so and a percentage is stated, else in the unit of the outcome.
    """

    mean: Differences
    worlds: PlausibleEffects

    @classmethod
    def of_parts(cls, parts: Sequence[Self]) -> Self:
        """Several, with one more axis before the last one."""
        each = zip(*parts, strict=True)
        mean, worlds = (
            {one.name: np.stack([getattr(part, one.name) for part in of], axis=-2)
             for one in fields(of[0])}
            for of in each
        )  # fmt: skip
        return cls(Differences(**mean), PlausibleEffects(**worlds))


def measure(
    base: npt.ArrayLike,
    other: npt.ArrayLike,
    worlds: Worlds,
    outcomes: Sequence[str],
    *,
    comparisons: int = 1,
    resamples: int = RESAMPLES,
) -> Measured:
    """Compare runs pair by pair.

    Args:
        base: (pairs, ..., outcomes) values of the baseline.
        other: (pairs, ..., outcomes) values of the other case with the same seeds.
        worlds: The world of each pair.
        outcomes: What the last axis is.
        comparisons: Intervals of means looked at together.
        resamples: Times that sets are drawn anew for standard errors; none without.
    """
    a, b = np.asarray(base, dtype=float), np.asarray(other, dtype=float)
    mean = paired_differences(a, b, groups=worlds.groups, comparisons=comparisons)
    small = np.array([is_count(name) for name in outcomes]) & (mean.base < SMALL_COUNT)
    mean = replace(mean, **{one: np.where(small, np.nan, getattr(mean, one)) for one in _PERCENTS})
    in_percent = np.array([quote_of(name) == "percent" for name in outcomes])
    in_percent = in_percent & ~np.isnan(mean.percent)
    effects = np.where(in_percent, own_percentages(a, b), b - a)
    over = plausible_effects(effects, *worlds, resamples=resamples)
    # nothing falls by more than all of it, however long the tail
    low = np.where(in_percent, np.maximum(over.low, -100.0), over.low)
    return Measured(mean, replace(over, low=low))


def compared(
    runs: ExperimentRuns,
    base: Case,
    other: Case,
    seeds: Sequence[int],
    *,
    of: str = "totals",
    outcomes: Sequence[str] = OUTCOME_NAMES,
    comparisons: int = 1,
    resamples: int = RESAMPLES,
) -> Measured:
    """Differences of all runs of two cases.

    Args:
        runs: All runs.
        base: What is compared with.
        other: What is compared.
        seeds: Seeds with which both finished.
        of: Which array of `Measures`: `totals` is (periods, outcomes).
        outcomes: What its last axis is.
        comparisons: Intervals looked at together.
        resamples: As in `measure`.
    """
    usual, changed = (runs.values(case, seeds, of) for case in (base, other))
    return measure(
        usual, changed, runs.worlds(seeds), outcomes, comparisons=comparisons, resamples=resamples
    )


def identical(runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int]) -> bool:
    """Whether two cases gave the same numbers to the last bit with every seed."""
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(runs.each(base, seeds), runs.each(other, seeds), strict=True)
        for name in a._fields
    )


def outcome_effects(measured: Measured, labels: Sequence[str]) -> dict[str, OutcomeEffects]:
    """The effects on every outcome by period."""
    return {
        name: OutcomeEffects(
            label=OUTCOMES[name].label,
            unit=OUTCOMES[name].unit,
            quote=OUTCOMES[name].quote,
            periods={
                label: effect(measured, (row, column), name) for row, label in enumerate(labels)
            },
        )
        for column, name in enumerate(OUTCOME_NAMES)
    }


def link_effects(
    runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int]
) -> dict[str, LinkEffect]:
    """The effects on the sums of links of the chain over the whole run."""
    usual, changed = (link_values(runs, case, seeds) for case in (base, other))
    return link_effects_of(
        measure(usual, changed, runs.worlds(seeds), list(LINK_SUMS), resamples=0)
    )


def link_effects_of(
    measured: Measured, names: Sequence[str] = tuple(LINK_SUMS)
) -> dict[str, LinkEffect]:
    """The effects on sums of links; the arrays are (links,)."""
    return {
        name: LinkEffect(
            label=spec_of(name).label,
            unit=spec_of(name).unit,
            **effect(measured, (column,), name).model_dump(),
        )
        for column, name in enumerate(names)
    }


def link_values(runs: ExperimentRuns, case: Case, seeds: Sequence[int]) -> npt.NDArray[np.float64]:
    """The sums of links of the chain over the whole run, (seeds, `LINK_SUMS`)."""
    order, names = list(LINKS), list(LINK_SUMS)
    weights = np.zeros((len(order), len(names)))
    for column, one in enumerate(LINK_SUMS.values()):
        weights[[order.index(link) for link in one.links], column] = 1.0
        weights[[order.index(link) for link in one.less], column] = -1.0
    of_outcomes = [outcome_sum(runs.values(case, seeds)[:, 0], name) for name in names]
    return runs.values(case, seeds, "chain")[:, 0] @ weights + np.stack(of_outcomes, axis=-1)


def outcome_sum(values: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
    """An outcome, or a sum of outcomes, of values (..., outcomes); zero for a sum of links."""
    parts = LINK_SUMS[name].outcomes if name in LINK_SUMS else (name,)
    columns = [OUTCOME_NAMES.index(part) for part in parts]
    return np.asarray(values[..., columns].sum(axis=-1))


def effects_of_run(measured: Measured) -> dict[str, Effect]:
    """The effects on every outcome over the whole run; arrays (outcomes,) or (1, outcomes)."""
    first = (0,) * (measured.mean.mean.ndim - 1)
    return {
        name: effect(measured, (*first, column), name) for column, name in enumerate(OUTCOME_NAMES)
    }


def effect(measured: Measured, at: tuple[int, ...], outcome: str) -> Effect:
    """One difference as its outcome may be quoted; `detectable` by `has_direction`."""
    values = {**counts(measured.mean, at), **_values(measured, at, outcome)}
    one = Effect.model_validate({**values, "detectable": False})
    if one.interval is None:
        return one
    detectable = has_direction(*one.interval, one.independent)
    return one.model_copy(update={"detectable": detectable}).judged(margin_of(outcome))


def judged[FindingT: Finding](findings: FindingT, margins: Mapping[str, float]) -> FindingT:
    """The same findings with verdicts by other margins than those recorded.

    Args:
        findings: The findings; effects stand under the names of their outcomes.
        margins: Shares of the baseline by outcome.
    """
    return _judged(findings, margins, None) if margins else findings


def _judged(part: Any, margins: Mapping[str, float], outcome: str | None) -> Any:
    if isinstance(part, Mapping):
        return {key: _judged(one, margins, key if key in margins else outcome)
                for key, one in part.items()}  # fmt: skip
    if isinstance(part, list):
        return [_judged(one, margins, outcome) for one in part]
    if not isinstance(part, Finding):
        return part
    fields = {name: _judged(getattr(part, name), margins, outcome) for name in part.model_fields_set
              if name in type(part).model_fields}  # fmt: skip
    changed = part.model_copy(update=fields)
    if isinstance(changed, Effect) and outcome is not None:
        return changed.judged(margin_of(outcome, margins))
    return changed


def counts(differences: Differences, at: tuple[int, ...]) -> dict[str, int]:
    """How many pairs are behind a difference, and how many groups where these are fewer."""
    pairs, groups = int(differences.pairs[at]), int(differences.groups[at])
    return {"pairs": pairs} | ({"groups": groups} if groups < pairs else {})


def quote_of(outcome: str) -> Quote:
    """How an outcome, or another count such as the departures of a leg, may be quoted."""
    return OUTCOMES[outcome].quote if outcome in OUTCOMES else "percent"


def is_count(outcome: str) -> bool:
    """Whether an outcome, or a sum of links, counts what happens."""
    spec = spec_of(outcome) if outcome in OUTCOMES or outcome in LINK_SUMS else None
    return spec is not None and spec.kind == "flow" and spec.unit != "EUR"


def _values(measured: Measured, at: tuple[int, ...], outcome: str) -> dict[str, float | str | None]:
    """The numbers of one difference; a percentage only where it is quoted."""
    mean, worlds = measured
    in_percent = quote_of(outcome) == "percent" and not np.isnan(mean.percent[at])
    unit = OUTCOMES[outcome].unit if outcome in OUTCOMES else "people"
    sizes = [(size, *at) for size in range(len(BEYOND))]
    shares = [
        share
        for way, beyond in ((worlds.fall, worlds.fall_beyond), (worlds.rise, worlds.rise_beyond))
        for share in (way[at], *(beyond[size] if in_percent else math.nan for size in sizes))
    ]
    numbers = {
        **{name: getattr(mean, field)[at] for name, field in {**_SIDES, **_MEAN}.items()},
        **{name: getattr(worlds, field)[at] for name, field in _OVER_WORLDS.items()},
        **dict(zip(PROBABILITIES, shares, strict=True)),
    }
    if in_percent:
        numbers["mean_probability"] = mean.percent_probability[at]
    else:
        numbers |= dict.fromkeys(_MEAN_PERCENTS, math.nan)
    values: dict[str, float | str | None] = {"plausible_unit": "%" if in_percent else unit}
    values |= {name: json_number(number) for name, number in numbers.items()}
    return {name: values[name] for name in COLUMNS}


def pairs_needed(differences: Differences, at: tuple[int, ...], outcome: str) -> int | None:
    """Pairs that would probably settle the verdict on a difference; None if no number would."""
    mean, sd, margin = differences.mean[at], differences.sd[at], None
    if quote_of(outcome) == "percent" and not np.isnan(differences.percent[at]):
        mean, sd = differences.percent[at], differences.percent_sd[at]
        margin = margin_of(outcome)
    groups = differences_to_settle(float(mean), float(sd), margin)
    if groups is None or not differences.groups[at]:
        return groups
    # each group has as many pairs as now
    return math.ceil(groups * float(differences.pairs[at]) / float(differences.groups[at]))


def error_share(entry: Effect) -> float:
    """The error to which an effect is known, as a share of the baseline; infinite if unknown.

    That of the end of the range over worlds that is known worse; without a range, half of the
    interval of the mean.
    """
    bounds = entry.interval
    error = None if bounds is None else (bounds[1] - bounds[0]) / 2.0
    share = _as_share(entry, error if entry.plausible is None else entry.end_error)
    return math.inf if share is None else share


def is_precise(entry: Effect, share: float, *, ranged: bool) -> bool:
    """Whether an effect is known well enough for no more pairs to be run.

    Args:
        entry: The effect.
        share: Error that is small enough, as a share of the baseline.
        ranged: Whether it has a range over worlds with pairs enough. The ends of that need to be
            known to a tenth of the range only.
    """
    if entry.plausible is None:
        return not ranged and error_share(entry) <= share
    tenth = _as_share(entry, (entry.plausible[1] - entry.plausible[0]) / 10.0) or 0.0
    return error_share(entry) <= max(share, tenth)


def _as_share(entry: Effect, size: float | None) -> float | None:
    """A size in percent, or in the unit of the outcome, as a share of the baseline."""
    if size is None:
        return None
    if entry.mean_percent is not None:
        return size / 100.0
    return size / entry.baseline if entry.baseline else None


def difference_rows(
    name: str,
    measured: Measured,
    labels: Sequence[str],
    columns: Sequence[str],
    worlds: Sequence[tuple[int, int]],
    projected: Sequence[str] | None = None,
) -> list[list[object]]:
    """Differences of a case as rows of a table, one for each quantity.

    Args:
        name: Of the case.
        measured: Differences of shape (labels, columns).
        labels: What the rows of the arrays are.
        columns: Names of the columns of the arrays.
        worlds: How many sets and paths the pairs of each label have.
        projected: What the column `projected` says of each label; no such column when None.
    """
    return [
        [
            name,
            label,
            outcome,
            quote_of(outcome),
            measured.mean.pairs[row, column],
            *worlds[row],
            *_values(measured, (row, column), outcome).values(),
            *([] if projected is None else [projected[row]]),
        ]
        for row, label in enumerate(labels)
        for column, outcome in enumerate(columns)
    ]


def difference_csv(rows: Sequence[Sequence[object]], word: str, *, projected: bool = False) -> str:
    """Rows of `difference_rows` as the text of a CSV file.

    Args:
        rows: The rows.
        word: What their labels are (`period`, `month`, `leg`, `path`).
        projected: Whether they have the column `projected`.
    """
    header = ["scenario_title", word, "outcome", "quote", "pairs", "sets", "paths", *COLUMNS]
    return as_csv([*header, *["projected"] * projected], rows)
