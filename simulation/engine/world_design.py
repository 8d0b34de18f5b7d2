"""Which set of assumptions and which future path each pair of runs has, beside its seed.

Pairs come in blocks of two times `SETS`. The first half of a block has a new set in each pair; the
second half has the same sets with another seed, every second one of them on another path too. So
every set has two seeds, and one of two sets has them on one path: the variance can be split into
sets, paths and seeds (`simulation.statistics.variance_components`).

Sets are taken by their weight, and paths by how many people they bring, in an order of which any
first few are spread evenly. What pair n has depends on n alone: however often pairs are added, the
design is the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from simulation.engine.argument import out_of_range
from simulation.engine.arguments import PATH, SET
from simulation.engine.assumption_sets import (
    POOL,
    RECORDS,
    AssumptionSet,
    on_path,
    ranked_draws,
    set_of_seed,
)
from simulation.errors import InputError
from simulation.parameters.fitted import FittedEnsemble, place_of_seed
from simulation.scenario import Scenario
from simulation.scenario.schema import QUANTILES
from simulation.statistics.paired import DIRECTION_PAIRS
from simulation.statistics.quasi_random import quasi_random
from simulation.statistics.variance_components import variance_components

#: sets of a block: as many as a direction needs
SETS = DIRECTION_PAIRS
#: the parts of the drawn paths for which an effect is stated, by how many people they bring
PARTS = ("lower third", "middle third", "upper third")
#: coordinates of a point of the sequence that spreads them
_PATH, _OTHER_PATH, _SET = range(3)


class Chosen(NamedTuple):
    """The set and the path that all pairs of an experiment have, where they are chosen.

    Attributes:
        set: Number of the fitted set, from 1; None where sets are drawn.
        path: `low`, `central`, `high`, or a share of paths from 0 to 1; None where paths are drawn.
    """

    set: int | None = None
    path: str | None = None


#: nothing is chosen
DRAWN = Chosen()


class Worlds(NamedTuple):
    """The set and the path of each pair, as keys that are equal for pairs of one.

    Attributes:
        sets: Its set of assumptions, pair by pair.
        paths: Its future path.
    """

    sets: Sequence[Hashable]
    paths: Sequence[Hashable]

    @property
    def groups(self) -> list[Hashable]:
        """What pairs share that are not independent: their set, or where all have one, their path.

        Where all have one set and path, each pair is a group.
        """
        drawn = (labels for labels in self if len({*labels}) > 1)
        return list(next(drawn, range(len(self.sets))))


class _Place(NamedTuple):
    """Where a pair stands in the design.

    Attributes:
        number: Of its set, from 0.
        first_seed: Seed of the first pair of this set.
        again: Whether this is the second pair of the set.
    """

    number: int
    first_seed: int
    again: bool


@dataclass(frozen=True)
class WorldDesign:
    """The sets and paths of an experiment's pairs.

    Attributes:
        seed: Seed of the first pair.
        assumptions: `records`, `ranges` or `fitted`.
        months: First and last month that a drawn path decides; None where none is drawn.
        set: Number of the fitted set that all pairs have, from 1; None where sets are drawn.
        path: The path that all pairs have, as tables of runs name it; None for none.
        share: Share of paths that bring fewer people than that; None where it is not a drawn one.
    """

    seed: int
    assumptions: str
    months: tuple[str, str] | None = None
    set: int | None = None
    path: str | None = None
    share: float | None = None

    def choose(self, chosen: Chosen, ensemble: FittedEnsemble | None) -> WorldDesign:
        """The design with the set and the path that are chosen.

        Args:
            chosen: Both.
            ensemble: What is drawn from with `fitted`.

        Raises:
            InputError: There is no such set or path.
        """
        if chosen.set is not None:
            if ensemble is None:
                raise InputError(
                    "no fitted sets", key=SET.option, value=chosen.set,
                    allowed="with --assumptions fitted only",
                )  # fmt: skip
            if not 1 <= chosen.set <= ensemble.size:
                raise out_of_range(SET.option, chosen.set, f"1 to {ensemble.size}")
        design = replace(self, set=chosen.set)
        return design if chosen.path is None else design._on_path(chosen.path.strip())

    def _on_path(self, text: str) -> WorldDesign:
        if self.months is None:
            raise InputError(
                "no path is drawn in these runs", key=PATH.option, value=text,
                allowed="months after the data, and no path in [future]",
            )  # fmt: skip
        if text in QUANTILES:
            return replace(self, months=None, path=text)
        try:
            share = float(text)
        except ValueError:
            raise PATH.refusal(text) from None
        PATH.check(share)
        rank = min(int(share * POOL), POOL - 1)
        path = f"spread:{ranked_draws(*self.months, self.seed, 0)[rank]}"
        return replace(self, months=None, path=path, share=_share(rank))

    def set_of(self, seed: int, ensemble: FittedEnsemble | None) -> AssumptionSet:
        """The assumption set of a pair.

        Args:
            seed: Seed of the pair.
            ensemble: What is drawn from with `fitted`.
        """
        number, first_seed, _ = self._place(seed)
        if self.assumptions != "fitted":
            return set_of_seed(self.assumptions, first_seed, None)
        assert ensemble is not None
        if self.set is not None:
            return AssumptionSet(self.set, first_seed)
        place = (place_of_seed(self.seed) + quasi_random(number, _SET)) % 1.0
        return AssumptionSet(ensemble.number_at(place) + 1, first_seed)

    def scenario_of(self, scenario: Scenario, seed: int) -> Scenario:
        """A scenario on the path of a pair; one that names its path keeps it."""
        rank = self._rank(seed)
        path = self.path if rank is None else f"spread:{self._pool(seed)[rank]}"
        if path is None or scenario.future.kind != "spread":
            return scenario
        return on_path(scenario, path)

    def position(self, seed: int) -> float | None:
        """Share of paths that bring fewer people than that of a pair; None where none is drawn."""
        rank = self._rank(seed)
        return self.share if rank is None else _share(rank)

    def part(self, seed: int) -> str | None:
        """The third of the paths in which that of a pair lies, as `PARTS` names it."""
        rank = self._rank(seed)
        return None if rank is None else PARTS[int(_share(rank) * len(PARTS))]

    def sets(self, seeds: Sequence[int]) -> list[Hashable]:
        """A key that is equal for pairs of one set."""
        draws_sets = self.assumptions != RECORDS
        return [self._place(seed).first_seed if draws_sets else 0 for seed in seeds]

    def paths(self, seeds: Sequence[int]) -> list[Hashable]:
        """A key that is equal for pairs of one path."""
        ranks = [self._rank(seed) for seed in seeds]
        return [r if r is None else self._pool(s)[r] for s, r in zip(seeds, ranks, strict=True)]

    def counts(self, seeds: Sequence[int]) -> tuple[int, int]:
        """How many sets and how many paths some pairs have."""
        return len({*self.sets(seeds)}), len({*self.paths(seeds)})

    def pairs_to_split(self, first: int = 0) -> int | None:
        """Pairs with which a variance is split; None where there is nothing but chance.

        Args:
            first: Number of the first pair.
        """
        if self.assumptions == RECORDS and self.months is None:
            return None
        start = self.seed + first
        for last in count(start):
            seeds = range(start, last + 1)
            ranks = [self._rank(seed) for seed in seeds]
            if variance_components(seeds, self.sets(seeds), ranks) is not None:
                return len(seeds)
        raise AssertionError

    def worlds(self, seeds: Sequence[int]) -> Worlds:
        """The world of each pair."""
        return Worlds(self.sets(seeds), self.paths(seeds))

    def _place(self, seed: int) -> _Place:
        if self.assumptions == RECORDS and self.months is None:
            return _Place(seed - self.seed, seed, again=False)
        block, rest = divmod(seed - self.seed, 2 * SETS)
        again, place = divmod(rest, SETS)
        return _Place(block * SETS + place, self.seed + 2 * SETS * block + place, bool(again))

    def _rank(self, seed: int) -> int | None:
        """The place of a pair's path among those it is taken from."""
        if self.months is None:
            return None
        number, _, again = self._place(seed)
        # one set has one path only where paths are all there is to be told from chance
        other = again and number % 2 == 1 and self.assumptions != RECORDS
        if other:
            return int(quasi_random(self.seed + number // 2, _OTHER_PATH) * POOL)
        return int(quasi_random(self.seed + number, _PATH) * POOL)

    def _pool(self, seed: int) -> tuple[int, ...]:
        assert self.months is not None
        return ranked_draws(*self.months, self.seed, self._place(seed).number * 2 // POOL)


def _share(rank: int) -> float:
    """Share of paths that bring fewer people than one of this rank in its pool."""
    return (rank + 0.5) / POOL
