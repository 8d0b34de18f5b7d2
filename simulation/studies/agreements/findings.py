"""What a study of agreements finds, and how agreements are judged.

Headline, tables, figures and warnings all ask here, so that they cannot contradict each other. An
agreement is judged by its refined runs alone: of hundreds that were screened with few seeds, some
stand out by luck.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from simulation.engine.findings import Day, Effect, ExperimentFindings, Failure
from simulation.outcomes import OUTCOMES
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.studies.world_effects import PathEffects, VarianceSplit

#: what an agreement is judged by; deaths stand beside arrivals always
JUDGED = (
    "channel_arrivals",
    "channel_deaths",
    "corridor_deaths",
    "seat_price_eur",
    "smuggler_profit_eur",
    "mapped_share",
)
#: of these, what an agreement is meant to raise
RISES = ("seat_price_eur", "mapped_share")
#: of these, those of which more is worse, whatever the agreements are ranked by
DEATHS = tuple(name for name in JUDGED if OUTCOMES[name].quote == "range")
#: agreements shown in a ranking; more where a further one is judged to have an effect
SHOWN = 15
_NUMBERS = (
    "pairs", "baseline", "scenario", "plausible_low", "median", "plausible_high", "plausible_unit",
    "probability_of_fall", "mean_difference", "mean_low", "mean_high", "mean_percent",
    "mean_percent_low", "mean_percent_high", "mean_probability", "detectable", "margin", "verdict",
)  # fmt: skip

#: whether an agreement was raised, or why there is nothing to show of it
Status = Literal["raised", "no_room", "failed", "reaches_nobody"]
#: which way an agreement is meant to move the outcome that ranks
Better = Literal["higher", "lower"]
#: how a study is summed up: no agreement changes a number; none was refined, so none is judged;
#: one helps; none does and one harms; none makes a practical difference; some cannot be told
Summary = Literal["silent", "screened", "helps", "harms", "equivalent", "unclear"]


class AgreementEffect(Effect):
    """An effect, and the pairs that would probably show it."""

    pairs_to_settle: int | None = None


#: the effects on the outcomes that are judged, over the whole run
Effects = dict[str, AgreementEffect]


class PairEffects(Finding):
    """The effects of an agreement.

    Attributes:
        key: Codes of the parties: `UK-FR`; with the level, if there are several.
        name: Names of both.
        parties: Codes of the parties, two by two.
        level: The level they are raised to.
        before: How much they share in the scenario.
        status: Whether it was raised, or why there is nothing to show.
        rank: Its place among those that clearly help, from 1; None for all others.
        screening: Its effects with the seeds of the screening.
        refined: Its effects with fresh seeds; None if it was not run again.
        by_path: Its effects by third of the future paths, with fresh seeds.
        variance: By outcome, where the variance of its effect comes from; empty for too few pairs.
    """

    key: str
    name: str
    parties: list[str]
    level: str
    before: str
    status: Status
    rank: int | None
    screening: Effects | None
    refined: Effects | None
    by_path: list[PathEffects] = Field(default_factory=list)
    variance: dict[str, VarianceSplit] = Field(default_factory=dict)

    @property
    def effects(self) -> Effects:
        """The effects to show: the refined ones if there are any; empty if nothing was run."""
        return self.refined or self.screening or {}

    def judged(self, outcome: str) -> bool | None:
        """Whether it has a clear fall or rise; None if it was screened only."""
        return self.refined[outcome].is_clear if self.refined else None


class Looks(Finding):
    """Intervals looked at together in a stage; each is widened for them."""

    screening: Count
    refined: Count


class StageSeeds(Finding):
    """The seeds of a stage."""

    screening: list[int]
    refined: list[int]


class AgreementRanking(Finding):
    """The findings of a study of agreements.

    Attributes:
        baseline: Title of the scenario.
        coverage: Of all intervals of a stage together, 0 to 1.
        headline: The outcome that ranks.
        better: Which way an agreement is meant to move it.
        outcomes: The outcomes that are judged.
        raised_to: The levels that pairs are raised to, in words.
        raised_from: The first day of an agreement; None for always, warm-up included.
        ramp_days: Days it takes to grow from that day.
        parties: Name of each party, by its code.
        pairs: What each agreement does.
        ranking: Keys of the agreements that change a number, in the order of `display_order`.
        looks: Intervals looked at together.
        seeds_of: Seeds of the stages.
        failed: Runs that failed.
        pairs_to_split: Pairs with which a variance is split; None where chance is all there is.
    """

    baseline: str
    coverage: float
    headline: str
    better: Better
    outcomes: list[str]
    raised_to: str
    raised_from: Day | None = None
    ramp_days: Count = 0
    parties: dict[str, str]
    pairs: list[PairEffects]
    ranking: list[str]
    looks: Looks
    seeds_of: StageSeeds
    failed: list[Failure]
    pairs_to_split: int | None = None

    @property
    def ranked(self) -> list[PairEffects]:
        """The agreements that change a number, in the order of `ranking`."""
        by_key = {pair.key: pair for pair in self.pairs}
        return [by_key[key] for key in self.ranking]

    @property
    def shown(self) -> list[PairEffects]:
        """The rows of a ranking: the best, and every further one with a clear effect."""
        by = self.headline
        return [pair for place, pair in enumerate(self.ranked) if place < SHOWN or pair.judged(by)]

    @property
    def helping(self) -> list[PairEffects]:
        """The agreements judged to change what they are ranked by as wanted, best first."""
        return [pair for pair in self._clear if helps(pair.effects[self.headline], self.better)]

    @property
    def harming(self) -> list[PairEffects]:
        """Those that are judged to change it the other way."""
        return [pair for pair in self._clear if not helps(pair.effects[self.headline], self.better)]

    @property
    def verdict(self) -> Summary:
        """How the study is summed up."""
        if not self.ranking:
            return "silent"
        if not any(pair.refined for pair in self.ranked):
            return "screened"
        if self.helping:
            return "helps"
        if self.harming:
            return "harms"
        judged = [pair.effects[self.headline] for pair in self.ranked if pair.refined]
        settled = all(one.verdict in ("none", "small") for one in judged)
        return "equivalent" if settled else "unclear"

    @property
    def raising_deaths(self) -> list[PairEffects]:
        """The agreements that are judged to raise deaths, in the Channel or before the coast."""
        return [
            pair
            for pair in self.pairs
            if any(pair.judged(name) and pair.effects[name].way > 0.0 for name in DEATHS)
        ]

    @property
    def tried(self) -> int:
        """How many agreements were run."""
        return sum(pair.status in ("raised", "reaches_nobody") for pair in self.pairs)

    @property
    def _clear(self) -> list[PairEffects]:
        return [pair for pair in self.ranked if pair.judged(self.headline)]


class AgreementsFindings(ExperimentFindings, AgreementRanking):
    """`summary.json` of a study of agreements."""


def gain(entry: Effect | None, better: Better) -> float:
    """How much an effect is worth; more is better, and the least is one without a value."""
    if entry is None or (entry.mean_difference is None and entry.interval is None):
        return -math.inf
    return entry.way if better == "higher" else -entry.way


def helps(entry: Effect, better: Better) -> bool:
    """Whether an effect is clear, and on the side that is wanted."""
    return entry.is_clear and gain(entry, better) > 0.0


def display_order(
    ranking: Iterable[str],
    effects: Mapping[str, Effects],
    names: Mapping[str, str],
    outcome: str,
    better: Better,
) -> list[str]:
    """Keys in the order in which agreements are shown, whatever the seed.

    Args:
        ranking: Keys, the best first by what was measured.
        effects: The effects of those that were judged.
        names: What each is called.
        outcome: The outcome that ranks.
        better: Which way an agreement is meant to move it.

    Returns:
        Those that clearly help as they are ranked, those without a clear effect by name, those that
        clearly harm, then those that were not judged as they are ranked.
    """
    keys = list(ranking)
    judged = [key for key in keys if key in effects]
    helping = [key for key in judged if helps(effects[key][outcome], better)]
    unclear = [key for key in judged if not effects[key][outcome].is_clear]
    # of one verdict stand together
    unclear.sort(key=lambda key: (effects[key][outcome].verdict, names[key]))
    shown = [*helping, *unclear]
    harming = [key for key in judged if key not in shown]
    return [*shown, *harming, *(key for key in keys if key not in effects)]


def agreements_csv(pairs: Iterable[PairEffects]) -> str:
    """Every agreement, one row for each stage and outcome; one row if it was not run."""
    rows: list[list[Any]] = []
    for pair in pairs:
        about = [pair.key, pair.name, pair.level, pair.before, pair.status, pair.rank]
        stages = (("screening", pair.screening), ("refined", pair.refined))
        effect_rows = [row for stage, effects in stages for row in _rows(stage, effects)]
        rows += [[*about, *row] for row in effect_rows or [[None] * (3 + len(_NUMBERS))]]
    header = [
        "agreement",
        "name",
        "level",
        "before",
        "status",
        "rank",
        "stage",
        "outcome",
        "quote",
        *_NUMBERS,
    ]
    return as_csv(header, rows)


def _rows(label: str, effects: Effects | None) -> list[list[Any]]:
    return [
        [label, outcome, OUTCOMES[outcome].quote, *(getattr(entry, name) for name in _NUMBERS)]
        for outcome, entry in (effects or {}).items()
    ]
